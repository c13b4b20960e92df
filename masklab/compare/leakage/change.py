"""How far predictions change, and where most: the evidence of checks that change something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from masklab.compare.leakage.finding import Example, told
from masklab.compare.leakage.places import time_of
from masklab.compare.leakage.subject import Data, Predicted, Starts
from masklab.split import PART_NAMES

_LONGEST = 240
"""Steps of an example at most."""


@dataclass(frozen=True, eq=False)
class Change:
    """Predictions before and after; `size`: the largest change, infinite where one is no number."""

    starts: Starts
    before: Predicted
    after: Predicted

    @property
    def sizes(self) -> Predicted:
        """The change of each prediction."""
        with np.errstate(invalid="ignore"):
            change = np.abs(self.after - self.before)
        change[np.isnan(self.after) & np.isnan(self.before)] = 0
        return np.where(np.isnan(change), np.inf, change)

    @property
    def size(self) -> float:
        """The largest change, in scaled units."""
        return float(self.sizes.max(initial=0))

    def within(self, tolerance: float) -> bool:
        """Whether no prediction changed by more than that."""
        return self.size <= tolerance

    def evidence(self, data: Data, tolerance: float = 0.0) -> dict[str, str | int | float]:
        """Return what is to be said about it: how many changed, how far, and where most."""
        sizes = self.sizes
        found: dict[str, str | int | float] = {
            "predictions compared": int(sizes.size),
            "predictions changed": int((sizes > tolerance).sum()),
            "largest change of a prediction (scaled units)": told(self.size),
        }
        example = self.example(data) if not self.within(tolerance) else None
        if example is not None:
            found["channel"] = example.channel
            found["window"] = f"{example.window:,} of {example.part}"
            if example.row is not None:
                found["row of the data"] = example.row
                found["time"] = example.time
        return found

    def example(self, data: Data) -> Example:
        """Return the window, and of it the target, with the largest change."""
        window, step, target = np.unravel_index(int(self.sizes.argmax()), self.sizes.shape)
        start = int(self.starts[window])
        part = int(data.prepared.parts[start])
        row = int(data.source[start + data.first_predicted + int(step)])
        first = max(0, min(int(step) - _LONGEST // 2, self.before.shape[1] - _LONGEST))
        shown = slice(first, first + _LONGEST)
        before, after = (one[window, shown, target] for one in (self.before, self.after))
        return Example(
            window=int(np.searchsorted(np.sort(data.prepared.starts(part)), start)) + 1,
            part=PART_NAMES[part],
            row=row + 1 if row >= 0 else None,
            time=time_of(data, row),
            channel=data.prepared.channels[data.prepared.targets[target]],
            steps=tuple(range(first + 1, first + len(before) + 1)),
            before=_values(before),
            after=_values(after),
        )


def _values(column: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(one) if np.isfinite(one) else None for one in column)
