"""The samples beside gaps: a device is seldom right just before it fails, and just after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import Field, model_validator

from masklab.data.clock import missing_steps
from masklab.data.series import Panel
from masklab.masks.rule import Family, Rule, Scene

_FAR = 2**62


class GapNeighbours(Rule):
    """Select cells up to `before` steps ahead of a gap of the channel, and up to `after` behind it.

    A gap is a stretch of at least `least` steps without a cell that can be read: the file lacks
    them, an earlier layer hid them, or the clock has a gap, which counts as many steps as it lacks.
    A series' first and last row are no gaps; cells missing there are.
    """

    title: ClassVar[str] = "Beside gaps"
    explanation: ClassVar[str] = (
        "Hides the samples just before and just after each gap. Gaps are cells that the file lacks "
        "or that earlier layers hid, and steps that the clock leaves out."
    )
    family: ClassVar[Family] = "By gaps and events"

    kind: Literal["gap_neighbours"] = "gap_neighbours"
    before: int = Field(
        default=1,
        ge=0,
        le=100_000,
        description="Steps hidden before each gap.",
        json_schema_extra={"unit": "steps"},
    )
    after: int = Field(
        default=1,
        ge=0,
        le=100_000,
        description="Steps hidden after each gap.",
        json_schema_extra={"unit": "steps"},
    )
    least: int = Field(
        default=1,
        ge=1,
        le=1_000_000,
        title="Gaps of at least",
        description="Shorter gaps are passed over.",
        json_schema_extra={"unit": "steps"},
    )

    @model_validator(mode="after")
    def _check_reach(self) -> Self:
        if self.before == 0 and self.after == 0:
            raise ValueError("no step before and none after is nothing to hide; raise one of them")
        return self

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that can be read and lie beside a gap."""
        line = _timeline(scene.panel, apart=max(self.before, self.after))

        def find(column: int) -> Bool[np.ndarray, "row"]:
            held = line.rows < 0
            held[~held] = scene.readable[:, column]
            beside = np.zeros(len(held), dtype=bool)
            beside[held] = self._beside(line.steps[held], line.series[held])
            return beside[line.rows >= 0]

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: '2 steps before and 1 after each gap'."""
        sides = [f"{self.before} before"] if self.before else []
        sides += [f"{self.after} after"] if self.after else []
        which = "each gap" if self.least == 1 else f"gaps of {self.least} steps or more"
        return f"steps {' and '.join(sides)} {which}"

    def _beside(
        self, steps: Int64[np.ndarray, "held"], series: Int64[np.ndarray, "held"]
    ) -> Bool[np.ndarray, "held"]:
        """Return True at most `before` steps ahead of a gap between those held, or `after` behind."""
        is_gap = (np.diff(steps) > self.least) & (series[1:] == series[:-1])
        last = np.append(np.where(is_gap, steps[:-1], _FAR), _FAR)
        first = np.append(-_FAR, np.where(is_gap, steps[1:], -_FAR))
        ahead = np.minimum.accumulate(last[::-1])[::-1] - steps
        behind = steps - np.maximum.accumulate(first)
        near: Bool[np.ndarray, "held"] = (ahead < self.before) | (behind < self.after)
        return near


@dataclass(frozen=True)
class _Timeline:
    """The steps of all series, with the border before and after each one.

    `steps` counts those that the clock leaves out too. `rows` is -1 at a border.
    """

    rows: Int64[np.ndarray, "held"]
    steps: Int64[np.ndarray, "held"]
    series: Int64[np.ndarray, "held"]


def _timeline(panel: Panel, apart: int) -> _Timeline:
    """Return the steps of the panel; series lie more than `apart` steps from each other."""
    after_gap, missing = missing_steps(panel)
    lacking = np.zeros(panel.rows, dtype=np.int64)
    lacking[after_gap] = missing
    steps = np.arange(panel.rows) + np.cumsum(lacking) + (apart + 2) * panel.series_of_row
    first, end = panel.offsets[:-1], panel.offsets[1:]
    where = np.concatenate([first, end])
    borders = np.concatenate([steps[first] - 1, steps[end - 1] + 1])
    number = np.arange(len(panel))
    # At one place, insert keeps the order given: a series' end stands before the next one's border.
    order = np.argsort(borders, kind="stable")
    where, borders, number = where[order], borders[order], np.concatenate([number, number])[order]
    return _Timeline(
        np.insert(np.arange(panel.rows), where, -1),
        np.insert(steps, where, borders),
        np.insert(panel.series_of_row, where, number),
    )
