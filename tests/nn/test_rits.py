"""RITS and BRITS against the paper's equations, one row and one step at a time, and gradients."""

import pytest
import torch
from torch.autograd import gradcheck

from masklab.nn.estimating import Given, Weights, estimating_lstm
from masklab.nn.own_recurrence import Reading
from masklab.nn.rits import RITS
from masklab.strategies.rits import Rits
from masklab.strategies.strategy import Statistics

BATCH, TIME, CHANNELS, HIDDEN = 5, 7, 3, 4
MEAN = torch.tensor([0.5, -1.0, 0.25], dtype=torch.float64)


def made(bidirectional: bool = False) -> RITS:
    lstm = RITS(2 * CHANNELS, HIDDEN, 1, CHANNELS, 0.0, bidirectional).double()
    generator = torch.Generator().manual_seed(0)
    for weight in lstm.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=generator)
    for suffix in lstm.suffixes:  # some units fade, some don't
        getattr(lstm, f"bias_decay_h{suffix}").data[::2] += 1
    return lstm


def window() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return values, observed and clock; a row of nothing observed among them."""
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(BATCH, TIME, CHANNELS, generator=generator, dtype=torch.float64)
    observed = torch.rand(BATCH, TIME, CHANNELS, generator=generator) < 0.5
    observed[0], observed[1] = True, False
    steps = torch.rand(BATCH, TIME, generator=generator, dtype=torch.float64) * 2
    steps[:, 0] = 0
    return values, observed, steps.cumsum(1)


def turned(values, observed, clock):
    return values.flip(1), observed.flip(1), (clock[:, -1:] - clock).flip(1)


def seen(values, observed, clock):
    return Rits().features(values, observed, observed, Statistics(MEAN, MEAN, MEAN), clock)


def twin(lstm: RITS, x, m, s, suffix: str = ""):
    """Return h and ĉ (time, ·) of one row, and Σ of the masked errors of x̂, ẑ, ĉ: eqs. 1-11."""
    named = {
        name.removesuffix(suffix): weight
        for name, weight in lstm.named_parameters()
        if name.endswith("_reverse") == bool(suffix)
    }
    diagonal = torch.eye(CHANNELS, dtype=torch.bool)
    w_z = torch.where(diagonal, 0.0, named["weight_feature"])
    h, c = torch.zeros(HIDDEN).double(), torch.zeros(HIDDEN).double()
    delta, error, hs, estimates = torch.zeros(CHANNELS).double(), 0.0, [], []
    for t in range(len(x)):
        if t > 0:
            delta = s[t] - s[t - 1] + torch.where(m[t - 1], 0.0, delta)
        x_hat = named["weight_history"] @ h + named["bias_history"]
        x_c = torch.where(m[t], x[t], x_hat)
        gamma = torch.exp(
            -torch.clamp(named["weight_decay_h"] @ delta + named["bias_decay_h"], min=0)
        )
        z_hat = w_z @ x_c + named["bias_feature"]
        beta = torch.sigmoid(
            named["weight_mix"] @ torch.cat((gamma, m[t].double())) + named["bias_mix"]
        )
        c_hat = beta * z_hat + (1 - beta) * x_hat
        c_c = torch.where(m[t], x[t], c_hat)
        for estimate in (x_hat, z_hat, c_hat):
            error = error + (estimate - x[t])[m[t]].abs().sum()
        sums = named["weight_ih_l0"] @ torch.cat((c_c, m[t].double())) + named["bias_ih_l0"]
        i, f, g, o = (sums + named["weight_hh_l0"] @ (h * gamma) + named["bias_hh_l0"]).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        hs.append(h)
        estimates.append(c_hat)
    return torch.stack(hs), torch.stack(estimates), error


def slow(lstm: RITS, values, observed, clock, suffix: str = "") -> Reading:
    rows = [twin(lstm, *row, suffix) for row in zip(values, observed, clock, strict=True)]
    h, estimate, errors = zip(*rows, strict=True)
    return Reading(torch.stack(h), torch.stack(estimate), sum(errors) / observed.sum())


def close(one: Reading, other: Reading) -> None:
    for part, twin_part in zip(one, other, strict=True):
        torch.testing.assert_close(part, twin_part, rtol=0, atol=1e-11)


def test_rits_equals_its_equations_and_so_do_its_gradients():
    lstm, given = made(), window()
    fast, expected = lstm([seen(*given)], MEAN), slow(lstm, *given)
    close(fast, expected)
    weights = [torch.randn_like(part) for part in fast[:2]]
    names, parameters = zip(*lstm.named_parameters(), strict=True)
    gradients = [
        torch.autograd.grad(
            (one.output * weights[0]).sum() + (one.estimate * weights[1]).sum() + one.auxiliary,
            parameters,
        )
        for one in (fast, expected)
    ]
    for name, one, other in zip(names, *gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10, msg=name)
        assert one.abs().sum() > 0, name


def test_no_channel_is_estimated_from_itself():
    lstm, given = made(), window()
    estimate = lstm([seen(*given)], MEAN).estimate
    estimate.sum().backward()
    assert (lstm.weight_feature.grad.diagonal() == 0).all()


def test_brits_is_the_mean_of_both_directions_and_adds_their_disagreement():
    lstm, given = made(bidirectional=True), window()
    forward = slow(lstm, *given)
    backward = slow(lstm, *turned(*given), "_reverse").flipped()
    apart = (forward.estimate - backward.estimate).abs().mean()
    expected = Reading(
        torch.cat((forward.output, backward.output), dim=-1),
        (forward.estimate + backward.estimate) / 2,
        forward.auxiliary + backward.auxiliary + 0.1 * apart,
    )
    close(lstm([seen(*given), seen(*turned(*given))], MEAN), expected)


def test_its_own_loss_is_there_in_training_only_and_zero_where_nothing_is_observed():
    lstm, (values, observed, clock) = made(), window()
    nothing = lstm([seen(values, observed & False, clock)], MEAN)
    assert nothing.auxiliary == 0
    assert nothing.estimate.isfinite().all()
    assert lstm.eval()([seen(values, observed, clock)], MEAN).auxiliary is None


@pytest.mark.parametrize("time", [1, 3])
def test_the_gradient_by_hand_passes_gradcheck(time):
    generator = torch.Generator().manual_seed(3)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()

    batch, channels, hidden = 2, 2, 3
    mask = (torch.rand(time, batch, channels, generator=generator) < 0.5).double()
    inputs = (
        random(time, batch, channels),
        random(time, batch, hidden),
        random(time, batch, channels),
    )
    weights = (
        random(4 * hidden, 2 * channels), random(4 * hidden, hidden), random(4 * hidden),
        random(channels, hidden), random(channels), random(channels, channels), random(channels),
    )  # fmt: skip

    def run(x, fade, mix, *weights):
        # What is hidden has no part in anything, and so no gradient.
        return tuple(estimating_lstm(Given(x * mask, mask, fade, mix), Weights(*weights)))

    assert gradcheck(run, (*inputs, *weights))
