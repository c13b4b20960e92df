"""`MaskedLSTM` gives the outputs, states and gradients of its slow twin, for any mask."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from step_masks import KINDS, ROWS, mask
from torch import Tensor

from masklab.nn import MaskedLSTM, chunks, masked_lstm, packing, reference_masked_lstm
from masklab.nn.sequences import rows_with_wipes, stretches

FEATURES, HIDDEN = 3, 4
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-5}


def everything(run, lstm, x: Tensor, observed: Tensor, state) -> list[Tensor]:
    """Return outputs, last states and the gradients of x, of the state and of each weight."""
    x = x.clone().requires_grad_()
    state = None if state is None else tuple(part.clone().requires_grad_() for part in state)
    output, (h, c) = run(x, observed, state)
    generator = torch.Generator().manual_seed(1)
    loss = sum(
        (part * torch.randn(part.shape, generator=generator, dtype=part.dtype)).sum()
        for part in (output, h, c)
    )
    lstm.zero_grad()
    loss.backward()
    gradients = [x.grad, *(weight.grad.clone() for weight in lstm.parameters())]
    if state is not None:
        gradients += [torch.zeros_like(p) if p.grad is None else p.grad for p in state]
    return [output, h, c, *gradients]


def assert_equals_twin(lstm: MaskedLSTM, observed: Tensor, with_state: bool) -> None:
    """Compare both on random numbers, with NaN and inf wherever a step is masked."""
    batch, time = observed.shape
    dtype = lstm.weight_ih_l0.dtype
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(batch, time, FEATURES, generator=generator, dtype=dtype)
    x[~observed] = torch.tensor([float("nan"), float("inf"), -float("inf")], dtype=dtype)
    rows = lstm.num_layers * (2 if lstm.bidirectional else 1)
    state = tuple(torch.randn(rows, batch, HIDDEN, generator=generator, dtype=dtype) for _ in "hc")
    if not with_state:
        state = None
    fast = everything(lstm, lstm, x, observed, state)
    slow = everything(lambda *a: reference_masked_lstm(lstm, *a), lstm, x, observed, state)
    for ours, theirs in zip(fast, slow, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert (fast[3][~observed] == 0).all(), "hidden cells get exactly zero gradient"


WAYS = {
    "carry": ("carry", None),
    "reset by stretches": ("reset", stretches),
    "reset by wiping": ("reset", rows_with_wipes),
    "carry on GPUs": ("carry", "left"),
    "reset on GPUs": ("reset", "left"),
}
"""Name → `on_masked`, and which of the two ways to reset is taken, or that of GPUs."""


def take(way, monkeypatch) -> None:
    if way == "left":  # the CPU can go it too
        monkeypatch.setattr(masked_lstm, "suits", lambda x: True)
    elif way is not None:
        monkeypatch.setattr(packing, "stretches", way)
        monkeypatch.setattr(packing, "rows_with_wipes", way)


@pytest.fixture(params=WAYS)
def on_masked(request, monkeypatch) -> str:
    """Take each way in turn; return what the constructor calls it."""
    name, sequences = WAYS[request.param]
    take(sequences, monkeypatch)
    return name


def share_lanes(monkeypatch) -> None:
    """Let any two rows share a lane, dear or not."""
    monkeypatch.setattr(packing, "FEWEST", 0)
    monkeypatch.setattr(packing, "SEAMS_COST", -(10**9))


@pytest.fixture
def cut_small(monkeypatch):
    """Cut sequences into chunks that would not be worth it."""
    monkeypatch.setattr(chunks, "CALL_COST", 24)


def make(**options) -> MaskedLSTM:
    torch.manual_seed(0)
    return MaskedLSTM(FEATURES, HIDDEN, **options)


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_every_configuration_equals_the_slow_twin(
    on_masked, num_layers, bidirectional, dtype, kind
):
    observed = mask(kind, batch=9, time=11)
    for bias in (True, False):
        for with_state in (True, False):
            lstm = make(
                num_layers=num_layers,
                bias=bias,
                bidirectional=bidirectional,
                on_masked=on_masked,
                zero_output=with_state,
                dtype=dtype,
            )
            assert_equals_twin(lstm, observed, with_state)


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_rows_that_share_lanes_equal_the_slow_twin(
    on_masked, num_layers, bidirectional, kind, monkeypatch
):
    share_lanes(monkeypatch)
    for batch in (16, 9):
        for dtype in TOLERANCE:
            lstm = make(
                num_layers=num_layers,
                bias=batch == 16,
                bidirectional=bidirectional,
                on_masked=on_masked,
                dtype=dtype,
            )
            assert_equals_twin(lstm, mask(kind, batch, time=11), with_state=False)


@st.composite
def masks(draw) -> Tensor:
    """A mask whose rows are drawn cell by cell, or are each of one of the named kinds."""
    batch, time = draw(st.integers(1, 6)), draw(st.integers(1, 10))
    if time > 1 and draw(st.booleans()):
        kinds = draw(st.lists(st.sampled_from(list(ROWS)), min_size=batch, max_size=batch))
        return torch.stack([ROWS[kind](row, time) for row, kind in enumerate(kinds)])
    cells = draw(st.lists(st.booleans(), min_size=batch * time, max_size=batch * time))
    return torch.tensor(cells).view(batch, time)


def any_mask_and_configuration(data) -> None:
    draw = data.draw
    on_masked, sequences = WAYS[draw(st.sampled_from(list(WAYS)))]
    lstm = make(
        num_layers=draw(st.integers(1, 3)),
        bias=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        on_masked=on_masked,
        zero_output=draw(st.booleans()),
        dtype=draw(st.sampled_from(list(TOLERANCE))),
    )
    with pytest.MonkeyPatch.context() as patch:
        take(sequences, patch)
        patch.setattr(chunks, "CALL_COST", draw(st.sampled_from([0, 4, 40, 4000])))
        patch.setattr(chunks, "MOST_NUMBERS", draw(st.sampled_from([1, 40, 2**19])))
        if draw(st.booleans()):
            share_lanes(patch)
        assert_equals_twin(lstm, draw(masks()), draw(st.booleans()))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_mask_and_configuration_equals_the_slow_twin(data):
    any_mask_and_configuration(data)


@pytest.mark.long
@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_many_more_masks_and_configurations_equal_the_slow_twin(data):
    any_mask_and_configuration(data)


@pytest.mark.parametrize("on_masked", ["carry", "reset"], indirect=False)
def test_a_default_device_moves_nothing_that_must_stay(on_masked, monkeypatch):
    """Scripts for GPUs often set one."""
    lstm = make(bidirectional=True, on_masked=on_masked)
    x, observed = torch.randn(70, 9, FEATURES), mask("mixed", batch=70, time=9)
    for _ in range(2):
        expected = lstm(x, observed)[0]
        with torch.device("meta"):
            torch.testing.assert_close(lstm(x, observed)[0], expected)
        take("left", monkeypatch)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_long_sequences_equal_the_slow_twin_in_float32(bidirectional, on_masked):
    lstm = make(bidirectional=bidirectional, on_masked=on_masked, num_layers=2)
    assert_equals_twin(lstm, mask("mixed", batch=16, time=120), with_state=True)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradcheck(bidirectional, on_masked):
    torch.manual_seed(0)
    lstm = MaskedLSTM(2, 2, 2, bidirectional=bidirectional, on_masked=on_masked).double()
    observed = mask("mixed", batch=8, time=4)[[0, 1, 3, 5]]  # random, left, interior, empty
    x = torch.randn(4, 4, 2, dtype=torch.float64, requires_grad=True)
    rows = 4 if bidirectional else 2
    h, c = (torch.randn(rows, 4, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))

    def run(x, h, c):
        output, (last_h, last_c) = lstm(x, observed, (h, c))
        return output, last_h, last_c

    assert torch.autograd.gradcheck(run, (x, h, c))


@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_unbatched_input_is_a_batch_of_one(on_masked):
    lstm = make(num_layers=2, bidirectional=True, on_masked=on_masked)
    x, observed = torch.randn(7, FEATURES), mask("random", 1, 7)[0]
    state = (torch.randn(4, HIDDEN), torch.randn(4, HIDDEN))
    for run in (lstm, lambda *a: reference_masked_lstm(lstm, *a)):
        output, (h, c) = run(x, observed, state)
        batched, (h_1, c_1) = lstm(x[None], observed[None], tuple(p[:, None] for p in state))
        assert output.shape == (7, 2 * HIDDEN)
        assert h.shape == c.shape == (4, HIDDEN)
        torch.testing.assert_close(output, batched[0])
        torch.testing.assert_close(h, h_1[:, 0])
        torch.testing.assert_close(c, c_1[:, 0])


def test_the_slow_twin_is_an_lstm_when_nothing_is_masked():
    lstm = make(num_layers=2, bidirectional=True, dtype=torch.float64)
    plain = torch.nn.LSTM(
        FEATURES, HIDDEN, 2, bidirectional=True, batch_first=True, dtype=torch.float64
    )
    plain.load_state_dict(lstm.state_dict())
    x = torch.randn(3, 6, FEATURES, dtype=torch.float64)
    output, (h, c) = reference_masked_lstm(lstm, x)
    theirs, (h_0, c_0) = plain(x)
    for ours, other in ((output, theirs), (h, h_0), (c, c_0)):
        torch.testing.assert_close(ours, other, rtol=1e-12, atol=1e-12)
