"""The network of a run: a strategy's features, a masked LSTM, a linear head."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import nn

from masklab.nn.committee import Committee
from masklab.nn.decay import DecayLSTM
from masklab.nn.heads import Attention, last_usable, usable_mean
from masklab.nn.initial_weights import draw_weights
from masklab.nn.masked_lstm import MaskedLSTM
from masklab.nn.own_recurrence import OwnRecurrence, Reading
from masklab.nn.rits import RITS
from masklab.nn.seams import HasHorizon
from masklab.nn.statistics import of_windows, rows_of, take_rows
from masklab.nn.time_aware import TimeAwareLSTM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Int
    from torch import Tensor

    from masklab.nn.seams import (
        InputStrategy,
        LSTMInput,
        NetworkSize,
        NetworkTask,
        ScaledStatistics,
    )

    Window: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None]


_OWN: dict[str, type[OwnRecurrence]] = {
    "decay": DecayLSTM,
    "rits": RITS,
    "time_aware": TimeAwareLSTM,
}
"""Recurrences that are no `MaskedLSTM`."""
_STATISTICS = {"mean": 0.0, "zero": 0.0, "scale": 1.0}
"""What strategies fill with, and what it is until it is set: data that is scaled already."""


class MaskedNetwork(nn.Module):
    """Strategy, LSTM and head as one module; build it with `build_network`.

    The statistics that strategies fill with are buffers (group, channel): they move and are saved
    with the weights. A group is the series that share a row; there is one, mean and zero 0 and
    scale 1, until `set_statistics` is called.
    """

    mean: Tensor
    zero: Tensor
    scale: Tensor

    def __init__(
        self,
        strategy: InputStrategy,
        channels: int,
        targets: Sequence[int],
        model: NetworkSize,
        horizon: int | None,
    ) -> None:
        super().__init__()
        self.strategy = strategy
        self.channels, self.targets, self.horizon = channels, list(targets), horizon
        for name, start in _STATISTICS.items():
            self.register_buffer(name, torch.full((1, channels), start))
        keep = partial(take_rows, names=tuple(_STATISTICS))
        self.register_load_state_dict_pre_hook(keep)  # type: ignore[no-untyped-call]
        self.lstm = _lstm(strategy, channels, model, horizon)
        width = model.hidden_size * (2 if self.lstm.bidirectional else 1)
        estimates = isinstance(self.lstm, OwnRecurrence) and self.lstm.estimates
        # Where the recurrence estimates the cells itself, a reconstruction is that.
        self.head: nn.Module = (
            nn.Identity()
            if estimates and horizon is None
            else nn.Linear(width, (horizon or 1) * len(targets))
        )
        self.refinements = nn.ModuleList(
            Refinement(strategy, channels, targets, model)
            for _ in range(strategy.refinements() if horizon is None else 0)
        )
        self.width = width
        self.reads, self.calendar = model.head, model.calendar
        self.attention = Attention(width) if horizon and model.head == "attention" else None

    def set_statistics(self, statistics: ScaledStatistics) -> None:
        """Copy mean, zero and scale, each (group, channel) or (channel), into the buffers."""
        self.mean = rows_of(statistics.mean, self.mean)
        self.zero = rows_of(statistics.zero, self.zero)
        self.scale = rows_of(statistics.scale, self.scale)

    def forward(  # noqa: PLR0913, PLR0917 (a window, its masks, clock, group and padding)
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        clock: Float[Tensor, "batch time"] | None = None,
        group: Int[Tensor, "batch"] | None = None,
        padding: Bool[Tensor, "batch time"] | None = None,
        calendar: Float[Tensor, "batch time cycle"] | None = None,
    ) -> Float[Tensor, "batch step target"]:
        """Return the prediction, scaled: (batch, horizon, target) or (batch, time, target).

        `values` may hold anything, NaN included, where `native` is False. Whatever stands in
        hidden cells changes nothing, unless the strategy ignores the mask. `clock` is the time
        since each window's first step in median intervals of the data; None counts steps. `group`
        says which row of the statistics holds for a window; None will do where there is one row,
        and raises `ValueError` where there are more. `padding`: steps before a short window's first
        one. No strategy reads them, those that skip nothing neither: the state starts after them,
        and no head sees them. What is predicted there means nothing. None is no such step.
        `calendar`: see `masklab.training.calendar`; raises `ValueError` where the network reads one
        and gets none.
        """
        found = self.with_auxiliary(values, observed, native, clock, group, padding, calendar)[0]
        return found[-1] if self.training and len(self.refinements) else found

    def with_auxiliary(  # noqa: PLR0913, PLR0917 (as above)
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        clock: Float[Tensor, "batch time"] | None = None,
        group: Int[Tensor, "batch"] | None = None,
        padding: Bool[Tensor, "batch time"] | None = None,
        calendar: Float[Tensor, "batch time cycle"] | None = None,
    ) -> tuple[Float[Tensor, "*estimate batch step target"], Float[Tensor, ""] | None]:
        """Return the prediction, and what the strategy adds to the loss in training, if anything.

        In training, a network that corrects itself returns the estimate of each pass, the last one
        the prediction: each is to be learnt. In evaluation nothing is added: scores never hold it.
        """
        window = (values, observed, native, clock, group)
        features = self._with_calendar(self._features(*window), calendar)
        steps = features.steps  # of those that skip: what is padding is not observed, and skipped
        if steps is None and padding is not None:
            steps = ~padding
        reading = self._reading(features, steps, window)
        auxiliary = reading.auxiliary
        if auxiliary is not None:
            auxiliary = self.strategy.auxiliary_weight() * auxiliary
        estimates = [self._prediction(features, steps, reading)]
        for one in self.refinements:
            estimates.append(one(estimates[-1], features, steps, values, observed))
        every = self.training and len(estimates) > 1
        return torch.stack(estimates) if every else estimates[-1], auxiliary

    def _with_calendar(self, features: LSTMInput, calendar: Tensor | None) -> LSTMInput:
        if not self.calendar:
            return features
        if calendar is None:
            raise ValueError("this network reads a calendar: hand it one")
        read = torch.cat((features.values, calendar.to(features.values.dtype)), dim=-1)
        return replace(features, values=read)  # type: ignore[type-var]

    def _prediction(
        self, features: LSTMInput, steps: Tensor | None, reading: Reading
    ) -> Float[Tensor, "..."]:
        if self.horizon is None and reading.estimate is not None:
            return reading.estimate[:, :, self.targets]
        if self.horizon is None:
            per_step: Tensor = self.head(reading.output)  # (batch, time, target)
            base = features.base
            return per_step if base is None else base[:, :, self.targets] + per_step
        flat: Tensor = self.head(self._whole(reading.output, steps))
        return flat.view(-1, self.horizon, len(self.targets))

    def _whole(self, output: Tensor, steps: Tensor | None) -> Float[Tensor, "batch hidden"]:
        """Return one vector of each window."""
        if self.attention is not None:
            attended: Tensor = self.attention(output, steps)
            return attended
        if self.reads == "mean":
            return usable_mean(output, steps)
        return last_usable(output, steps, bidirectional=self.lstm.bidirectional)

    def _features(
        self,
        values: Tensor,
        observed: Tensor,
        native: Tensor,
        clock: Tensor | None,
        group: Tensor | None,
    ) -> LSTMInput:
        mean, zero = of_windows(self.mean, group), of_windows(self.zero, group)
        scale = of_windows(self.scale, group)
        return self.strategy.lstm_input(values, observed, native, mean, zero, scale, clock)

    def _reading(self, features: LSTMInput, steps: Tensor | None, window: Window) -> Reading:
        if not isinstance(self.lstm, OwnRecurrence):
            return Reading(self.lstm(features.values, steps)[0])
        ways = [features]
        if self.lstm.bidirectional:
            ways.append(self._features(*_turned_round(*window)))
        reading: Reading = self.lstm(ways, of_windows(self.mean, window[-1]), steps)
        return reading


def _lstm(
    strategy: InputStrategy, channels: int, model: NetworkSize, horizon: int | None
) -> MaskedLSTM | OwnRecurrence:
    inputs, both_ways = strategy.features_per_channel() * channels, model.bidirectional
    inputs += 2 * len(model.calendar)
    both_ways = both_ways or strategy.both_ways
    # nn.LSTM drops out between layers only, and warns where there is one.
    dropout = model.dropout if model.num_layers > 1 else 0.0
    if strategy.recurrence in _OWN:
        own = _OWN[strategy.recurrence]
        # Estimates come from the first layer: there is nothing for others to do.
        layers = 1 if own.estimates and horizon is None else model.num_layers
        return own(inputs, model.hidden_size, layers, channels, dropout, both_ways)
    return MaskedLSTM(
        inputs,
        model.hidden_size,
        model.num_layers,
        dropout=dropout,
        bidirectional=both_ways,
        on_masked="reset" if strategy.recurrence == "reset" else "carry",
    )


class Refinement(nn.Module):
    """One more LSTM over a window, which reads an estimate of its targets too and corrects it."""

    def __init__(
        self, strategy: InputStrategy, channels: int, targets: Sequence[int], model: NetworkSize
    ) -> None:
        super().__init__()
        self.targets = list(targets)
        inputs = strategy.features_per_channel() * channels + len(targets)
        both_ways = model.bidirectional or strategy.both_ways
        self.lstm = MaskedLSTM(
            inputs + 2 * len(model.calendar), model.hidden_size, model.num_layers,
            dropout=model.dropout if model.num_layers > 1 else 0.0, bidirectional=both_ways,
        )  # fmt: skip
        self.head = nn.Linear(model.hidden_size * (2 if both_ways else 1), len(targets))

    def forward(
        self,
        estimate: Float[Tensor, "batch time target"],
        features: LSTMInput,
        steps: Bool[Tensor, "batch time"] | None,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
    ) -> Float[Tensor, "batch time target"]:
        """Return a better estimate; what is observed is read in place of its estimate."""
        known = torch.where(observed[:, :, self.targets], values[:, :, self.targets], estimate)
        read = torch.cat((features.values, known), dim=-1)
        corrected: Tensor = estimate + self.head(self.lstm(read, steps)[0])
        return corrected


def _turned_round(
    values: Tensor,
    observed: Tensor,
    native: Tensor,
    clock: Tensor | None,
    group: Tensor | None,
) -> Window:
    """Return a window as it is seen from its end."""
    clock = None if clock is None else (clock[:, -1:] - clock).flip(1)
    return values.flip(1), observed.flip(1), native.flip(1), clock, group


def build_network(  # noqa: PLR0913, PLR0917 (a run is these six facts)
    strategy: InputStrategy,
    task: NetworkTask,
    channels: int,
    targets: Sequence[int],
    model: NetworkSize,
    seed: int,
) -> MaskedNetwork | Committee:
    """Return the network of one run, its weights drawn from the seed.

    Each parameter is drawn by its name, so that every strategy of a seed starts from the same
    weights; input columns beyond the channels (flags, say) have a stream of their own. The
    global random state is left as it was. `targets` are the columns of the target channels.
    """
    horizon = task.horizon if isinstance(task, HasHorizon) else None

    def made(number: int) -> MaskedNetwork:
        return _drawn(strategy, channels, targets, model, horizon, _seed_of(seed, number))

    return made(0) if model.members == 1 else Committee(model.members, made)


def _seed_of(seed: int, member: int) -> int:
    """Return the seed of a member's weights; the first one's are those of a network alone."""
    words = f"{seed}:{member}".encode()
    drawn = int.from_bytes(hashlib.blake2b(words, digest_size=8).digest(), "big") >> 1
    return drawn if member else seed


def _drawn(  # noqa: PLR0913, PLR0917 (as above)
    strategy: InputStrategy,
    channels: int,
    targets: Sequence[int],
    model: NetworkSize,
    horizon: int | None,
    seed: int,
) -> MaskedNetwork:
    with torch.random.fork_rng(devices=[]):
        network = MaskedNetwork(strategy, channels, targets, model, horizon)
    draw_weights(network, channels, seed, widths=(network.lstm.hidden_size, network.width))
    return network
