"""The nearest Keras version: Python that compiles, of the parts that it needs; it trains where Keras is."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from masklab.errors import ExperimentError
from masklab.export.code.keras_scripts import keras_script
from masklab.export.code.tables import DataFacts
from masklab.runs.spec import STRATEGIES
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.export.code_cases import FORECAST, MASK, MIXED, PANELS, RECONSTRUCT, Case, defaults
from tests.training.training_cases import experiment

FACTS = DataFacts(("a", "b", "c"), 3_600_000_000)
EXPRESSED = {
    "mask_only",
    "carry", "forward_fill", "ignore", "indicator", "interpolate", "interval", "mean_fill", "residual", "zero_fill",
}  # fmt: skip
CASES = {
    f"{at:02d}-{one.name}": one
    for at, one in enumerate([*defaults(), *MIXED])
    if one.strategy["kind"] in EXPRESSED and (one.training or {}).get("loss_on") != "all"
}


def plan_of(case: Case):
    return experiment(
        [case.strategy, *case.others],
        task=case.task,
        recipe=MASK,
        model={"hidden_size": 8, **(case.model or {})},
        training={"epochs": 2, "training_windows": 70, "batch_size": 32, **(case.training or {})},
        split=case.split or {},
    )


def code_of(case: Case) -> str:
    plan = plan_of(case)
    return keras_script(plan, plan.strategies[0], 3, FACTS, score=0.5)


@pytest.mark.parametrize("name", CASES)
def test_it_is_whole_and_uses_what_it_holds(name):
    code = code_of(CASES[name])
    tree = ast.parse(code)
    loaded = {
        one.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    used = loaded | {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    made = {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    assert made <= used
    assert "masklab" not in code
    assert "torch" not in {
        one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names
    }
    assert "# if:" not in code
    assert ("Masking(SENTINEL)" in code) == (CASES[name].strategy["kind"] == "carry")


@pytest.mark.parametrize("name", CASES)
def test_it_is_clean(name, tmp_path):
    """Undefined and unused names are what an unrun script would hide."""
    path = tmp_path / "run_keras.py"
    path.write_text(code_of(CASES[name]))
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "100"]
    ended = subprocess.run(
        [*command, "--select", "E,F,W,B", str(path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("kind", sorted(set(STRATEGIES) - EXPRESSED))
def test_what_keras_has_no_layer_for_is_refused_in_words(kind):
    task = FORECAST if "forecast" in STRATEGIES[kind].tasks else RECONSTRUCT
    with pytest.raises(ExperimentError, match=rf"strategy {kind}, for whose recurrence Keras"):
        code_of(Case({"kind": kind}, task))


def features_of(code: str) -> dict:
    """Return what the script's numpy parts define, those that need Keras left out."""
    sections = code.split("\n# %% ")
    space: dict = {"__name__": "part"}
    imports = [line for line in sections[0].split("\n") if line.startswith(("import", "from"))]
    exec("\n".join(line for line in imports if "keras" not in line), space)  # noqa: S102
    for section in sections[1:]:
        if section.startswith(("Settings", "The strategy")):
            exec("# " + section, space)  # noqa: S102
    return space


@pytest.mark.parametrize("name", CASES)
def test_its_network_reads_what_the_run_s_does(name):
    """Its features in numpy are the strategy's own, step by step, but for steps that are skipped."""
    import torch  # noqa: PLC0415

    case = CASES[name]
    plan, panel = plan_of(case), PANELS[case.panel]()
    prepared, strategy = prepare(plan, panel), plan.strategies[0]
    starts = prepared.starts(0)[:20]
    rows = starts[:, None] + np.arange(plan.task.window)
    clock = (prepared.clock[rows] - prepared.clock[starts, None]) / prepared.interval
    group = prepared.scaler.group(starts)
    given = {
        "values": prepared.values[rows],
        "observed": prepared.observed[rows],
        "native": prepared.native[rows],
        "clock": clock,
        "mean": prepared.mean[group, None],
        "zero": prepared.zero[group, None],
        "scale": prepared.scale[group, None],
    }
    part = features_of(code_of(case))
    window = part["Window"](**{name: given[name] for name in part["Window"]._fields})
    tensors = {name: torch.from_numpy(one) for name, one in given.items()}
    tensors["clock"] = tensors["clock"].float()
    found = strategy.lstm_input(**tensors)
    expected = found.values.numpy()
    if found.steps is not None:
        expected = np.where(found.steps.numpy()[:, :, None], expected, part["SENTINEL"])
    np.testing.assert_allclose(part["features"](window), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("keras") is None,
    reason="Keras is not installed: pip install -e '.[bench]'",
)
@pytest.mark.parametrize("name", CASES)
def test_it_trains_where_keras_is(name, tmp_path):
    from masklab.export.code.tables import write_tables  # noqa: PLC0415

    case = CASES[name]
    plan, panel = plan_of(case), PANELS[case.panel]()
    prepared = prepare(plan, panel)
    write_tables(plan, panel, prepared, tmp_path)
    facts = DataFacts.of(panel, prepared)
    path = tmp_path / "run_keras.py"
    path.write_text(keras_script(plan, plan.strategies[0], 3, facts, score=0.5))
    backend = "tensorflow" if importlib.util.find_spec("tensorflow") else "torch"
    ended = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=False, timeout=250,
        env={**os.environ, "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", backend), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    found = next(line for line in ended.stdout.splitlines() if line.startswith("rmse "))
    run = Run(prepared, plan.strategies[0], 3, plan.model, plan.training)
    least = min(one.common.rmse for one in run.reports())
    assert 0.4 < float(found.split()[1]) / least < 2.5  # Keras begins from other weights
