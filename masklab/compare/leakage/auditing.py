"""Audit one run: every check in turn."""

from __future__ import annotations

import time

import pandas as pd

from masklab.compare.leakage import arranged, fitted, perturbed, scored
from masklab.compare.leakage.about import CHECKS
from masklab.compare.leakage.finding import Audit, Check
from masklab.compare.leakage.subject import Subject

_CHECKS = {
    "hidden": perturbed.hidden,
    "preparation": fitted.preparation,
    "future": perturbed.future,
    "causal": perturbed.causal,
    "scale": fitted.scale,
    "sentinel": fitted.sentinel,
    "overlap": arranged.overlap,
    "target": scored.target,
    "native": scored.native,
    "gaps": arranged.gaps,
    "common": scored.common,
    "weights": scored.weights,
}


def audit(
    subject: Subject, epochs: pd.DataFrame | None = None, *, run: str = "", weights: str = ""
) -> Audit:
    """Return what the checks find of a run.

    `epochs`: its rows of `Store.reports`, if there are any; `run`, `weights`: its id and the SHA-256
    of its weights, for the record. Raises what preparing the data raises.
    """
    began = time.perf_counter()
    found = [check(subject) for check in _CHECKS.values()]
    found.append(scored.chosen(subject, epochs))
    order = list(CHECKS)
    checks: tuple[Check, ...] = tuple(sorted(found, key=lambda one: order.index(one.name)))
    return Audit(
        run=run,
        strategy=subject.strategy.label,
        seed=subject.seed,
        checks=checks,
        weights=weights,
        seconds=round(time.perf_counter() - began, 2),
    )
