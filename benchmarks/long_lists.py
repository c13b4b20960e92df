"""Pages beside a long queue, and the comparison of a million epochs: parts of `benchmarks.grid`."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measuring import Job, interleaved
from benchmarks.report import Progress, Row
from masklab.compare.scores import best_epochs, columns, curves, summary
from masklab.runs import columns as packing
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import INSERTED
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.ui.project import Project

ROOT = Path(__file__).resolve().parent.parent
QUEUED, EPOCHS = "page beside 1,000 queued runs", "comparison of 1,000 runs x 1,000 epochs"
NAME = "Waves"
TITLES = {"data": NAME, "train": "Train", "compare": "Compare"}
READ = "read and draw"


def pages(directory: Path, plan: Experiment, tell: Progress) -> list[Row]:
    """Time whole runs of pages while the runs of an experiment wait."""
    store, began = Store.open(directory), time.process_time()
    tell(f"queueing {len(plan.runs()):,} runs")
    identity = store.add_experiment(plan)
    rows: list[Row] = [{"what": "queueing 1,000 runs", "seconds": time.process_time() - began}]
    project = Project(name=NAME, data=plan.data, history=(plan.recipe,), experiment_id=identity)
    store.save_project("work", project.model_dump_json(), 0)
    for page in TITLES:
        tell(f"page {page} beside {len(plan.runs()):,} queued runs")
        with served(store), set_aside():
            taken = interleaved({page: script(page)}, turns=5)[page]
        rows.append({"what": QUEUED, "page": page, "seconds": taken.fastest / 1000})
    return rows


@contextmanager
def served(store: Store) -> Iterator[None]:
    """Let the app's script run on a store without a server and without a supervisor."""
    from streamlit.runtime.pages_manager import PagesManager  # noqa: PLC0415 (seconds to import)

    made = PagesManager.__init__

    def navigated(manager: PagesManager, *given: Any, **named: Any) -> None:
        made(manager, *given, **named)
        # A server has seen st.navigation by its second run; a tab of a test never has.
        PagesManager.uses_pages_directory = False

    logging.getLogger("streamlit").setLevel(logging.ERROR)
    environment = patch.dict(os.environ, {"MASKLAB_STORE": str(store.directory)})
    pages = patch.object(PagesManager, "__init__", navigated)
    with environment, pages, patch.object(LocalExecutor, "ensure"):
        yield


@contextmanager
def set_aside() -> Iterator[None]:
    """Keep what other benchmarks left behind out of a page's time.

    Streamlit collects garbage after each run; the app's process, which has no torch, has little to
    look through.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def script(page: str) -> Job:
    """Return a run of the app's script on one of its pages."""
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    tab = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    tab.query_params["work"] = "work"
    tab.switch_page(f"pages/{page}.py")

    def once() -> None:
        tab.run()
        drawn = [one.value for one in tab.title]
        if tab.exception or drawn != [TITLES[page]]:
            raise RuntimeError(f"The page {page} was not drawn: {drawn}, {tab.exception}")

    return once


def comparison(directory: Path, plan: Experiment, tell: Progress) -> list[Row]:
    """Time what a comparison reads of an experiment with all of its epochs, and makes of it."""
    store = Store.open(directory)
    identity, epochs = store.add_experiment(plan), plan.training.epochs
    tell(f"writing {len(plan.runs()):,} x {epochs:,} epochs")
    fill(store, epochs)
    wanted = columns()
    reports, runs = store.reports(identity, wanted), store.runs(identity)
    jobs: dict[str, Job] = {
        "read": lambda: store.reports(identity, wanted),
        "curves": lambda: curves(reports),
        "table": lambda: (best_epochs(reports), summary(reports, runs)),
        "every column": lambda: store.reports(identity),
    }
    tell("reading them")
    found = {name: one.fastest / 1000 for name, one in interleaved(jobs, turns=2).items()}
    found[READ] = found["read"] + found["curves"] + found["table"]
    return [{"what": EPOCHS, "part": part, "seconds": one} for part, one in found.items()]


def fill(store: Store, epochs: int) -> None:
    """Give every run of a store so many made epochs, as if workers had finished them."""
    made = {"run_id": "runs.id", "epoch": "epochs.number", "is_best": "epochs.number % 7 = 1"}
    values = [
        made.get(name, "1234" if name.endswith("_count") else "abs(random()) / 1e19")
        for name in INSERTED
    ]
    with store.database.write() as db:
        db.execute(
            f"INSERT INTO reports ({', '.join(INSERTED)}) WITH RECURSIVE epochs(number) AS "
            f"(SELECT 1 UNION ALL SELECT number + 1 FROM epochs WHERE number < {epochs}) "
            f"SELECT {', '.join(values)} FROM epochs CROSS JOIN runs"
        )
        db.execute("UPDATE runs SET status = 'finished', epoch = epochs, newest = 1")
        packing.pack_all(db)
