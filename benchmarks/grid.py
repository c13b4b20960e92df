"""Many runs: a grid through the store against bare training, pages beside a long queue, a million epochs.

The supervisor is warm: it has trained something before. A grid's time is from queueing to the last
end: the probe, the start of each worker, checkpoints and reports are all in it.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.measuring import Job, interleaved
from benchmarks.report import Progress, Report, Row
from masklab.compare.scores import best_epochs, columns, curves, summary
from masklab.masks.layers import MaskRecipe
from masklab.runs import columns as packing
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import INSERTED
from masklab.runs.lock import is_held
from masklab.runs.spec import DataSource, Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.loop import train_run
from masklab.training.prepare import prepare
from masklab.ui.project import Project

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("zero_fill", "mean_fill", "forward_fill", "carry")
MORE = (*KINDS, "indicator", "reset", "ignore", "decay", "interval", "time_aware")
RECIPE = MaskRecipe.model_validate({"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]})
QUEUED, PAGES = "page beside 1,000 queued runs", ("data", "train", "compare")
GRID, EPOCHS = "grid of 24 runs", "comparison of 1,000 runs x 1,000 epochs"


def run(quick: bool, tell: Progress) -> Report:
    """Measure all three; `quick` with four short runs, ten queued ones and a thousand epochs."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows += grid(folder, quick, tell)
        rows += pages(folder, 10 if quick else 1000, 1 if quick else 5, tell)
        rows += comparison(folder, *((10, 100) if quick else (1000, 1000)), tell)
    notes = (
        "Seconds by the clock for the grid, of processor time for the rest. Bare: the same runs one",
        "after the other in one process, on data that lies ready. Cost: seconds times slots, relative",
        "to bare. Gain: runs a second relative to one slot. Pages: a whole run of the script.",
    )
    return Report("Many runs", tuple(rows), notes)


def series(folder: Path, rows: int = 4000) -> Path:
    """Write a table of hourly waves on three channels."""
    values = np.sin(np.arange(rows)[:, None] / [4.0, 7.0, 24.0])
    clock = (np.arange(rows) * 3_600_000_000).astype("datetime64[us]").astype(str)
    lines = [
        f"{when},{a:.4f},{b:.4f},{c:.4f}" for when, (a, b, c) in zip(clock, values, strict=True)
    ]
    path = folder / "waves.csv"
    path.write_text("\n".join(["time,a,b,c", *lines]) + "\n")
    return path


def experiment(
    folder: Path, seeds: int, kinds: tuple[str, ...] = KINDS, **training: int
) -> Experiment:
    """Return an experiment of so many runs of each kind."""
    return parse_experiment(
        {
            "data": {"path": str(series(folder))},
            "recipe": RECIPE,
            "task": {"kind": "forecast", "window": 24, "horizon": 6},
            "strategies": [{"kind": kind} for kind in kinds],
            "seeds": list(range(seeds)),
            "training": {"patience": None, **training},
        }
    )


def grid(folder: Path, quick: bool, tell: Progress) -> list[Row]:
    """Train the same runs bare, by one slot and by two."""
    plan = experiment(folder, 1 if quick else 6, epochs=2 if quick else 16)
    tell("bare training")
    rows: list[Row] = [{"what": GRID, "slots": "bare", "seconds": bare(plan)}]
    for slots in (1, 2):
        tell(f"{slots} of 2 slots")
        taken = through_store(folder / f"{slots} slots", plan, slots)
        cost = taken * slots / float(rows[0]["seconds"])
        rows.append({"what": GRID, "slots": str(slots), "seconds": taken, "cost of bare": cost})
    rows[2]["gain over one slot"] = float(rows[1]["seconds"]) / float(rows[2]["seconds"])
    return rows


def bare(plan: Experiment) -> float:
    """Return the seconds that an experiment's runs take one after the other."""
    prepared = prepare(plan, plan.load_panel())
    for _ in train_run(prepared, plan.strategies[0], 0, plan.model, plan.training):
        break  # what is loaded at first use
    began = time.perf_counter()
    for strategy, seed in plan.runs():
        list(train_run(prepared, strategy, seed, plan.model, plan.training))
    return time.perf_counter() - began


