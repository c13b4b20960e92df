"""Painted strokes: stretches of clock time over channels, and the cells that they cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from masklab.data.series import Panel


class Stroke(BaseModel):
    """One stroke of the brush or the eraser, in clock time.

    `start` and `end`, both included, are µs of the panel's clock (UTC where it has a zone; a
    `step` clock counts 1 s a step, from 0). ISO text is accepted; without an offset it is taken
    as the clock stands. `series` None means every series, `channels` None every channel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int = Field(ge=-(2**62), le=2**62, description="First moment, µs of the clock.")
    end: int = Field(ge=-(2**62), le=2**62, description="Last moment, µs of the clock.")
    series: str | None = None
    channels: tuple[str, ...] | None = Field(default=None, min_length=1)
    erase: bool = False

    @field_validator("start", "end", mode="before")
    @classmethod
    def _read_iso(cls, value: Any) -> Any:
        if not isinstance(value, str | datetime) or str(value).lstrip("-").isdigit():
            return value
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, OverflowError) as error:
            raise ValueError(
                f"{str(value)[:40]!r} is no time; write it like 2024-05-01T22:00 or in µs"
            ) from error
        return int(np.datetime64(moment, "us").astype(np.int64))

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"the stroke starts at {self.start} after it ends at {self.end}")
        return self

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return the names in this stroke that the panel lacks, as phrases."""
        unknown = [
            f"channel {name!r}" for name in self.channels or () if name not in panel.channels
        ]
        if self.series is not None and self.series not in panel.names:
            unknown.append(f"series {self.series!r}")
        return tuple(unknown)

    def fitted(self, panel: Panel) -> Self | None:
        """Return the stroke without channels that the panel lacks; None if nothing is left."""
        if self.series is not None and self.series not in panel.names:
            return None
        if self.channels is None:
            return self
        known = tuple(name for name in self.channels if name in panel.channels)
        return self.model_copy(update={"channels": known}) if known else None


def cells(strokes: Sequence[Stroke], panel: Panel) -> Bool[np.ndarray, "row channel"]:
    """Return the cells that the strokes leave painted; a later stroke wins over an earlier one.

    The strokes' ends cut the rows into stretches; strokes paint stretches, which are spread over
    their rows at the end. So the cost hardly grows with the length of a stroke.
    """
    pieces = [
        (first, end, stroke) for first, end, stroke in _row_ranges(strokes, panel) if first < end
    ]
    cuts = np.unique([0, panel.rows, *(row for first, end, _ in pieces for row in (first, end))])
    painted = np.zeros((len(cuts) - 1, len(panel.channels)), dtype=bool, order="F")
    position = {int(row): index for index, row in enumerate(cuts)}
    columns: dict[tuple[str, ...], list[int]] = {}
    for first, end, stroke in sorted(pieces, key=lambda piece: piece[2]):
        one = strokes[stroke]
        rows = slice(position[first], position[end])
        if one.channels is None:
            painted[rows] = not one.erase
            continue
        if one.channels not in columns:
            columns[one.channels] = [panel.channel_index(name) for name in one.channels]
        painted[rows, columns[one.channels]] = not one.erase
    return _spread(painted, np.diff(cuts))


def _spread(
    painted: Bool[np.ndarray, "stretch channel"], lengths: Int64[np.ndarray, "stretch"]
) -> Bool[np.ndarray, "row channel"]:
    selected = np.empty((int(lengths.sum()), painted.shape[1]), dtype=bool, order="F")
    for channel in range(painted.shape[1]):
        selected[:, channel] = np.repeat(painted[:, channel], lengths)
    return selected


def _row_ranges(strokes: Sequence[Stroke], panel: Panel) -> list[tuple[int, int, int]]:
    """Return (first row, end row, index of the stroke) for each series that a stroke may touch."""
    found: list[tuple[int, int, int]] = []
    for index, name in enumerate(panel.names):
        chosen = [i for i, one in enumerate(strokes) if one.series is None or one.series == name]
        if not chosen:
            continue
        rows = panel.rows_of(index)
        clock = panel.clock[rows].astype(np.int64)
        first = np.searchsorted(clock, [strokes[i].start for i in chosen], side="left")
        end = np.searchsorted(clock, [strokes[i].end for i in chosen], side="right")
        found += zip(
            (first + rows.start).tolist(), (end + rows.start).tolist(), chosen, strict=True
        )
    return found
