"""Worked examples for the data in hand: expressions with its own channels and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from masklab.data.clock import interval
from masklab.data.series import Panel
from masklab.masks.language.evaluation import spelt


@dataclass(frozen=True)
class Example:
    """An expression, and what it hides in a few words."""

    title: str
    text: str


def examples(panel: Panel) -> tuple[Example, ...]:
    """Return expressions that this data can serve, those for single cells first."""
    found = [
        Example("The highest 1 % of each channel", "value > quantile(value, 0.99)"),
        Example(
            "Spikes: far from the median of the last 25 rows",
            "abs(value - rolling_median(value, 25)) > 5 * rolling_mad(value, 25)",
        ),
        Example("Jumps from one row to the next", "abs(diff(value)) > 4 * std(diff(value))"),
        Example("Standing still for 6 rows", "rolling_max(value, 6) == rolling_min(value, 6)"),
        Example("The row after a missing one", "missing(lag(value, 1)) and row > 0"),
    ]
    first, *others = (spelt(name) for name in panel.channels)
    high, step = _quantile(panel, 0, 0.9), interval(panel)
    if panel.clock_kind == "time" and step < np.timedelta64(12, "h"):
        found.append(
            Example(f"High {panel.channels[0]} at night", f"{first} > {high} and hour < 6")
        )
        found.append(Example("Working hours", "weekday < 5 and between(hour, 8, 17)"))
    elif panel.clock_kind == "time" and step < np.timedelta64(4, "D"):
        found.append(Example("Weekends", "weekday >= 5"))
    if panel.clock_kind == "time" and step < np.timedelta64(32, "D"):
        found.append(Example("The winter", "month == 12 or month <= 2"))
    if others:
        second, low = others[0], _quantile(panel, 1, 0.1)
        found += [
            Example(
                f"{panel.channels[1]} missing or low", f"missing({second}) or {second} < {low}"
            ),
            Example(
                f"{panel.channels[0]} and {panel.channels[1]} disagree",
                f"abs(({first} - mean({first})) / std({first}) - ({second} - mean({second})) / "
                f"std({second})) > 3",
            ),
        ]
    found.append(Example("Every 24th row", "row % 24 == 0"))
    return tuple(one for one in found if len(one.text) <= 400)


def _quantile(panel: Panel, channel: int, share: float) -> str:
    held = panel.values[panel.native[:, channel], channel]
    return f"{float(np.quantile(held, share)):.3g}" if len(held) else "0"
