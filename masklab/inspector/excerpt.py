"""The part of the data that a small LSTM is trained on, and the windows that it offers to look into."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Int8, Int64

from masklab.data.series import Panel
from masklab.errors import ExperimentError, WindowError
from masklab.inspector.times import labels
from masklab.inspector.window import SERVED, Window, served
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.split import TRAINING, VALIDATION, Split
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct, TrainingConfig
from masklab.training.plan import Plan
from masklab.training.prepare import Prepared, prepare

WINDOW, HORIZON = 50, 6
MOST_CHANNELS = 4
"""Channels that one picture has room for."""
_TRAINING_ROWS, _VALIDATION_ROWS = 1500, 400
# Where the clock has gaps: windows over short ones first, then shorter windows.
_ATTEMPTS = ((WINDOW, 0), (WINDOW, 6), (36, 6), (24, 6), (16, 6), (12, 6), (8, 6))


@dataclass(frozen=True, eq=False)
class Source:
    """Data, its mask and its split, whoever has them: a project or a lesson.

    `observed`: cells that may be used; `parts`: training, validation or test of each row.
    """

    panel: Panel
    observed: Bool[np.ndarray, "row channel"]
    parts: Int8[np.ndarray, "row"]
    name: str = ""

    @cached_property
    def key(self) -> str:
        """What the data, mask and split are, as a hash: the same content, the same key."""
        digest = hashlib.sha256(self.panel.content_hash.encode())
        for array in (np.packbits(self.observed), self.parts):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Some rows of one series and some channels, prepared for training; see `excerpt`."""

    prepared: Prepared
    panel: Panel
    key: str

    @property
    def window(self) -> int:
        """Steps of a window."""
        return self.prepared.task.window

    @property
    def starts(self) -> Int64[np.ndarray, "window"]:
        """First rows of the windows that can be looked into, in order of time."""
        found = [self.prepared.starts(part) for part in (TRAINING, VALIDATION)]
        return np.unique(np.concatenate(found))

    @property
    def telling(self) -> int:
        """The first row of a window worth looking at: a validation window with some masked steps."""
        starts = self.prepared.starts(VALIDATION)
        rows = starts[:, None] + np.arange(self.window)
        gone: Bool[np.ndarray, "window time"] = np.all(~self.prepared.observed[rows], axis=2)
        share = gone.mean(axis=1)
        # Masked steps in its middle, and not more than a third of all: the last ones are read.
        worth = np.where(share <= 1 / 3, share, 0) - gone[:, -3:].any(axis=1)
        return int(starts[int(np.argmax(worth))])

    def nearest(self, start: int) -> int:
        """Return the first row of the window that starts nearest to a row."""
        return int(self.starts[int(np.argmin(np.abs(self.starts - start)))])

    def part(self, start: int) -> int:
        """Return TRAINING or VALIDATION of the window that starts there."""
        return int(self.prepared.parts[start])

    def at(self, start: int) -> Window:
        """Return the window that starts at a row."""
        prepared = self.prepared
        middle = start + self.window
        rows, after = slice(start, middle), slice(middle, middle + prepared.horizon)
        truth = np.where(prepared.native[after], prepared.values[after], np.nan)
        since = prepared.clock[rows] - prepared.clock[start]
        return Window(
            values=prepared.values[rows],
            native=prepared.native[rows],
            observed=prepared.observed[rows],
            clock=(since / prepared.interval).astype(np.float32),
            truth=truth.astype(np.float32),
            channels=self.panel.channels,
            units=tuple(self.panel.units.get(one, "") for one in self.panel.channels),
            shift=prepared.scaler.shift[0],
            scale=prepared.scaler.scale[0],
            times=labels(prepared.clock[start : middle + prepared.horizon], self.panel),
        )


