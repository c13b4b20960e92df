"""How long an experiment will take: the library's estimate, corrected by what was measured here."""

from __future__ import annotations

from dataclasses import dataclass

from masklab.runs.store import Store
from masklab.ui.preflight import Preflight

_FACT, _PROBE = "expected_epoch", "probe"
"""Facts of an experiment: what an epoch was expected to take, and what one of each strategy took."""
_START = 6.0
"""Seconds until the first worker has loaded torch."""
_LOOK_BACK = 20
_ENOUGH = 5


@dataclass(frozen=True)
class Estimate:
    """Seconds for all runs if none stops early; `measured` on this machine, or a rough guess."""

    seconds: float
    measured: bool


def estimate(store: Store, checked: Preflight) -> Estimate:
    """Return how long all runs will take, corrected by the pace of earlier ones in this store."""
    correction = _correction(store)
    return Estimate(_START + checked.seconds * (correction or 1.0), correction is not None)


def remember(store: Store, experiment_id: str, checked: Preflight) -> None:
    """Keep what an epoch was expected to take, so that the runs' real pace corrects the next."""
    store.set_fact(experiment_id, _FACT, {"seconds": checked.epoch_seconds})


def _correction(store: Store) -> float | None:
    """Return measured over expected seconds, for the newest five experiments that know both.

    Measured is what the epochs of its runs took; before the first, what the probe told.
    """
    expected, measured, found = 0.0, 0.0, 0
    for row in store.experiments()[:_LOOK_BACK]:
        known = store.fact(row.id, _FACT)
        if not known:
            continue
        seconds, epochs = store.spent(row.id)
        if not epochs:
            probed = store.fact(row.id, _PROBE) or {}
            seconds, epochs = sum(probed.values()), len(probed)
        if not epochs:
            continue
        expected += known["seconds"] * epochs
        measured += seconds
        found += 1
        if found == _ENOUGH:
            break
    return measured / expected if expected and measured else None
