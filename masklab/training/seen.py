"""What a strategy will see of each window: usable steps, usable share, and why windows drop out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int8, Int16, Int64

from masklab.data.series import Panel
from masklab.masks.mask import any_channel
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.strategies.strategy import Strategy
from masklab.training.cells import common_cells, of_targets, own_cells, target_columns
from masklab.training.laid_out import LaidOut, lay_out
from masklab.training.plan import Plan
from masklab.training.prepare import shape_of
from masklab.windows import Dropped, Fitting, Rows, Shape, dropped, fitting


@dataclass(frozen=True, eq=False)
class PartSeen:
    """The windows of one part: those that fit, used or not, and what the strategy reads of each.

    `steps`: usable steps of the input: those that the strategy does not skip, or, for one that
    skips none, those with a cell that it may read. `share`: of the input's steps for a strategy
    that skips, of its cells for others, 0 to 1.
    """

    part: int
    shape: Shape
    windows: Fitting
    dropped: Dropped
    steps: Int64[np.ndarray, "window"]
    share: Float64[np.ndarray, "window"]

    @property
    def places(self) -> int:
        """Windows that there could be: those used, and all that are left out for any reason."""
        return len(self.windows.starts) + self.dropped.unfit

    @property
    def used(self) -> int:
        """Windows that fit and have something to read and to score."""
        return int(np.count_nonzero(self.windows.used))

    @property
    def blind(self) -> int:
        """Windows in use of which the strategy reads no step at all."""
        return int(np.count_nonzero(self.windows.used & (self.steps == 0)))


@dataclass(frozen=True, eq=False)
class Seen:
    """What a strategy will see: row by row, and window by window of each part.

    Rows are those that windows are cut from, `laid`. `step`: the strategy reads something there.
    `cells`: how many cells of the row it may read; `hidden`: how many of these the mask hides,
    which only a strategy that doesn't read the mask sees.
    """

    strategy: Strategy
    channels: int
    laid: LaidOut
    step: Bool[np.ndarray, "row"]
    cells: Int16[np.ndarray, "row"]
    hidden: Int16[np.ndarray, "row"]
    parts: tuple[PartSeen, PartSeen, PartSeen]

    @property
    def observed(self) -> Int16[np.ndarray, "row"]:
        """How many cells of the row the mask leaves."""
        return np.asarray(self.cells - self.hidden)

    def since_reset(self, part: PartSeen) -> Int64[np.ndarray, "window"]:
        """Return how many usable steps in a row end with each window's last usable one."""
        rows = np.arange(len(self.step))
        last = np.maximum.accumulate(np.where(self.step, rows, -1))
        broken = np.maximum.accumulate(np.where(self.step, -1, rows))
        starts = part.windows.starts
        end = last[starts + part.shape.length - 1]
        begin = np.maximum(broken[end] + 1, starts)
        return np.where(end >= starts, end - begin + 1, 0)


def seen(
    plan: Plan,
    panel: Panel,
    observed: Bool[np.ndarray, "row channel"],
    parts: Int8[np.ndarray, "row"],
    strategy: Strategy,
) -> Seen:
    """Return what `strategy` will see in an experiment; no window is copied.

    `observed`: the mask of the plan's recipe; `parts`: those of its split. Windows are those of
    `prepare`, before validation is thinned out and before a reconstruction hides more. A part
    without room for a window has none, and says why. Raises `ExperimentError` for an unknown
    target, or where filling gaps would add far too much.
    """
    laid = lay_out(panel, parts, plan.task, plan.training)
    usable, native = laid.of(observed), laid.of(panel.native)
    columns = target_columns(plan.task, panel)
    of_target = of_targets(native, columns), of_targets(usable, columns)
    scored = any_channel(common_cells(own_cells(plan.task, plan.strategies, *of_target)))
    cells = usable if strategy.reads_mask else native
    count = _per_row(cells)
    read = _Read(
        step=np.asarray(cells.all(axis=1))
        if strategy.collapsed_by == "all"
        else any_channel(cells),
        cells=count,
        channels=None if strategy.collapsed_by else len(panel.channels),
    )

    def of_part(part: int) -> PartSeen:
        shape = shape_of(plan.task, plan.training, part)
        found = fitting(laid.layout, part, shape, any_channel(usable), scored)
        left_out = dropped(laid.layout, part, shape, found)
        return PartSeen(part, shape, found, left_out, *read.within(found.starts, shape.length))

    return Seen(
        strategy,
        len(panel.channels),
        laid,
        read.step,
        count,
        count - _per_row(usable),
        (of_part(TRAINING), of_part(VALIDATION), of_part(TEST)),
    )


@dataclass(frozen=True, eq=False)
class _Read:
    """What is read row by row; `channels` None: steps count, not cells."""

    step: Bool[np.ndarray, "row"]
    cells: Int16[np.ndarray, "row"]
    channels: int | None

    def within(
        self, starts: Rows, length: int
    ) -> tuple[Int64[np.ndarray, "window"], Float64[np.ndarray, "window"]]:
        """Return usable steps and usable share of windows."""
        steps = sum_within(self.step, starts, length)
        if self.channels is None:
            return steps, steps / length
        return steps, sum_within(self.cells, starts, length) / (length * self.channels)


def sum_within(
    counts: Bool[np.ndarray, "row"] | Int16[np.ndarray, "row"], starts: Rows, length: int
) -> Int64[np.ndarray, "window"]:
    """Return for each start the sum over the `length` rows from there on."""
    total = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    return np.asarray(total[starts + length] - total[starts])


def _per_row(cells: Bool[np.ndarray, "row channel"]) -> Int16[np.ndarray, "row"]:
    count = np.zeros(len(cells), dtype=np.int16)
    for column in cells.T:
        count += column
    return count
