"""The packed layout: nothing lost, nothing twice, and few cells for nobody."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from step_masks import KINDS, mask

from masklab.nn.chunks import CALL_COST, MOST_NUMBERS, cut_into_chunks
from masklab.nn.lanes import Lanes
from masklab.nn.packing import Packing
from masklab.nn.sequences import rows, rows_with_wipes, stretches

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=40)


def alive_of(lengths: list[int]) -> list[int]:
    return [sum(length > step for length in lengths) for step in range(max(lengths))]


@given(lengths=lengths, hidden_size=st.sampled_from([1, 32, 4096, 2**19]))
def test_chunks_cover_every_step_of_every_sequence(lengths, hidden_size):
    alive = alive_of(lengths)
    rows = [chunk.rows for chunk in cut_into_chunks(alive, hidden_size) for _ in range(chunk.steps)]
    assert len(rows) == len(alive)
    assert rows == sorted(rows, reverse=True)
    assert all(wide >= needed for wide, needed in zip(rows, alive, strict=True))


@given(lengths=lengths)
def test_a_cut_is_made_only_where_it_saves_more_than_a_call(lengths):
    alive = alive_of(lengths)
    chunks = cut_into_chunks(alive, hidden_size=64)
    cells = sum(steps * rows for steps, rows in chunks)
    most = len(alive) * alive[0]
    assert cells + (len(chunks) - 1) * (CALL_COST // 64) <= most


def test_a_chunk_is_no_larger_than_a_call_should_be():
    chunks = cut_into_chunks([64] * 1000, hidden_size=128)
    assert sum(chunk.steps for chunk in chunks) == 1000
    assert all(steps * rows * 128 <= MOST_NUMBERS for steps, rows in chunks)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "empty"])
@pytest.mark.parametrize("on_masked", ["carry", "reset"])
@pytest.mark.parametrize("hidden_size", [1, 512, 2**19])
def test_every_usable_step_has_one_slot(hidden_size, on_masked, kind):
    observed = mask(kind, batch=9, time=11)
    packing = Packing.of(observed, on_masked, hidden_size)
    held = packing.source[packing.source < observed.numel()]
    assert sorted(held.tolist()) == observed.flatten().nonzero().squeeze(1).tolist()
    assert packing.source[packing.zeros] == observed.numel()
    mirror = packing.mirror()
    assert (mirror[mirror] == range(len(mirror))).all()


OBSERVED = np.array([[True, True, False, False, True], [False, False, True, True, False]])


def test_carry_makes_a_sequence_of_every_row():
    sequences = rows(OBSERVED)
    assert sequences.lengths.tolist() == [3, 2]
    assert sequences.steps.tolist() == [0, 1, 4, 7, 8]
    assert Lanes.one_each(sequences.lengths).alive() == [2, 2, 1]


def test_reset_makes_a_sequence_of_every_stretch():
    sequences = stretches(OBSERVED)
    assert sequences.lengths.tolist() == [2, 1, 2]
    assert sequences.sequence.tolist() == [0, 0, 1, 2, 2]


def test_or_a_sequence_of_every_row_with_one_step_for_each_gap():
    sequences = rows_with_wipes(OBSERVED)
    assert sequences.lengths.tolist() == [4, 4]
    assert sequences.steps.tolist() == [0, 1, 2, 4, 5, 7, 8, 9]
    assert np.flatnonzero(~sequences.usable).tolist() == [2, 4, 7]


def test_the_cheaper_way_to_reset_is_taken():
    alternating = torch.arange(100).expand(64, 100) % 2 == 0
    one_gap = torch.arange(100).expand(64, 100) != 50
    assert not Packing.of(alternating, "reset", hidden_size=64).sequences.by_row
    assert Packing.of(one_gap[:, :98], "reset", hidden_size=64).sequences.by_row
