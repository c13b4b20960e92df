"""What happens in a masked LSTM step by step: features, gates, states, reading, gradients."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float32

from masklab.inspector.cells import Cells, run_cells
from masklab.inspector.names import feature_names
from masklab.inspector.window import Output, Window

if TYPE_CHECKING:
    from torch import Tensor

    from masklab.nn.network import MaskedNetwork
    from masklab.strategies.strategy import Features, Strategy


_FIRST = Output()


@dataclass(frozen=True, eq=False)
class Trace:
    """Every number of one window in one network; scaled units unless said otherwise.

    `usable`: steps that the LSTM takes; True everywhere for a strategy that skips none.
    `features`: what the LSTM reads, by `names`. `i f g o`: gates, NaN at steps that it doesn't
    take; `c h`: the state after each step. `from_input`, `from_state` (what is added before the
    gates' functions, in the order i f g o) and `bias`: their sum is what a gate is made of.
    `h_before`, `c_before`: the state that a step starts from, after any fading. `fades`: curves of
    those that fade, by name. `weights`: how much of each step's output the head reads.
    `attention`: the same where they are learnt. `gradient`: of the chosen output by every value of
    the series, `by_feature`: by everything that the LSTM reads.
    """

    strategy: str
    output: Output
    usable: Bool[np.ndarray, "time"]
    names: tuple[str, ...]
    features: Float32[np.ndarray, "time feature"]
    i: Float32[np.ndarray, "time hidden"]
    f: Float32[np.ndarray, "time hidden"]
    g: Float32[np.ndarray, "time hidden"]
    o: Float32[np.ndarray, "time hidden"]
    c: Float32[np.ndarray, "time hidden"]
    h: Float32[np.ndarray, "time hidden"]
    c_before: Float32[np.ndarray, "time hidden"]
    h_before: Float32[np.ndarray, "time hidden"]
    from_input: Float32[np.ndarray, "time 4*hidden"]
    from_state: Float32[np.ndarray, "time 4*hidden"]
    bias: Float32[np.ndarray, "4*hidden"]
    fades: dict[str, Float32[np.ndarray, "time curve"]]
    weights: Float32[np.ndarray, "time"]
    attention: Float32[np.ndarray, "time"] | None
    prediction: Float32[np.ndarray, "horizon target"]
    gradient: Float32[np.ndarray, "time channel"]
    by_feature: Float32[np.ndarray, "time feature"]

    @property
    def hidden(self) -> int:
        """Units of the state."""
        return int(self.h.shape[1])


def trace(network: MaskedNetwork, window: Window, output: Output = _FIRST) -> Trace:
    """Return what the network does with a window, and the gradient of one output.

    The gradient is autograd's, through the strategy's features and the network itself; gates and
    states come from a loop over the network's own weights. Raises `ExperimentError` for a strategy
    that isn't served, or a network with several layers or two directions.
    """
    import torch  # noqa: PLC0415, the page is drawn before torch is there

    read, given, prediction = _forward(network, window)
    chosen = prediction[0, output.step, output.channel]
    gradient, by_feature = torch.autograd.grad(
        chosen, [given, read.values], allow_unused=True, materialize_grads=True
    )
    with torch.inference_mode():
        cells = run_cells(network, read)
        usable = _usable(read)
        weights = _weights(network, cells.h, usable, read)
        whole = (weights[:, None] * cells.h).sum(dim=0)
        predicted = network.head(whole).view(-1, len(network.targets))
    learnt = network.attention is not None
    return Trace(
        strategy=_strategy(network).label,
        output=output,
        usable=usable.numpy(),
        names=feature_names(_strategy(network), window.channels),
        features=cells.features.numpy(),
        **{one.name: getattr(cells, one.name).numpy() for one in _STATES},
        fades={name: curve.numpy() for name, curve in cells.fades.items()},
        weights=weights.numpy(),
        attention=weights.numpy() if learnt else None,
        prediction=predicted.numpy(),
        gradient=gradient[0].numpy(),
        by_feature=by_feature[0].numpy(),
    )


_STATES = [one for one in fields(Cells) if one.name not in {"features", "fades"}]


class _Recorder:
    """A strategy that keeps what it hands to the network, so that gradients can be asked of it."""

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self.made: Features | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._strategy, name)

    def lstm_input(self, *window: Any) -> Features:
        made: Features = self._strategy.lstm_input(*window)
        values = made.values
        # A view of its own: what is asked for must lie on the way from the input to the output.
        self.made = replace(made, values=values.clone())
        if not self.made.values.requires_grad:  # a strategy that reads no values
            self.made.values.requires_grad_()
        return self.made


def _forward(network: MaskedNetwork, window: Window) -> tuple[Features, Tensor, Tensor]:
    """Return the features, the values they were made of, and the prediction, all with gradients."""
    import torch  # noqa: PLC0415

    recorder = _Recorder(network.strategy)
    watched = copy.copy(network)  # shares the weights; the network itself stays as it is
    watched.strategy = recorder
    watched.eval()
    given = torch.from_numpy(window.values[None].copy()).requires_grad_()
    masks = (torch.from_numpy(one[None].copy()) for one in (window.observed, window.native))
    clock = torch.from_numpy(window.clock[None].copy())
    with torch.enable_grad():
        prediction = watched(given, *masks, clock)
    if recorder.made is None:
        raise RuntimeError("The network read no features.")
    return recorder.made, given, prediction


def _strategy(network: MaskedNetwork) -> Strategy:
    found: Any = network.strategy
    return found  # type: ignore[no-any-return]


def _usable(read: Features) -> Tensor:
    import torch  # noqa: PLC0415

    if read.steps is None:
        return torch.ones(read.values.shape[1], dtype=torch.bool)
    return read.steps[0]


def _weights(network: MaskedNetwork, h: Tensor, usable: Tensor, read: Features) -> Tensor:
    """Return how much of each step's output the head reads; all zero if no step is usable."""
    import torch  # noqa: PLC0415

    weights = torch.zeros(len(usable))
    there = usable.nonzero().flatten()
    if not len(there):
        return weights
    if network.attention is not None:
        weights[there] = network.attention._scores(h[there]).softmax(dim=0)
    elif network.reads == "mean":
        weights[there] = 1 / len(there)
    else:
        weights[there[-1]] = 1.0
    return weights
