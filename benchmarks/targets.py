"""What MaskLab aims at in speed and memory, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.compare import INSIDE, READY_AGAIN, SWITCH
from benchmarks.grid import GRID
from benchmarks.learn import CLICK, FIRST, FRESH, LESSON
from benchmarks.long_lists import EPOCHS, QUEUED, READ
from benchmarks.masked_lstm import LARGE, MIDDLE
from benchmarks.recurrences import SIZES
from benchmarks.report import Report, Row, Value

AT_MOST, AT_LEAST = "at most", "at least"
MILLION: dict[str, Value] = {"rows": 1_000_000}


@dataclass(frozen=True)
class Target:
    """A bound on a column of a benchmark, or on its quotient by another, in all rows that match."""

    claim: str
    bound: str
    goal: float
    benchmark: str
    column: str
    per: str | None = None
    where: Mapping[str, Value] = field(default_factory=dict)

    def measured(self, reports: Mapping[str, Report]) -> float | None:
        """Return the worst of the matching rows; None if there are none."""
        if self.benchmark not in reports:
            return None
        rows = [row for row in reports[self.benchmark].rows if self._matches(row)]
        values = [_number(row, self.column) / _number(row, self.per) for row in rows]
        if not values:
            return None
        return max(values) if self.bound == AT_MOST else min(values)

    def is_met(self, measured: float) -> bool:
        """Say whether what was measured keeps the promise."""
        return measured <= self.goal if self.bound == AT_MOST else measured >= self.goal

    def _matches(self, row: Row) -> bool:
        named = [self.column] if self.per is None else [self.column, self.per]
        fits = all(row.get(key) == value for key, value in self.where.items())
        return fits and all(name in row for name in named)


def _number(row: Row, column: str | None) -> float:
    return 1.0 if column is None else float(row[column])


def _masked(size: object, directions: int, percent: int) -> dict[str, Value]:
    return {"size": str(size), "directions": directions, "masked %": percent}


def _against_plain() -> list[Target]:
    goals = {1: {0: 1.10, 50: 0.85, 90: 0.45}, 2: {0: 1.25, 50: 0.95, 90: 0.55}}
    found = [
        Target(
            f"`{way}`, {'two directions' if directions == 2 else 'one direction'}, {percent} % masked, {MIDDLE}: cost of nn.LSTM",
            AT_MOST,
            goal,
            "masked_lstm",
            way,
            where=_masked(MIDDLE, directions, percent),
        )
        for way in ("carry", "reset")
        for directions, by_share in goals.items()
        for percent, goal in by_share.items()
    ]
    claim = f"`carry`, one direction, 50 % masked, {LARGE}: cost of nn.LSTM"
    where = _masked(LARGE, 1, 50)
    return [*found, Target(claim, AT_MOST, 0.50, "masked_lstm", "carry", where=where)]


def _against_rivals() -> list[Target]:
    """PackedSequence on the masks that it knows; the loop, which takes any mask, on single steps."""
    rivals = (
        ("PackedSequence", "right", "right padding", 3.0),
        ("slow twin", "random", "single steps", 4.0),
    )
    return [
        Target(
            f"`{way}` is faster than {rival}, 50 % masked ({words}), {MIDDLE}: times",
            AT_LEAST,
            goal,
            "masked_lstm",
            rival,
            per=way,
            where={**_masked(MIDDLE, 1, 50), "mask": mask},
        )
        for way in ("carry", "reset")
        for rival, mask, words, goal in rivals
    ]


def _of_many_runs() -> list[Target]:
    return [
        Target(
            "24 runs of four seconds on two cores: throughput of one core",
            AT_LEAST,
            1.8,
            "grid",
            "gain over one slot",
            where={"what": GRID, "slots": "2"},
        ),
        Target(
            "24 runs of four seconds on two cores, starts and reports included: cost of bare training",
            AT_MOST,
            1.1,
            "grid",
            "cost of bare",
            where={"what": GRID, "slots": "2"},
        ),
        Target(
            "24 runs of four seconds, starts and reports included: cost of their own epochs",
            AT_MOST,
            1.1,
            "grid",
            "cost of own epochs",
            where={"what": GRID},
        ),
        Target(
            "a run of a page beside 1,000 queued runs: seconds",
            AT_MOST,
            0.3,
            "grid",
            "seconds",
            where={"what": QUEUED},
        ),
        Target(
            "a comparison of a million epochs, read and worked out: seconds",
            AT_MOST,
            1.0,
            "grid",
            "seconds",
            where={"what": EPOCHS, "part": READ},
        ),
    ]


TARGETS = (
    *_against_plain(),
    *_against_rivals(),
    *(
        Target(
            f"`{kind}` is faster than a Python loop of cells, {SIZES[0]}: times",
            AT_LEAST,
            2.0,
            "recurrences",
            "loop of cells",
            where={"strategy": kind, "size": str(SIZES[0])},
        )
        for kind in ("decay", "rits")
    ),
    Target(
        "a training epoch on 1M x 8, any task and strategy: cost of its bare steps",
        AT_MOST,
        1.2,
        "epoch",
        "epoch",
        where=MILLION,
    ),
    Target(
        "memory of an epoch on 1M x 8, beyond the series: MB",
        AT_MOST,
        400.0,
        "memory",
        "beyond the series",
        where=MILLION,
    ),
    *_of_many_runs(),
    *(
        Target(f"Learn, {what}: ms", AT_MOST, goal, "learn", "median", where={"measure": what})
        for what, goal in ((FIRST, 2000.0), (FRESH, 2000.0), (CLICK, 100.0), (LESSON, 2000.0))
    ),
    *(
        Target(
            f"Compare, 200 runs x 500 epochs x 8 metrics, {what}: ms",
            AT_MOST,
            goal,
            "compare",
            "median",
            where={"what": what},
        )
        for what, goal in ((READY_AGAIN, 2000.0), (INSIDE, 300.0), (SWITCH, 300.0))
    ),
)


def compared(reports: Mapping[str, Report]) -> list[Row]:
    """Return goal and worst measured value of each target that was measured."""
    rows: list[Row] = []
    for target in TARGETS:
        measured = target.measured(reports)
        if measured is not None:
            rows.append(
                {
                    "target": target.claim,
                    "goal": f"{target.bound} {target.goal:g}",
                    "measured": round(measured, 3),
                    "met": "yes" if target.is_met(measured) else "no",
                }
            )
    return rows
