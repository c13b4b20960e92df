"""Where the observed neighbours of a cell lie, and how far they are in clock time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor


def clock_or_steps(
    clock: Float[Tensor, "batch time"] | None, values: Float[Tensor, "batch time channel"]
) -> Float[Tensor, "batch time"]:
    """Return the clock, or 0, 1, 2 for each row if there is none."""
    if clock is not None:
        return clock
    # Counted in whole numbers: on CUDA, a running sum of floats is not bound to repeat.
    counted = values.new_ones(values.shape[:2]).bool().cumsum(dim=1) - 1
    return counted.to(values.dtype)


def last_steps(observed: Bool[Tensor, "batch time channel"]) -> Int[Tensor, "batch time channel"]:
    """Return the last observed step at or before each step, -1 where there is none."""
    counted = observed.new_ones(observed.shape).cumsum(dim=1)  # 1, 2, 3
    return counted.where(observed, 0).cummax(dim=1).values - 1


def next_steps(observed: Bool[Tensor, "batch time channel"]) -> Int[Tensor, "batch time channel"]:
    """Return the first observed step at or after each step, the window's length where none is."""
    return observed.shape[1] - 1 - last_steps(observed.flip(1)).flip(1)


def at_steps(
    clock: Float[Tensor, "batch time"], steps: Int[Tensor, "batch time channel"]
) -> Float[Tensor, "batch time channel"]:
    """Return the clock at those steps; a step outside the window counts as its nearest one."""
    inside = steps.clamp(0, clock.shape[1] - 1)
    return clock[:, :, None].expand(steps.shape).gather(1, inside)


def since_observed(
    clock: Float[Tensor, "batch time"], observed: Bool[Tensor, "batch time channel"]
) -> Float[Tensor, "batch time channel"]:
    """Return δ: the time since the last observed cell *before* each step, or since the window began.

    δ_1 = 0, δ_t = (s_t - s_{t-1}) + (1-m_{t-1}) δ_{t-1} (Che et al. 2018), without a loop: δ_t is
    the distance to the last observed step before t, and to the first step where there is none.
    """
    last = last_steps(observed)
    before = last.roll(1, dims=1)
    before[:, :1] = 0
    return clock[:, :, None] - at_steps(clock, before)
