"""Heads read *usable* steps: the last, their mean, their mean by attention; none gives zeros."""

import pytest
import torch
from step_masks import mask

from masklab.nn import build_network
from masklab.nn.heads import Attention, last_usable, usable_mean
from masklab.strategies.carry import Carry
from masklab.strategies.mean_fill import MeanFill
from masklab.training.config import Forecast, ModelConfig

OUTPUT = torch.arange(2 * 4 * 6, dtype=torch.float32).view(2, 4, 6)


def test_the_last_usable_step_is_read():
    steps = torch.tensor([[True, True, False, False], [False, True, False, True]])
    picked = last_usable(OUTPUT, steps)
    assert torch.equal(picked, torch.stack([OUTPUT[0, 1], OUTPUT[1, 3]]))


def test_without_a_mask_it_is_the_last_step():
    assert torch.equal(last_usable(OUTPUT), OUTPUT[:, -1])


def test_the_backward_half_is_read_at_the_first_usable_step():
    steps = torch.tensor([[False, True, True, False], [True, True, True, True]])
    picked = last_usable(OUTPUT, steps, bidirectional=True)
    assert torch.equal(picked[0], torch.cat([OUTPUT[0, 2, :3], OUTPUT[0, 1, 3:]]))
    assert torch.equal(picked[1], torch.cat([OUTPUT[1, 3, :3], OUTPUT[1, 0, 3:]]))


def test_a_row_without_a_usable_step_gives_zeros_even_of_nan():
    output = torch.full((2, 3, 4), float("nan"), requires_grad=True)
    picked = last_usable(output, torch.zeros(2, 3, dtype=torch.bool))
    assert torch.equal(picked, torch.zeros(2, 4))
    picked.sum().backward()
    assert (output.grad == 0).all()


def test_it_equals_a_loop_over_rows():
    output = torch.randn(16, 7, 4)
    steps = mask("mixed", 16, 7)
    for row, picked in enumerate(last_usable(output, steps)):
        usable = [t for t in range(7) if steps[row, t]]
        expected = output[row, usable[-1]] if usable else torch.zeros(4)
        assert torch.equal(picked, expected)


def attention(width: int = 4) -> Attention:
    torch.manual_seed(0)
    return Attention(width)


def by_hand(head: Attention, usable: torch.Tensor) -> torch.Tensor:
    """Return Σ α_t h_t over usable outputs alone, α from their exponentials."""
    w, b, v = head.inner.weight, head.inner.bias, head.score.weight[0]
    powers = torch.stack([torch.exp(v @ torch.tanh(w @ h + b)) for h in usable])
    return sum(power / powers.sum() * h for power, h in zip(powers, usable, strict=True))


def test_the_mean_and_attention_equal_a_loop_over_rows():
    output, head = torch.randn(16, 7, 4), attention()
    steps = mask("mixed", 16, 7)
    for row in range(16):
        usable = output[row, steps[row]]
        mean, attended = usable_mean(output, steps)[row], head(output, steps)[row]
        expected = usable.mean(0) if len(usable) else torch.zeros(4)
        torch.testing.assert_close(mean, expected)
        expected = by_hand(head, usable) if len(usable) else torch.zeros(4)
        torch.testing.assert_close(attended, expected)


@pytest.mark.parametrize("head", [usable_mean, attention()], ids=["mean", "attention"])
def test_without_a_mask_every_step_counts(head):
    output = torch.randn(3, 5, 4)
    everything = torch.ones(3, 5, dtype=torch.bool)
    torch.testing.assert_close(head(output), head(output, everything))


@pytest.mark.parametrize("head", [usable_mean, attention()], ids=["mean", "attention"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
def test_masked_outputs_change_nothing_and_get_no_gradient(head, bad):
    steps = torch.tensor([[True, False, True], [False, False, False]])
    output = torch.randn(2, 3, 4)
    given = output.where(steps[:, :, None], bad).requires_grad_()
    read = head(given, steps)
    torch.testing.assert_close(read, head(output, steps))
    assert (read[1] == 0).all()
    read.square().sum().backward()
    assert (given.grad[~steps] == 0).all()
    assert given.grad.isfinite().all()


@pytest.mark.parametrize("strategy", [Carry(), MeanFill()], ids=["carry", "mean_fill"])
@pytest.mark.parametrize("head", ["last", "mean", "attention"])
def test_a_network_forecasts_with_each_head(strategy, head):
    model = ModelConfig(hidden_size=8, head=head, bidirectional=True)
    net = build_network(strategy, Forecast(window=7, horizon=2), 3, [0, 1], model, seed=0)
    values, observed = torch.randn(4, 7, 3), mask("mixed", 12, 7).view(4, 7, 3)
    observed[0] = False
    predicted = net(values, observed, observed)
    assert predicted.shape == (4, 2, 2)
    assert predicted.isfinite().all()
    predicted.sum().backward()
    for name, weight in net.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name


def test_networks_differ_by_their_head_alone():
    nets = [
        build_network(
            Carry(), Forecast(), 3, [0], ModelConfig(hidden_size=8, head=head), seed=0
        ).state_dict()
        for head in ("last", "mean", "attention")
    ]
    for name, weight in nets[0].items():
        assert all(torch.equal(weight, other[name]) for other in nets[1:])
    assert {name for name in nets[2] if name not in nets[0]} == {
        "attention.inner.weight", "attention.inner.bias", "attention.score.weight"
    }  # fmt: skip
