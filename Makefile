# Two commands do everything: `make app` starts MaskLab, `make test` runs all checks.
# Each sets up its own environment in .venv; a second run starts at once.

PORT ?= 8501
VENV ?= .venv
BIN := $(VENV)/bin
BENCH ?= --json benchmarks/results/latest.json --plot docs/images/speed.svg --page docs/speed.md \
	--costs docs/masking.md
# The first Python that is new enough; name another with `make app PYTHON=/path/to/python`.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: app test quick format lint types imports tests long soak bench bench-peers browser pictures clean help

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

app: $(VENV)/.app ## Start MaskLab on 127.0.0.1 (PORT=8501)
	@exec $(BIN)/python -m masklab app --port $(PORT)

test: $(VENV)/.test browser lint types imports tests ## Set up everything and run every check

quick: $(VENV)/.test ## Run the tests that need no browser and no patience
	$(BIN)/python -m pytest -n 2 -m "not slow and not browser and not long"

format: $(VENV)/.test ## Format the code and mend what ruff can mend
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(VENV)/.test
	$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

imports: $(VENV)/.test
	$(BIN)/lint-imports

tests: $(VENV)/.test browser
	$(BIN)/python -m pytest -n 2 -m "not browser and not long"
	$(BIN)/python -m pytest -n 2 -m "browser and not long"

long: $(VENV)/.test browser ## Run the tests that `make test` leaves out: more of the faults (some minutes)
	$(BIN)/python -m pytest -n 2 -m long

browser: $(VENV)/.test
	@PYTHON=$(BIN)/python sh tools/get_browser.sh

soak: $(VENV)/.test ## Let faults happen to a store for MASKLAB_SOAK seconds (20), by MASKLAB_SOAK_SEED (1)
	$(BIN)/python -m pytest tests/runs/test_soak.py

bench: $(VENV)/.bench browser ## Measure speed, write the docs' page and picture (a quarter of an hour; BENCH=--quick)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks $(BENCH)

bench-peers: .venv-peers/.peers ## Measure PyPOTS and Keras beside MaskLab (PEERS="--data PATH/ETTh1.csv")
	OMP_NUM_THREADS=1 .venv-peers/bin/python -m benchmarks.peers $(PEERS)

pictures: $(VENV)/.test browser ## Take the README's pictures from the running app
	$(BIN)/python tools/screenshots.py

clean: ## Remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "MaskLab needs Python 3.11 or newer; none was found. Install one, or name it: make app PYTHON=/path/to/python"; exit 1; }
	@echo "Creating the environment in $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.app: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing MaskLab (once, some minutes)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing MaskLab and its test tools (once, some minutes)"
	@$(INSTALL) --editable '.[test]'
	@touch $@ $(VENV)/.app

$(VENV)/.bench: $(VENV)/.test
	@echo "Installing Keras to compare with, where it can be had (once)"
	@$(INSTALL) --editable '.[test,bench]' || echo "Keras can't be installed here: its column is left out"
	@touch $@

.venv-peers/.peers: pyproject.toml
	@echo "Installing PyPOTS and Keras in .venv-peers (once, some minutes)"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench,peers]'
	@touch $@