def through_store(directory: Path, plan: Experiment, slots: int) -> float:
    """Return the seconds from queueing an experiment to its last run's end."""
    store = Store.open(directory)
    LocalExecutor(slots=slots, idle_seconds=2).ensure(store)
    ended(store, store.add_experiment(experiment(directory.parent, 1, epochs=1)))
    began = time.time()
    identity = store.add_experiment(plan)
    ended(store, identity)
    runs = store.runs(identity)
    if any(one.status != "finished" for one in runs):
        raise RuntimeError(f"Not all runs finished: {[one.message for one in runs]}")
    while is_held(directory):
        time.sleep(0.1)
    return max(one.ended or 0.0 for one in runs) - began


def ended(store: Store, identity: str) -> None:
    """Wait until no run of an experiment is open, with as few looks as a page takes."""
    while any(one.is_open for one in store.runs(identity)):
        time.sleep(0.5)


def pages(folder: Path, queued: int, turns: int, tell: Progress) -> list[Row]:
    """Time whole runs of pages while runs wait."""
    store = Store.open(folder / "queue")
    tell(f"queueing {queued:,} runs")
    began = time.process_time()
    identity = store.add_experiment(experiment(folder, queued // len(MORE), MORE, epochs=20))
    rows: list[Row] = [{"what": "queueing 1,000 runs", "seconds": time.process_time() - began}]
    project = Project(
        name="Waves",
        data=DataSource(path=str(series(folder))),
        history=(RECIPE,),
        experiment_id=identity,
    )
    store.save_project("work", project.model_dump_json(), 0)
    for page in PAGES:
        tell(f"page {page} beside {queued:,} queued runs")
        with served(store):
            times = interleaved({"run": script(page)}, turns)
        rows.append({"what": QUEUED, "page": page, "seconds": times["run"].fastest / 1000})
    return rows


@contextmanager
def served(store: Store) -> Iterator[None]:
    """Let the app's script run on a store without a server and without a supervisor."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    environment = patch.dict(os.environ, {"MASKLAB_STORE": str(store.directory)})
    with environment, patch.object(LocalExecutor, "ensure"):
        yield


def script(page: str) -> Job:
    """Return a run of the app's script on one of its pages, opened already."""
    from streamlit.runtime.pages_manager import PagesManager  # noqa: PLC0415 (seconds to import)
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    tab = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    tab.query_params["work"] = "work"
    # As on a server that has seen st.navigation before; a tab of a test never has.
    with patch.object(PagesManager, "uses_pages_directory", False):
        tab.switch_page(f"pages/{page}.py")

    def once() -> None:
        if found := tab.run().exception:
            raise RuntimeError(found[0].value)

    return once


def comparison(folder: Path, runs: int, epochs: int, tell: Progress) -> list[Row]:
    """Time what a comparison reads, and what it makes of it."""
    tell(f"writing {runs:,} x {epochs:,} epochs")
    store = Store.open(folder / "epochs")
    identity = store.add_experiment(experiment(folder, runs // len(MORE), MORE, epochs=epochs))
    fill(store, epochs)
    wanted = columns()
    reports, rows = store.reports(identity, wanted), store.runs(identity)
    jobs: dict[str, Job] = {
        "read": lambda: store.reports(identity, wanted),
        "curves": lambda: curves(reports),
        "table": lambda: (best_epochs(reports), summary(reports, rows)),
        "every column": lambda: store.reports(identity),
    }
    tell("reading them")
    times = interleaved(jobs, turns=2)
    found = {name: times[name].fastest / 1000 for name in ("read", "curves", "table")}
    parts: dict[str, float] = {**found, "all of these": sum(found.values())}
    parts["every column"] = times["every column"].fastest / 1000
    return [{"what": EPOCHS, "part": part, "seconds": one} for part, one in parts.items()]


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


if __name__ == "__main__":
    print(run("--quick" in sys.argv, print))
