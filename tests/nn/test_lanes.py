"""Sequences that share a lane: none gets in the way of another, and each ends as if it ran alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from step_masks import mask

from masklab.nn import MaskedLSTM, packing, reference_masked_lstm
from masklab.nn.lanes import SEAM, Lanes
from masklab.nn.packing import Packing

lengths = st.lists(st.integers(0, 30), min_size=1, max_size=40).map(np.array)


@given(lengths=lengths)
def test_pairs_keep_every_step_and_a_seam_apart(lengths):
    lanes = Lanes.one_each(lengths).paired()
    assert len(lanes.lengths) == -(-len(lengths) // 2)
    taken = [[] for _ in lanes.lengths]
    for lane, begin, length in zip(lanes.lane, lanes.begin, lengths, strict=True):
        if length:
            taken[lane].append((begin, begin + length))
    for spans, length in zip(taken, lanes.lengths, strict=True):
        spans.sort()
        assert len(spans) <= 2
        assert length == max((end for _, end in spans), default=0)
        assert not spans or spans[0][0] == 0
        assert all(start == spans[0][1] + SEAM for start, _ in spans[1:])


def test_unequal_lengths_become_lanes_of_one_length():
    lanes = Lanes.one_each(np.arange(1, 101)).paired()
    assert set(lanes.lengths.tolist()) == {101 + SEAM}


def right_padded(batch: int, time: int) -> torch.Tensor:
    return torch.arange(time) < torch.linspace(1, time, batch).round()[:, None]


def test_lanes_are_shared_where_it_is_cheaper(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    unequal, equal = right_padded(64, 100), torch.arange(100).expand(64, 100) < 50
    assert Packing.of(unequal, "carry", 64, end_to_end=True).shares_lanes
    assert not Packing.of(equal, "carry", 64, end_to_end=True).shares_lanes
    assert not Packing.of(unequal, "carry", 64).shares_lanes, "unless it is asked for"
    assert not Packing.of(unequal[::4], "carry", 64, end_to_end=True).shares_lanes, "too few rows"
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert not Packing.of(unequal, "carry", 64, end_to_end=True).shares_lanes, "too many threads"


@pytest.fixture
def shared(monkeypatch):
    """Let any two rows share a lane, dear or not."""
    monkeypatch.setattr(packing, "FEWEST", 0)
    monkeypatch.setattr(packing, "SEAMS_COST", -(10**9))


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("on_masked", ["carry", "reset"])
def test_every_usable_step_has_one_slot_and_seams_have_their_own(on_masked):
    observed = mask("mixed", batch=16, time=11)
    plan = Packing.of(observed, on_masked, hidden_size=8, end_to_end=True)
    assert plan.shares_lanes
    held = plan.source[plan.source < observed.numel()]
    assert sorted(held.tolist()) == observed.flatten().nonzero().squeeze(1).tolist()
    assert len(set(plan.slots)) == len(plan.slots)
    assert not set(plan.reveals) & (set(plan.slots) | set(plan.wipes))
    assert not set(plan.padding()) & (set(plan.slots) | set(plan.wipes) | set(plan.reveals))
    mirror = plan.mirror()
    assert (mirror[mirror] == range(len(mirror))).all()


def test_a_row_with_nan_leaves_the_others_as_they_are(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    torch.manual_seed(0)
    lstm = MaskedLSTM(3, 4)
    x, observed = torch.randn(64, 100, 3), right_padded(64, 100)
    assert Packing.of(observed, "carry", 4, end_to_end=True).shares_lanes
    x[-1, 0] = torch.nan
    output, (_, c) = lstm(x, observed)
    assert output[-1].isnan().all()
    assert output[:-1].isfinite().all()
    assert c[:-1].isfinite().all()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("bias", [False, True])
def test_a_large_c_is_revealed_to_the_last_digits(bias):
    """Gates wide open: c counts the steps, and tanh(c) alone would tell nothing of it."""
    torch.manual_seed(0)
    lstm = MaskedLSTM(1, 4, bias=bias)
    with torch.no_grad():
        lstm.weight_ih_l0.fill_(20.0)
        for weight in list(lstm.parameters())[2:]:
            weight.normal_()
    x, observed = torch.ones(10, 200, 1), right_padded(10, 200)
    _, (h, c) = lstm(x, observed)
    assert c.max() > 190
    _, (h_0, c_0) = reference_masked_lstm(lstm, x, observed)
    torch.testing.assert_close(h, h_0, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(c, c_0, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("shared")
def test_gradients_of_states_stay_in_their_row():
    torch.manual_seed(0)
    lstm = MaskedLSTM(3, 4, 2, bidirectional=True)
    x, observed = torch.randn(8, 9, 3, requires_grad=True), mask("random", 8, 9)
    _, (h, c) = lstm(x, observed)
    for row in range(8):
        loss = h[:, row].sum() + c[:, row].square().sum()
        gradient = torch.autograd.grad(loss, x, retain_graph=True)[0]
        assert gradient[row].any()
        gradient[row] = 0
        assert not gradient.any()
