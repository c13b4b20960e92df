"""Train and score."""

# ruff: noqa: T201 (a script prints)

import copy
import math
import sys
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from masklab.export.code.templates.batches import Batch, Gatherer, count_all, hide_more
from masklab.export.code.templates.data import read_data
from masklab.export.code.templates.network import Network
from masklab.export.code.templates.scaling import fit_scaler
from masklab.export.code.templates.settings import (
    BATCH_SIZE,
    CLIP_NORM,
    DECIDING,
    EPOCHS,
    EXPECTED,
    LEARNING_RATE,
    PATIENCE,
    SEED,
    TARGETS,
    TRAINING_WINDOWS,
    WEIGHT_DECAY,
)
from masklab.export.code.templates.weights import draw_weights, load_weights
from masklab.export.code.templates.windows import freeze, training_starts, validation_starts


# %% Loss and score
def error_where(predicted: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    """Return predicted - target where it counts, 0 elsewhere, whatever stands there.

    Hidden before it is squared: a mask multiplied onto the loss would leave NaN in the gradient.
    """
    return torch.where(counted, predicted - target, 0.0)


def loss_of(error: Tensor, counted: Tensor) -> Tensor:
    """Return the mean over the cells that count, not over all."""
    # if: mse
    return error.square().sum() / counted.sum().clamp(min=1)
    # end
    # if: mae
    return error.abs().sum() / counted.sum().clamp(min=1)
    # end


@torch.no_grad()
def score(network: nn.Module, gatherer: Gatherer, starts: np.ndarray) -> dict[str, float]:
    """Return the errors over all scored cells of some windows, and how many cells these are.

    Sums are pooled: the mean of the batches' means is not the mean.
    """
    network.eval()
    sums = torch.zeros(5, dtype=torch.float64)
    for some in torch.split(torch.from_numpy(starts), max(BATCH_SIZE, 256)):
        batch = gatherer.gather(some)
        predicted = network(batch.window)
        # if: estimates
        predicted = predicted[0]
        # end
        error = error_where(predicted, batch.target, batch.scored).double()
        truth = torch.where(batch.scored, batch.target, 0.0).double()
        original = error * batch.unit
        sums += torch.stack(
            (
                batch.scored.sum().double(),
                error.square().sum(),
                error.abs().sum(),
                truth.abs().sum(),
                original.square().sum(),
            )
        )
    cells, squared, absolute, size, squared_original = sums.tolist()
    return {
        "rmse": math.sqrt(squared / cells),
        "mse": squared / cells,
        "mae": absolute / cells,
        "mre": absolute / size if size else math.nan,
        "rmse_original": math.sqrt(squared_original / cells),
        "cells": cells,
    }


# %% Training
def learning_rate(step: int, steps: int) -> float:
    """Return the learning rate of a step, counted from 0."""
    # if: constant
    return LEARNING_RATE
    # end
    # if: one_cycle cosine
    if steps <= 1:
        return LEARNING_RATE

    def between(first: float, last: float, done: float) -> float:
        return last + (first - last) * (1 + math.cos(math.pi * done)) / 2

    done = step / (steps - 1)
    # end
    # if: cosine
    return between(LEARNING_RATE, LEARNING_RATE / 1000, done)
    # end
    # if: one_cycle
    if done < 0.3:  # up over the first three tenths, then down (Smith & Topin 2019)
        return between(LEARNING_RATE / 25, LEARNING_RATE, done / 0.3)
    return between(LEARNING_RATE, LEARNING_RATE / 1000, (done - 0.3) / 0.7)
    # end


def batches_of(gatherer: Gatherer, starts: np.ndarray, epoch: int) -> Iterator[Batch]:
    """Yield an epoch's training batches, drawn by seed and epoch alone."""
    count = min(len(starts), TRAINING_WINDOWS or len(starts))
    order = np.random.default_rng([SEED, epoch]).choice(starts, count, replace=False)
    # if: reconstruct
    fresh = int(np.random.SeedSequence([SEED, epoch]).generate_state(1, np.uint64)[0]) >> 1
    generator = torch.Generator().manual_seed(fresh)
    # end
    for some in torch.split(torch.from_numpy(order), BATCH_SIZE):
        batch = gatherer.gather(some)
        # if: loss_on_all
        known = batch.counted
        # end
        # if: reconstruct
        batch = hide_more(batch, generator)
        # end
        # if: loss_on_all
        batch = count_all(batch, known)
        # end
        yield batch


def train(
    network: nn.Module, gatherer: Gatherer, training: np.ndarray, validation: np.ndarray
) -> dict[str, float]:
    """Train; leave the network with its best weights, and return their score."""
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True
    )
    count = min(len(training), TRAINING_WINDOWS or len(training))
    step, steps = 0, EPOCHS * -(-count // BATCH_SIZE)
    best, best_epoch, weights = {DECIDING: math.inf}, 0, network.state_dict()
    torch.manual_seed(SEED)  # for dropout
    for epoch in range(1, EPOCHS + 1):
        network.train()
        for batch in batches_of(gatherer, training, epoch):
            predicted = network(batch.window)
            # if: one_answer
            error = error_where(predicted, batch.target, batch.counted)
            loss = loss_of(error, batch.counted)
            # end
            # if: estimates
            error = error_where(predicted[0], batch.target, batch.counted)
            loss = loss_of(error, batch.counted) + predicted[1]
            # end
            optimiser.param_groups[0]["lr"] = learning_rate(step, steps)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
            optimiser.step()
            step += 1
        found = score(network, gatherer, validation)
        print(f"epoch {epoch}: validation RMSE {found['rmse']:.6f}, scaled")
        if found[DECIDING] < best[DECIDING]:
            best, best_epoch, weights = found, epoch, copy.deepcopy(network.state_dict())
        if PATIENCE is not None and epoch - best_epoch >= PATIENCE:
            break
    network.load_state_dict(weights)
    return best


# %% The whole run
def main() -> None:
    """Train, or take the run's own weights (python run.py --kept), and print the score."""
    torch.set_num_threads(1)  # as the run did: sums in another order differ in the last digits
    data = read_data()
    # if: scored_observed
    scored = data.observed[:, TARGETS]
    # end
    # if: scored_native
    scored = data.native[:, TARGETS]
    # end
    training, validation = training_starts(data, scored), validation_starts(data, scored)
    scaler = fit_scaler(data)
    # if: reconstruct
    data, scored, validation = freeze(data, scored, validation)
    # end
    # if: counted_as_scored
    counted = scored
    # end
    # if: counted_native
    counted = data.native[:, TARGETS]  # what the strategy leaks, it trains on too
    # end
    gatherer = Gatherer(data, scaler, counted, scored)
    network = Network()
    draw_weights(network)
    if "--kept" in sys.argv:
        load_weights(network)
        found = score(network, gatherer, validation)
    else:
        found = train(network, gatherer, training, validation)
    print(f"Validation over {found['cells']:,.0f} scored cells:")
    for name in ("rmse", "mse", "mae", "mre", "rmse_original"):
        print(f"{name} {found[name]!r}")
    if EXPECTED is not None:
        print(f"The run in MaskLab: rmse {EXPECTED!r}")


if __name__ == "__main__":
    main()
