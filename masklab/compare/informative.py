"""Is missingness informative? Trained on the mask alone, on the values alone, and on both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float64

from masklab.compare.baselines import levels, naive
from masklab.compare.errors_by_region import pooled
from masklab.compare.scores import Metric, Units, best_epochs, columns
from masklab.compare.validation_cells import ValidationCells, load
from masklab.runs.spec import STRATEGIES, Experiment
from masklab.runs.store import Store

MASK, VALUES, BOTH = "mask_only", "mean_fill", "indicator"
MEMBERS = {MASK: "the mask alone", VALUES: "the values alone", BOTH: "both"}
"""`mean_fill` and `indicator` fill alike, so that they differ by the flag and nothing else."""

LEAST = 0.02
"""The best epoch is chosen on the validation cells: a smaller gain on them may be no more than that."""


def experiment_of(experiment: Experiment) -> Experiment:
    """Return the experiment that asks: all as in this one, but for the three strategies."""
    return experiment.model_copy(
        update={
            "name": f"{experiment.name[:160]}: is missingness informative?",
            "strategies": tuple(STRATEGIES[kind].model_validate({}) for kind in MEMBERS),
        }
    )


@dataclass(frozen=True)
class Found:
    """What the three came to: `scores` (seed by member, NaN where a run is not finished).

    `centred`: the same with each target's predictions moved to the level that fits best, and
    `constant` the score of the best constants. So neither a level that drifts after the training nor
    the choice of the best epoch looks like a mask that tells something, or hides one that does.
    `mean`: the score of the training mean. `cells`: behind each score.
    """

    scores: pd.DataFrame
    centred: pd.DataFrame
    constant: float
    mean: float
    cells: int

    @property
    def mask_gain(self) -> pd.Series:
        """Share by which the mask alone, centred, lies below the best constant, for each seed."""
        return (1 - self.centred[MASK] / self.constant).dropna()

    @property
    def flag_gain(self) -> pd.Series:
        """Share by which both lie below the values alone, for each seed that has the two."""
        return (1 - self.scores[BOTH] / self.scores[VALUES]).dropna()


def found(
    store: Store, experiment_id: str, metric: Metric = "rmse", units: Units = "scaled"
) -> Found | None:
    """Return what the finished runs of `experiment_of` scored on the common cells; None before any.

    Raises `StoreError` if their predictions are gone.
    """
    reports = store.reports(experiment_id, columns("common", metric, units))
    finished = [run for run in store.runs(experiment_id) if run.status == "finished"]
    ids = {run.id for run in finished}
    best = best_epochs(reports[reports["run_id"].isin(ids)], "common", metric, units)
    if best.empty:
        return None
    scores = best.pivot_table(index="seed", columns="strategy", values="score")
    level = levels(naive(store, experiment_id), metric, units)["mean"]
    cells, predicted = load(store, experiment_id, finished)
    moved = pd.DataFrame(
        [
            (run.seed, run.strategy, centred(cells, predicted[run.id], metric, units))
            for run in finished
            if run.id in predicted
        ],
        columns=["seed", "strategy", "score"],
    ).pivot_table(index="seed", columns="strategy", values="score")
    return Found(
        scores=scores.reindex(columns=list(MEMBERS)),
        centred=moved.reindex(columns=list(MEMBERS)),
        constant=centred(cells, np.zeros(len(cells)), metric, units),
        mean=level,
        cells=int(best["scored"].max()),
    )


def centred(
    cells: ValidationCells,
    predicted: Float64[np.ndarray, "cell"],
    metric: Metric,
    units: Units = "scaled",
) -> float:
    """Return the score of predictions once each target's are moved to the level that fits best.

    By the mean of their scaled errors, or by the median where absolute errors count. Of any constant
    this is the score of the best one.
    """
    missing = pd.Series((cells.truth - predicted) / cells.scale).groupby(cells.target)
    shift = missing.transform("mean" if metric in ("mse", "rmse") else "median").to_numpy()
    return pooled(cells, predicted + shift * cells.scale, metric, units)


def in_words(result: Found) -> str:
    """Return a sentence or two: whether the mask tells something, and whether it adds to the values."""
    mask, flag = result.mask_gain, result.flag_gain
    said = []
    if len(mask):
        gain, seeds = f"{100 * abs(mask.mean()):.1f} %", _seeds(len(mask))
        if (mask > LEAST).all():
            said.append(
                f"The mask alone predicts {gain} better than the best constant, {seeds}: what is "
                "missing tells something."
            )
        elif (mask <= LEAST).all():
            said.append(
                f"The mask alone predicts no better than the best constant ({_signed(mask.mean())}, {seeds}): by "
                "itself, what is missing tells nothing that this network found."
            )
        else:
            said.append(
                f"The seeds do not agree whether the mask alone predicts better than the best constant "
                f"({_signed(mask.mean())} on average): more seeds would tell."
            )
    if len(flag):
        change, seeds = _signed(flag.mean()), _seeds(len(flag))
        if (flag > 0).all() and flag.mean() > LEAST:
            said.append(f"Beside the values, the flags help: {change}, {seeds}.")
        elif (flag < 0).all() and flag.mean() < -LEAST:
            said.append(f"Beside the values, the flags do harm: {change}, {seeds}.")
        else:
            said.append(f"Beside the values, the flags add nothing that shows ({change}, {seeds}).")
    return " ".join(said)


def _signed(gain: float) -> str:
    if abs(gain) < 0.0005:
        return "0.0 %"
    return f"{100 * abs(gain):.1f} % {'better' if gain > 0 else 'worse'}"


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"over {count} seeds"
