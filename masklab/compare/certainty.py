"""How sure a difference is, in plain words: by how much, from where to where, with what chance."""

from __future__ import annotations

import math

from masklab.compare.statistics import ENOUGH, MOST, Difference
from masklab.words import counted

VERDICTS = {
    "better": "better",
    "worse": "worse",
    "same": "no difference to the last digit",
    "unclear": "not enough seeds to tell",
    "few": "not enough seeds to tell",
}


def number(value: float, unit: str = "") -> str:
    """Return a score with four significant digits and its unit."""
    text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{text} {unit}" if unit else text


def amount(value: float, unit: str = "") -> str:
    """Return a difference's size with two significant digits and its unit."""
    size = abs(value)
    text = f"{size:,.0f}" if size >= 100 or not size else f"{size:#.2g}".removesuffix(".")
    return f"{text} {unit}" if unit else text


def signed(value: float, unit: str = "") -> str:
    """Return a difference with its sign: "−0.12 °F"."""
    return f"{'−' if value < 0 else '+' if value > 0 else '±'}{amount(value, unit)}"


def chance(probability: float) -> str:
    """Return a probability in per cent; never 0 % or 100 %, which no number of seeds shows."""
    if math.isnan(probability):
        return "—"
    if probability > 0.99:
        return "over 99 %"
    return "under 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def side(value: float, unit: str = "") -> str:
    """Return a difference as "0.1 °F lower" or "0.1 °F higher"."""
    return f"{amount(value, unit)} {'higher' if value > 0 else 'lower'}"


def span(found: Difference, unit: str = "") -> str:
    """Return the interval from the better end to the worse: "from 0.3 lower to 0.1 higher"."""
    if found.low <= 0 <= found.high:
        return f"from {side(found.low, unit)} to {side(found.high, unit)}"
    near, far = sorted((abs(found.low), abs(found.high)))
    return f"{amount(near)} to {side(math.copysign(far, found.mean), unit)}"


def how_sure(found: Difference, unit: str = "") -> str:
    """Return a sentence or two: the paired difference, the interval and the chance, or what lacks."""
    if found.verdict == "same":
        return f"On {_pairs(found)} they score the same to the last digit."
    if found.verdict == "few":
        return _few(found)
    by = f"Over {_pairs(found)} it is {side(found.mean, unit)}"
    if found.tells:
        sure = f"better with a probability of {chance(found.probability)}"
        worse = f"worse with a probability of {chance(1 - found.probability)}"
        return (
            f"{by} (95 % interval: {span(found, unit)}): "
            f"{sure if found.verdict == 'better' else worse}."
        )
    return (
        f"**Not enough seeds to tell:** over {_pairs(found)} the difference lies anywhere "
        f"{span(found, unit)} (95 % interval); the chance that it is better is "
        f"{chance(found.probability)}. {more_seeds(found)}"
    )


def more_seeds(found: Difference) -> str:
    """Return what more seeds would probably bring; empty where the seeds tell already."""
    if found.tells:
        return ""
    if found.n < 2:
        return f"Train at least {ENOUGH} seeds of both."
    if found.more is None:
        return f"Even {MOST} more would hardly tell: the two are nearly the same."
    return f"About {counted(found.more, 'more seed')} would probably tell."


def _few(found: Difference) -> str:
    if found.n == 0:
        return f"**Not enough seeds to tell:** they share no seed. {more_seeds(found)}"
    seeds = "one seed shows no spread" if found.n == 1 else f"{found.n} seeds show too little"
    return f"**Not enough seeds to tell:** {seeds}, the order may be luck. {more_seeds(found)}"


def _pairs(found: Difference) -> str:
    """Return how many seeds stand behind, and that they are not all where some lack a partner."""
    both = " that both have" if found.left_out else ""
    return f"{counted(found.n, 'seed')}{both}"
