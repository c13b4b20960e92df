"""The page on expressions: its examples run, its tables are complete, its limits are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from masklab.data.series import Panel
from masklab.masks.language import evaluate, misfits, parse
from masklab.masks.language.functions import FUNCTIONS
from masklab.masks.language.stretches import MAX_WINDOW
from masklab.masks.language.tree import MAX_DEPTH, MAX_NODES, MAX_ROLLING, OWN_NAMES
from masklab.masks.language.words import MAX_CHARACTERS
from masklab.masks.rule import Scene

TEXT = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| .* \| `(.+)` \|$", TEXT.split("## Worked examples")[1], re.MULTILINE)


def weather() -> Panel:
    """Four weeks of hourly weather in which every example finds something, and not everything."""
    random = np.random.default_rng(11)
    hours = np.arange(24 * 28)
    temp = 27 - 6 * np.cos((hours - 4) * np.pi / 12) + random.normal(0, 0.7, len(hours))
    temp[3:5] = 33
    dewp, wind = temp - random.uniform(4, 12, len(hours)), random.gamma(4, 2, len(hours))
    temp[200], dewp[300], wind[500:507], dewp[510:520] = 60, -20, 5, np.nan
    wind[[333, 515]], temp[515] = np.nan, 70
    clock = np.datetime64("2024-07-01", "us") + hours * np.timedelta64(1, "h")
    values = np.stack([temp, dewp, wind], axis=1)
    return Panel(("one",), np.array([0, len(hours)]), clock, values, ("temp", "dewp", "wind"))


def test_there_are_worked_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_worked_example_selects_some_and_not_all(text):
    panel = weather()
    assert misfits(parse(text), panel) == ()
    found = evaluate(parse(text), Scene(panel, panel.native, np.ones(panel.values.shape, bool)))
    assert 0 < found.sum() < found.size / 2


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_stands_on_the_page_as_it_is_written(name):
    assert f"`{FUNCTIONS[name].signature}`" in TEXT


@pytest.mark.parametrize("name", OWN_NAMES)
def test_every_word_stands_on_the_page(name):
    assert f"`{name}`" in TEXT.split("## Functions")[0]


def test_no_function_stands_on_the_page_that_does_not_exist():
    table = TEXT.split("## Functions")[1].split("Windows and lags")[0]
    assert set(re.findall(r"`(\w+)\(", table)) == set(FUNCTIONS)


def test_the_limits_on_the_page_are_those_of_the_code():
    assert (
        f"at most {MAX_CHARACTERS:,} characters, {MAX_NODES} parts, {MAX_DEPTH} levels and " in TEXT
    )
    assert f"{MAX_ROLLING} rolling functions" in TEXT
    assert f"`n` goes up to {MAX_WINDOW:,}" in TEXT