def excerpt(source: Source, channels: Sequence[str] = (), series: int = 0) -> Excerpt:
    """Cut out the end of a series' training part and the start of its validation part.

    `channels`: at most four; none means the first ones. Where the series lacks either part, its
    last fifth validates. Where no window of 50 steps fits between gaps of the clock, short gaps are
    filled with masked steps, and then windows shortened. Raises `WindowError` if even 8 steps don't
    fit, `ExperimentError` if the mask leaves nothing to learn from or a channel is unknown.
    """
    panel = source.panel
    names = tuple(channels) or panel.channels[:MOST_CHANNELS]
    if len(names) > MOST_CHANNELS:
        raise ExperimentError(
            f"The inspector has room for {MOST_CHANNELS} channels; {len(names)} were chosen. "
            "Choose fewer."
        )
    columns = [panel.channel_index(name) for name in names]
    rows, parts = _rows(source, series)
    cut = Panel(
        names=(panel.names[series],),
        offsets=np.array([0, len(parts)]),
        clock=panel.clock[rows],
        values=panel.values[rows][:, columns],
        channels=names,
        units={name: panel.units[name] for name in names if name in panel.units},
        timezone=panel.timezone,
        clock_kind=panel.clock_kind,
    )
    mask = Mask(source.observed[rows][:, columns], names)
    content = f"{cut.content_hash}:{Source(cut, mask.observed, parts).key}"
    key = hashlib.sha256(content.encode()).hexdigest()
    return Excerpt(_prepared(cut, mask, parts), cut, key)


def _rows(source: Source, series: int) -> tuple[slice, Int8[np.ndarray, "row"]]:
    whole = source.panel.rows_of(series)
    parts = source.parts[whole]
    training, validation = (np.flatnonzero(parts == part) for part in (TRAINING, VALIDATION))
    least = 2 * (WINDOW + HORIZON)
    follows = len(training) and len(validation) and training[-1] < validation[0]
    if follows and min(len(training), len(validation)) >= least:
        first = max(0, int(training[-1]) + 1 - _TRAINING_ROWS)
        end = min(int(validation[-1]) + 1, int(validation[0]) + _VALIDATION_ROWS)
        return slice(whole.start + first, whole.start + end), parts[first:end]
    count = min(len(parts), _TRAINING_ROWS + _VALIDATION_ROWS)
    own = np.full(count, TRAINING, dtype=np.int8)
    own[-max(1, min(_VALIDATION_ROWS, max(count // 5, min(least, count // 2)))) :] = VALIDATION
    return slice(whole.stop - count, whole.stop), own


def _prepared(panel: Panel, mask: Mask, parts: Int8[np.ndarray, "row"]) -> Prepared:
    for window, longest_gap in _ATTEMPTS:
        task = Forecast(window=window, horizon=min(HORIZON, window // 2))
        plan = _Plan(mask, parts, task, TrainingConfig(longest_gap=longest_gap))
        try:
            return prepare(cast("Plan", plan), panel)
        except WindowError as error:
            failed = error
    raise failed


class _Plan:
    """What `prepare` asks of an experiment, with a mask and a split that are there already.

    Its strategies are all that are served, so that every one learns from the same windows.
    """

    def __init__(
        self, mask: Mask, parts: Int8[np.ndarray, "row"], task: Forecast, training: TrainingConfig
    ) -> None:
        self._mask, self._parts = mask, parts
        self.task: Forecast | Reconstruct = task
        self.training = training
        self.strategies: tuple[Strategy, ...] = tuple(served(kind) for kind in SERVED)
        self.seeds = (0,)
        self.model = ModelConfig()

    @property
    def recipe(self) -> MaskRecipe:
        return cast("MaskRecipe", _Ready(self._mask))

    @property
    def split(self) -> Split:
        return cast("Split", _Ready(self._parts))

    def runs(self) -> list[tuple[Strategy, int]]:
        return [(one, 0) for one in self.strategies]

    def load_panel(self, base_dir: str | Path = ".") -> Panel:
        raise NotImplementedError(f"An excerpt is its own data; nothing is read from {base_dir}.")


class _Ready:
    """A recipe or a split whose answer is known."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def apply(self, panel: Panel, parts: Int8[np.ndarray, "row"]) -> Any:
        return self._answer

    def parts(self, panel: Panel) -> Any:
        return self._answer
