"""Ridge regression from a forward-filled window and its flags to a forecast: the linear peer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64

from masklab.nn.statistics import of_windows
from masklab.runs.spec import STRATEGIES
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training.batches import Batch, Gatherer
from masklab.training.prepare import Prepared

PENALTIES = (1.0, 10.0, 100.0, 1000.0)
_AT_ONCE = 1024


def ridge(
    prepared: Prepared, label: str, seed: int, most: int
) -> Float32[np.ndarray, "window step target"]:
    """Return what it predicts for the test windows, scaled.

    One regression for each step and target, on `most` training windows drawn by the seed, those whose
    target isn't hidden; its penalty is the one with the lowest absolute error on validation.
    """
    data = Gatherer(prepared, label, torch.device("cpu"))
    starts = prepared.starts(TRAINING)
    some = np.random.default_rng(seed).permutation(starts)[:most]
    read, target, counts = (
        np.concatenate(one) for one in zip(*_read(data, prepared, some), strict=True)
    )
    weights = _fit(read, target, counts)
    seen, truth, scored = (
        np.concatenate(one)
        for one in zip(*_read(data, prepared, prepared.starts(VALIDATION)), strict=True)
    )
    errors = [np.abs(seen @ one - truth)[scored].mean() for one in weights]
    best = weights[int(np.argmin(errors))]
    found = np.concatenate(
        [one @ best for one, _, _ in _read(data, prepared, prepared.starts(TEST))]
    )
    return found.reshape(len(found), prepared.horizon, -1).astype(np.float32)


def _fit(
    read: Float64[np.ndarray, "window feature"],
    target: Float64[np.ndarray, "window output"],
    counts: Bool[np.ndarray, "window output"],
) -> Float64[np.ndarray, "penalty feature output"]:
    """Return the weights of each penalty and output, by the windows in which the output counts."""
    found = np.zeros((len(PENALTIES), read.shape[1], target.shape[1]))
    free = np.eye(read.shape[1])
    free[-1, -1] = 0.0  # the constant costs nothing
    whole = read.T @ read
    for output in range(target.shape[1]):
        rows = counts[:, output]
        some, others = read[rows], read[~rows]
        products = whole - others.T @ others if len(others) < len(some) else some.T @ some
        sums = some.T @ target[rows, output]
        for place, penalty in enumerate(PENALTIES):
            found[place, :, output] = np.linalg.solve(products + penalty * free, sums)
    return found


def _read(
    data: Gatherer, prepared: Prepared, starts: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield features with a constant, targets and which of them count, a thousand windows at a time."""
    constants = [torch.from_numpy(one) for one in (prepared.mean, prepared.zero, prepared.scale)]
    for some in torch.split(torch.from_numpy(starts), _AT_ONCE):
        batch: Batch = data.gather(some)
        statistics = [of_windows(one, batch.group) for one in constants]
        filled = STRATEGIES["forward_fill"]().lstm_input(
            batch.values, batch.observed, batch.native, *statistics, batch.clock
        )
        parts = (filled.values, batch.observed.float())
        flat = torch.cat([one.flatten(1) for one in parts], dim=1).double().numpy()
        target = torch.where(batch.own, batch.target, 0.0).flatten(1).double().numpy()
        yield np.hstack([flat, np.ones((len(flat), 1))]), target, batch.own.flatten(1).numpy()
