"""Lower precision and other devices: the same answer as the slow twin's, within their rounding."""

import pytest
import torch
from step_masks import mask

from masklab.nn import MaskedLSTM, reference_masked_lstm

DEVICES = [
    pytest.param(
        "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
    ),
    pytest.param(
        "mps",
        marks=pytest.mark.skipif(not torch.backends.mps.is_available(), reason="no MPS here"),
    ),
]


def make(**options) -> MaskedLSTM:
    torch.manual_seed(0)
    return MaskedLSTM(3, 4, 2, **options)


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_bfloat16_equals_the_slow_twin(bidirectional, on_masked):
    lstm = make(bidirectional=bidirectional, on_masked=on_masked, dtype=torch.bfloat16)
    observed = mask("mixed", 9, 12)
    x = torch.randn(9, 12, 3).where(observed[..., None], torch.nan).bfloat16()
    output, (h, c) = lstm(x, observed)
    slow, (h_0, c_0) = reference_masked_lstm(lstm, x, observed)
    for ours, theirs in ((output, slow), (h, h_0), (c, c_0)):
        assert ours.dtype == torch.bfloat16
        torch.testing.assert_close(ours, theirs, rtol=0.05, atol=0.03)
    output.float().sum().backward()
    assert all(weight.grad.isfinite().all() for weight in lstm.parameters())


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_autocast_equals_the_slow_twin_and_nn_lstm_in_dtype(bidirectional, on_masked):
    lstm = make(bidirectional=bidirectional, on_masked=on_masked)
    observed = mask("mixed", 9, 12)
    x = torch.randn(9, 12, 3)
    with torch.autocast("cpu", torch.bfloat16):
        output, (h, c) = lstm(x, observed)
        unmasked, (h_1, c_1) = lstm(x)
    slow, (h_0, c_0) = reference_masked_lstm(lstm, x, observed)
    for ours, theirs, plain in ((output, slow, unmasked), (h, h_0, h_1), (c, c_0, c_1)):
        assert ours.dtype == plain.dtype
        torch.testing.assert_close(ours.float(), theirs, rtol=0.05, atol=0.03)
    output.float().sum().backward()
    assert all(weight.grad.isfinite().all() for weight in lstm.parameters())


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_evaluation_without_gradients_gives_the_same_output(on_masked):
    lstm = make(on_masked=on_masked, bidirectional=True)
    x, observed = torch.randn(9, 12, 3), mask("mixed", 9, 12)
    expected = lstm(x, observed)[0]
    lstm.eval()
    for context in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        with context():
            torch.testing.assert_close(lstm(x, observed)[0], expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("on_masked", ["carry", "reset"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_other_devices_equal_the_cpu(bidirectional, on_masked, device, monkeypatch):
    # cuDNN's default, TF32, keeps ten bits.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    lstm = make(bidirectional=bidirectional, on_masked=on_masked)
    observed = mask("mixed", 9, 12)
    x = torch.randn(9, 12, 3).where(observed[..., None], torch.nan)
    rows = 4 if bidirectional else 2
    state = (torch.randn(rows, 9, 4), torch.randn(rows, 9, 4))
    results = []
    for where in ("cpu", device):
        lstm = lstm.to(where)
        lstm.zero_grad()
        there = x.clone().to(where).requires_grad_()
        output, (h, c) = lstm(there, observed.to(where), tuple(p.to(where) for p in state))
        (output.sum() + h.sum() + c.sum()).backward()
        gradients = [weight.grad for weight in lstm.parameters()]
        # Copies: moving the module takes its gradients along.
        found = (output, h, c, there.grad, *gradients)
        results.append([part.detach().cpu().clone() for part in found])
    for there, here in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(there, here, rtol=1e-3, atol=1e-3)
