"""The base of LSTMs whose first layer has a recurrence of its own, one way or both."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from torch import _VF, Tensor, nn
from torch.nn import functional

from masklab.nn.fused import run_in_chunks
from masklab.nn.left_aligned import run_left_aligned, suits
from masklab.nn.packing import pack
from masklab.nn.unpacking import outputs_by_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Int

    from masklab.nn.seams import LSTMInput


LSTM_MODE = 2
"""How cuDNN's `cudnnRNNMode_t` numbers the LSTM."""


class Reading(NamedTuple):
    """What a recurrence makes of a window.

    `output`: h of every step. `estimate`: the cells as the recurrence itself estimates them, for
    those that do. `auxiliary`: a loss of its own, for training only.
    """

    output: Float[Tensor, "batch time hidden"]
    estimate: Float[Tensor, "batch time channel"] | None = None
    auxiliary: Float[Tensor, ""] | None = None

    def flipped(self) -> Reading:
        """Return the reading with its time turned round."""
        estimate = None if self.estimate is None else self.estimate.flip(1)
        return Reading(self.output.flip(1), estimate, self.auxiliary)


class OwnRecurrence(nn.LSTM):
    """An `nn.LSTM` by its weights and their names; the first layer is a subclass's `one_way`.

    Both ways, the second direction gets the window turned round, as its strategy sees it from
    there. Layers above the first are plain; where the first skips steps they skip them too, as
    `MaskedLSTM` does under `carry`. Batch-first; starts from zeros.
    """

    estimates: ClassVar[bool] = False
    """Whether the first layer estimates cells itself: a reconstruction is then its estimate."""

    def __init__(  # noqa: PLR0913, PLR0917 (nn.LSTM's words)
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        channels: int,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        self.suffixes = ("", "_reverse")[: 2 if bidirectional else 1]
        for suffix in self.suffixes:
            self.add_weights(channels, suffix)

    def flatten_parameters(self) -> None:
        """Lay the weights of the layers above the first out as cuDNN wants them: it runs those alone."""
        directions = 2 if self.bidirectional else 1
        weights = [one for one in self._flat_weights[4 * directions :] if one is not None]
        if not weights or not all(one.is_cuda for one in weights):
            return
        if not torch.backends.cudnn.is_acceptable(weights[0]):  # type: ignore[no-untyped-call]
            return
        with torch.no_grad(), torch.cuda.device(weights[0].device):
            torch._cudnn_rnn_flatten_weight(
                weights, 4, self.hidden_size * directions, LSTM_MODE, self.hidden_size, 0,
                self.num_layers - 1, True, self.bidirectional,
            )  # fmt: skip

    @abstractmethod
    def add_weights(self, channels: int, suffix: str) -> None:
        """Make what one direction needs beyond an LSTM's weights."""

    @abstractmethod
    def one_way(
        self, way: LSTMInput, suffix: str, mean: Float[Tensor, "#batch 1 channel"]
    ) -> Reading:
        """Return what the first layer makes of a window in one direction."""

    def forward(  # type: ignore[override]  # windows that a strategy made, not tensors
        self,
        ways: Sequence[LSTMInput],
        mean: Float[Tensor, "#batch 1 channel"],
        steps: Bool[Tensor, "batch time"] | None = None,
    ) -> Reading:
        """Return the last layer's outputs, with what the first estimates.

        `ways`: the window, and for both ways the window turned round. `steps`: those after a
        window's padding, where the strategy skips none itself; None is every one.
        """
        # Gradients by hand write products into float32 rows, and a fade or an estimate goes through
        # every step: the whole recurrence stays in float32, whatever is cast around it.
        with torch.autocast(mean.device.type, enabled=False):
            skipped = ways[0].steps
            padded = steps if skipped is None else None
            first, *second = (
                self._one_way(way, suffix, mean, padded)
                for way, suffix in zip(ways, self.suffixes, strict=True)
            )
            reading = self.joined(first, second[0].flipped(), padded) if second else first
            return reading._replace(
                output=self._above(reading.output, padded if skipped is None else skipped)
            )

    def joined(
        self, forward: Reading, backward: Reading, steps: Bool[Tensor, "batch time"] | None = None
    ) -> Reading:
        """Return one reading of two directions, both in the order of time.

        `steps`: False in padding, for what is summed over steps; None is no padding.
        """
        return Reading(torch.cat((forward.output, backward.output), dim=-1))

    def _one_way(
        self,
        way: LSTMInput,
        suffix: str,
        mean: Float[Tensor, "#batch 1 channel"],
        steps: Bool[Tensor, "batch time"] | None,
    ) -> Reading:
        """Return `one_way` of the steps after a window's padding; padding gives zeros.

        Turned round, it comes last, where causality makes it harmless.
        """
        if steps is None or suffix or bool(steps.all()):
            return self.one_way(way, suffix, mean)
        padding = (~steps).sum(dim=1)
        moved = _Moved(_turned(way.values, -padding), _turned(elapsed_of(way), -padding))
        found = self.one_way(moved, suffix, mean)

        def returned(one: Tensor) -> Tensor:
            return _turned(one, padding).where(steps[:, :, None], 0.0)

        estimate = None if found.estimate is None else returned(found.estimate)
        return Reading(returned(found.output), estimate, found.auxiliary)

    def first_weights(self, suffix: str) -> tuple[Tensor, Tensor, Tensor]:
        """Return weight_ih, weight_hh and the sum of the biases of the first layer."""
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        weight_ih, weight_hh, bias_ih, bias_hh = (getattr(self, name + suffix) for name in names)
        return weight_ih, weight_hh, bias_ih + bias_hh

    def _above(
        self, output: Float[Tensor, "batch time hidden"], steps: Bool[Tensor, "batch time"] | None
    ) -> Tensor:
        """Run the layers above the first, over usable steps alone if there is a step mask."""
        if self.num_layers == 1:
            return output
        x = functional.dropout(output, self.dropout, self.training)
        weights = self.all_weights[len(self.suffixes) :]
        if steps is None or bool(steps.all()):
            return self._over_every_step(x, [one for row in weights for one in row])
        if not steps.any():
            # Zeros that are still a function of all weights, so that backward runs.
            functions = (x, *(one for row in weights for one in row))
            nothing = torch.cat([one.flatten()[:0] for one in functions]).sum()
            return torch.zeros_like(x) + nothing
        layers = _Above(
            self.hidden_size, self.num_layers - 1, self.dropout, self.training,
            self.bidirectional, weights,
        )  # fmt: skip
        if suits(x):
            return run_left_aligned(layers, x, steps, "carry", None, zero_at_masked=False)[0]
        packing, packed_steps = pack(x, steps, "carry", self.hidden_size, from_zeros=True)
        packed = run_in_chunks(layers, packed_steps, None, packing)
        return outputs_by_step(
            packed.output, packing, zero_at_masked=False, bidirectional=self.bidirectional
        )

    def _over_every_step(self, x: Tensor, weights: list[Tensor]) -> Tensor:
        directions, layers = len(self.suffixes), self.num_layers - 1
        zeros = x.new_zeros(layers * directions, len(x), self.hidden_size)
        above: Tensor = _VF.lstm(
            x, (zeros, zeros), weights, True, layers, self.dropout, self.training,
            self.bidirectional, True,
        )[0]  # fmt: skip
        return above


def _turned(
    values: Float[Tensor, "batch time feature"], by: Int[Tensor, "batch"]
) -> Float[Tensor, "batch time feature"]:
    """Return each row moved that many steps later, what leaves at one end coming in at the other."""
    time = torch.arange(values.shape[1], device=values.device)
    places = (time - by[:, None]) % values.shape[1]
    return values.gather(1, places[:, :, None].expand_as(values))


@dataclass
class _Moved:
    """A window whose padding was moved behind it."""

    values: Float[Tensor, "batch time feature"]
    elapsed: Float[Tensor, "batch time channel"]
    steps: None = None
    base: None = None


@dataclass
class _Above:
    """The layers above the first, as the fused kernels want them."""

    hidden_size: int
    num_layers: int
    dropout: float
    training: bool
    bidirectional: bool
    all_weights: Sequence[Sequence[Tensor]]
    bias: bool = True


def elapsed_of(way: LSTMInput) -> Float[Tensor, "batch time channel"]:
    """Return the time elapsed that the strategy measured; raise `ValueError` if it did not."""
    if way.elapsed is None:
        raise ValueError("A recurrence in clock time needs elapsed times; its strategy gave None.")
    return way.elapsed
