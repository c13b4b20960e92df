"""What a benchmark found: rows of cases and ratios, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Value = str | int | float
Row = dict[str, Value]
Progress = Callable[[str], None]
"""Told what is being measured now."""


@dataclass(frozen=True)
class Report:
    """Rows under a title; `notes` say what the numbers are and what was left out."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Round to four decimals, so that what is printed and what is read again are the same."""
        rounded = [
            {key: round(one, 4) if isinstance(one, float) else one for key, one in row.items()}
            for row in self.rows
        ]
        object.__setattr__(self, "rows", tuple(rounded))

    def __str__(self) -> str:
        """Return the rows as a table, its numbers to the right; medians are left to the JSON."""
        columns = list(dict.fromkeys(key for row in self.rows for key in row))
        columns = [column for column in columns if not column.startswith("median ")]
        cells = [[_shown(row.get(column, "")) for column in columns] for row in self.rows]
        if not cells:
            return "\n".join([self.title, *self.notes])
        wide = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
        text = [isinstance(self.rows[0].get(column, 0), str) for column in columns]
        lines = [
            "  ".join(
                cell.ljust(width) if left else cell.rjust(width)
                for cell, width, left in zip(line, wide, text, strict=True)
            ).rstrip()
            for line in [columns, *cells]
        ]
        return "\n".join([self.title, *lines, *self.notes])

    def as_json(self) -> dict[str, object]:
        """Return what goes into the file."""
        return {"title": self.title, "rows": list(self.rows), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Report:
        """Return what `as_json` gave."""
        return cls(kept["title"], tuple(kept["rows"]), tuple(kept["notes"]))


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value
