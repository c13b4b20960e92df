"""Run an LSTM over a mask on a GPU: each row's steps move to the left, one fused call runs them all.

cuDNN's kernels for sequences of unequal length cost several times its plain ones. So rows are
filled up to the longest with steps that hold the state, and everything is planned on the device:
one number, the longest length, comes back to the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import _VF
from torch.nn import functional

from masklab.nn.driven import HOLD_STATE, WIPE_STATE, Driven

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Int64
    from torch import Tensor

    from masklab.nn.fused import Layers, State


def suits(x: Tensor) -> bool:
    """Whether this is the faster way where x lies."""
    return x.is_cuda


@dataclass(frozen=True)
class LeftAligned:
    """Which step stands in each slot, time after time, a batch row beside the other.

    `times`: the step of each slot, in each row's order, anything where `valid` is False: behind
    the row's last. `source`: the flat step row · time + t whose values a slot reads, -1 where it
    only holds or wipes the state; `slot`: the inverse. `driven`: what the gates are driven by.
    """

    observed: Bool[Tensor, "batch time"]
    times: Int64[Tensor, "batch length"]
    valid: Bool[Tensor, "batch length"]
    lengths: Int64[Tensor, "batch"]
    source: Int64[Tensor, "slot"]
    slot: Int64[Tensor, "step"]
    driven: Driven

    @classmethod
    def of(cls, observed: Bool[Tensor, "batch time"], on_masked: str) -> LeftAligned:
        """Plan the usable steps; under `reset`, with one step that wipes the state for each gap."""
        batch, time = observed.shape
        kept = observed
        if on_masked == "reset":
            kept = observed | functional.pad(observed[:, :-1], (1, 0), value=True)
        lengths = kept.sum(dim=1)
        longest = int(lengths.max())
        times = (~kept).to(torch.uint8).argsort(dim=1, stable=True)[:, :longest]
        place = torch.arange(max(batch, time, longest), device=observed.device)
        row = place[:batch, None]
        valid = place[:longest] < lengths[:, None]
        wipes = valid & ~observed.gather(1, times)
        source = (row * time + times).where(valid & ~wipes, -1).T.reshape(-1)
        slot = ((kept.cumsum(dim=1) - 1) * batch + row).where(observed, -1).reshape(-1)
        kinds, gates = [~valid], [HOLD_STATE]
        if on_masked == "reset":
            kinds, gates = [*kinds, wipes], [*gates, WIPE_STATE]
        slots = torch.stack([kind.T.reshape(-1) for kind in kinds], dim=1)
        return cls(observed, times, valid, lengths, source, slot, Driven(slots, tuple(gates), None))

    def turned(self) -> Int64[Tensor, "slot"]:
        """Return the slots in which each row runs backwards; its own inverse."""
        batch, longest = self.valid.shape
        place = torch.arange(max(batch, longest), device=self.valid.device)
        back = (self.lengths[:, None] - 1 - place[:longest]).where(self.valid, place[:longest])
        return (back * batch + place[:batch, None]).T.reshape(-1)

    def last(self) -> tuple[Int64[Tensor, "batch"], Int64[Tensor, "slot"]]:
        """Return each row's last slot, -1 if it has none, and the row that ends in each slot."""
        batch, longest = self.valid.shape
        row = torch.arange(batch, device=self.valid.device)
        at_end = torch.arange(longest, device=self.valid.device) == self.lengths[:, None] - 1
        last = ((self.lengths - 1) * batch + row).where(self.lengths > 0, -1)
        return last, row[:, None].where(at_end, -1).T.reshape(-1)


def run_left_aligned(  # noqa: PLR0913
    lstm: Layers,
    x: Float[Tensor, "batch time feature"],
    observed: Bool[Tensor, "batch time"],
    on_masked: str,
    state: State | None,
    *,
    zero_at_masked: bool,
) -> tuple[Float[Tensor, "batch time hidden"], State]:
    """Return what each step shows, and h and c (layer · direction, batch, hidden) after the last.

    At least one step must be usable.
    """
    plan = LeftAligned.of(observed, on_masked)
    batch, longest = plan.valid.shape
    directions = 2 if lstm.bidirectional else 1
    turned = plan.turned() if lstm.bidirectional else None
    ends = plan.last()
    output = _take(x.flatten(0, 1), plan.source, plan.slot)
    zeros = output.new_zeros(1, batch, lstm.hidden_size)
    last_h: list[Tensor] = []
    last_c: list[Tensor] = []
    for layer in range(lstm.num_layers):
        if layer > 0:
            output = functional.dropout(output, lstm.dropout, lstm.training)
        steps = plan.driven.beside(output)
        outputs = []
        for way in (None, turned)[:directions]:
            row = len(last_h)
            h, c = (zeros, zeros) if state is None else (one[row : row + 1] for one in state)
            weights = plan.driven.weights(list(lstm.all_weights[row]))
            read = steps if way is None else _take(steps, way, way)
            output, _, c = _VF.lstm(
                read.view(longest, batch, -1), (h.contiguous(), c.contiguous()),
                as_one_chunk(weights), lstm.bias, 1, 0.0, torch.is_grad_enabled(), False, False,
            )  # fmt: skip
            output = output.flatten(0, 1)
            h = h[0].to(output.dtype).where((plan.lengths == 0)[:, None], _take(output, *ends))
            last_h.append(h)
            last_c.append(c[0])
            outputs.append(output if way is None else _take(output, way, way))
        output = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)
    shown = _shown(outputs, plan, zero_at_masked=zero_at_masked)
    return shown.view(*observed.shape, -1), (torch.stack(last_h), torch.stack(last_c))


