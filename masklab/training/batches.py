"""Batches: the data on the device once, windows gathered from it by index."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from masklab.training.config import Reconstruct
from masklab.training.drawing import fresh_cells
from masklab.training.metrics import units
from masklab.training.prepare import Prepared

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int, Shaped
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Some windows: the network's input, and the truth with the cells that count.

    `clock` is the time since a window's first step, in median intervals of the panel.
    `step` is the horizon of a forecast, the window's time of a reconstruction. `group` is the row
    of the scaler's statistics that holds for each window, `unit` that of its errors (`metrics.units`),
    `relative` their weight in MASE. `known`, `hidden`: target cells that the file has, and those of
    them that the user's mask hides; None where nothing is scored, or none is hidden. `calendar`: what
    no mask hides; None where the network reads none. `padding`: steps that no strategy reads; None if none is padded.
    """

    values: Float[Tensor, "batch time channel"]
    observed: Bool[Tensor, "batch time channel"]
    native: Bool[Tensor, "batch time channel"]
    clock: Float[Tensor, "batch time"]
    target: Float[Tensor, "batch step target"]
    own: Bool[Tensor, "batch step target"]
    common: Bool[Tensor, "batch step target"]
    group: Int[Tensor, "batch"]
    unit: Float[Tensor, "batch 1 target"]
    relative: Float[Tensor, "batch 1 target"]
    padding: Bool[Tensor, "batch time"] | None = None
    known: Bool[Tensor, "batch step target"] | None = None
    hidden: Bool[Tensor, "batch step target"] | None = None
    calendar: Float[Tensor, "batch time cycle"] | None = None

    @property
    def scored(self) -> dict[str, Bool[Tensor, "batch step target"]]:
        """The sets of cells to score, by name; those that are one set are one tensor."""
        sets = {"own": self.own, "common": self.common}
        sets |= {} if self.known is None else {"observed": self.known}
        return sets if self.hidden is None else {**sets, "hidden": self.hidden}

    @property
    def window(
        self,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None, Tensor | None]:
        """What a network reads: values, observed, native, clock, group, padding and calendar."""
        read = self.values, self.observed, self.native, self.clock, self.group
        return (*read, self.padding, self.calendar)


class Gatherer:
    """Holds an experiment's data on a device and gathers windows from it for one strategy."""

    def __init__(self, prepared: Prepared, label: str, device: torch.device) -> None:
        self.task = prepared.task
        self.values = _placed(prepared.values, device)
        self.native = _placed(prepared.native, device)
        self.observed = _placed(prepared.observed, device)
        self.clock = _placed(prepared.clock, device)
        self._interval = prepared.interval
        calendar = prepared.calendar
        self._calendar = None if calendar is None else _placed(calendar, device)
        padding = prepared.padding
        self._padding = None if padding is None else _placed(padding[:, None], device)
        self.common = _placed(prepared.common, device)
        shares = prepared.own[label] is prepared.common
        self.own = self.common if shares else _placed(prepared.own[label], device)
        known, hidden = prepared.known, prepared.hidden
        is_own = known is prepared.own[label]
        self.known = self.own if is_own else _placed(known, device)
        self.hidden = _placed(hidden, device) if hidden.any() else None
        self.targets = torch.tensor(prepared.targets, device=device)
        self._every_channel = prepared.targets == tuple(range(len(prepared.channels)))
        self._zero = _placed(prepared.zero[:, list(prepared.targets)], device)
        self.truth = self.values if self._every_channel else self.values[:, self.targets]
        self._borders = _placed(prepared.scaler.borders, device)
        exact = units(prepared.scaler)[:, list(prepared.targets)]
        self._unit = _placed(exact.astype(np.float32) if device.type == "mps" else exact, device)
        self._series = _placed(prepared.naive.borders, device)
        weight = prepared.naive.weight
        self._relative = _placed(
            weight.astype(np.float32) if device.type == "mps" else weight, device
        )
        self._horizon = prepared.horizon

    def gather(self, starts: Int[Tensor, "batch"], *, scored: bool = False) -> Batch:
        """Return the windows that start at the given rows; `scored`: with all sets of cells."""
        window = self.task.window
        first, steps = (starts + window, self._horizon) if self._horizon else (starts, window)
        own = windows_of(self.own, first, steps)
        group = torch.bucketize(starts, self._borders, right=True)
        return Batch(
            values=windows_of(self.values, starts, window),
            observed=windows_of(self.observed, starts, window),
            native=windows_of(self.native, starts, window),
            clock=self._since_start(starts),
            target=windows_of(self.truth, first, steps),
            own=own,
            common=own if self.common is self.own else windows_of(self.common, first, steps),
            group=group,
            unit=self._unit[group, None],
            relative=self._relative[torch.bucketize(starts, self._series, right=True), None],
            padding=None
            if self._padding is None
            else windows_of(self._padding, starts, window)[:, :, 0],
            known=self._known(first, steps, own) if scored else None,
            hidden=None
            if self.hidden is None or not scored
            else windows_of(self.hidden, first, steps),
            calendar=None if self._calendar is None else windows_of(self._calendar, starts, window),
        )

    def _known(self, first: Tensor, steps: int, own: Tensor) -> Tensor:
        return own if self.known is self.own else windows_of(self.known, first, steps)

    def _since_start(self, starts: Int[Tensor, "batch"]) -> Float[Tensor, "batch time"]:
        clock = windows_of(self.clock[:, None], starts, self.task.window)[:, :, 0]
        # MPS has no float64, in which the clock of a regular series is whole numbers to the bit.
        exact = torch.float32 if clock.device.type == "mps" else torch.float64
        return ((clock - clock[:, :1]).to(exact) / self._interval).to(self.values.dtype)

    def hide_more(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return a reconstruction's training batch with fresh cells hidden, which then count.

        Which of the eligible cells, see `drawing.fresh_cells`.
        """
        task = self.task
        if not isinstance(task, Reconstruct):
            return batch
        hidden = batch.own & fresh_cells(batch.own.shape, task, generator)
        if self._every_channel:
            observed = batch.observed & ~hidden
        else:
            observed = batch.observed.clone()
            observed[:, :, self.targets] &= ~hidden
        return replace(batch, observed=observed, own=hidden, common=hidden)

    def count_all(self, batch: Batch, known: Bool[Tensor, "batch step target"]) -> Batch:
        """Return the batch with every target cell counted: a raw zero where it is not known.

        So an unmasked loss sees targets that were multiplied by their mask.
        """
        target = torch.where(known, batch.target, self._zero[batch.group, None])
        every = torch.ones_like(known)
        return replace(batch, target=target, own=every, common=every)


def windows_of(
    data: Shaped[Tensor, "row column"], starts: Int[Tensor, "batch"], steps: int
) -> Shaped[Tensor, "batch {steps} column"]:
    """Return the `steps` rows from each start on; every window lies within the data.

    All windows are a view of the data, each a row of it, and only those at the starts are copied,
    four times as fast as row by row on a CPU.
    """
    columns = data.shape[1]
    if data.device.type == "mps" or len(data) < steps:  # MPS would copy every window of the view
        rows = starts[:, None] + torch.arange(steps, device=data.device)
        return data.index_select(0, rows.flatten()).view(*rows.shape, columns)
    every = data.as_strided((len(data) - steps + 1, steps * columns), (columns, 1))
    return every.index_select(0, starts).view(len(starts), steps, columns)


def _placed(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    # On the CPU this shares the array's memory. Nothing writes into it: torch need not warn that it
    # could.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(array).to(device).contiguous()
