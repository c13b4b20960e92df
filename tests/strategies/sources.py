"""Every strategy as its source has it, for one window: step by step in NumPy, none of our code.

A `Row` is one window; `features` is what the LSTM is fed; `outputs` what it makes of it. Weights
come by PyTorch's names, gates as i, f, g, o.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Row:
    """Values x, what the user left (m) and what the file has (n), each (time, channel); clock s."""

    x: np.ndarray
    m: np.ndarray
    n: np.ndarray
    s: np.ndarray
    mean: np.ndarray
    zero: np.ndarray
    scale: np.ndarray

    def turned(self) -> Row:
        """Return the window as it is seen from its end: time runs the other way."""
        back = (one[::-1] for one in (self.x, self.m, self.n, self.s[-1] - self.s))
        return Row(*back, self.mean, self.zero, self.scale)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def cell(w: Weights, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hochreiter, Schmidhuber 1997 with a forget gate (Gers 2000)."""
    sums = w["weight_ih_l0"] @ x + w["bias_ih_l0"] + w["weight_hh_l0"] @ h + w["bias_hh_l0"]
    i, f, g, o = np.split(sums, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def fill(row: Row, constant: np.ndarray | float) -> np.ndarray:
    """x where observed, the constant of the channel elsewhere."""
    return np.where(row.m, row.x, constant)


def carried_forward(row: Row) -> np.ndarray:
    """Lipton 2016 (forward-filling), LOCF: x_t or x_{t-1} as filled; at first x̄."""
    filled, last = [], row.mean
    for x, m in zip(row.x, row.m, strict=True):
        last = np.where(m, x, last)
        filled.append(last)
    return np.array(filled)


def line(row: Row) -> np.ndarray:
    """Linear interpolation by the clock, the nearest value beyond the ends, x̄ where none is."""
    drawn = np.tile(row.mean, (len(row.x), 1)).astype(float)
    for channel, seen in enumerate(row.m.T):
        if seen.any():
            drawn[:, channel] = np.interp(row.s, row.s[seen], row.x[seen, channel])
    return drawn


def less_level(row: Row) -> np.ndarray:
    """Kim 2022, eq. 1 and 2, the mean alone: each channel's over what the window shows of it, else x̄."""
    level = [
        x[m].mean() if m.any() else mean
        for x, m, mean in zip(row.x.T, row.m.T, row.mean, strict=True)
    ]
    return line(row) - np.array(level)


def delta(row: Row) -> np.ndarray:
    """Che 2018, eq. 2: δ_1 = 0; s_t - s_{t-1}, and δ_{t-1} on top where x_{t-1} was missing."""
    found = np.zeros(row.x.shape)
    for t in range(1, len(found)):
        found[t] = row.s[t] - row.s[t - 1] + np.where(row.m[t - 1], 0, found[t - 1])
    return found


def nearness(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """exp(-time) to the nearest observed cell at or before, and at or after; 0 where none is."""
    back, ahead = np.zeros(row.x.shape), np.zeros(row.x.shape)
    for t, channel in np.ndindex(*row.x.shape):
        times = row.s[row.m[:, channel]]
        back[t, channel] = max((np.exp(-(row.s[t] - s)) for s in times if s <= row.s[t]), default=0)
        ahead[t, channel] = max(
            (np.exp(-(s - row.s[t])) for s in times if s >= row.s[t]), default=0
        )
    return back, ahead


def filled_by(name: str, row: Row) -> np.ndarray:
    ways = {"mean": lambda: fill(row, row.mean), "zero": lambda: fill(row, row.zero)}
    return ways.get(name, lambda: carried_forward(row))()


def zero_by(name: str, row: Row, value: float = 0.0) -> np.ndarray:
    """The founding article's m·x, or m·x + (1-m)·value; raw: scaled(value) = zero + value/scale."""
    return fill(row, row.zero + value / row.scale if name == "raw" else value)


def with_flags(values: np.ndarray, row: Row, wanted: bool) -> np.ndarray:
    return np.hstack([values, row.m]) if wanted else values


def intervals(o, row: Row) -> np.ndarray:
    d = np.log(1 + delta(row)) if o.logarithm else delta(row)
    return np.hstack([filled_by(o.fill, row), row.m, d])


FEATURES: dict[str, Callable[..., np.ndarray]] = {
    "ignore": lambda o, r: np.where(r.n, r.x, r.mean),
    "zero_fill": lambda o, r: zero_by(o.zero, r, o.value),
    "mean_fill": lambda o, r: fill(r, r.mean),
    "mask_only": lambda o, r: r.m.astype(float),
    "forward_fill": lambda o, r: carried_forward(r),
    "interpolate": lambda o, r: with_flags(line(r), r, o.indicator),
    "indicator": lambda o, r: np.hstack([filled_by(o.fill, r), r.m]),
    "interval": intervals,
    "carry": lambda o, r: with_flags(fill(r, r.mean), r, o.indicator),
    "reset": lambda o, r: with_flags(zero_by(o.zero, r), r, o.indicator),
    "time_aware": lambda o, r: with_flags(fill(r, r.mean), r, o.indicator),
    "residual": lambda o, r: np.hstack(
        [less_level(r) if o.centred else line(r), r.m, *nearness(r)]
    ),
}
"""What the LSTM is fed, by kind; `decay`, `rits` and `brits` make it as they go."""


def usable(options, row: Row) -> np.ndarray:
    """Keras `Masking`: a step is skipped only if every feature is masked; or, `all`, if any is."""
    collapse = getattr(options, "collapse", None)
    if collapse is None:
        return np.ones(len(row.x), dtype=bool)
    return np.array([any(step) if collapse == "any" else all(step) for step in row.m])


def plain(options, row: Row, w: Weights, fed: np.ndarray) -> np.ndarray:
    """The LSTM over what it is fed; a masked step keeps (carry) or wipes (reset) the state."""
    width = w["weight_hh_l0"].shape[1]
    h, c = np.zeros(width), np.zeros(width)
    outputs = []
    for x, step in zip(fed, usable(options, row), strict=True):
        if step:
            h, c = cell(w, x, h, c)
        elif options.kind == "reset":
            h, c = np.zeros(width), np.zeros(width)
        outputs.append(h)
    return np.array(outputs)


def decay(options, row: Row, w: Weights) -> np.ndarray:
    """Che 2018, eqs. 3-5 and 9-11, the GRU's cell replaced by an LSTM's."""
    width = w["weight_hh_l0"].shape[1]
    h, c, last, outputs = np.zeros(width), np.zeros(width), row.mean, []
    for x, m, d in zip(row.x, row.m, delta(row), strict=True):
        gamma_x = np.exp(-np.maximum(0, w["weight_decay_x"] * d + w["bias_decay_x"]))
        gamma_h = np.exp(-np.maximum(0, w["weight_decay_h"] @ d + w["bias_decay_h"]))
        shown = np.where(m, x, gamma_x * last + (1 - gamma_x) * row.mean)
        h, c = cell(w, np.concatenate([shown, m]), gamma_h * h, c)
        last = np.where(m, x, last)
        outputs.append(h)
    return np.array(outputs)


def time_aware(options, row: Row, w: Weights) -> np.ndarray:
    """Baytas 2017, section 3.1; its records are the usable steps."""
    width = w["weight_hh_l0"].shape[1]
    h, c, before, outputs = np.zeros(width), np.zeros(width), None, []
    fed = FEATURES["time_aware"](options, row)
    for t, step in enumerate(usable(options, row)):
        if step:
            passed = 0.0 if before is None else row.s[t] - row.s[before]
            short = np.tanh(w["weight_short"] @ c + w["bias_short"])
            h, c = cell(w, fed[t], h, (c - short) + short / np.log(np.e + passed))
            before = t
        outputs.append(h)
    return np.array(outputs)


def rits(row: Row, w: Weights) -> tuple[np.ndarray, np.ndarray, float]:
    """Cao 2018, eqs. 1-11: h, the estimates ĉ, and Σ of the masked errors of x̂, ẑ and ĉ."""
    width = w["weight_hh_l0"].shape[1]
    h, c, outputs, estimates, error = np.zeros(width), np.zeros(width), [], [], 0.0
    others = w["weight_feature"] * (1 - np.eye(row.x.shape[1]))
    for x, m, d in zip(row.x, row.m, delta(row), strict=True):
        x_hat = w["weight_history"] @ h + w["bias_history"]
        z_hat = others @ np.where(m, x, x_hat) + w["bias_feature"]
        gamma = np.exp(-np.maximum(0, w["weight_decay_h"] @ d + w["bias_decay_h"]))
        beta = sigmoid(w["weight_mix"] @ np.concatenate([gamma, m]) + w["bias_mix"])
        c_hat = beta * z_hat + (1 - beta) * x_hat
        h, c = cell(w, np.concatenate([np.where(m, x, c_hat), m]), gamma * h, c)
        error += sum(np.abs(one - x)[m].sum() for one in (x_hat, z_hat, c_hat))
        outputs.append(h)
        estimates.append(c_hat)
    return np.array(outputs), np.array(estimates), error


OWN = {"decay": decay, "time_aware": time_aware, "rits": lambda o, r, w: rits(r, w)[0]}
OWN["brits"] = OWN["rits"]
"""What fills, or remembers, in a way of its own; from its end it sees the window turned round."""


def outputs(options, row: Row, w: Weights, w_back: Weights | None) -> np.ndarray:
    """Return h of every step, those of the second direction beside those of the first."""
    if options.kind in OWN:
        run = OWN[options.kind]
        forward = run(options, row, w)
        return forward if w_back is None else np.hstack(
            [forward, run(options, row.turned(), w_back)[::-1]]
        )  # fmt: skip
    fed = FEATURES[options.kind](options, row)
    forward = plain(options, row, w, fed)
    if w_back is None:
        return forward
    return np.hstack([forward, plain(options, row.turned(), w_back, fed[::-1])[::-1]])