def as_one_chunk(weights: Sequence[Tensor]) -> list[Tensor]:
    """Return weights as cuDNN wants them, end to end; else it copies them, and warns of it."""
    if not weights[0].is_cuda:
        return list(weights)
    flat = torch.cat([weight.reshape(-1) for weight in weights])
    parts = flat.split_with_sizes([weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(parts, weights, strict=True)]


def _shown(
    outputs: list[Float[Tensor, "slot hidden"]], plan: LeftAligned, *, zero_at_masked: bool
) -> Float[Tensor, "step hidden"]:
    """Return what each flat step shows; backwards in time, 'before' is after."""
    if zero_at_masked:
        return _take(torch.cat(outputs, dim=1), plan.slot, plan.source)
    (batch, time), observed = plan.observed.shape, plan.observed
    row = torch.arange(batch, device=observed.device)[:, None]
    seen = observed.cumsum(dim=1)
    before = seen - observed.long()
    ways = ((seen - 1, seen > 0, 0), (before, before < seen[:, -1:], 1))
    parts = []
    for output, (rank, there, behind) in zip(outputs, ways, strict=False):
        index = (rank * batch + row).where(there, -1).reshape(-1)
        # Steps that show a slot stand side by side: from its own to the next slot's, or backwards.
        bags = (row * time + plan.times + behind).where(plan.valid, (row + 1) * time)
        bags = torch.cat((row * time, bags), dim=1)
        parts.append(_carry(output, index, bags, plan.valid, 1 - behind))
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def _take(
    rows: Float[Tensor, "row feature"],
    index: Int64[Tensor, "pick"],
    inverse: Int64[Tensor, "row"],
) -> Float[Tensor, "pick feature"]:
    """Return the indexed rows, zeros for -1; `inverse` says where each row went, -1 if nowhere."""
    taken: Tensor = _Take.apply(rows, index, inverse)  # type: ignore[no-untyped-call]
    return taken


def _rows_or_zeros(rows: Tensor, index: Tensor) -> Tensor:
    found = rows.index_select(0, index.clamp(min=0))
    return found.masked_fill_((index < 0)[:, None], 0.0)


class _Take(torch.autograd.Function):
    """A gather whose backward gathers too: scattering is slower, and not repeatable on CUDA."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, index: Tensor, inverse: Tensor) -> Tensor:
        """Return the rows of `rows` that `index` names."""
        ctx.inverse = inverse
        return _rows_or_zeros(rows, index)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        """Return for each row the gradient of where it went."""
        return _rows_or_zeros(gradient, ctx.inverse), None, None


def _carry(
    output: Float[Tensor, "slot hidden"],
    index: Int64[Tensor, "step"],
    bags: Int64[Tensor, "batch bag"],
    valid: Bool[Tensor, "batch length"],
    skipped: int,
) -> Float[Tensor, "step hidden"]:
    """Return the indexed rows, zeros for -1.

    `bags`: the first of the flat steps that show the same slot, one more a row than slots; that
    many are `skipped` before a row's first slot.
    """
    carried: Tensor = _Carry.apply(output, index, bags, valid, skipped)  # type: ignore[no-untyped-call]
    return carried


class _Carry(torch.autograd.Function):
    """A gather of neighbours that show the same row; backward sums them, in a fixed order."""

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917
        ctx: Any, output: Tensor, index: Tensor, bags: Tensor, valid: Tensor, skipped: int
    ) -> Float[Tensor, "step hidden"]:
        """Return the rows of `output` that `index` names."""
        ctx.bags, ctx.valid, ctx.skipped = bags, valid, skipped
        return _rows_or_zeros(output, index)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        """Return for each slot the sum of the gradients of the steps that show it."""
        every = torch.arange(len(gradient), device=gradient.device)
        summed = functional.embedding_bag(
            every, gradient.contiguous(), ctx.bags.reshape(-1), mode="sum"
        )
        summed = summed.view(*ctx.bags.shape, -1)[:, ctx.skipped :][:, : ctx.valid.shape[1]]
        summed = summed.where(ctx.valid[:, :, None], 0.0)
        return summed.transpose(0, 1).flatten(0, 1), None, None, None, None
