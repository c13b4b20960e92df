"""T-LSTM against Baytas et al. 2017, one row at a time over its records alone."""

import math

import pytest
import torch

from masklab.nn import MaskedLSTM, own_recurrence, reference_masked_lstm
from masklab.nn.time_aware import TimeAwareLSTM
from masklab.strategies.strategy import Statistics
from masklab.strategies.time_aware import TimeAware

BATCH, TIME, CHANNELS, HIDDEN = 6, 9, 3, 4
MEAN = torch.tensor([0.5, -1.0, 0.25], dtype=torch.float64)


def made(bidirectional: bool = False, num_layers: int = 1) -> TimeAwareLSTM:
    lstm = TimeAwareLSTM(CHANNELS, HIDDEN, num_layers, CHANNELS, 0.0, bidirectional).double()
    generator = torch.Generator().manual_seed(0)
    for weight in lstm.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=generator)
    return lstm


def window() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return values, observed and clock; rows with everything, nothing, a single step among them."""
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(BATCH, TIME, CHANNELS, generator=generator, dtype=torch.float64)
    observed = torch.rand(BATCH, TIME, CHANNELS, generator=generator) < 0.3
    observed[0], observed[1] = True, False
    observed[2] = False
    observed[2, 4, 1] = True
    steps = torch.rand(BATCH, TIME, generator=generator, dtype=torch.float64) * 3
    steps[:, 0] = 0
    return values, observed, steps.cumsum(1)


def seen(values, observed, clock):
    return TimeAware().features(values, observed, observed, Statistics(MEAN, MEAN, MEAN), clock)


def twin(lstm: TimeAwareLSTM, x, m, s, suffix: str = "") -> torch.Tensor:
    """Return h (time, hidden) of one row: T-LSTM over its records, repeated in between."""
    weights = {
        name.removesuffix(suffix): weight
        for name, weight in lstm.named_parameters()
        if name.endswith("_reverse") == bool(suffix)
    }
    h, c = torch.zeros(HIDDEN).double(), torch.zeros(HIDDEN).double()
    previous, outputs = None, []
    for t in range(len(x)):
        if m[t].any():
            elapsed = 0.0 if previous is None else float(s[t] - s[previous])
            short = torch.tanh(weights["weight_short"] @ c + weights["bias_short"])
            adjusted = (c - short) + short * (1 / math.log(math.e + elapsed))
            read = torch.where(m[t], x[t], MEAN)
            sums = weights["weight_ih_l0"] @ read + weights["bias_ih_l0"]
            i, f, g, o = (sums + weights["weight_hh_l0"] @ h + weights["bias_hh_l0"]).chunk(4)
            c = torch.sigmoid(f) * adjusted + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            previous = t
        outputs.append(h)
    return torch.stack(outputs)


def rows(lstm: TimeAwareLSTM, values, observed, clock, suffix: str = "") -> torch.Tensor:
    return torch.stack(
        [twin(lstm, *row, suffix) for row in zip(values, observed, clock, strict=True)]
    )


def test_outputs_and_gradients_equal_the_equations():
    lstm, given = made(), window()
    fast, slow = lstm([seen(*given)], MEAN).output, rows(lstm, *given)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-12)
    weight = torch.randn_like(fast)
    names, parameters = zip(*lstm.named_parameters(), strict=True)
    gradients = [torch.autograd.grad((one * weight).sum(), parameters) for one in (fast, slow)]
    for name, one, other in zip(names, *gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10, msg=name)
        assert one.abs().sum() > 0, name


def test_each_direction_counts_from_its_own_end():
    lstm, (values, observed, clock) = made(bidirectional=True), window()
    back = values.flip(1), observed.flip(1), (clock[:, -1:] - clock).flip(1)
    expected = torch.cat(
        (rows(lstm, values, observed, clock), rows(lstm, *back, "_reverse").flip(1)), dim=-1
    )
    fast = lstm([seen(values, observed, clock), seen(*back)], MEAN).output
    torch.testing.assert_close(fast, expected, rtol=0, atol=1e-12)


def test_a_longer_gap_is_felt_and_a_masked_step_is_not():
    lstm, (values, observed, clock) = made(), window()
    output = lstm([seen(values, observed, clock)], MEAN).output[0]
    later = clock.clone()
    later[0, 5:] += 10.0
    other = lstm([seen(values, observed, later)], MEAN).output[0]
    assert torch.equal(output[:5], other[:5])
    assert not torch.allclose(output[5:], other[5:])
    assert (lstm([seen(values, observed & False, clock)], MEAN).output == 0).all()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("way", ["of CPUs", "of GPUs"])
def test_layers_above_skip_masked_steps_as_carry_does(way, bidirectional, monkeypatch):
    """Else a masked step would move their memory, and padding would change a forecast."""
    if way == "of GPUs":  # the CPU can go it too
        monkeypatch.setattr(own_recurrence, "suits", lambda x: True)
    lstm, given = made(bidirectional, num_layers=3), window()
    steps = given[1].any(dim=-1)
    first = rows(lstm, *given)
    ways = [seen(*given)]
    if bidirectional:
        back = given[0].flip(1), given[1].flip(1), (given[2][:, -1:] - given[2]).flip(1)
        first = torch.cat((first, rows(lstm, *back, "_reverse").flip(1)), dim=-1)
        ways.append(seen(*back))
    above = MaskedLSTM(first.shape[-1], HIDDEN, 2, bidirectional=bidirectional).double()
    for name, weight in above.named_parameters():
        layer = name.split("_l")[1][0]
        weight.data.copy_(getattr(lstm, name.replace(f"_l{layer}", f"_l{int(layer) + 1}")))
    expected = reference_masked_lstm(above, first, steps)[0]
    fast = lstm(ways, MEAN).output
    torch.testing.assert_close(fast, expected, rtol=0, atol=1e-12)
    fast.square().sum().backward()
    expected.square().sum().backward()
    for name, weight in above.named_parameters():
        layer = name.split("_l")[1][0]
        ours = getattr(lstm, name.replace(f"_l{layer}", f"_l{int(layer) + 1}")).grad
        torch.testing.assert_close(ours, weight.grad, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("num_layers", [2, 3])
@pytest.mark.parametrize("skips", [True, False])
def test_dropout_acts_between_layers_in_training_only(skips, num_layers):
    lstm = TimeAwareLSTM(CHANNELS, HIDDEN, num_layers, CHANNELS, 0.5, False).double()
    values, observed, clock = window()
    ways = [seen(values, observed if skips else observed | True, clock)]
    assert not torch.equal(lstm(ways, MEAN).output, lstm(ways, MEAN).output)
    lstm.eval()
    assert torch.equal(lstm(ways, MEAN).output, lstm(ways, MEAN).output)
