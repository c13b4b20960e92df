"""The functions that an expression may call: the whole list, with how they are written and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import bottleneck as bn
import numpy as np
from jaxtyping import Bool, Float64

from masklab.masks.language.stretches import Stretches
from masklab.masks.language.windows import window_mean, window_std

Kind = Literal["number", "condition"]
Takes = Literal["values", "window", "steps", "share"]
"""What a function takes in one place: values over the rows, or a number that is written out."""
Numbers = Float64[np.ndarray, "row"]

MAX_LAG = 10_000


@dataclass(frozen=True)
class Function:
    """A function of the language.

    `takes`: what goes in each place; with `more`, the last one may be repeated; with `optional`,
    the last one may be left out. `rolls`: whether it goes through windows, of which an expression
    may hold a few only. `run` gets the stretches of the rows, then the values.
    """

    name: str
    signature: str
    explanation: str
    takes: tuple[Takes, ...]
    run: Callable[..., Any]
    gives: Kind = "number"
    more: bool = False
    optional: bool = False
    rolls: bool = False

    @property
    def least(self) -> int:
        """The fewest values it takes."""
        return len(self.takes) - self.optional

    @property
    def most(self) -> int | None:
        """The most values it takes; None if there is no limit of its own."""
        return None if self.more else len(self.takes)


def _elementwise(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda _, values: function(values)


def _folded(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def run(_: Stretches, first: Any, *others: Any) -> Any:
        for other in others:
            first = function(first, other)
        return first

    return run


def _over_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one number for all rows, NaN where no row has a value."""

    def run(_: Stretches, values: Any, *settings: float) -> Any:
        held = np.atleast_1d(values)
        held = held[~np.isnan(held)]
        return np.float64(function(held, *settings)) if len(held) else np.float64(np.nan)

    return run


def _rolling(kernel: Callable[[Numbers, int, int], Numbers]) -> Callable[..., Any]:
    return lambda stretches, values, window: stretches.rolling(values, window, kernel)


def _rolling_mad(stretches: Stretches, values: Numbers, window: int) -> Numbers:
    middle = stretches.rolling(values, window, bn.move_median)
    return stretches.rolling(np.abs(values - middle), window, bn.move_median)


def _lag(stretches: Stretches, values: Any, steps: int) -> Any:
    return stretches.lag(values, steps)


def _diff(stretches: Stretches, values: Any, steps: int = 1) -> Any:
    return values - stretches.lag(values, steps)


def _between(_: Stretches, values: Any, low: Any, high: Any) -> Bool[np.ndarray, "row"]:
    return np.asarray((values >= low) & (values <= high))


def outside(values: Any, low: Any, high: Any) -> Bool[np.ndarray, "row"]:
    """Return where values are known not to be between: what `not between(…)` selects."""
    return np.asarray((values < low) | (values > high))


_FUNCTIONS = (
    Function("abs", "abs(x)", "x without its sign.", ("values",), _elementwise(np.abs)),
    Function(
        "min", "min(x, y)", "The smaller of two or more values of the same row.",
        ("values", "values"), _folded(np.minimum), more=True,
    ),
    Function(
        "max", "max(x, y)", "The larger of two or more values of the same row.",
        ("values", "values"), _folded(np.maximum), more=True,
    ),
    Function("sqrt", "sqrt(x)", "The square root; missing below 0.", ("values",), _elementwise(np.sqrt)),
    Function("log", "log(x)", "The natural logarithm; missing at 0 and below.", ("values",), _elementwise(np.log)),
    Function("exp", "exp(x)", "e to the power of x.", ("values",), _elementwise(np.exp)),
    Function("sign", "sign(x)", "-1, 0 or 1.", ("values",), _elementwise(np.sign)),
    Function(
        "rolling_mean", "rolling_mean(x, n)", "The mean of the last n rows, this one included.",
        ("values", "window"), _rolling(window_mean), rolls=True,
    ),
    Function(
        "rolling_median", "rolling_median(x, n)", "The median of the last n rows.",
        ("values", "window"), _rolling(bn.move_median), rolls=True,
    ),
    Function(
        "rolling_std", "rolling_std(x, n)", "The standard deviation of the last n rows.",
        ("values", "window"), _rolling(window_std), rolls=True,
    ),
    Function(
        "rolling_mad", "rolling_mad(x, n)",
        "The median, over the last n rows, of each row's distance from its rolling median.",
        ("values", "window"), _rolling_mad, rolls=True,
    ),
    Function(
        "rolling_min", "rolling_min(x, n)", "The smallest of the last n rows.",
        ("values", "window"), _rolling(bn.move_min), rolls=True,
    ),
    Function(
        "rolling_max", "rolling_max(x, n)", "The largest of the last n rows.",
        ("values", "window"), _rolling(bn.move_max), rolls=True,
    ),
    Function(
        "diff", "diff(x)", "x less x of the row before; diff(x, k) less that of k rows before.",
        ("values", "steps"), _diff, optional=True,
    ),
    Function(
        "lag", "lag(x, k)", "x of k rows before; lag(x, -k) is x of k rows after.",
        ("values", "steps"), _lag,
    ),
    Function(
        "quantile", "quantile(x, q)", "The value below which the share q of all x lies, 0 to 1.",
        ("values", "share"), _over_all(np.quantile),
    ),
    Function("mean", "mean(x)", "The mean of all x.", ("values",), _over_all(np.mean)),
    Function("median", "median(x)", "The median of all x.", ("values",), _over_all(np.median)),
    Function("std", "std(x)", "The standard deviation of all x.", ("values",), _over_all(np.std)),
    Function(
        "missing", "missing(x)", "Whether x has no value here.", ("values",),
        _elementwise(np.isnan), gives="condition",
    ),
    Function(
        "isnan", "isnan(x)", "The same as missing(x).", ("values",), _elementwise(np.isnan),
        gives="condition",
    ),
    Function(
        "between", "between(x, low, high)", "Whether x is from low to high, both included.",
        ("values", "values", "values"), _between, gives="condition",
    ),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {one.name: one for one in _FUNCTIONS}
"""Every function by its name."""
