"""Masks obey the laws of Boolean algebra, refuse what doesn't match, and know their runs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from masklab.errors import MaskError
from masklab.masks.mask import Mask, runs

SHAPES = st.tuples(st.integers(0, 8), st.integers(1, 3))


@st.composite
def three_masks(draw):
    shape = draw(SHAPES)
    names = ("a", "b", "c")[: shape[1]]
    return tuple(Mask(draw(hnp.arrays(bool, shape)), names) for _ in range(3))


@given(three_masks())
def test_masks_form_a_boolean_algebra(masks):
    x, y, z = masks
    assert x & y == y & x
    assert x | y == y | x
    assert (x & y) & z == x & (y & z)
    assert (x | y) | z == x | (y | z)
    assert x & (y | z) == (x & y) | (x & z)
    assert x | (y & z) == (x | y) & (x | z)
    assert ~(x & y) == ~x | ~y
    assert ~~x == x
    assert x & x == x
    assert x | (x & y) == x
    assert not (x & ~x).observed.any()
    assert (x | ~x).observed.all()


@given(three_masks())
def test_hidden_share_is_the_share_of_cells_not_observed(masks):
    mask = masks[0]
    cells = mask.observed.size
    expected = sum(not cell for cell in mask.observed.flat) / cells if cells else 0
    assert mask.hidden_share == pytest.approx(expected)


def test_a_mask_cannot_be_changed_and_leaves_the_callers_array_free():
    array = np.ones((2, 1), dtype=bool)
    mask = Mask(array, ("a",))
    with pytest.raises(ValueError, match="read-only"):
        mask.observed[0, 0] = False
    array[0, 0] = False


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((2, 1)), "boolean, True = observed; it instead has float64"),
        (np.ones(2, dtype=bool), r"instead has shape \(2,\)"),
        (np.ones((2, 3), dtype=bool), r"instead has shape \(2, 3\)"),
    ],
)
def test_what_is_no_mask_is_refused(array, message):
    with pytest.raises(MaskError, match=message):
        Mask(array, ("a",))


def test_masks_of_other_channels_or_lengths_do_not_mix():
    one = Mask(np.ones((2, 1), dtype=bool), ("a",))
    for other in (Mask(one.observed, ("b",)), Mask(np.ones((3, 1), dtype=bool), ("a",))):
        with pytest.raises(MaskError, match="Masks differ"):
            one & other
        assert one != other


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_runs_are_the_maximal_stretches_within_each_series(flags, data):
    cuts = data.draw(st.sets(st.integers(1, max(1, len(flags) - 1)), max_size=3))
    offsets = np.array(sorted({0, len(flags), *(cut for cut in cuts if cut < len(flags))}))
    expected = []
    for first, end in pairwise(offsets):
        start = None
        for row in range(first, end + 1):
            if row < end and flags[row]:
                start = row if start is None else start
            elif start is not None:
                expected.append([start, row])
                start = None
    assert runs(np.array(flags), offsets).tolist() == expected
    if len(offsets) == 2:
        assert runs(np.array(flags)).tolist() == expected
