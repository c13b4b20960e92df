"""A trained run under another mask than its own: what it may read, predicts and scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from masklab.data.series import Panel
from masklab.errors import ExperimentError, StoreError
from masklab.masks.layers import MaskRecipe
from masklab.runs import artifacts
from masklab.runs.store import Store
from masklab.split import TRAINING, VALIDATION
from masklab.training.config import Reconstruct
from masklab.training.laid_out import lay_out
from masklab.training.metrics import Truth, units
from masklab.training.predictions import Predictions, predicted_rows
from masklab.training.prepare import Prepared
from masklab.training.report import Scores

if TYPE_CHECKING:
    from jaxtyping import Float, Int64

    from masklab.runs.rows import RunRow
    from masklab.runs.spec import Experiment


def unlike(first: Experiment, other: Experiment) -> str:
    """Return why runs of two experiments can't be scored on the same windows; empty if they can."""
    if (first.data.sha256, first.data.filled()) != (other.data.sha256, other.data.filled()):
        return "It was trained on other data, or read in another way."
    if first.split != other.split:
        return "It was trained with another split."
    if first.task != other.task:
        return "It was trained for another task, window or horizon."
    for name in ("stride", "validation_windows", "longest_gap", "shortest"):
        if getattr(first.training, name) != getattr(other.training, name):
            return f"It was trained with other windows (training.{name})."
    return ""


def under(
    own: Prepared, frozen: Prepared, panel: Panel, plan: Experiment, recipe: MaskRecipe
) -> Prepared:
    """Return `own` with its input hidden by another recipe, and scored as `frozen` is.

    `own`: as the runs were trained; their scaler and statistics stay. `frozen`: whose validation
    windows and common cells hold. In a reconstruction these cells are hidden on top, as ever.
    """
    parts = plan.split.parts(panel)
    laid = lay_out(panel, parts, plan.task, plan.training)
    if len(laid.clock) != len(frozen.clock):
        raise ExperimentError(
            "The experiments lay their windows out in different ways, so that their cells can't be "
            "set against each other. Choose experiments with equal window settings."
        )
    observed = np.ascontiguousarray(laid.of(recipe.apply(panel, parts).observed))
    if isinstance(plan.task, Reconstruct):
        asked = frozen.common & (frozen.parts != TRAINING)[:, None]
        observed = observed.copy()
        observed[:, list(frozen.targets)] &= ~asked
    return replace(
        own,
        observed=observed,
        windows={**own.windows, VALIDATION: frozen.windows[VALIDATION]},
        common=frozen.common,
        own=dict.fromkeys(own.own, frozen.common),
    )


def predict(store: Store, run: RunRow, plan: Experiment, seen: Prepared) -> Predictions:
    """Return what the best weights of a finished run predict for the validation windows.

    Raises `StoreError` if its weights are damaged or gone.
    """
    from masklab.training.loop import Run  # noqa: PLC0415 - the rest of this serves without torch

    strategy = next(one for one in plan.strategies if one.label == run.strategy)
    trained = Run(seen, strategy, run.seed, plan.model, plan.training)
    trained.network.load_state_dict(_weights(store, run))
    return trained.predictions(VALIDATION)


def _weights(store: Store, run: RunRow) -> dict[str, Any]:
    import safetensors.torch  # noqa: PLC0415 - as above

    kept = store.artifacts(run.experiment_id, run.id, artifacts.WEIGHTS)
    if not kept or not artifacts.is_whole(store.directory, kept[0]):
        raise StoreError(
            "Its weights are damaged or gone: `masklab store check` tells what else is. "
            "Train it anew to score it under other masks."
        )
    weights: dict[str, Any] = safetensors.torch.load_file(
        artifacts.path_of(store.directory, kept[0])
    )
    return weights


def rescaled(frozen: Prepared, predictions: Predictions) -> Float[np.ndarray, "window step target"]:
    """Return predictions in the scaled units of `frozen`, whatever they were trained in."""
    rows, targets = predicted_rows(frozen, VALIDATION), list(frozen.targets)
    group = frozen.scaler.group(rows)[:, :, None]
    scale, shift = frozen.scaler.scale[group, targets], frozen.scaler.shift[group, targets]
    scaled: Float[np.ndarray, "window step target"] = (predictions.predicted - shift) / scale
    return scaled


def scores_of(
    frozen: Prepared, scaled: Float[np.ndarray, "window step target"]
) -> tuple[Scores, Scores]:
    """Return the scores of scaled predictions on the common validation cells: scaled, original."""
    starts, rows = frozen.starts(VALIDATION)[:, None, None], predicted_rows(frozen, VALIDATION)
    targets = list(frozen.targets)
    scored = frozen.common[rows]
    error = scaled.astype(np.float64) - frozen.values[rows][:, :, targets]
    error = np.where(scored, error, 0.0)
    unit = units(frozen.scaler)[frozen.scaler.group(starts[:, :, 0])][:, :, targets]
    relative = frozen.naive.weight[frozen.naive.series(starts[:, :, 0])]
    sums = np.stack(
        [
            np.abs(error).sum((0, 1)),
            (error**2).sum((0, 1)),
            scored.sum((0, 1)),
            np.abs(error * unit).sum((0, 1)),
            ((error * unit) ** 2).sum((0, 1)),
            (np.abs(error) * relative).sum((0, 1)),
        ]
    )
    return Truth.of(frozen, VALIDATION, frozen.common).scores(sums)


def hidden_share(seen: Prepared) -> float:
    """Return the share of the file's cells in the validation windows' input that is hidden."""
    rows = _input_rows(seen)
    native = seen.native[rows]
    count = int(native.sum())
    return float((native & ~seen.observed[rows]).sum()) / count if count else 0.0


def blind_windows(seen: Prepared) -> int:
    """Return how many validation windows hold nothing to read."""
    return int((~seen.observed[_input_rows(seen)].any(axis=(1, 2))).sum())


def _input_rows(seen: Prepared) -> Int64[np.ndarray, "window step"]:
    rows: Int64[np.ndarray, "window step"] = seen.starts(VALIDATION)[:, None] + np.arange(
        seen.task.window
    )
    return rows
