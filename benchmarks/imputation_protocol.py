"""The protocol of TSI-Bench's ETT columns: months, windows, hidden cells, and what was published.

Source: WenjieDu/Awesome_Imputation, `results_csv/imputation/*/ETT_h1.csv`; patterns as PyGrinder makes
them. Months 14 / 5 / 5, standardised on training rows, windows of 48 steps that don't overlap.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool

WINDOW = 48
MONTHS = (14, 5, 5)
STRETCH, BLOCK, ACROSS, FACTOR = 36, 6, 6, 0.36

PUBLISHED: dict[str, dict[str, float]] = {
    "mean of the test part": {"point10": 0.737, "point50": 0.738, "point90": 0.739, "subsequence50": 0.773, "block50": 0.720},
    "last value": {"point10": 0.315, "point50": 0.425, "point90": 0.763, "subsequence50": 0.810, "block50": 0.721},
    "linear": {"point10": 0.197, "point50": 0.267, "point90": 0.616, "subsequence50": 0.722, "block50": 0.527},
    "GRU-D": {"point10": 0.325, "point50": 0.417, "point90": 0.757, "subsequence50": 0.760, "block50": 0.570},
    "BRITS": {"point10": 0.145, "point50": 0.238, "point90": 0.609, "subsequence50": 0.730, "block50": 0.593},
    "CSDI": {"point10": 0.151, "point50": 0.318, "point90": 0.640, "subsequence50": 0.558, "block50": 0.401},
    "SAITS": {"point10": 0.144, "point50": 0.223, "point90": 0.507, "subsequence50": 0.635, "block50": 0.424},
}  # fmt: skip
"""Test MAE, scaled, by method and pattern: the references of REFERENCE's 24 models."""

BEST = {
    "point10": 0.144,
    "point50": 0.223,
    "point90": 0.507,
    "subsequence50": 0.558,
    "block50": 0.401,
}
"""The lowest test MAE of the 24."""
TARGETS = {
    "point10": 0.105,
    "point50": 0.165,
    "point90": 0.405,
    "subsequence50": 0.40,
    "block50": 0.32,
}
"""What we set out for: a fifth below the lowest."""

Cells = Bool[np.ndarray, "window time channel"]


@dataclass(frozen=True)
class Table:
    """A file of the protocol: its standardised rows, and the part of each (0, 1, 2)."""

    rows: pd.DataFrame
    part: np.ndarray
    date: str

    @property
    def channels(self) -> tuple[str, ...]:
        """The columns but the date."""
        return tuple(str(name) for name in self.rows.columns if name != self.date)

    def fractions(self) -> tuple[float, float]:
        """Return the shares of the time span that training and validation take, exact to the row."""
        times = self.rows[self.date]
        first, span = times.iloc[0], times.iloc[-1] - times.iloc[0]
        cuts = [times[self.part == part].iloc[0] - first for part in (1, 2)]
        return cuts[0] / span, (cuts[1] - cuts[0]) / span


def read(path: Path, months: tuple[int, int, int] = MONTHS, date: str = "date") -> Table:
    """Read a CSV with a date column; standardise on whole training rows, as the protocol does."""
    rows = pd.read_csv(path, parse_dates=[date])
    month = rows[date].dt.to_period("M")
    number = month.map({one: place for place, one in enumerate(month.unique())}).to_numpy()
    part = np.digitize(number, np.cumsum(months)[:2])
    rows, part = rows[number < sum(months)].reset_index(drop=True), part[number < sum(months)]
    for name in rows.columns.drop(date):
        training = rows.loc[part == 0, name].to_numpy(np.float64)
        rows[name] = (rows[name] - training.mean()) / training.std()
    return Table(rows, part, date)


def hidden(table: Table, pattern: str, seed: int) -> Bool[np.ndarray, "row channel"]:
    """Return the cells that a pattern hides in the windows of every part.

    Rows behind the last whole window of a part are hidden too: the protocol has none of them.
    """
    rng = np.random.default_rng([seed, sum(pattern.encode())])
    columns = len(table.channels)
    found = np.ones((len(table.part), columns), dtype=bool)
    for part in range(3):
        rows = np.flatnonzero(table.part == part)
        windows = len(rows) // WINDOW
        cells = _PATTERNS[pattern.rstrip("0123456789")](windows, columns, _rate(pattern), rng)
        found[rows[: windows * WINDOW]] = cells.reshape(-1, columns)
    return found


def _rate(pattern: str) -> float:
    return int("".join(one for one in pattern if one.isdigit())) / 100


def _points(windows: int, columns: int, rate: float, rng: np.random.Generator) -> Cells:
    return rng.random((windows, WINDOW, columns)) < rate


def _stretches(windows: int, columns: int, rate: float, rng: np.random.Generator) -> Cells:
    """Hide one stretch in so many (window, channel) rows, drawn without repetition, as gives the rate."""
    cells = np.zeros((windows, WINDOW, columns), dtype=bool)
    rows = windows * columns
    for row in rng.permutation(rows)[: math.ceil(rate * WINDOW / STRETCH * rows)]:
        start = rng.integers(0, WINDOW - STRETCH + 1)
        cells[row // columns, start : start + STRETCH, row % columns] = True
    return cells


def _blocks(windows: int, columns: int, _rate: float, rng: np.random.Generator) -> Cells:
    """Hide blocks whose starts are drawn with repetition; they overlap, and come to about a half."""
    cells = np.zeros((windows, WINDOW, columns), dtype=bool)
    across = min(ACROSS, columns)
    places = columns - across + 1
    starts = windows * places
    count = math.ceil(FACTOR * WINDOW * columns / (BLOCK * across) * starts)
    for row in rng.integers(0, starts, count):
        window, channel = divmod(int(row), places)
        start = rng.integers(0, WINDOW - BLOCK + 1)
        cells[window, start : start + BLOCK, channel : channel + across] = True
    return cells


_PATTERNS: dict[str, Callable[[int, int, float, np.random.Generator], Cells]] = {
    "point": _points,
    "subsequence": _stretches,
    "block": _blocks,
}
