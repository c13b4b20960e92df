"""Prepare an experiment's data once for all of its runs: scaled values, windows, scored cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int64

from masklab.scaling import Scaler
from masklab.split import VALIDATION
from masklab.training.config import Forecast, Reconstruct
from masklab.windows import Windows


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that the runs of one experiment share; none of it depends on a strategy or a seed.

    `values`: scaled, 0 where the file lacks the cell. `native`: cells the file has. `observed`:
    those that the mask leaves. `targets`: columns that are predicted. `windows`: by part, first
    rows of the windows that every run uses. `common`: target cells of every run's score, (row,
    target). `own`: the same by strategy label, for that strategy's own score and training loss.
    `fresh`: for a reconstruction the cells hidden on top in validation and test, (row, channel);
    None for a forecast. `mean`, `zero`: of the observed training cells, in scaled units.
    `notes`: sentences for the user.
    """

    task: Forecast | Reconstruct
    channels: tuple[str, ...]
    targets: tuple[int, ...]
    values: Float32[np.ndarray, "row channel"]
    native: Bool[np.ndarray, "row channel"]
    observed: Bool[np.ndarray, "row channel"]
    parts: Int8[np.ndarray, "row"]
    scaler: Scaler
    windows: Mapping[int, Windows]
    common: Bool[np.ndarray, "row target"]
    own: Mapping[str, Bool[np.ndarray, "row target"]]
    fresh: Bool[np.ndarray, "row channel"] | None
    notes: tuple[str, ...] = ()

    def starts(self, part: int = VALIDATION) -> Int64[np.ndarray, "window"]:
        """Return the first rows of the windows of a part."""
        return self.windows[part].starts

    @property
    def mean(self) -> Float32[np.ndarray, "channel"]:
        """Mean of the observed training cells, in scaled units."""
        return self.scaler.scaled_mean.astype(np.float32)

    @property
    def zero(self) -> Float32[np.ndarray, "channel"]:
        """Where a raw zero lies after scaling."""
        return self.scaler.scaled_zero.astype(np.float32)
