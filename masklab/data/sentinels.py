"""Values that look like codes for "missing", and single values far from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from masklab.data.series import Panel

CODES = frozenset(
    sign * code
    for sign in (1.0, -1.0)
    for code in (1, 9, 99, 100, 200, 500, 555, 666, 777, 888, 990, 998, 999, 9998, 9999, 32767,
                 32768, 65535, 99999, 999999, 9999999)
)  # fmt: skip
"""Values that files use for "missing"; found between gaps in the data, they need less proof."""
MAX_DEPTH = 4
"""Codes looked for at each end of a channel's range."""
SPIKE, RARE = 5, 0.05
"""How many times as frequent as its neighbour, and which share at most: -1 beside counts."""


@dataclass(frozen=True)
class Sentinel:
    """One exact value outside the rest of a channel's range: `count` of `cells` finite cells.

    `lowest`, `highest`: the rest of the channel. A count of 1 is an outlier, no code.
    """

    channel: str
    value: float
    count: int
    cells: int
    lowest: float
    highest: float

    @property
    def share(self) -> float:
        """Share of the channel's finite cells, 0 to 1."""
        return self.count / self.cells


def suspected(panel: Panel) -> tuple[list[Sentinel], list[Sentinel]]:
    """Return suspected sentinels, and single values far outside, channel by channel.

    A sentinel is one exact value that stands at least twice at an end of the range, with an empty
    stretch between it and the rest: as long as half of the rest's middle 98 % for any value, and
    for the usual codes (-1, -200, -999, 9999) only longer than any step between the rest's
    neighbouring values; -1 beside counts from 0 needs no stretch, only a frequency of its own. A
    single far value lies ten such middles away.
    """
    sentinels: list[Sentinel] = []
    outliers: list[Sentinel] = []
    for index, channel in enumerate(panel.channels):
        for found in _of_channel(panel.values[:, index], channel):
            (sentinels if found.count > 1 else outliers).append(found)
    return sentinels, outliers


def _of_channel(values: Float64[np.ndarray, "row"], channel: str) -> Iterator[Sentinel]:
    finite = values[np.isfinite(values)]
    cells = len(finite)
    if cells < 10:
        return
    for sign in (1.0, -1.0):
        rest = finite * sign
        for _ in range(MAX_DEPTH):
            end = float(rest.min())
            others = rest[rest > end]
            number = len(rest) - len(others)
            if len(others) < 0.2 * cells or not _stands_apart(end * sign, end, number, others):
                break
            low, high = sorted((sign * float(others.min()), sign * float(others.max())))
            yield Sentinel(channel, end * sign, number, cells, low, high)
            rest = others
            finite = rest * sign


def _stands_apart(
    value: float, end: float, number: int, others: Float64[np.ndarray, "row"]
) -> bool:
    nearest = float(others.min())
    if nearest == float(others.max()):  # a switch, or a constant channel with a code
        return value in CODES and abs(value) >= 9 and number > 1
    empty = nearest - end
    middle = _middle(others)
    if number == 1:
        return empty > 10 * middle > 0
    if value not in CODES:
        return number >= 5 and empty > 0.5 * middle and empty > 10 * _next_step(others, nearest)
    return empty > max(0.5 * middle, 1.5 * _next_step(others, nearest)) or (
        value == -1.0 and number >= 3 and _beside_counts(number, others, nearest)
    )


def _beside_counts(number: int, others: Float64[np.ndarray, "row"], nearest: float) -> bool:
    """Return whether -1 is a code beside counts from 0, and not the lowest of whole degrees.

    Either it is far more frequent than the lowest count, or it is rare beside counts that are
    mostly 0: the end of what was measured falls off more slowly.
    """
    if nearest < 0:
        return False
    lowest = int((others == nearest).sum())
    if number >= SPIKE * lowest:
        return True
    rare = number <= RARE * len(others) and SPIKE * number <= lowest
    return rare and nearest == 0 and lowest == int(np.unique(others, return_counts=True)[1].max())


def _middle(values: Float64[np.ndarray, "row"]) -> float:
    """Return the width of the middle 98 %, estimated from up to 20,000 cells; 0 if all are equal."""
    sample = values[:: max(1, len(values) // 20_000)]
    low, high = np.quantile(sample, [0.01, 0.99])
    return float(high - low)


def _next_step(values: Float64[np.ndarray, "row"], nearest: float) -> float:
    """Return the step from the end of the rest to its next value."""
    further = values[values > nearest]
    return float(further.min()) - nearest if len(further) else 0.0
