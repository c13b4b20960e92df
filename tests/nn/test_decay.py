"""The fading LSTM against GRU-D's equations, one cell of one row at a time, and its gradient."""

import pytest
import torch
from torch.autograd import gradcheck

from masklab.nn.decay import DecayLSTM, faded, fading_lstm
from masklab.strategies.decay import Decay
from masklab.strategies.strategy import Statistics

BATCH, TIME, CHANNELS, HIDDEN = 5, 7, 3, 4
MEAN = torch.tensor([0.5, -1.0, 0.25], dtype=torch.float64)


def made(bidirectional: bool = False, num_layers: int = 1) -> DecayLSTM:
    """Return a module in float64 with random weights."""
    lstm = DecayLSTM(2 * CHANNELS, HIDDEN, num_layers, CHANNELS, 0.0, bidirectional).double()
    generator = torch.Generator().manual_seed(0)
    for weight in lstm.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=generator)
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


def seen(values, observed, clock):
    """Return what the strategy gives the module."""
    return Decay().features(values, observed, observed, Statistics(MEAN, MEAN, MEAN), clock)


def twin(lstm: DecayLSTM, x, m, s, suffix: str = "") -> torch.Tensor:
    """Return h (time, hidden) of one row from Che et al. 2018, eqs. 10, 11 and the LSTM's own."""
    weights = dict(lstm.named_parameters())
    w_x, b_x, w_h, b_h = (
        weights[name + suffix]
        for name in ("weight_decay_x", "bias_decay_x", "weight_decay_h", "bias_decay_h")
    )
    w_ih, w_hh, b_ih, b_hh = (
        weights[name + suffix]
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    )
    h, c = torch.zeros(HIDDEN).double(), torch.zeros(HIDDEN).double()
    delta, x_last, outputs = torch.zeros(CHANNELS).double(), MEAN.clone(), []
    for t in range(len(x)):
        if t > 0:
            delta = s[t] - s[t - 1] + torch.where(m[t - 1], 0.0, delta)
            x_last = torch.where(m[t - 1], x[t - 1], x_last)
        gamma_x = torch.exp(-torch.clamp(torch.diag(w_x) @ delta + b_x, min=0))
        gamma_h = torch.exp(-torch.clamp(w_h @ delta + b_h, min=0))
        x_hat = torch.where(m[t], x[t], gamma_x * x_last + (1 - gamma_x) * MEAN)
        h = gamma_h * h
        sums = w_ih @ torch.cat((x_hat, m[t].double())) + b_ih + w_hh @ h + b_hh
        i, f, g, o = sums.chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def rows(lstm: DecayLSTM, values, observed, clock, suffix: str = "") -> torch.Tensor:
    return torch.stack(
        [twin(lstm, *row, suffix) for row in zip(values, observed, clock, strict=True)]
    )


def test_outputs_and_gradients_equal_the_equations():
    lstm, given = made(), window()
    fast = lstm([seen(*given)], MEAN).output
    slow = rows(lstm, *given)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-12)
    weight = torch.randn_like(fast)
    (fast_grads, slow_grads) = (
        torch.autograd.grad((out * weight).sum(), tuple(lstm.parameters())) for out in (fast, slow)
    )
    for one, other in zip(fast_grads, slow_grads, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)
        assert one.abs().sum() > 0


def test_the_second_direction_is_the_first_on_the_window_turned_round():
    lstm, (values, observed, clock) = made(bidirectional=True), window()
    back = (values.flip(1), observed.flip(1), (clock[:, -1:] - clock).flip(1))
    fast = lstm([seen(values, observed, clock), seen(*back)], MEAN).output
    slow = torch.cat(
        (rows(lstm, values, observed, clock), rows(lstm, *back, "_reverse").flip(1)), dim=-1
    )
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-12)


def test_layers_above_are_those_of_nn_lstm():
    lstm, given = made(num_layers=3), window()
    above = torch.nn.LSTM(HIDDEN, HIDDEN, 2, batch_first=True).double()
    for name, weight in above.named_parameters():
        layer = int(name[-1]) + 1
        weight.data.copy_(getattr(lstm, f"{name[:-1]}{layer}"))
    expected = above(rows(lstm, *given))[0]
    torch.testing.assert_close(lstm([seen(*given)], MEAN).output, expected, rtol=0, atol=1e-12)


def random(*shape: int, generator=torch.Generator().manual_seed(2)) -> torch.Tensor:  # noqa: B008
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("time", [1, 4])
def test_the_gradient_by_hand_passes_gradcheck(time):
    x, fade = random(time, 3, 2), random(time, 3, HIDDEN)
    weights = random(4 * HIDDEN, 2), random(4 * HIDDEN, HIDDEN), random(4 * HIDDEN)
    run = lambda x, fade, *weights: fading_lstm(x, fade.sigmoid(), weights)  # noqa: E731
    assert gradcheck(run, (x, fade, *weights))


def test_without_fading_it_is_nn_lstm():
    plain = torch.nn.LSTM(2, HIDDEN)
    x = torch.randn(TIME, 3, 2, generator=torch.Generator().manual_seed(0))
    weights = plain.weight_ih_l0, plain.weight_hh_l0, plain.bias_ih_l0 + plain.bias_hh_l0
    output = fading_lstm(x, torch.ones(TIME, 3, HIDDEN), weights)
    torch.testing.assert_close(output, plain(x)[0], rtol=0, atol=1e-6)


def test_backward_twice_over_a_kept_graph_gives_the_same_twice():
    lstm, given = made(), window()
    loss = lstm([seen(*given)], MEAN).output.square().sum()
    first, second = (
        torch.autograd.grad(loss, tuple(lstm.parameters()), retain_graph=True) for _ in range(2)
    )
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_fading_is_exp_of_minus_what_is_positive_and_so_is_its_gradient():
    sums = torch.tensor([-1e30, -2.0, 0.0, 1e-9, 0.5, 800.0], dtype=torch.float64)
    given, plain = sums.clone().requires_grad_(), sums.clone().requires_grad_()
    fade, expected = faded(given), torch.exp(-torch.relu(plain))
    torch.testing.assert_close(fade, expected)
    fade.sum().backward()
    expected.sum().backward()
    torch.testing.assert_close(given.grad, plain.grad)
    assert gradcheck(faded, random(7))
