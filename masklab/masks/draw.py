"""Reproducible draws: a random key for every cell, and the cells with the smallest keys.

A draw of exactly k cells takes the k smallest keys. So the realised rate is exact, a higher rate
with the same seed keeps what a lower one took, and nothing depends on the order of work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Shaped, UInt32

from masklab.masks.mask import any_channel

Keys = UInt32[np.ndarray, "row"]
Cells = Bool[np.ndarray, "row channel"]

_SAMPLE = 1 << 16
_LEAN = 60.0
"""Leans beyond this are as sure as can be; e to this power times any odds fits a float32."""


def random_keys(count: int, seed: int, *names: str) -> UInt32[np.ndarray, "count"]:
    """Return `count` random keys from the stream that `seed` and `names` give.

    Raw bits of PCG64: NumPy promises the same ones in every version and on every machine. The
    first keys don't depend on `count`.
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    raw = np.random.PCG64(np.random.SeedSequence([seed, *words])).random_raw((count + 1) // 2)
    halves = np.asarray(raw, dtype=np.uint64).astype("<u8", copy=False).view("<u4")
    return halves[:count].astype(np.uint32, copy=False)


def leaning(keys: Keys, lean: Float64[np.ndarray, "row"]) -> UInt32[np.ndarray, "row"]:
    """Return keys whose smallest favour cells with a high `lean`, as a logistic model does.

    With U the uniform number behind a key, the k smallest of the new keys are the cells with
    U < 1 / (1 + exp(-(a + lean))), where the intercept a is the one that takes exactly k. So the
    count is exact, and a cell's chance is that of the logistic model whose mean is k / n, but for
    terms that vanish as n grows: Pareto sampling (Rosén 1997, On sampling with probability
    proportional to size). Keys of cells without a lean (NaN) come last.
    """
    odds = (keys.astype(np.float32) + np.float32(0.5)) / (
        (~keys).astype(np.float32) + np.float32(0.5)
    )
    odds *= np.exp(-np.clip(lean, -_LEAN, _LEAN)).astype(np.float32)
    return odds.view(np.uint32)  # the bits of positive floats are in the floats' order


def standardised(
    values: Float64[np.ndarray, "row"], among: Bool[np.ndarray, "row"]
) -> Float64[np.ndarray, "row"]:
    """Return values in standard deviations from the mean, both taken over the rows `among`.

    NaN stays NaN and counts in neither. All 0 where those rows hold fewer than two values.
    """
    held = values[among]
    held = held[np.isfinite(held)]
    low, high = held.min(initial=np.inf), held.max(initial=-np.inf)
    if not low < high:
        return np.where(np.isfinite(values), 0.0, np.nan)
    size = max(-low, high)  # squares of very large or small numbers leave the range of floats
    held /= size
    mean = held.mean()
    scaled: Float64[np.ndarray, "row"] = (values / size - mean) / held.std(mean=mean)
    return scaled


def draw(
    pool: Cells, rate: float, keys_of: Callable[[int | None], Keys], *, whole_steps: bool
) -> Bool[np.ndarray, "row channel"]:
    """Return exactly round(rate * n) of the pool's n cells, or all cells of so many of its n steps.

    `keys_of` returns the keys of all rows for a column, or for whole steps, given None.
    """
    if not whole_steps:
        return draw_share(pool, rate, keys_of)
    steps = draw_share(any_channel(pool)[:, None], rate, lambda _: keys_of(None))
    whole: Bool[np.ndarray, "row channel"] = steps & pool
    return whole


def smallest(keys: Shaped[np.ndarray, "n"], count: int) -> Bool[np.ndarray, "n"]:
    """Return True at the `count` smallest keys; of equal ones the first win."""
    return _smallest([keys], count)[0]


def draw_share(
    pool: Bool[np.ndarray, "row channel"], rate: float, keys_of: Callable[[int], Keys]
) -> Bool[np.ndarray, "row channel"]:
    """Return exactly round(rate * n) of the pool's n cells: those with the smallest keys.

    `keys_of` returns the keys of all rows of a column.
    """
    columns = [column for column in range(pool.shape[1]) if pool[:, column].any()]
    selected = np.zeros(pool.shape, dtype=bool, order="F")
    if not columns:
        return selected
    keys = [keys_of(column)[pool[:, column]] for column in columns]
    chosen = _smallest(keys, round(rate * sum(len(one) for one in keys)))
    for column, part in zip(columns, chosen, strict=True):
        selected[pool[:, column], column] = part
    return selected


def _smallest(
    parts: Sequence[Shaped[np.ndarray, "row"]], count: int
) -> list[Bool[np.ndarray, "row"]]:
    """Return `smallest` of all parts together, one after the other, without joining them."""
    if count <= 0:
        return [np.zeros(len(part), dtype=bool) for part in parts]
    if count >= sum(len(part) for part in parts):
        return [np.ones(len(part), dtype=bool) for part in parts]
    border = _smallest_but(parts, count - 1)
    chosen = [part < border for part in parts]
    ties = count - sum(np.count_nonzero(one) for one in chosen)
    for part, one in zip(parts, chosen, strict=True):
        equal = np.flatnonzero(part == border)[:ties]
        one[equal] = True
        ties -= len(equal)
    return chosen


def _smallest_but(parts: Sequence[Shaped[np.ndarray, "row"]], rank: int) -> Any:
    """Return the key with `rank` keys before it; looks only at those near it in a sample.

    Ten times as fast as np.partition over many keys, which decides where the sample misleads.
    """
    count = sum(len(part) for part in parts)
    sample = np.sort(np.concatenate([part[:: max(count // _SAMPLE, 1)] for part in parts]))
    middle, reach = rank * len(sample) // count, int(4 * len(sample) ** 0.5)
    low = sample[middle - reach] if middle >= reach else min(part.min() for part in parts)
    above = middle + reach
    high = sample[above] if above < len(sample) else max(part.max() for part in parts)
    before = sum(int(np.count_nonzero(part < low)) for part in parts)
    near = np.concatenate([part[(part >= low) & (part <= high)] for part in parts])
    if not before <= rank < before + len(near):
        before, near = 0, np.concatenate(parts)
    return np.partition(near, rank - before)[rank - before]
