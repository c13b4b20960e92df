"""The LSTM's cells as a loop that reads like the equations, over a network's own weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from masklab.errors import ExperimentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Bool, Float
    from torch import Tensor

    from masklab.nn.network import MaskedNetwork
    from masklab.strategies.strategy import Features


@dataclass(frozen=True, eq=False)
class Cells:
    """Every step's numbers as `Trace` has them; NaN for gates of steps that are not taken."""

    features: Float[Tensor, "time feature"]
    i: Float[Tensor, "time hidden"]
    f: Float[Tensor, "time hidden"]
    g: Float[Tensor, "time hidden"]
    o: Float[Tensor, "time hidden"]
    c: Float[Tensor, "time hidden"]
    h: Float[Tensor, "time hidden"]
    c_before: Float[Tensor, "time hidden"]
    h_before: Float[Tensor, "time hidden"]
    from_input: Float[Tensor, "time 4*hidden"]
    from_state: Float[Tensor, "time 4*hidden"]
    bias: Float[Tensor, "4*hidden"]
    fades: dict[str, Float[Tensor, "time curve"]]


@dataclass(frozen=True, eq=False)
class _Way:
    """How a recurrence differs from a plain LSTM's, step by step.

    `x`: what is read at a step, given h before it. `before`: the state a step starts from.
    `taken`: steps that are taken; at others the state is carried, or 0 if `wipes`.
    """

    x: Callable[[int, Tensor], Tensor]
    before: Callable[[int, Tensor, Tensor], tuple[Tensor, Tensor]]
    taken: Bool[Tensor, "time"]
    wipes: bool
    fades: dict[str, Tensor]


def run_cells(network: MaskedNetwork, read: Features) -> Cells:
    """Run the network's first layer over what its strategy made of one window."""
    import torch  # noqa: PLC0415
    from torch.nn import functional  # noqa: PLC0415

    lstm: Any = network.lstm
    if lstm.num_layers > 1 or lstm.bidirectional:
        raise ExperimentError(
            "The inspector shows networks of one layer that read forwards; this one has "
            f"{lstm.num_layers} layers{', both ways' if lstm.bidirectional else ''}. Train a small one."
        )
    way = _WAYS[network.strategy.recurrence](network, read)
    weight_ih, weight_hh = lstm.weight_ih_l0, lstm.weight_hh_l0
    bias = lstm.bias_ih_l0 + lstm.bias_hh_l0
    h = c = torch.zeros(lstm.hidden_size)
    nothing = torch.full((lstm.hidden_size,), torch.nan)
    rows: list[tuple[Tensor, ...]] = []
    for step in range(len(way.taken)):
        x = way.x(step, h)
        h_from, c_from = way.before(step, h, c)
        if way.taken[step]:
            given, kept = functional.linear(x, weight_ih), functional.linear(h_from, weight_hh)
            i, f, g, o = (given + kept + bias).chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c_from + i * g
            h = o * c.tanh()
        else:
            given = kept = nothing.repeat(4)
            i = f = g = o = nothing
            h_from, c_from = h, c
            if way.wipes:
                h, c = torch.zeros_like(h), torch.zeros_like(c)
        rows.append((x, i, f, g, o, c, h, c_from, h_from, given, kept))
    read_x, i, f, g, o, c, h, c_from, h_from, given, kept = (
        torch.stack(column) for column in zip(*rows, strict=True)
    )
    return Cells(read_x, i, f, g, o, c, h, c_from, h_from, given, kept, bias, way.fades)


def _every_step(read: Features) -> Bool[Tensor, "time"]:
    import torch  # noqa: PLC0415

    return torch.ones(read.values.shape[1], dtype=torch.bool)


def _plain(network: MaskedNetwork, read: Features) -> _Way:
    taken = _every_step(read) if read.steps is None else read.steps[0]
    return _Way(
        x=lambda step, _: read.values[0, step],
        before=lambda _, h, c: (h, c),
        taken=taken,
        wipes=network.strategy.recurrence == "reset",
        fades={},
    )


