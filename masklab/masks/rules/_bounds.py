"""What a lower and an upper bound must be to each other."""

from __future__ import annotations


def check_bounds(low: float | None, high: float | None, what: str) -> None:
    """Raise `ValueError` if there is no bound, or the lower one lies above the upper one."""
    if low is None and high is None:
        raise ValueError(f"{what} needs a lower or an upper bound; give at least one")
    if low is not None and high is not None and low > high:
        raise ValueError(f"the lower bound {low:g} lies above the upper bound {high:g}; swap them")
