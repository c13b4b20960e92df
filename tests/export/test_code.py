"""An exported script gives the run's score, in a Python that has torch, numpy, pandas and no MaskLab."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from masklab.errors import ExperimentError
from masklab.export.code.notebook import notebook
from masklab.export.code.scripts import script
from masklab.export.code.tables import DataFacts, frames
from masklab.runs.spec import STRATEGIES
from masklab.training.prepare import prepare
from tests.export.code_cases import (
    FORECAST,
    MASK,
    MIXED,
    PANELS,
    RECONSTRUCT,
    Case,
    defaults,
    export,
)
from tests.training.training_cases import experiment

RUNNER = Path(__file__).with_name("clean_python.py")
PACKAGES = Path(np.__file__).resolve().parent.parent
CASES = {one.name: one for one in defaults()}
CASES |= {f"{at:02d}-{one.name}": one for at, one in enumerate(MIXED)}
NOTEBOOK = "reset-reconstruct-waves"
KEPT = "time_aware-forecast-waves"


def run_cleanly(*scripts: str) -> list[dict]:
    """Return what scripts print, raise, and import of ours, in an interpreter without MaskLab."""
    command = [sys.executable, "-I", "-S", str(RUNNER), str(PACKAGES), *scripts]
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd="/", check=False, timeout=280
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


def answers_of(cases: dict[str, Case], folder: Path) -> dict[str, tuple]:
    """Train and export cases; return for each what was exported and what its script answered."""
    made = {name: export(one, folder / str(at)) for at, (name, one) in enumerate(cases.items())}
    scripts = [str(one.folder / "run.py") for one in made.values()]
    answers = run_cleanly(*scripts)
    return {name: (made[name], told) for name, told in zip(made, answers, strict=True)}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return answers_of(CASES, tmp_path_factory.mktemp("scripts"))


def scores(told: dict) -> dict[str, float]:
    assert not told["raised"], told["raised"]
    assert told["ours"] == []
    pairs = (line.split() for line in told["said"].splitlines())
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) == 2}


def same_scores(made, told) -> None:
    found, scaled, original = scores(told), made.best.common, made.best.common_original
    for name, expected in (
        ("rmse", scaled.rmse),
        ("mse", scaled.mse),
        ("mae", scaled.mae),
        ("mre", scaled.mre),
        ("rmse_original", original.rmse),
    ):
        assert found[name] == pytest.approx(expected, rel=1e-5), name
    assert f"over {scaled.count:,} scored cells" in told["said"]


@pytest.mark.parametrize("name", CASES)
def test_a_script_gives_the_run_s_score(answers, name):
    same_scores(*answers[name])


@pytest.mark.parametrize("name", CASES)
def test_a_script_imports_torch_numpy_and_pandas_alone(answers, name):
    code = (answers[name][0].folder / "run.py").read_text()
    found = set()
    for one in ast.walk(ast.parse(code)):
        if isinstance(one, ast.Import):
            found |= {name.name.partition(".")[0] for name in one.names}
        elif isinstance(one, ast.ImportFrom):
            found.add(one.module.partition(".")[0])
    assert {"numpy", "pandas", "torch"} <= found
    assert found - {"numpy", "pandas", "torch"} <= set(sys.stdlib_module_names)
    assert "masklab" not in code


@pytest.mark.parametrize("name", CASES)
def test_a_script_holds_nothing_that_it_does_not_use(answers, name):
    """Each function, class and setting is used, and no mark of the templates is left."""
    code = (answers[name][0].folder / "run.py").read_text()
    tree = ast.parse(code)
    used = {
        one.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    used |= {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    made = [one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    made += [
        one.targets[0].id
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
    ]
    assert [one for one in made if one not in used] == []
    for mark in ("# if:", "# end", "# set:", "type: ignore", "noqa"):
        assert mark not in code


def test_scripts_are_formatted_and_clean(answers):
    """What ruff says of a script that a person is given; settings as for a file that runs."""
    files = [str(made.folder / "run.py") for made, _ in answers.values()]
    options = ["--isolated", "--line-length", "100", "--target-version", "py311"]
    ruff = [sys.executable, "-m", "ruff"]
    checked = subprocess.run(
        [*ruff, "check", *options, "--select", "E,F,W,B", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    formatted = subprocess.run(
        [*ruff, "format", "--isolated", "--line-length", "100", "--diff", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert formatted.returncode == 0, formatted.stdout[-3000:]


@pytest.fixture(scope="module")
def others(answers, tmp_path_factory):
    """What a notebook answers, a script that takes the kept weights, and one that can see a leak."""
    made = answers[NOTEBOOK][0]
    path = made.folder / "run.ipynb"
    path.write_text(notebook((made.folder / "run.py").read_text()), encoding="utf-8")
    leak = tmp_path_factory.mktemp("leak") / "leak.py"
    leak.write_text("import masklab\n")
    kept = answers[KEPT][0].folder / "run.py"
    return path, run_cleanly(str(path), f"{kept}?--kept", str(leak))


def test_a_notebook_gives_the_run_s_score(answers, others):
    same_scores(answers[NOTEBOOK][0], others[1][0])


def test_a_notebook_s_cells_are_the_script(answers, others):
    made, content = answers[NOTEBOOK][0], json.loads(others[0].read_text())
    code = ["".join(one["source"]) for one in content["cells"] if one["cell_type"] == "code"]
    assert "\n\n\n".join(code) + "\n" == (made.folder / "run.py").read_text()
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    for one in content["cells"]:
        if one["cell_type"] == "code":
            assert one["outputs"] == []
            assert one["execution_count"] is None
    assert len({one["id"] for one in content["cells"]}) == len(content["cells"])


def test_the_kept_weights_give_the_run_s_score(answers, others):
    found = scores(others[1][1])
    assert found["rmse"] == pytest.approx(answers[KEPT][0].best.common.rmse, rel=1e-6)
    assert "epoch" not in others[1][1]["said"]


def test_the_clean_interpreter_has_no_masklab(others):
    assert "No module named 'masklab'" in others[1][2]["raised"]


def every_choice(kind: str) -> dict[str, Case]:
    """Every choice of a strategy's options, both ways and one way, of one to three layers."""
    from tests.strategies.strategy_cases import VARIANTS  # noqa: PLC0415 - builds networks

    found = []
    for at, one in enumerate(one for one in VARIANTS if one.kind == kind):
        for task in one.tasks:
            for both in (False, True):
                model = {"num_layers": 1 + (at + both) % 3, "bidirectional": both, "hidden_size": 5}
                if task == "forecast":
                    model["head"] = ["last", "mean", "attention"][(at + both) % 3]
                panel = list(PANELS)[(at + 2 * both) % 3]
                given = one.model_dump(exclude_defaults=True) | {"kind": one.kind}
                chosen = FORECAST if task == "forecast" else RECONSTRUCT
                found.append(Case(given, chosen, panel, model))
    return {f"{at}-{one.name}": one for at, one in enumerate(found)}


