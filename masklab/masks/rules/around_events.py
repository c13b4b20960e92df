"""Samples before and after those that meet a condition."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.language import evaluate, misfits, parse
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.rules.expression import CONDITION, Condition

MAX_AROUND = 10_000


class AroundEvents(Rule):
    """Select each sample that meets a condition, and the samples around it.

    `before` and `after` count samples that the file has, not time: they go on over a gap of the
    clock, and never over the border of a series. A condition that names `value` has events of its
    own in each channel.
    """

    title: ClassVar[str] = "Around events"
    explanation: ClassVar[str] = (
        "Hides the samples before and after each one that meets a condition: what leads up to an "
        "alarm, what a sensor does after a jump."
    )
    family: ClassVar[Family] = "By gaps and events"

    kind: Literal["around_events"] = "around_events"
    condition: Condition = Field(
        title="Event",
        description="What an event is, as in a rule by expression: `temp > 30`. `value` is the "
        "value of each channel that the layer acts on.",
        json_schema_extra=CONDITION,
    )
    before: int = Field(
        default=0,
        ge=0,
        le=MAX_AROUND,
        description="Samples before each event; not time.",
        json_schema_extra={"unit": "samples"},
    )
    after: int = Field(
        default=3,
        ge=0,
        le=MAX_AROUND,
        description="Samples after each event; not time.",
        json_schema_extra={"unit": "samples"},
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the highest 1 % of each channel, with the three samples after."""
        return cls(condition="value > quantile(value, 0.99)")

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence for each name in the condition that the panel lacks."""
        return misfits(parse(self.condition), panel)

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the samples with an event, or with one near enough before or after them.

        Raises `MaskError` if the condition names what the panel lacks.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        condition = parse(self.condition)
        events = evaluate(condition, scene)
        offsets = scene.panel.offsets
        if not condition.is_by_cell:
            rows = self._around(events[:, 0], offsets)
            return np.asfortranarray(np.broadcast_to(rows[:, None], events.shape))
        for channel in range(events.shape[1]):
            events[:, channel] = self._around(events[:, channel], offsets)
        return events

    def summary(self) -> str:
        """Return the rule in a few words: 'around temp > 30 (2 before, 3 after)'."""
        near = f"{self.before} before, {self.after} after"
        return f"around {' '.join(self.condition.split())} ({near})"

    def _around(
        self, events: Bool[np.ndarray, "row"], offsets: Int64[np.ndarray, "series+1"]
    ) -> Bool[np.ndarray, "row"]:
        found = np.flatnonzero(events)
        series = np.searchsorted(offsets, found, side="right") - 1
        first = np.maximum(found - self.before, offsets[series])
        end = np.minimum(found + self.after + 1, offsets[series + 1])
        # Each event opens a stretch and closes it: rows in at least one open stretch are near.
        counts = np.bincount(first, minlength=len(events) + 1)
        counts -= np.bincount(end, minlength=len(events) + 1)
        return np.asarray(np.cumsum(counts[:-1]) > 0)
