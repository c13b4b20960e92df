"""A mask: which cells of a panel may be used, with its algebra, coverage and runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from masklab.errors import MaskError


@dataclass(frozen=True, eq=False)
class Mask:
    """Observed cells, (row, channel) bool, True = the model may use the cell.

    For one series, rows are its time steps. `&`, `|` and `~` act on `observed`; they raise
    `MaskError` where shapes or channels differ.
    """

    observed: Bool[np.ndarray, "row channel"]
    channels: tuple[str, ...]

    def __post_init__(self) -> None:
        observed = np.asarray(self.observed).view()
        if observed.dtype != bool:
            raise MaskError(f"A mask is boolean, True = observed; it instead has {observed.dtype}.")
        if observed.ndim != 2 or observed.shape[1] != len(self.channels):
            raise MaskError(
                f"A mask over {len(self.channels)} channels has the shape (row, channel); "
                f"it instead has shape {observed.shape}."
            )
        observed.flags.writeable = False
        object.__setattr__(self, "observed", observed)

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.observed & self._matching(other), self.channels)

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.observed | self._matching(other), self.channels)

    def __invert__(self) -> Mask:
        return Mask(~self.observed, self.channels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mask):
            return NotImplemented
        return self.channels == other.channels and np.array_equal(self.observed, other.observed)

    __hash__ = None  # type: ignore[assignment]

    @property
    def hidden_share(self) -> float:
        """Share of cells that are not observed, 0 to 1."""
        return float(1 - self.observed.mean()) if self.observed.size else 0.0

    def _matching(self, other: Mask) -> Bool[np.ndarray, "row channel"]:
        if other.channels != self.channels or other.observed.shape != self.observed.shape:
            raise MaskError(
                f"Masks differ: channels {list(self.channels)} with shape {self.observed.shape}, "
                f"and channels {list(other.channels)} with shape {other.observed.shape}."
            )
        return other.observed


def any_channel(cells: Bool[np.ndarray, "row channel"]) -> Bool[np.ndarray, "row"]:
    """Return True for each row in which at least one cell is True."""
    return np.asarray(cells.any(axis=1))


def runs(
    flags: Bool[np.ndarray, "row"], offsets: Int64[np.ndarray, "series+1"] | None = None
) -> Int64[np.ndarray, "run 2"]:
    """Return first row and end row (exclusive) of each stretch of True.

    With the offsets of a panel, a stretch also ends at the border of a series.
    """
    starts, ends = flags.copy(), flags.copy()
    starts[1:] &= ~flags[:-1]
    ends[:-1] &= ~flags[1:]
    if offsets is not None:
        borders = offsets[1:-1]
        starts[borders], ends[borders - 1] = flags[borders], flags[borders - 1]
    return np.stack([np.flatnonzero(starts), np.flatnonzero(ends) + 1], axis=1)
