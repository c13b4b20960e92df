"""What `carry` and `reset` mean, on cases small enough to know the answer."""

import pytest
import torch
from step_masks import mask
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from masklab.nn import MaskedLSTM


def make(**options) -> MaskedLSTM:
    torch.manual_seed(0)
    return MaskedLSTM(2, 3, dtype=torch.float64, **options)


X = torch.randn(1, 6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
GAP = torch.tensor([[False, True, True, False, False, True]])


def test_carry_equals_the_lstm_on_the_usable_steps_alone():
    lstm = make()
    output, (h, c) = lstm(X, GAP)
    alone, (h_alone, c_alone) = lstm(X[:, GAP[0]])
    torch.testing.assert_close(output[:, GAP[0]], alone)
    torch.testing.assert_close((h, c), (h_alone, c_alone))


def test_trap_1_multiplying_the_input_by_the_mask_is_not_skipping():
    """Biases and the recurrence move the state at a step of zeros; at a masked step nothing does."""
    lstm = make()
    multiplied, _ = lstm(X * GAP[..., None])
    skipped, (h, _) = lstm(X, GAP)
    for t in (3, 4):
        assert (multiplied[0, t] - multiplied[0, t - 1]).abs().max() > 0.01
        assert torch.equal(skipped[0, t], skipped[0, t - 1])
    assert not torch.allclose(multiplied[:, -1], h[0], atol=1e-2)
    without_bias = make(bias=False)
    multiplied, _ = without_bias(X * GAP[..., None])
    assert not torch.allclose(multiplied[:, 3], multiplied[:, 2], atol=1e-3)


def test_carry_repeats_the_output_before_and_starts_with_zeros():
    output, _ = make()(X, GAP)
    assert (output[0, 0] == 0).all()
    assert (output[0, 3] == output[0, 2]).all()
    assert (output[0, 4] == output[0, 2]).all()


def test_zero_output_hides_the_output_and_carries_the_state():
    output, last = make(zero_output=True)(X, GAP)
    carried, carried_last = make()(X, GAP)
    assert (output[~GAP] == 0).all()
    torch.testing.assert_close(output[GAP], carried[GAP])
    torch.testing.assert_close(last, carried_last)


def test_reset_starts_every_stretch_from_zeros():
    lstm = make(on_masked="reset")
    output, (h, _) = lstm(X, GAP)
    assert (output[~GAP] == 0).all()
    torch.testing.assert_close(output[:, 1:3], lstm(X[:, 1:3])[0])
    torch.testing.assert_close(output[:, 5:], lstm(X[:, 5:])[0])
    torch.testing.assert_close(h[0], output[:, -1])


def test_reset_ends_in_zeros_if_the_last_step_is_masked():
    _, (h, c) = make(on_masked="reset")(X[:, :5], GAP[:, :5])
    assert (h == 0).all()
    assert (c == 0).all()


def test_reset_uses_the_given_state_only_if_the_first_step_is_usable():
    lstm = make(on_masked="reset")
    state = (torch.ones(1, 1, 3, dtype=torch.float64), torch.ones(1, 1, 3, dtype=torch.float64))
    torch.testing.assert_close(lstm(X, GAP, state)[0], lstm(X, GAP)[0])
    first = lstm(X[:, 1:], GAP[:, 1:], state)[0]
    torch.testing.assert_close(first[:, :2], lstm(X[:, 1:3], None, state)[0])


def test_a_row_without_usable_steps_keeps_its_state_under_carry_and_loses_it_under_reset():
    observed = torch.tensor([[True, False], [False, False]])
    x = torch.full((2, 2, 2), float("nan"), dtype=torch.float64)
    x[0, 0] = 1.0
    state = tuple(torch.randn(1, 2, 3, dtype=torch.float64) for _ in range(2))
    output, (h, c) = make()(x, observed, state)
    assert (output[1] == 0).all()
    assert torch.equal(h[:, 1], state[0][:, 1])
    assert torch.equal(c[:, 1], state[1][:, 1])
    _, (h, c) = make(on_masked="reset")(x, observed, state)
    assert (h[:, 1] == 0).all()
    assert (c[:, 1] == 0).all()


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_a_batch_without_usable_steps_gives_zeros_and_a_backward_pass(on_masked):
    lstm = make(on_masked=on_masked, bidirectional=True)
    x = torch.full((2, 4, 2), float("nan"), dtype=torch.float64, requires_grad=True)
    output, (h, c) = lstm(x, torch.zeros(2, 4, dtype=torch.bool))
    assert output.shape == (2, 4, 6)
    (output.sum() + h.sum() + c.sum()).backward()
    assert (output == 0).all()
    assert (x.grad == 0).all()
    assert all((weight.grad == 0).all() for weight in lstm.parameters())


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_right_padding_equals_a_packed_sequence(num_layers):
    observed = mask("right", batch=8, time=9)
    lstm = make(num_layers=num_layers, bidirectional=True, zero_output=True)
    plain = nn.LSTM(2, 3, num_layers, bidirectional=True, batch_first=True, dtype=torch.float64)
    plain.load_state_dict(lstm.state_dict())
    x = torch.randn(8, 9, 2, dtype=torch.float64)
    results = []
    for run, weights in ((lstm, lstm.parameters()), (plain, plain.parameters())):
        given = x.clone().requires_grad_()
        if run is lstm:
            output, last = run(given, observed)
        else:
            packed = pack_padded_sequence(given, observed.sum(1), True, enforce_sorted=False)
            packed, last = run(packed)
            output = pad_packed_sequence(packed, True, total_length=9)[0]
        (output.square().sum() + last[0].sum() + last[1].square().sum()).backward()
        results.append([output, *last, given.grad, *(weight.grad for weight in weights)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_hidden_values_change_no_bit(on_masked):
    lstm = make(on_masked=on_masked, num_layers=2, bidirectional=True)
    observed = mask("mixed", batch=16, time=8)
    x = torch.randn(16, 8, 2, dtype=torch.float64)
    results = []
    for hidden in (0.0, 1e300, float("nan"), float("inf")):
        lstm.zero_grad()
        output, (h, c) = lstm(torch.where(observed[..., None], x, hidden), observed)
        (output.sum() + c.sum()).backward()
        results.append([output, h, c, *(weight.grad.clone() for weight in lstm.parameters())])
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_dropout_acts_between_layers_in_training_only():
    lstm = MaskedLSTM(2, 8, 2, dropout=0.5)
    x, observed = torch.randn(4, 9, 2), mask("random", 4, 9)
    assert not torch.equal(lstm(x, observed)[0], lstm(x, observed)[0])
    lstm.eval()
    assert torch.equal(lstm(x, observed)[0], lstm(x, observed)[0])
    lstm.train()
    torch.manual_seed(3)
    first = lstm(x, observed)[0]
    torch.manual_seed(3)
    assert torch.equal(first, lstm(x, observed)[0])
