"""What must hold of a store whatever happened to it, told from the store alone."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import masklab
from masklab.runs import artifacts
from masklab.runs.artifacts import CHECKPOINT, PREDICTIONS, WEIGHTS
from masklab.runs.rows import EventRow, RunRow
from masklab.runs.schema import CELLS
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from tests.runs.soak import GO, Wish

ENDS = {"finished", "stopped", "failed", "paused", "died", "returned", "rests"}
_NEVER_CLAIMED = "at its start."
_HALVED = "Stopped by successive halving"


@functools.cache
def undisturbed(text: str) -> dict[tuple[str, int], list[dict[str, object]]]:
    """Return what every run of an experiment reports when nothing happens to it."""
    found: dict[tuple[str, int], list[dict[str, object]]] = {}
    for report in masklab.train(Experiment.model_validate_json(text)):
        told = {"epoch": report.epoch, "training_loss": report.training_loss}
        told |= {"is_best": report.is_best, "learning_rate": report.learning_rate}
        for cells in CELLS:
            scores = vars(getattr(report, cells))
            told |= {f"{cells}_{name}": value for name, value in scores.items()}
        found.setdefault((report.strategy, report.seed), []).append(told)
    return found


def check_scores(store: Store, experiment_id: str) -> None:
    """Each run has epochs 1, 2, ... once each, with the numbers of an undisturbed one."""
    expected = undisturbed(store.experiment(experiment_id).model_dump_json())
    reports = store.reports(experiment_id)
    for run in store.runs(experiment_id):
        rows = reports[reports["run_id"] == run.id].to_dict("records")
        oracle = expected[run.strategy, run.seed]
        assert [row["epoch"] for row in rows] == list(range(1, run.epoch + 1)), run
        assert [{name: row[name] for name in oracle[0]} for row in rows] == oracle[: run.epoch], run
        best = [row["common_rmse"] for row in rows if row["is_best"]]
        assert run.best_score == (best[-1] if best else None), run
        if run.status == "finished":
            assert run.epoch == len(oracle), run


def check_events(store: Store, experiment_id: str) -> None:
    """Every start has one end before the next one; runs count them; one that finished did so once."""
    told: dict[str | None, list[EventRow]] = {}
    for event in reversed(store.events(experiment_id, limit=10**6)):
        told.setdefault(event.run_id, []).append(event)
    with store.database.read() as db:
        rows = db.execute(
            "SELECT id, starts, status FROM runs WHERE experiment_id = ?", (experiment_id,)
        ).fetchall()
    for row in rows:
        mine = [one for one in told.get(row["id"], []) if not one.text.endswith(_NEVER_CLAIMED)]
        kinds = [one.kind for one in mine if one.kind in {"started", *ENDS}]
        assert kinds.count("started") == row["starts"], (row["id"], kinds)
        assert all(kind == "started" for kind in kinds[::2]), (row["id"], kinds)
        assert all(kind in ENDS for kind in kinds[1::2]), (row["id"], kinds)
        assert len(kinds) % 2 == (row["status"] == "running"), (row["id"], kinds)
        assert kinds.count("finished") == (row["status"] == "finished"), (row["id"], kinds)


def check_wishes(store: Store, wishes: Mapping[str, Wish]) -> None:
    """Each run is where it was asked to be, unless it came to an end before; none started again."""
    runs = store.runs()
    assert {run.id for run in runs} == set(wishes)
    for run in runs:
        wish = wishes[run.id]
        assert run.status in {wish.status, "finished"} or _ended_by_itself(run), (run, wish)
        started = [
            one.time
            for one in store.events(run.experiment_id, limit=10**6)
            if one.run_id == run.id and one.kind == "started"
        ]
        if wish.status != GO:
            assert not started or started[0] <= wish.since, (run, wish)


def check_files(store: Store, experiment_id: str) -> None:
    """Each artifact is whole; finished runs have weights and predictions, and nothing else."""
    for run in store.runs(experiment_id):
        rows = store.artifacts(experiment_id, run.id)
        if run.status == "finished":
            assert all(artifacts.is_whole(store.directory, row) for row in rows), rows
            assert sorted(row.kind for row in rows) == sorted([WEIGHTS, PREDICTIONS]), rows
        else:
            assert {row.kind for row in rows} <= {CHECKPOINT, WEIGHTS, PREDICTIONS}, rows


def _ended_by_itself(run: RunRow) -> bool:
    """Whether a run failed for deaths, was halved, or waits at a rung for peers that are paused."""
    if run.status == "failed":
        return "times in a row" in run.message or run.message.endswith(_NEVER_CLAIMED)
    if run.status == "stopped":
        return run.message.startswith(_HALVED)
    return run.status == "queued" and run.rung > 0


def settled(store: Store) -> bool:
    """Whether nothing trains, and nothing waits but for peers at a rung."""
    return not any(
        run.status == "running" or (run.status == "queued" and not run.rung) for run in store.runs()
    )
