"""Reproducible draws: a random key for every cell, and the cells with the smallest keys.

A draw of exactly k cells takes the k smallest keys. So the realised rate is exact, a higher rate
with the same seed keeps what a lower one took, and nothing depends on the order of work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, UInt32

Keys = UInt32[np.ndarray, "row"]


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


def smallest(keys: UInt32[np.ndarray, "n"], count: int) -> Bool[np.ndarray, "n"]:
    """Return True at the `count` smallest keys; of equal ones the first win."""
    if count <= 0:
        return np.zeros(len(keys), dtype=bool)
    if count >= len(keys):
        return np.ones(len(keys), dtype=bool)
    border = _smallest_but(keys, count - 1)
    chosen: Bool[np.ndarray, "n"] = keys < border
    ties = np.flatnonzero(keys == border)
    chosen[ties[: count - np.count_nonzero(chosen)]] = True
    return chosen


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
    lengths = [len(one) for one in keys]
    chosen = smallest(np.concatenate(keys), round(rate * sum(lengths)))
    for column, part in zip(columns, np.split(chosen, np.cumsum(lengths)[:-1]), strict=True):
        selected[pool[:, column], column] = part
    return selected


def _smallest_but(keys: UInt32[np.ndarray, "n"], rank: int) -> np.uint32:
    """Return the key with `rank` keys before it; counts high halves first, 4x np.partition."""
    high = (keys >> np.uint32(16)).astype(np.uint16)
    upto = np.cumsum(np.bincount(high, minlength=1 << 16))
    bucket = int(np.searchsorted(upto, rank, side="right"))
    inside = keys[high == bucket]
    before = int(upto[bucket]) - len(inside)
    found: np.uint32 = np.partition(inside, rank - before)[rank - before]
    return found
