"""What the data of an experiment tells once for all of its runs: notes, naive baselines, the mask.

The first worker works it out while it has the data at hand, and the store keeps it, so that a page
need not read the data to draw a baseline, and that an experiment's files tell what it was.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.runs import artifacts, kept_mask
from masklab.training.baselines import baseline_scores
from masklab.training.prepare import Prepared, prepare
from masklab.training.report import Scores

if TYPE_CHECKING:
    from masklab.runs.store import Store

Naive = dict[str, tuple[Scores, Scores]]
"""Scores of each naive baseline on the common validation cells: scaled, original."""

_NAIVE, _NOTES = "naive", "notes"

MASK, SPEC = "mask", "spec"
"""Kinds of an experiment's own artifacts."""


def keep(store: Store, experiment_id: str, prepared: Prepared) -> None:
    """Work out and keep what the store doesn't know yet."""
    if not are_known(store, experiment_id):
        write(store, experiment_id, *worked_out(prepared))
    keep_files(store, experiment_id, partial(kept_mask.write, prepared))


def keep_files(store: Store, experiment_id: str, write_mask: Callable[[Path], None]) -> None:
    """Keep an experiment's mask and specification, unless they are kept."""
    known = {row.kind for row in store.artifacts(experiment_id)}
    if MASK not in known:
        _keep_file(store, experiment_id, MASK, ".safetensors", write_mask)
    if SPEC not in known:
        text = store.portable(experiment_id).to_yaml().encode()
        _keep_file(store, experiment_id, SPEC, ".yaml", lambda path: _write(text, path))


def are_known(store: Store, experiment_id: str) -> bool:
    """Whether the store knows the scores, every one that there is today."""
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


def _keep_file(
    store: Store, experiment_id: str, kind: str, suffix: str, write: Callable[[Path], None]
) -> None:
    """Keep a file of an experiment; of those that several workers keep at once, the first stays.

    Runs go on without where the disk won't take it; the next worker tries again.
    """
    with contextlib.suppress(OSError):
        artifacts.add(store.database, write, experiment_id=experiment_id, kind=kind, suffix=suffix)
    artifacts.remove(store.database, store.artifacts(experiment_id, kind=kind)[:-1])


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


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
        prepared = prepare(experiment, experiment.load_panel(store.directory))
        write(store, experiment_id, *worked_out(prepared))
