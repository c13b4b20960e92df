"""Statistics that strategies fill with: a row for each group of series, gathered for each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor, nn


def rows_of(
    statistic: Float[Tensor, "*group channel"], like: Tensor
) -> Float[Tensor, "group channel"]:
    """Return a copy of a statistic, at least one row, of the type and on the device of `like`."""
    return statistic.reshape(-1, statistic.shape[-1]).to(like, copy=True)


def of_windows(
    statistic: Float[Tensor, "group channel"], group: Int[Tensor, "batch"] | None
) -> Float[Tensor, "#batch 1 channel"]:
    """Return each window's row; without `group` the one row, `ValueError` if there are more."""
    if group is not None:
        return statistic[group, None]
    if len(statistic) > 1:
        raise ValueError(
            f"The statistics have a row for each of {len(statistic)} groups of series, and no "
            "group was given. Give `group`, (batch), the row of each window."
        )
    return statistic[:, None]


def take_rows(
    network: nn.Module, state: dict[str, Any], prefix: str, *_: Any, names: tuple[str, ...]
) -> None:
    """Make room for as many rows as a saved state has; it may hold one row as a plain vector."""
    for name in names:
        if prefix + name in state:
            rows = rows_of(state[prefix + name], getattr(network, name))
            setattr(network, name, rows)
            state[prefix + name] = rows