def _decay(network: MaskedNetwork, read: Features) -> _Way:
    """x̂ = m x + (1-m)(γ_x x_last + (1-γ_x) x̄); h ← γ_h h before each step (Che et al. 2018)."""
    import torch  # noqa: PLC0415
    from torch.nn import functional  # noqa: PLC0415

    lstm: Any = network.lstm
    elapsed = _elapsed(read)
    fade_x = (-(lstm.weight_decay_x * elapsed + lstm.bias_decay_x).clamp(min=0)).exp()
    to_h = functional.linear(elapsed, lstm.weight_decay_h, lstm.bias_decay_h)
    fade_h = (-to_h.clamp(min=0)).exp()
    last, mask = read.values[0].chunk(2, dim=-1)
    mean = network.mean[0]
    x = torch.where(mask > 0, last, fade_x * last + (1 - fade_x) * mean)
    read_x = torch.cat((x, mask), dim=-1)
    return _Way(
        x=lambda step, _: read_x[step],
        before=lambda step, h, c: (fade_h[step] * h, c),
        taken=_every_step(read),
        wipes=False,
        fades={"γ_x": fade_x, "γ_h": fade_h},
    )


def _time_aware(network: MaskedNetwork, read: Features) -> _Way:
    """C* = (C - C_S) + g(Δ) C_S with C_S = tanh(W_d C + b_d), g(Δ) = 1 / log(e + Δ)."""
    from torch.nn import functional  # noqa: PLC0415

    lstm: Any = network.lstm
    share = 1 / (math.e + _elapsed(read)).log()

    def before(step: int, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        short = functional.linear(c, lstm.weight_short, lstm.bias_short).tanh()
        return h, c - short + share[step] * short

    return _Way(
        x=lambda step, _: read.values[0, step],
        before=before,
        taken=_every_step(read) if read.steps is None else read.steps[0],
        wipes=False,
        fades={"g(Δ)": share},
    )


def _rits(network: MaskedNetwork, read: Features) -> _Way:
    """Hidden cells are estimated from h and the step's other channels (Cao et al. 2018)."""
    import torch  # noqa: PLC0415
    from torch.nn import functional  # noqa: PLC0415

    lstm: Any = network.lstm
    elapsed = _elapsed(read)
    given, mask = read.values[0].chunk(2, dim=-1)
    fade = (-functional.linear(elapsed, lstm.weight_decay_h, lstm.bias_decay_h).clamp(min=0)).exp()
    mixed = torch.cat((fade, mask), dim=-1)
    mix = functional.linear(mixed, lstm.weight_mix, lstm.bias_mix).sigmoid()
    others = lstm.weight_feature * (1 - torch.eye(len(lstm.weight_feature)))

    def x(step: int, h: Tensor) -> Tensor:
        seen = mask[step] > 0
        from_state = functional.linear(h, lstm.weight_history, lstm.bias_history)
        filled = torch.where(seen, given[step], from_state)
        from_channels = functional.linear(filled, others, lstm.bias_feature)
        estimate = mix[step] * from_channels + (1 - mix[step]) * from_state
        return torch.cat((torch.where(seen, given[step], estimate), mask[step]))

    return _Way(
        x=x,
        before=lambda step, h, c: (fade[step] * h, c),
        taken=_every_step(read),
        wipes=False,
        fades={"γ_h": fade},
    )


def _elapsed(read: Features) -> Float[Tensor, "time channel"]:
    if read.elapsed is None:
        raise ExperimentError("A recurrence in clock time needs elapsed times; there are none.")
    return read.elapsed[0]


_WAYS = {
    "plain": _plain,
    "carry": _plain,
    "reset": _plain,
    "decay": _decay,
    "time_aware": _time_aware,
    "rits": _rits,
}
