"""Batches: the data on the device once, windows gathered from it by index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from masklab.training.config import Reconstruct
from masklab.training.metrics import units
from masklab.training.prepare import Prepared

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Some windows: the network's input, and the truth with the cells that count.

    `clock` is the time since a window's first step, in median intervals of the panel.
    `step` is the horizon of a forecast, the window's time of a reconstruction. `group` is the row
    of the scaler's statistics that holds for each window, `unit` that of its errors (`metrics.units`).
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

    @property
    def window(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """What a network reads: values, observed, native, clock and group."""
        return self.values, self.observed, self.native, self.clock, self.group


class Gatherer:
    """Holds an experiment's data on a device and gathers windows from it for one strategy."""

    def __init__(self, prepared: Prepared, label: str, device: torch.device) -> None:
        visible = (
            prepared.observed if prepared.fresh is None else prepared.observed & ~prepared.fresh
        )
        self.task = prepared.task
        self.values = _placed(prepared.values, device)
        self.native = _placed(prepared.native, device)
        self.observed = _placed(visible, device)
        self.clock = _placed(prepared.clock, device)
        self._interval = prepared.interval
        self.common = _placed(prepared.common, device)
        shares = prepared.own[label] is prepared.common
        self.own = self.common if shares else _placed(prepared.own[label], device)
        self.targets = torch.tensor(prepared.targets, device=device)
        self._every_channel = prepared.targets == tuple(range(len(prepared.channels)))
        self._zero = _placed(prepared.zero[:, list(prepared.targets)], device)
        self.truth = self.values if self._every_channel else self.values[:, self.targets]
        self._borders = _placed(prepared.scaler.borders, device)
        exact = units(prepared.scaler)[:, list(prepared.targets)]
        self._unit = _placed(exact.astype(np.float32) if device.type == "mps" else exact, device)
        self._input = torch.arange(self.task.window, device=device)
        ahead = torch.arange(prepared.horizon, device=device) + self.task.window
        self._output = ahead if prepared.horizon else self._input

    def gather(self, starts: Int[Tensor, "batch"]) -> Batch:
        """Return the windows that start at the given rows."""
        rows, output = starts[:, None] + self._input, starts[:, None] + self._output
        own = _rows(self.own, output)
        group = torch.bucketize(starts, self._borders, right=True)
        return Batch(
            values=_rows(self.values, rows),
            observed=_rows(self.observed, rows),
            native=_rows(self.native, rows),
            clock=self._since_start(rows),
            target=_rows(self.truth, output),
            own=own,
            common=own if self.common is self.own else _rows(self.common, output),
            group=group,
            unit=self._unit[group, None],
        )

    def _since_start(self, rows: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
        clock = self.clock[rows]
        # MPS has no float64, in which the clock of a regular series is whole numbers to the bit.
        exact = torch.float32 if clock.device.type == "mps" else torch.float64
        return ((clock - clock[:, :1]).to(exact) / self._interval).to(self.values.dtype)

    def hide_more(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Return a reconstruction's training batch with fresh cells hidden, which then count.

        Each eligible cell is hidden with probability `rate`; for blocks, stretches start with the
        probability that gives this rate, overlap included.
        """
        task = self.task
        if not isinstance(task, Reconstruct):
            return batch
        length = 1 if task.pattern == "cells" else task.length
        # The lowest of `length` uniform ranks is below this with probability `rate`.
        threshold = 1 - (1 - task.rate) ** (1 / length)
        hidden = batch.own & (_lowest_ranks(batch.own.shape, length, generator) < threshold)
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


def _lowest_ranks(
    shape: torch.Size, length: int, generator: torch.Generator
) -> Float[Tensor, "batch time target"]:
    """Return the lowest rank among the `length` stretches that cover each cell, as `fresh.cover`."""
    windows, time, targets = shape
    if length == 1:
        return torch.rand(shape, generator=generator, device=generator.device)
    longer = (windows, targets, time + length - 1)
    ranks = torch.rand(longer, generator=generator, device=generator.device)
    return -torch.nn.functional.max_pool1d(-ranks, length, stride=1).transpose(1, 2)


def _rows(data: Tensor, rows: Int[Tensor, "batch step"]) -> Tensor:
    return data.index_select(0, rows.flatten()).view(*rows.shape, data.shape[1])


def _placed(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    # On the CPU this shares the array's memory; torch warns of arrays that must not be written.
    return torch.from_numpy(array if array.flags.writeable else array.copy()).to(device)
