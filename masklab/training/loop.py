"""The training loop: one run as a generator of epoch reports."""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from masklab.errors import TrainingError
from masklab.nn.network import build_network
from masklab.split import TRAINING, VALIDATION
from masklab.strategies.strategy import Statistics, Strategy
from masklab.training.batches import Batch, Gatherer
from masklab.training.checkpoint import Checkpoint, Position, joined
from masklab.training.config import ModelConfig, TrainingConfig
from masklab.training.device import Isolation, resolve_device
from masklab.training.diagnosis import check_finite
from masklab.training.learner import Learner
from masklab.training.loss import error_sums, loss_of, scored_error
from masklab.training.metrics import Sums, Truth
from masklab.training.precision import computing, is_mixed
from masklab.training.predictions import Predictions, collect
from masklab.training.prepare import Prepared
from masklab.training.report import UNSCORED, EpochReport
from masklab.training.trim import give_back_freed_memory

if TYPE_CHECKING:
    from jaxtyping import Int64

    Starts = Int64[np.ndarray, "window"]

_LEAST_SCORING_BATCH = 256  # without gradients a larger batch is quicker and still small


@dataclass(frozen=True, eq=False)
class EpochSums:
    """What one pass over the batches adds up: its loss, and if it scores, its errors.

    `loss`: Σ loss / Σ counted over the cells that it counts: not the mean of the batches' means.
    `errors`: by the name of a set of cells (`Batch.scored`); empty in training, which isn't scored.
    """

    loss: float
    errors: dict[str, Sums]


