"""What each step of a window shows of the packed outputs, and how gradients find their way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64
    from torch import Tensor


def show(
    output: Float[Tensor, "slot hidden"],
    shown: Int64[np.ndarray, "step"],
    source: Int64[np.ndarray, "slot"],
    starts: Bool[np.ndarray, "step"] | None,
) -> Float[Tensor, "step hidden"]:
    """Return the output that each flat step shows: that in slot `shown`.

    `source`: the flat step that stands in each slot, one past the last in slots without one.
    `starts`: True where a run of steps begins that show the same slot; None if only the slot's own
    step shows it. A slot without a step gets no gradient.
    """
    index = torch.from_numpy(shown).to(output.device)
    if output.device.type != "cpu":
        return output.index_select(0, index)
    result: Tensor = _Show.apply(output, index, source, starts)  # type: ignore[no-untyped-call]
    return result


class _Show(torch.autograd.Function):
    """`index_select` whose backward sums runs of neighbours, a third of what scattering costs."""

    @staticmethod
    def forward(
        ctx: Any,
        output: Float[Tensor, "slot hidden"],
        index: Int64[Tensor, "step"],
        source: Int64[np.ndarray, "slot"],
        starts: Bool[np.ndarray, "step"] | None,
    ) -> Float[Tensor, "step hidden"]:
        """Return the rows of `output` that `index` names."""
        ctx.source, ctx.starts = source, starts
        return output.index_select(0, index)

    @staticmethod
    def backward(
        ctx: Any, gradient: Float[Tensor, "step hidden"]
    ) -> tuple[Float[Tensor, "slot hidden"], None, None, None]:
        """Return for each slot the sum of the gradients of the steps that show it."""
        source, starts = ctx.source, ctx.starts
        if starts is None:
            zeros = gradient.new_zeros(1, gradient.shape[1])
            index = torch.from_numpy(source)
            return torch.cat((gradient, zeros)).index_select(0, index), None, None, None
        # One bag of neighbours for each slot, in the order of slots; empty for those without a step.
        first = np.append(np.flatnonzero(starts), len(starts))
        run = np.append(starts.cumsum() - 1, len(first) - 1)[source]
        length = np.diff(first, append=len(starts))[run]
        bag = length.cumsum() - length
        steps = np.arange(bag[-1] + length[-1]) + (first[run] - bag).repeat(length)
        summed = functional.embedding_bag(
            torch.from_numpy(steps), gradient, torch.from_numpy(bag), mode="sum"
        )
        return summed, None, None, None
