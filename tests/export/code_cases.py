"""Small runs of every strategy and many settings, exported as scripts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from masklab.data.series import Panel
from masklab.export.code.scripts import script
from masklab.export.code.tables import DataFacts, write_tables
from masklab.runs.spec import STRATEGIES
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from masklab.training.report import EpochReport
from tests.training.training_cases import experiment, layer, panel_of, recipe, waves

SEED = 3
MASK = recipe(
    layer("mcar", rate=0.2, seed=1),
    layer("blocks", rate=0.4, length=6, channels=["a"], seed=2),
    layer("blocks", rate=0.2, length=9, seed=3),
)
FORECAST = {"kind": "forecast", "window": 12, "horizon": 3}
RECONSTRUCT = {"kind": "reconstruct", "window": 12}
BLOCKS = {**RECONSTRUCT, "rate": 0.3, "pattern": "blocks", "length": 4, "targets": ["c", "a"]}
DEEP = {"hidden_size": 6, "num_layers": 2, "bidirectional": True}


def series() -> Panel:
    """Three series of different sizes and levels, some cells lacking, one channel constant in one."""
    rng = np.random.default_rng(5)
    found = []
    for rows, level in ((150, 0.0), (90, 1000.0), (120, -3.0)):
        time = np.arange(rows)[:, None]
        one = level + np.sin(time / 4 + np.arange(3)) * (1 + abs(level) / 9)
        one = one + 0.1 * rng.normal(size=one.shape)
        one[rng.random(one.shape) < 0.1] = np.nan
        found.append(one)
    found[1][:, 2] = 7.0
    return panel_of(*found, skip={40: 3, 100: 1, 170: 30, 300: 2})


def uneven() -> Panel:
    """One series of three channels whose clock runs in steps of a third of an hour to five hours."""
    rng = np.random.default_rng(6)
    panel = waves(260, channels=3, missing=0.15)
    steps = rng.choice([20, 60, 61, 300], size=260).cumsum() * np.timedelta64(60, "s")
    clock = np.datetime64("1969-12-30", "us") + steps + np.timedelta64(1, "us")
    return Panel(panel.names, panel.offsets, clock, panel.values, panel.channels)


PANELS = {"waves": lambda: waves(260, channels=3, missing=0.1), "series": series, "uneven": uneven}


@dataclass(frozen=True)
class Case:
    """A run to train and to export."""

    strategy: dict[str, Any]
    task: dict[str, Any]
    panel: str = "waves"
    model: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    others: tuple[str, ...] = ()
    split: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        options = [f"{name}={one}" for name, one in self.strategy.items() if name != "kind"]
        return "-".join([self.strategy["kind"], self.task["kind"], self.panel, *options])


def defaults() -> list[Case]:
    """Every strategy with every task that it serves."""
    tasks = {"forecast": FORECAST, "reconstruct": RECONSTRUCT}
    return [
        Case({"kind": kind}, tasks[task]) for kind, one in STRATEGIES.items() for task in one.tasks
    ]


MIXED = [
    Case({"kind": "carry", "collapse": "all"}, FORECAST, "series", {**DEEP, "head": "mean"}),
    Case({"kind": "carry", "indicator": True}, BLOCKS, "uneven", DEEP),
    Case({"kind": "carry"}, {**FORECAST, "window": 40}, "series", None, {"shortest": 5, "longest_gap": 3}),
    Case({"kind": "reset", "zero": "scaled", "indicator": True}, FORECAST, "uneven", {**DEEP, "head": "attention"}),
    Case({"kind": "reset", "collapse": "all"}, BLOCKS, "series", DEEP),
    Case({"kind": "decay"}, FORECAST, "uneven", {**DEEP, "dropout": 0.3}, {"scaling_over": "series"}),
    Case({"kind": "decay"}, BLOCKS, "series", None, {"longest_gap": 4, "loss": "mae", "stride": 2}),
    Case({"kind": "time_aware", "collapse": "all"}, FORECAST, "uneven", {**DEEP, "dropout": 0.2, "head": "mean"}),
    Case({"kind": "time_aware", "indicator": True}, BLOCKS, "uneven", {"num_layers": 3, "hidden_size": 5}),
    Case({"kind": "rits", "weight": 0.5}, FORECAST, "series", {**DEEP, "dropout": 0.2, "head": "attention"}),
    Case({"kind": "rits"}, BLOCKS, "uneven", {"hidden_size": 7}, {"schedule": "constant"}),
    Case({"kind": "brits"}, BLOCKS, "uneven", {"num_layers": 2, "hidden_size": 5}, {"loss_on": "all"}),
    Case({"kind": "zero_fill", "value": -1.5}, FORECAST, "series", {**DEEP, "dropout": 0.3},
         {"scaling": "robust", "scaling_over": "series", "loss": "mae", "schedule": "cosine"}),
    Case({"kind": "zero_fill", "value": 2, "zero": "scaled"}, FORECAST, "waves", {"head": "mean"}, {"scaling": "none"}),
    Case({"kind": "interval", "fill": "forward", "logarithm": True}, FORECAST, "uneven",
         {"head": "attention"}, {"scaling": "minmax", "longest_gap": 5}),
    Case({"kind": "interval", "fill": "zero"}, BLOCKS, "uneven", None, {"patience": 1, "epochs": 4}),
    Case({"kind": "indicator", "fill": "zero"}, FORECAST, "waves", None, {"loss_on": "all", "stride": 3}),
    Case({"kind": "indicator", "fill": "forward"}, {**FORECAST, "targets": ["b"]}, "series", None,
         {"training_windows": None, "validation_windows": 7}, split={"by": "series", "validation_series": ["s1"]}),
    Case({"kind": "interpolate", "indicator": True}, FORECAST, "uneven", {**DEEP, "dropout": 0.3}),
    Case({"kind": "residual"}, BLOCKS, "uneven", DEEP, {"batch_size": 7}),
    Case({"kind": "ignore"}, FORECAST, "series", None, {"loss_on": "all"}),
    Case({"kind": "ignore"}, FORECAST, "waves", None, None, ("carry",)),
]  # fmt: skip
"""Options, panels, networks and training together, each of them somewhere."""


@dataclass(frozen=True)
class Exported:
    """A folder with a script and its data, and the report of the epoch that the run kept."""

    folder: Path
    best: EpochReport


def export(case: Case, folder: Path) -> Exported:
    """Train a run, and write its script and what that reads, its weights too."""
    plan = experiment(
        [case.strategy, *case.others],
        task=case.task,
        recipe=MASK,
        model={"hidden_size": 8, **(case.model or {})},
        training={"epochs": 2, "training_windows": 70, "batch_size": 32, **(case.training or {})},
        split=case.split or {},
    )
    panel = PANELS[case.panel]()
    prepared = prepare(plan, panel)
    strategy = plan.strategies[0]
    run = Run(prepared, strategy, SEED, plan.model, plan.training)
    best = [one for one in run.reports() if one.is_best][-1]
    folder.mkdir()
    write_tables(plan, panel, prepared, folder)
    code = script(plan, strategy, SEED, DataFacts.of(panel, prepared), score=best.common.rmse)
    (folder / "run.py").write_text(code, encoding="utf-8")
    kept = {k: one.numpy() for k, one in run.network.state_dict().items()}
    weights: dict[str, Any] = {
        k: one for k, one in kept.items() if k not in ("mean", "zero", "scale")
    }
    np.savez(folder / "weights.npz", **weights)
    return Exported(folder, best)
