"""A project on a small file, and an experiment whose epochs were written without training."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from masklab.masks.layers import MaskRecipe
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.spec import DataSource, Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.report import EpochReport, Scores
from masklab.ui.project import Project

ROOT = Path(__file__).resolve().parents[2]
RECIPE = MaskRecipe.model_validate({"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]})
LEVELS = {"ignore": 0.2, "zero_fill": 0.5, "carry": 0.4}
"""Where each strategy's scores end up."""


@pytest.fixture(autouse=True)
def supervised(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The stores for which pages asked for a supervisor; none is started."""
    asked: list[Path] = []
    monkeypatch.setattr(LocalExecutor, "ensure", lambda self, store: asked.append(store.directory))
    return asked


@pytest.fixture
def store(store_directory: Path) -> Store:
    return Store.open(store_directory)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Twenty days of two smooth channels, hourly."""
    path = tmp_path / "tiny.csv"
    rows = [
        f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00,{math.sin(hour / 4):.4f},{math.cos(hour / 7):.4f}"
        for hour in range(480)
    ]
    path.write_text("time,a,b\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def project(store: Store, table: Path) -> Project:
    """A saved project with data and a recipe; its id is `demo`."""
    found = Project(name="Tiny", data=DataSource(path=str(table)), history=(RECIPE,))
    store.save_project("demo", found.model_dump_json(), 0)
    return found


@pytest.fixture
def experiment(project: Project, store: Store) -> str:
    """An experiment of three strategies and two seeds, all finished but one failed run."""
    return add_trained(store, parse_experiment(settings(project)))


def settings(project: Project, **changes: object) -> dict[str, object]:
    return {
        "name": "tiny",
        "data": project.data,
        "recipe": project.recipe,
        "task": {"kind": "forecast", "window": 8, "horizon": 2},
        "strategies": [{"kind": kind} for kind in LEVELS],
        "seeds": [0, 1],
        "training": {"epochs": 4},
    } | changes


def add_trained(store: Store, experiment: Experiment, epochs: int = 4) -> str:
    """Write epochs for every run as workers would; the last run fails after one."""
    experiment_id = store.add_experiment(experiment, ".")
    ledger, runs = Ledger(store), store.runs(experiment_id)
    for run in runs:
        claim = ledger.claim(run.id)
        fails = run is runs[-1]
        for epoch in range(1, 2 if fails else epochs + 1):
            score = LEVELS.get(run.strategy, 0.3) + 0.01 * run.seed + 0.3 * math.exp(-epoch)
            ledger.record(claim, report(run.strategy, run.seed, epoch, epochs, score))
        status, why = ("failed", "The worker was killed (signal 9).") if fails else ("finished", "")
        ledger.end(run.id, claim.process, status, why)
    return experiment_id


def report(strategy: str, seed: int, epoch: int, epochs: int, score: float) -> EpochReport:
    common = Scores(
        mse=score**2, mae=score * 0.8, rmse=score, mre=score * 0.7, mase=score * 2, count=300
    )
    own = Scores(
        mse=score**2, mae=score, rmse=score, mre=score, mase=score, count=300 + 10 * len(strategy)
    )
    return EpochReport(
        strategy=strategy, seed=seed, epoch=epoch, epochs=epochs, training_loss=score, common=common,
        own=own, common_original=common, own_original=own, learning_rate=1e-3, seconds=0.5, is_best=True,
    )  # fmt: skip


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the app as a tab of the browser would."""
    made = PagesManager.__init__

    def navigated(manager: PagesManager, *args: Any, **kwargs: Any) -> None:
        made(manager, *args, **kwargs)
        # A server has seen st.navigation by its second run; AppTest forgets it before each one.
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", navigated)

    def opened(page: str, work: str | None = "demo", **query: str) -> AppTest:
        tab = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in {"work": work, **query}.items():
            if value is not None:
                tab.query_params[name] = value
        return tab.switch_page(f"pages/{page}.py").run()

    return opened


def said(tab: AppTest) -> str:
    """Return all words on a page."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "info")
    return "\n".join(str(one.value) for kind in kinds for one in tab.get(kind))
