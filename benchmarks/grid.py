"""Many runs: a grid through the store against bare training, pages beside a long queue, a million epochs.

The supervisor is warm: it has trained something before. A grid's time is from queueing to the last
end: the probe, the start of each worker, checkpoints and reports are all in it.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch

from benchmarks.long_lists import comparison, pages
from benchmarks.report import Progress, Report, Row
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.lock import is_held
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.loop import train_run
from masklab.training.prepare import prepare

GRID = "grid of 24 runs"
KINDS = ("zero_fill", "mean_fill", "forward_fill", "carry")
MORE = (*KINDS, "indicator", "reset", "ignore", "decay", "interval", "time_aware")
RECIPE = {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]}


def run(quick: bool, tell: Progress) -> Report:
    """Measure all three; `quick` with four short runs, ten queued ones and a thousand epochs."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows += grid(folder, quick, tell)
        queued, epochs = (10, 100) if quick else (1000, 1000)
        plan = experiment(folder, queued // len(MORE), MORE, epochs=epochs)
        rows += pages(folder / "queue", plan, tell)
        rows += comparison(folder / "epochs", plan, tell)
    notes = (
        "Seconds by the clock for the grid, of processor time for the rest. Bare: the same runs one",
        "after the other in one process, on data that lies ready. Cost: seconds times slots, relative",
        "to bare, or to what the epochs of these very runs took: a machine that others share may train half",
        "as fast a minute later; of as many bare: seconds relative to two bare processes at once.",
        "Gain: runs a second relative to one slot, of two bare processes relative to",
        "one: what the machine gives. Pages: a whole run of the script.",
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
    folder: Path, seeds: int, kinds: tuple[str, ...] = KINDS, first: int = 0, **training: int
) -> Experiment:
    """Return an experiment of so many runs of each kind; `first`: their first seed."""
    return parse_experiment(
        {
            "data": {"path": str(series(folder))},
            "recipe": RECIPE,
            "task": {"kind": "forecast", "window": 24, "horizon": 6},
            "strategies": [{"kind": kind} for kind in kinds],
            "seeds": list(range(first, first + seeds)),
            "training": {"patience": None, **training},
        }
    )


def grid(folder: Path, quick: bool, tell: Progress) -> list[Row]:
    """Train the same runs bare, by one slot and by two, then once more in the opposite order.

    A machine that others share is faster one minute and slower the next: by turns, all get their
    part of both. Two bare processes, half of the runs each, tell what this machine gives at most.
    """
    seeds, epochs = (1, 2) if quick else (6, 16)
    plan = experiment(folder, seeds, epochs=epochs)
    ways = ["bare", "1", "2", "two bare"]
    total, learning = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    turns = [*ways, *ways[::-1]]
    for turn, way in enumerate(turns):
        tell(f"grid, turn {turn + 1} of {len(turns)}, slots: {way}")
        if way == "bare":
            total[way] += bare(plan)
        elif way == "two bare":
            total[way] += two_bare(plan)
        else:
            taken, epochs_took = through_store(folder / str(turn), plan, int(way))
            total[way] += taken
            learning[way] += epochs_took
    rows: list[Row] = [{"what": GRID, "slots": "bare", "seconds": total["bare"] / 2}]
    for way in ("1", "2"):
        cost = total[way] * int(way) / total["bare"]
        own = total[way] * int(way) / learning[way]
        row: Row = {"what": GRID, "slots": way, "seconds": total[way] / 2, "cost of bare": cost}
        rows.append({**row, "cost of own epochs": own})
    rows[2]["cost of as many bare"] = total["2"] / total["two bare"]
    rows[2]["gain over one slot"] = total["1"] / total["2"]
    both: Row = {"what": GRID, "slots": "two bare processes", "seconds": total["two bare"] / 2}
    return [*rows, {**both, "gain over one slot": total["bare"] / total["two bare"]}]


def two_bare(plan: Experiment) -> float:
    """Return the seconds that two processes at once take for half of an experiment's runs each."""
    halves = [plan.model_copy(update={"strategies": plan.strategies[at::2]}) for at in (0, 1)]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        return max(pool.map(bare, halves))


def bare(plan: Experiment) -> float:
    """Return the seconds that an experiment's runs take one after the other."""
    torch.set_num_threads(1)
    prepared = prepare(plan, plan.load_panel())
    for _ in train_run(prepared, plan.strategies[0], 0, plan.model, plan.training):
        break  # what is loaded at first use
    began = time.perf_counter()
    for strategy, seed in plan.runs():
        list(train_run(prepared, strategy, seed, plan.model, plan.training))
    return time.perf_counter() - began


def through_store(directory: Path, plan: Experiment, slots: int) -> tuple[float, float]:
    """Return the seconds from queueing an experiment to its last run's end, and those of its epochs."""
    store = Store.open(directory)
    LocalExecutor(slots=slots, idle_seconds=2).ensure(store)
    warm_up = experiment(directory.parent, 1, first=plan.seeds[0], epochs=1)
    ended(store, store.add_experiment(warm_up))
    began = time.time()
    identity = store.add_experiment(plan)
    ended(store, identity)
    runs = store.runs(identity)
    if any(one.status != "finished" for one in runs):
        raise RuntimeError(f"Not all runs finished: {[one.message for one in runs]}")
    while is_held(directory):
        time.sleep(0.1)
    return max(one.ended or 0.0 for one in runs) - began, sum(one.seconds for one in runs)


def ended(store: Store, identity: str) -> None:
    """Wait until no run of an experiment is open, with as few looks as a page takes."""
    while any(one.is_open for one in store.runs(identity)):
        time.sleep(0.5)


if __name__ == "__main__":
    print(run("--quick" in sys.argv, print))