@pytest.mark.long
@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_choice_of_every_strategy(kind, tmp_path):
    for made, told in answers_of(every_choice(kind), tmp_path).values():
        same_scores(made, told)


def test_every_strategy_is_exported():
    assert {case.strategy["kind"] for case in CASES.values()} == set(STRATEGIES)


@pytest.mark.parametrize("panel", PANELS)
def test_the_tables_hold_what_the_run_reads(panel, tmp_path):
    plan = experiment(
        ["carry"], task=FORECAST, recipe=MASK, training={"longest_gap": 3, "shortest": 4}
    )
    data = PANELS[panel]()
    prepared = prepare(plan, data)
    table, mask = frames(plan, data, prepared)
    assert len(table) == len(mask) == len(prepared.clock)
    values = table[list(data.channels)].to_numpy()
    assert (np.isfinite(values) == prepared.native).all()
    assert (mask.to_numpy().astype(bool) == prepared.observed).all()
    clock = np.array(table["time"].tolist(), dtype="datetime64[us]").astype(np.int64)
    assert (clock == prepared.clock).all()


def refused(strategy, task=FORECAST, device="cpu", padded=False, **settings):
    plan = experiment([strategy], task=task, **settings)
    facts = DataFacts(("a", "b"), 3_600_000_000, padded)
    with pytest.raises(ExperimentError) as raised:
        script(plan, plan.strategies[0], 0, facts, device=device)
    return str(raised.value)


def test_what_a_script_can_t_repeat_is_refused_in_words():
    deep = {"num_layers": 2, "dropout": 0.1}
    assert "skips steps" in refused("carry", model=deep)
    assert "skips steps" in refused("time_aware", model={**deep, "num_layers": 3})
    assert "pads short windows" in refused("rits", padded=True)
    assert "mixed precision" in refused("carry", training={"precision": "mixed"})
    assert "on cuda" in refused("carry", RECONSTRUCT, device="cuda:0")


def test_names_from_the_file_can_t_become_code():
    name = 'x"""\nimport os; os.abort()\\'
    plan = experiment(["carry"], task={**FORECAST, "targets": [name]}, name=name)
    code = script(plan, plan.strategies[0], 0, DataFacts((name, "b"), 1))
    tree = ast.parse(code)
    imported = {
        one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names
    }
    assert "os" not in imported
    assert "abort" not in {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
