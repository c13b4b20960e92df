"""What each step of a window shows of the packed outputs, and how gradients find their way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64
    from torch import Tensor


def show(
    output: Float[Tensor, "slot hidden"],
    shown: Int64[Tensor, "step"],
    source: Int64[Tensor, "slot"],
    starts: Bool[Tensor, "batch time"] | None,
) -> Float[Tensor, "step hidden"]:
    """Return the output that each flat step shows: that in slot `shown`.

    `source`: the flat step that stands in each slot, one past the last in slots without one.
    `starts`: True where a run of steps begins that show the same slot; None if only the slot's own
    step shows it. A slot without a step gets no gradient.
    """
    if output.device.type != "cpu":
        return output.index_select(0, shown)
    result: Tensor = _Show.apply(output, shown, source, starts)  # type: ignore[no-untyped-call]
    return result


class _Show(torch.autograd.Function):
    """`index_select` whose backward sums runs of neighbours, a third of what scattering costs."""

    @staticmethod
    def forward(
        ctx: Any,
        output: Float[Tensor, "slot hidden"],
        shown: Int64[Tensor, "step"],
        source: Int64[Tensor, "slot"],
        starts: Bool[Tensor, "batch time"] | None,
    ) -> Float[Tensor, "step hidden"]:
        """Return the rows of `output` that `shown` names."""
        ctx.save_for_backward(source, starts)
        return output.index_select(0, shown)

    @staticmethod
    def backward(
        ctx: Any, gradient: Float[Tensor, "step hidden"]
    ) -> tuple[Float[Tensor, "slot hidden"], None, None, None]:
        """Return for each slot the sum of the gradients of the steps that show it."""
        source, starts = ctx.saved_tensors
        if starts is None:
            zeros = gradient.new_zeros(1, gradient.shape[1])
            return torch.cat((gradient, zeros)).index_select(0, source), None, None, None
        # The last of the bags is empty: that of slots without a step.
        end = source.new_tensor([starts.numel()])
        first = starts.flatten().nonzero().squeeze(1)
        every = torch.arange(starts.numel(), device=source.device)
        bags = functional.embedding_bag(every, gradient, torch.cat((first, end)), mode="sum")
        bag = torch.cat((starts.flatten().cumsum(0) - 1, source.new_tensor([len(first)])))
        return bags.index_select(0, bag.index_select(0, source)), None, None, None
