"""Naive baselines of an experiment as levels to draw: what a network has to beat."""

from __future__ import annotations

from collections.abc import Mapping

from masklab.compare.scores import Metric, Units
from masklab.runs.facts import naive, notes
from masklab.training.report import Scores

__all__ = ["LOOKING_AHEAD", "levels", "naive", "notes"]

LOOKING_AHEAD = ("linear",)
"""Baselines that look at later steps than the one they predict."""


def levels(
    scores: Mapping[str, tuple[Scores, Scores]], metric: Metric = "rmse", units: Units = "scaled"
) -> dict[str, float]:
    """Return each baseline's score, from `naive(store, experiment_id)`."""
    place = 1 if units == "original" else 0
    return {name: float(getattr(both[place], metric)) for name, both in scores.items()}