class Run:
    """One strategy with one seed: `reports()` trains, then `network` holds the best weights.

    Everything drawn depends on the seed alone: initial weights, order of batches, fresh cells. So
    runs of one seed differ by their strategy and nothing else. Between two reports, `checkpoint()`
    is where the run stands; another one of the same settings goes on from there, bit for bit.
    """

    def __init__(
        self,
        prepared: Prepared,
        strategy: Strategy,
        seed: int,
        model: ModelConfig,
        training: TrainingConfig,
    ) -> None:
        self.prepared, self.strategy, self.seed, self.config = prepared, strategy, seed, training
        self.device = resolve_device(training.device)
        # First of all: what makes CUDA repeat must be settled before CUDA starts.
        self._isolation = Isolation(self.device, seed, deterministic=training.deterministic)
        self._mixed = is_mixed(self.device, training.precision)
        self.network = build_network(
            strategy, prepared.task, len(prepared.channels), prepared.targets, model, seed
        )
        constants = (prepared.mean, prepared.zero, prepared.scale)
        self.network.set_statistics(Statistics(*(torch.from_numpy(one) for one in constants)))
        self.network.to(self.device)
        self._data = Gatherer(prepared, strategy.label, self.device)
        self._truth = {
            "own": Truth.of(prepared, VALIDATION, prepared.own[strategy.label]),
            "common": Truth.of(prepared, VALIDATION, prepared.common),
            "observed": Truth.of(prepared, VALIDATION, prepared.known),
            "hidden": Truth.of(prepared, VALIDATION, prepared.hidden),
        }
        self._best: dict[str, Any] | None = None
        self._best_score, self._best_epoch = math.inf, 0
        self._epochs_done = 0
        self._learner: Learner | None = None
        give_back_freed_memory()

    def reports(self) -> Iterator[EpochReport]:
        """Train; yield a report after each epoch. To stop, stop asking, or close the generator.

        Goes on where a restored checkpoint ends. Between reports torch is as the caller left it. However the generator ends, the best
        weights so far are restored. Raises `TrainingError` if the loss is not finite.
        """
        epochs = self._epochs()
        try:
            while True:
                with self._isolation.entered():
                    report = next(epochs, None)
                if report is None:
                    return
                yield report
        finally:
            epochs.close()
            if self._best is not None:
                self.network.load_state_dict(self._best)

    @property
    def training_batches(self) -> int:
        """Batches of an epoch that learn."""
        return self._batches_per_epoch()

    @property
    def scoring_batches(self) -> int:
        """Batches of an epoch that score the validation windows."""
        return -(-len(self.prepared.starts(VALIDATION)) // self._scoring_size)

    def try_batches(self, count: int) -> tuple[float, float]:
        """Return seconds of `count` training batches, and of as many that score; for a probe.

        It changes the weights: a run that was tried is not one to train.
        """
        learner, seconds = self._learning(), []
        scored = self.prepared.starts(VALIDATION)[: count * self._scoring_size]
        order = self._order(1)[: count * self.config.batch_size]
        with self._isolation.entered():
            for starts, one in ((order, learner), (scored, None)):
                began = perf_counter()
                self._epoch(1, starts, one)
                seconds.append(perf_counter() - began)
        return seconds[0], seconds[1]

    @property
    def epochs_done(self) -> int:
        """Epochs that were trained, those before a restored checkpoint among them."""
        return self._epochs_done

    def checkpoint(self) -> Checkpoint:
        """Return where the run stands, between two reports: before the first, nothing was done."""
        learner = self._learning()
        best = math.isfinite(self._best_score)
        return Checkpoint(
            Position(
                strategy=self.strategy.label,
                seed=self.seed,
                epoch=self._epochs_done,
                best_epoch=self._best_epoch,
                best_score=self._best_score if best else None,
                steps=learner.done,
                planned=learner.steps,
            ),
            joined(
                network=self.network.state_dict(),
                best=self._best or {},
                optimiser=learner.optimiser.state(),
                random=self._isolation.states(),
            ),
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Stand where a run of the same settings stood; raise `TrainingError` if it was another."""
        at, learner = checkpoint.position, self._learning()
        if (at.strategy, at.seed, at.planned) != (self.strategy.label, self.seed, learner.steps):
            raise TrainingError(
                f"The checkpoint is of {at.strategy} with seed {at.seed} and {at.planned:,} steps; "
                f"this run is {self.strategy.label} with seed {self.seed} and {learner.steps:,}."
            )
        try:
            self.network.load_state_dict(checkpoint.part("network"))
            learner.optimiser.restore(checkpoint.part("optimiser"))
            self._isolation.restore(checkpoint.part("random"))
        except (RuntimeError, KeyError) as error:
            raise TrainingError("The checkpoint is of a network of another shape.") from error
        learner.done = at.steps
        self._best = checkpoint.part("best") or None
        self._best_score = math.inf if at.best_score is None else at.best_score
        self._best_epoch, self._epochs_done = at.best_epoch, at.epoch

    def predictions(self, part: int = VALIDATION) -> Predictions:
        """Return what the network, as it is now, predicts for the windows of a part."""
        with self._isolation.entered(), torch.no_grad():
            self.network.eval()
            predicted = [
                self._predicted(batch)[0].cpu()
                for batch in self._batches(self.prepared.starts(part), _LEAST_SCORING_BATCH)
            ]
        return collect(self.prepared, part, self.strategy.label, [one.numpy() for one in predicted])

    def _epochs(self) -> Generator[EpochReport, None, None]:
        config, learner = self.config, self._learning()
        while self._epochs_done < config.epochs and not self._lost_patience():
            epoch, began = self._epochs_done + 1, perf_counter()
            training = self._epoch(epoch, self._order(epoch), learner)
            validation = self._epoch(epoch, self.prepared.starts(VALIDATION))
            report = self._report(epoch, training, validation, learner.rate, began)
            score = report.common.mse if config.loss == "mse" else report.common.mae
            if score < self._best_score:
                self._best_score, self._best_epoch = score, epoch
                self._best = copy.deepcopy(self.network.state_dict())
            self._epochs_done = epoch
            yield replace(report, is_best=epoch == self._best_epoch)

    def _lost_patience(self) -> bool:
        patience = self.config.patience
        return patience is not None and self._epochs_done - self._best_epoch >= patience

    def _learning(self) -> Learner:
        if self._learner is None:
            steps = self.config.epochs * self._batches_per_epoch()
            self._learner = Learner(self.network, self.config, steps)
        return self._learner

    def _epoch(self, epoch: int, starts: Starts, learner: Learner | None = None) -> EpochSums:
        """Go over the windows once in the given order; learn from them if there is a learner."""
        config, scoring = self.config, learner is None
        size = self._scoring_size if scoring else config.batch_size
        losses, means, counts, sums = [], [], [], []
        self.network.train(not scoring)
        with torch.set_grad_enabled(not scoring):
            for batch in self._batches(starts, size, fresh_in=None if scoring else epoch):
                predicted, auxiliary = self._predicted(batch)
                error = scored_error(predicted, batch.target, batch.own)
                mean = loss_of(error, batch.own, config.loss)
                loss = mean if auxiliary is None else mean + auxiliary
                if learner:
                    learner.learn(loss)
                losses.append(loss.detach())
                means.append(mean.detach())
                counts.append(batch.own.sum())
                if scoring:
                    sums.append(_sums(predicted, batch))
        where = f"epoch {epoch} ({'validation' if scoring else 'training'})"
        leaks = not self.strategy.reads_mask
        check_finite(torch.stack(losses), where, self.prepared, config, reads_hidden=leaks)
        count = torch.stack(counts).cpu().double()
        pooled = (torch.stack(means).cpu().double() * count).sum() / count.sum().clamp(min=1)
        return EpochSums(float(pooled), _pooled(sums))

    def _predicted(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the prediction and the loss of the network's own, both in float32."""
        with computing(self.device, mixed=self._mixed):
            predicted, auxiliary = self.network.with_auxiliary(*batch.window)
        return predicted.float(), auxiliary

    def _batches(self, starts: Starts, size: int, fresh_in: int | None = None) -> Iterator[Batch]:
        """Gather batches of windows; `fresh_in` is the epoch that trains on them, as its loss asks."""
        rows = torch.from_numpy(starts).to(self.device)
        scored = fresh_in is None
        batches = (self._data.gather(some, scored=scored) for some in torch.split(rows, size))
        if fresh_in is None:
            yield from batches
            return
        seed = _mixed(self.seed, fresh_in)
        generator = torch.Generator(self.device).manual_seed(seed)
        for batch in batches:
            more = self._data.hide_more(batch, generator)
            counts_all = self.config.loss_on == "all"
            yield self._data.count_all(more, known=batch.own) if counts_all else more

    def _order(self, epoch: int) -> Starts:
        """Return the epoch's training windows, drawn and ordered by seed and epoch alone."""
        starts = self.prepared.starts(TRAINING)
        generator = np.random.default_rng([self.seed, epoch])
        return generator.choice(starts, self._windows_per_epoch(), replace=False)

    def _windows_per_epoch(self) -> int:
        there, most = len(self.prepared.starts(TRAINING)), self.config.training_windows
        return there if most is None else min(most, there)

    @property
    def _scoring_size(self) -> int:
        return max(self.config.batch_size, _LEAST_SCORING_BATCH)

    def _batches_per_epoch(self) -> int:
        return -(-self._windows_per_epoch() // self.config.batch_size)

    def _report(
        self, epoch: int, training: EpochSums, validation: EpochSums, rate: float, began: float
    ) -> EpochReport:
        scores = {}
        for cells, sums in validation.errors.items():
            scaled, original = self._truth[cells].scores(sums)
            scores[cells] = scaled if scaled.count else UNSCORED
            scores[f"{cells}_original"] = original if original.count else UNSCORED
        return EpochReport(
            strategy=self.strategy.label,
            seed=self.seed,
            epoch=epoch,
            epochs=self.config.epochs,
            training_loss=training.loss,
            learning_rate=rate,
            seconds=perf_counter() - began,
            is_best=False,
            **scores,
        )


def train_run(
    prepared: Prepared,
    strategy: Strategy,
    seed: int,
    model: ModelConfig,
    training: TrainingConfig,
) -> Iterator[EpochReport]:
    """Train one run; yield a report after each epoch. See `Run.reports`."""
    return Run(prepared, strategy, seed, model, training).reports()


def _sums(predicted: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
    """Return the error sums of each set of cells; sets that are one tensor are summed once."""
    found: dict[int, torch.Tensor] = {}
    for cells in batch.scored.values():
        if id(cells) not in found:
            error = scored_error(predicted, batch.target, cells)
            found[id(cells)] = error_sums(error, cells, batch.unit, batch.relative)
    return {name: found[id(cells)] for name, cells in batch.scored.items()}


def _pooled(batches: list[dict[str, torch.Tensor]]) -> dict[str, Sums]:
    names = batches[0] if batches else ()
    return {
        name: torch.stack([one[name] for one in batches]).cpu().double().sum(dim=0).numpy()
        for name in names
    }


def _mixed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0]) >> 1
