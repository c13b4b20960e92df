"""The costs in docs/masking.md: those of the strategies' benchmark, put in their places."""

from __future__ import annotations

import re

from benchmarks.report import Report

_COST = re.compile(
    r"(^### `(\w+)`(?:(?!^### ).)*?^- \*\*Cost:\*\* )\S+ / [\d.–]+", re.DOTALL | re.M
)


def with_costs(text: str, strategies: Report) -> str:
    """Return the text with each section's cost, forecast / reconstruction, as it was measured.

    A strategy that was not measured keeps what it has; a task that it doesn't know is a dash.
    """
    rows = {row["strategy"]: row for row in strategies.rows}

    def told(match: re.Match[str]) -> str:
        row = rows.get(match[2])
        if row is None:
            return match[0]
        costs = (f"{row[task]:.1f}" if task in row else "–" for task in ("forecast", "reconstruct"))
        return match[1] + " / ".join(costs)

    return _COST.sub(told, text)
