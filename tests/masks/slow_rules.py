"""The slow, obvious twins of the rules that look at neighbours, statistics or several channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import chain, groupby, pairwise
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np

from masklab.data.clock import gap_limit, interval
from masklab.data.series import Panel
from masklab.masks.rule import Rule
from masklab.masks.rules.clipping import Clipping
from masklab.masks.rules.disagreement import Disagreement
from masklab.masks.rules.first_last import FirstLast
from masklab.masks.rules.flat_line import FlatLine
from masklab.masks.rules.gap_neighbours import GapNeighbours
from masklab.masks.rules.outlier import Outlier
from masklab.masks.rules.periodic import Periodic
from masklab.masks.rules.quantile import Quantile
from masklab.masks.rules.rate_of_change import RateOfChange
from masklab.masks.rules.rolling_variance import RollingVariance
from masklab.masks.rules.spike import Spike

Cell = tuple[int, int]
FACTOR = 1.4826
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Sight:
    """What a rule sees: the panel, the cells aimed at, and those that it may read."""

    panel: Panel
    domain: set[Cell]
    readable: set[Cell]

    def value(self, row: int, column: int) -> float:
        return float(self.panel.values[row, column])

    def series(self, row: int) -> int:
        return int(self.panel.series_of_row[row])

    def seconds(self, first: int, last: int) -> float:
        return int((self.panel.clock[last] - self.panel.clock[first]).astype(int)) / 1e6

    def is_cut(self, row: int) -> bool:
        """Whether the row begins a series or follows a gap."""
        if row == 0 or self.series(row) != self.series(row - 1):
            return True
        return bool(self.panel.clock[row] - self.panel.clock[row - 1] > gap_limit(self.panel))

    def courses(self, column: int) -> list[list[int]]:
        """The readable rows of each segment."""
        found: list[list[int]] = []
        for row in range(self.panel.rows):
            if self.is_cut(row):
                found.append([])
            if (row, column) in self.readable:
                found[-1].append(row)
        return found

    def timeline(self, series: int) -> list[int | None]:
        """The rows of a series, with None for each step that the clock leaves out."""
        found: list[int | None] = []
        for row in range(self.panel.offsets[series], self.panel.offsets[series + 1]):
            if self.is_cut(row) and found:
                step = self.panel.clock[row] - self.panel.clock[row - 1]
                found += [None] * (round(step / interval(self.panel)) - 1)
            found.append(row)
        return found

    def judged(self, column: int) -> list[list[int]]:
        """The readable rows aimed at, of each series."""
        return [
            [
                row
                for row in range(self.panel.offsets[one], self.panel.offsets[one + 1])
                if (row, column) in self.readable & self.domain
            ]
            for one in range(len(self.panel))
        ]


def outliers(rule: Outlier, sight: Sight, column: int) -> set[int]:
    found = set()
    for row, window in windows(rule.reach, sight, column):
        values = [sight.value(one, column) for one in window]
        if len(values) < 3:
            continue
        centre = median(values)
        spread = median(abs(one - centre) for one in values)
        distance = abs(sight.value(row, column) - centre)
        if distance > rule.least and distance > rule.threshold * FACTOR * spread:
            found.add(row)
    return found


def variances(rule: RollingVariance, sight: Sight, column: int) -> set[int]:
    found = set()
    for row, window in windows(rule.reach, sight, column):
        values = [Fraction(sight.value(one, column)) for one in window]
        if len(values) < 3:
            continue
        mean = sum(values) / len(values)
        variance = sum((one - mean) ** 2 for one in values) / (len(values) - 1)
        if rule.low is not None and variance < Fraction(rule.low) ** 2:
            found.add(row)
        if rule.high is not None and variance > Fraction(rule.high) ** 2:
            found.add(row)
    return found


def windows(reach: int, sight: Sight, column: int) -> list[tuple[int, list[int]]]:
    """Each readable row with the readable rows around it, of its segment."""
    return [
        (row, [one for one in course if abs(one - row) <= reach])
        for course in sight.courses(column)
        for row in course
    ]


def fast_changes(rule: RateOfChange, sight: Sight, column: int) -> set[int]:
    found = set()
    for course in sight.courses(column):
        for before, row in pairwise(course):
            change = sight.value(row, column) - sight.value(before, column)
            if rule.per != "step":
                elapsed = sight.seconds(before, row) / UNITS[rule.per]
            elif sight.panel.clock_kind == "step":
                elapsed = sight.seconds(before, row)
            else:
                elapsed = row - before
            rises, falls = change / elapsed > rule.limit, change / elapsed < -rule.limit
            if {"either": rises or falls, "rise": rises, "fall": falls}[rule.direction]:
                found.add(row)
    return found


def flat_lines(rule: FlatLine, sight: Sight, column: int) -> set[int]:
    found: set[int] = set()
    for course in sight.courses(column):
        for first in range(len(course) - rule.length + 1):
            stretch = course[first : first + rule.length]
            values = [sight.value(row, column) for row in stretch]
            if max(values) - min(values) <= rule.tolerance:
                found |= set(stretch)
    return found


def spikes(rule: Spike, sight: Sight, column: int) -> set[int]:
    found: set[int] = set()
    ways = {"up": [1], "down": [-1], "either": [1, -1]}[rule.direction]
    for course in sight.courses(column):
        for width in range(1, rule.width + 1):
            for first in range(1, len(course) - width):
                stretch = course[first : first + width]
                sides = [sight.value(course[at], column) for at in (first - 1, first + width)]
                for way in ways:
                    if all(
                        way * (sight.value(row, column) - side) > rule.height
                        for row in stretch
                        for side in sides
                    ):
                        found |= set(stretch)
    return found


def beside_gaps(rule: GapNeighbours, sight: Sight, column: int) -> set[int]:
    found: set[int] = set()
    for series in range(len(sight.panel)):
        steps = sight.timeline(series)
        held = [row is not None and (row, column) in sight.readable for row in steps]
        at = 0
        for is_held, group in groupby(held):
            first, end = at, at + len(list(group))
            at = end
            if is_held or end - first < rule.least:
                continue
            beside = [*range(first - rule.before, first), *range(end, end + rule.after)]
            found |= {
                row
                for step in beside
                if 0 <= step < len(steps)
                and (row := steps[step]) is not None
                and (row, column) in sight.readable
            }
    return found


def periods(rule: Periodic, sight: Sight, column: int) -> set[int]:
    found = set()
    for series in range(len(sight.panel)):
        for step, row in enumerate(sight.timeline(series)):
            if row is None:
                continue
            counted = Fraction(step)
            if rule.unit != "steps":
                moment = wall_clock(sight.panel, row) - datetime(1970, 1, 5)
                unit = timedelta(seconds=UNITS[rule.unit[:-1]])
                counted = Fraction(
                    moment // timedelta(microseconds=1), unit // timedelta(microseconds=1)
                )
            if (counted - Fraction(rule.phase)) % Fraction(rule.every) < Fraction(rule.width):
                found.add(row)
    return found


def wall_clock(panel: Panel, row: int) -> datetime:
    moment = panel.clock[row].astype("datetime64[us]").item()
    if not panel.timezone:
        return moment
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(panel.timezone)).replace(tzinfo=None)


def quantiles(rule: Quantile, sight: Sight, column: int) -> set[int]:
    judged = sight.judged(column)
    found: set[int] = set()
    for rows in judged if rule.each_series else [list(chain.from_iterable(judged))]:
        count = round(rule.share * len(rows))
        for side, way in (("lowest", 1), ("highest", -1)):
            if rule.side not in (side, "both"):
                continue
            ranked = sorted(way * sight.value(row, column) for row in rows)
            for row in rows:
                if count == len(rows) or way * sight.value(row, column) < ranked[count]:
                    found.add(row)
    return found


def ends(rule: FirstLast, sight: Sight, column: int) -> set[int]:
    found: set[int] = set()
    for series in range(len(sight.panel)):
        rows = list(range(sight.panel.offsets[series], sight.panel.offsets[series + 1]))
        found |= set(rows[: rule.first]) | set(rows[max(len(rows) - rule.last, 0) :])
    return found


def clipped(rule: Clipping, sight: Sight, column: int) -> set[int]:
    found: set[int] = set()
    for rows in sight.judged(column):
        values = [sight.value(row, column) for row in rows]
        if len(set(values)) < 2:
            continue
        near = rule.tolerance * (max(values) - min(values))
        high = [row for row in rows if sight.value(row, column) >= max(values) - near]
        low = [row for row in rows if -sight.value(row, column) >= -min(values) - near]
        for side, at in (("highest", high), ("lowest", low)):
            if rule.side in (side, "both") and len(at) >= rule.repeats:
                found |= set(at)
    return found


def disagreeing(rule: Disagreement, sight: Sight, column: int) -> set[int]:
    aimed = sorted({one for _, one in sight.domain})
    group = aimed if len(aimed) > 1 else list(range(len(sight.panel.channels)))
    found: set[int] = set()
    for series in range(len(sight.panel)):
        seen = from_their_medians(rule, sight, series)
        distances = {}
        for row, one in sight.readable & sight.domain:
            if one != column or (row, column) not in seen:
                continue
            known = [seen[row, other] for other in group if (row, other) in seen]
            common = median(known) if len(known) > 1 else None
            if rule.against == "channel":
                chosen = sight.panel.channels.index(rule.channel)
                common = seen.get((row, chosen)) if chosen != column else None
            if common is not None:
                distances[row] = seen[row, column] - common
        centre, spread = robust(list(distances.values()))
        found |= {
            row for row, one in distances.items() if abs(one - centre) > rule.threshold * spread
        }
    return found


def from_their_medians(rule: Disagreement, sight: Sight, series: int) -> dict[Cell, float]:
    rows = {row for row, _ in sight.domain}
    seen: dict[Cell, float] = {}
    for column in range(len(sight.panel.channels)):
        held = [row for row, one in sight.readable if one == column and sight.series(row) == series]
        known = [sight.value(row, column) for row in held if row in rows]
        centre, spread = robust(known)
        if not known or (rule.scaled and not spread):
            continue
        for row in held:
            value = sight.value(row, column) - centre
            seen[row, column] = value / spread if rule.scaled else value
    return seen


def robust(values: list[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 0.0
    centre = median(values)
    return centre, FACTOR * median(abs(one - centre) for one in values)


TWINS: dict[type[Rule], Callable[..., set[int]]] = {
    Clipping: clipped,
    Disagreement: disagreeing,
    FirstLast: ends,
    FlatLine: flat_lines,
    GapNeighbours: beside_gaps,
    Outlier: outliers,
    Periodic: periods,
    Quantile: quantiles,
    RateOfChange: fast_changes,
    RollingVariance: variances,
    Spike: spikes,
}


def slow_rule(rule: Rule, panel: Panel, domain: set[Cell], readable: set[Cell]) -> set[Cell]:
    """Return the cells aimed at that the rule selects."""
    sight, select = Sight(panel, domain, readable), TWINS[type(rule)]
    columns = {column for _, column in domain}
    return {(row, column) for column in columns for row in select(rule, sight, column)} & domain


def slow_cells(rule: Rule, panel: Panel) -> np.ndarray:
    """Return what the rule selects of a panel before any layer, (row, channel) bool."""
    cells = {(int(row), int(column)) for row, column in np.argwhere(np.ones_like(panel.native))}
    native = {cell for cell in cells if panel.native[cell]}
    selected = np.zeros(panel.values.shape, dtype=bool)
    for cell in slow_rule(rule, panel, cells, native):
        selected[cell] = True
    return selected
