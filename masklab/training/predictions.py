"""What a trained network predicts for the windows of a part, beside the truth, in original units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Bool, Float32, Float64, Int64

from masklab.errors import TrainingError
from masklab.training.prepare import Prepared


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predicted and true values of each window, and the cells that count.

    `rows`: row of the panel of each predicted step, (window, step); -1 for a step of a gap or of
    padding, which the panel lacks. `predicted`, `truth`: (window,
    step, target) in original units; NaN in `truth` where the file lacks the cell. `scaled`: as the
    network gave them. `own`, `common`: which cells are scored; `known`: which the file has, whether
    scored or not, and `hidden` which of those the user's mask hides.
    """

    rows: Int64[np.ndarray, "window step"]
    predicted: Float64[np.ndarray, "window step target"]
    truth: Float64[np.ndarray, "window step target"]
    scaled: Float32[np.ndarray, "window step target"]
    own: Bool[np.ndarray, "window step target"]
    common: Bool[np.ndarray, "window step target"]
    known: Bool[np.ndarray, "window step target"]
    hidden: Bool[np.ndarray, "window step target"]


@dataclass(frozen=True, eq=False)
class Kept:
    """Predictions on the cells whose truth the file has, as a store keeps them.

    `rows`: as in `Predictions`. `scored`: those cells, (window, step, target); for each of them, in
    order: `scaled` and `predicted` (original units), and whether it is `common`, `own`, `hidden`.
    A file of before has the cells of own and common score alone, and `hidden` is None.
    """

    rows: Int64[np.ndarray, "window step"]
    scored: Bool[np.ndarray, "window step target"]
    scaled: Float32[np.ndarray, "cell"]
    predicted: Float64[np.ndarray, "cell"]
    common: Bool[np.ndarray, "cell"]
    own: Bool[np.ndarray, "cell"]
    hidden: Bool[np.ndarray, "cell"] | None = None


def write(predictions: Predictions, path: Path) -> None:
    """Write what `Kept` holds, as safetensors; raise `OSError` if the disk won't take it."""
    scored = predictions.known
    parts = {"scaled": predictions.scaled, "predicted": predictions.predicted}
    parts |= {"common": predictions.common, "own": predictions.own, "hidden": predictions.hidden}
    arrays = {name: array[scored] for name, array in parts.items()}
    arrays |= {"rows": predictions.rows, "scored": scored}
    path.write_bytes(safetensors.numpy.save(arrays))


def read(path: Path) -> Kept:
    """Return the predictions of a file; raise `TrainingError` if it is damaged or none."""
    try:
        return Kept(**safetensors.numpy.load_file(path))
    except (OSError, safetensors.SafetensorError, TypeError, ValueError) as error:
        raise TrainingError(f"The predictions {path.name} are damaged or none.") from error


def predicted_rows(prepared: Prepared, part: int) -> Int64[np.ndarray, "window step"]:
    """Return the rows that each window of a part predicts: its horizon, or all of its input.

    They are rows of `prepared`; `prepared.source` says which are the panel's.
    """
    window, horizon = prepared.task.window, prepared.horizon
    steps = np.arange(horizon) + window if horizon else np.arange(window)
    return prepared.starts(part)[:, None] + steps


def collect(
    prepared: Prepared,
    part: int,
    label: str,
    batches: list[Float32[np.ndarray, "batch step target"]],
) -> Predictions:
    """Join the scaled predictions of a part's batches with the truth, in original units."""
    rows, targets = predicted_rows(prepared, part), list(prepared.targets)
    group = prepared.scaler.group(rows)[:, :, None]
    scale, shift = (one[group, targets] for one in (prepared.scaler.scale, prepared.scaler.shift))
    nothing = np.empty((0, rows.shape[1], len(targets)), dtype=np.float32)
    scaled = np.concatenate([nothing, *batches])
    cells = (rows[:, :, None], np.array(targets))
    truth = prepared.values[cells].astype(np.float64) * scale + shift
    return Predictions(
        rows=rows if prepared.source is None else prepared.source[rows],
        predicted=scaled.astype(np.float64) * scale + shift,
        truth=np.where(prepared.native[cells], truth, np.nan),
        scaled=scaled,
        own=prepared.own[label][rows],
        common=prepared.common[rows],
        known=prepared.known[rows],
        hidden=prepared.hidden[rows],
    )
