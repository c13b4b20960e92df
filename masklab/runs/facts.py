"""What the data of an experiment tells once for all of its runs: notes and naive baselines.

The first worker works it out while it has the data at hand, and the store keeps it, so that a page
need not read the data to draw a baseline.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from masklab.training.baselines import baseline_scores
from masklab.training.prepare import Prepared, prepare
from masklab.training.report import Scores

if TYPE_CHECKING:
    from masklab.runs.store import Store

Naive = dict[str, tuple[Scores, Scores]]
"""Scores of each naive baseline on the common validation cells: scaled, original."""

_NAIVE, _NOTES = "naive", "notes"


def keep(store: Store, experiment_id: str, prepared: Prepared) -> None:
    """Work out and keep what the store doesn't know yet."""
    if not are_known(store, experiment_id):
        write(store, experiment_id, *worked_out(prepared))


def are_known(store: Store, experiment_id: str) -> bool:
    """Whether the store knows them, with every score that there is today."""
    known = store.fact(experiment_id, _NAIVE)
    return known is not None and all("mase" in one for both in known.values() for one in both)


def worked_out(prepared: Prepared) -> tuple[list[str], dict[str, list[dict[str, float]]]]:
    """Return notes, and each naive baseline's scores: scaled, original."""
    scores = baseline_scores(prepared).items()
    return list(prepared.notes), {name: [asdict(one) for one in both] for name, both in scores}


def write(
    store: Store,
    experiment_id: str,
    notes: list[str],
    scores: dict[str, list[dict[str, float]]],
) -> None:
    """Keep what was worked out."""
    store.set_fact(experiment_id, _NOTES, notes)
    store.set_fact(experiment_id, _NAIVE, scores)


def naive(store: Store, experiment_id: str) -> Naive:
    """Return the naive baselines' scores; reads the data if no worker has told them yet.

    Raises `MaskLabError` if the experiment can't be prepared.
    """
    _ensure(store, experiment_id)
    return {
        name: (Scores(**scaled), Scores(**original))
        for name, (scaled, original) in (store.fact(experiment_id, _NAIVE) or {}).items()
    }


def notes(store: Store, experiment_id: str) -> list[str]:
    """Return sentences on windows left out and the like; reads the data if they aren't known."""
    _ensure(store, experiment_id)
    return list(store.fact(experiment_id, _NOTES) or ())


def _ensure(store: Store, experiment_id: str) -> None:
    if store.fact(experiment_id, _NAIVE) is None:
        experiment = store.experiment(experiment_id)
        keep(store, experiment_id, prepare(experiment, experiment.load_panel(store.directory)))
