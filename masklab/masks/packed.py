"""Hidden cells of a series packed for a recipe: the times where something changes, and bits."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_ROWS = 20_000_000
"""Most rows of one part; their times are 160 MB."""
_LATEST = 2**62


@dataclass(frozen=True, eq=False)
class Marks:
    """Times (µs of a clock, increasing) and, for each channel, whether a cell is hidden at them."""

    times: Int64[np.ndarray, "row"]
    hidden: Bool[np.ndarray, "channel row"]

    def at(self, clock: Int64[np.ndarray, "step"]) -> Bool[np.ndarray, "channel step"]:
        """Return which cells are hidden at other times.

        Between two times, a cell is hidden where it is at both; before the first and after the
        last nothing is.
        """
        if np.array_equal(clock, self.times):
            return self.hidden
        place = np.searchsorted(self.times, clock, side="right") - 1
        before = np.maximum(place, 0)
        exact = self.times[before] == clock
        within = (place >= 0) & (exact | (place < len(self.times) - 1))
        after = np.minimum(before + ~exact, len(self.times) - 1)
        return np.asarray(self.hidden[:, before] & self.hidden[:, after] & within)


class PackedCells(BaseModel):
    """The hidden cells of one series, or of every series (`series` None), at its own times.

    Rows at which no channel changes are left out, for nothing changes between the rows around
    them. `steps`: µs from row to row, int64, little-endian, deflated, in base64. `hidden`: a bit
    for each row, channel after channel, each filled up to a whole byte, in base64.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: str | None = Field(default=None, max_length=1000)
    channels: tuple[str, ...] = Field(min_length=1, max_length=20_000)
    start: int = Field(ge=-_LATEST, le=_LATEST, description="First time, µs of the clock.")
    rows: int = Field(ge=1, le=MAX_ROWS)
    steps: str
    hidden: str

    @classmethod
    def of(
        cls,
        clock: Int64[np.ndarray, "row"],
        hidden: Bool[np.ndarray, "row channel"],
        channels: tuple[str, ...],
        series: str | None = None,
    ) -> Self | None:
        """Pack the hidden cells of a series whose clock increases; None if nothing is hidden."""
        columns = np.flatnonzero(hidden.any(axis=0))
        if not len(columns):
            return None
        kept = _turning(hidden, columns)
        times = clock[kept]
        bits = np.packbits(hidden[kept][:, columns].T, axis=1)
        return cls(
            series=series,
            channels=tuple(channels[column] for column in columns),
            start=int(times[0]),
            rows=len(times),
            steps=_text(zlib.compress(np.diff(times).astype("<i8").tobytes(), 6)),
            hidden=_text(bits.tobytes()),
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ = self.marks
        return self

    @property
    def marks(self) -> Marks:
        """The times and bits, unpacked; raises `ValueError` if they are damaged."""
        return _unpacked(self.start, self.rows, len(self.channels), self.steps, self.hidden)


def _turning(
    hidden: Bool[np.ndarray, "row channel"], columns: Int64[np.ndarray, "column"]
) -> Int64[np.ndarray, "kept"]:
    """Return the rows before and after each change; the first and last if they hide something."""
    kept = np.zeros(len(hidden), dtype=bool)
    for column in columns:
        cells = hidden[:, column]
        change = cells[1:] != cells[:-1]
        kept[1:] |= change
        kept[:-1] |= change
        kept[0] |= cells[0]
        kept[-1] |= cells[-1]
    return np.flatnonzero(kept)


@lru_cache(maxsize=8)
def _unpacked(start: int, rows: int, channels: int, steps: str, hidden: str) -> Marks:
    # The bits come first: they are not deflated, so they prove that there are so many rows.
    bits = _bytes(hidden)
    expected = channels * -(-rows // 8)
    if len(bits) != expected:
        raise ValueError(
            f"the packed cells are damaged: {rows:,} rows of {channels:,} channels take "
            f"{expected:,} bytes, but there are {len(bits):,}; import the mask again"
        )
    cells = np.unpackbits(np.frombuffer(bits, np.uint8).reshape(channels, -1), axis=1, count=rows)
    passed = np.frombuffer(_inflated(_bytes(steps), 8 * (rows - 1)), dtype="<i8")
    times = np.concatenate([[start], passed]).astype(np.int64).cumsum()
    if (passed <= 0).any() or (times[1:] <= times[:-1]).any() or times[-1] > _LATEST:
        raise ValueError("the packed times are damaged: they don't increase; import the mask again")
    marks = Marks(times, cells.view(bool))
    marks.times.flags.writeable = marks.hidden.flags.writeable = False
    return marks


def _inflated(data: bytes, size: int) -> bytes:
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(f"the packed times are damaged ({error}); import the mask again") from None
    if len(content) != size or not reader.eof or reader.unused_data:
        raise ValueError(
            f"the packed times are damaged: they should take {size:,} bytes; import the mask again"
        )
    return content


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("the packed cells are no base64; import the mask again") from None
