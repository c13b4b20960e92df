"""Hidden by value, and hidden unlike in validation: found where it is so, not where it is chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.masks.generators.mcar import Mcar
from masklab.masks.generators.mnar import Mnar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.mechanism import auc, differences, farthest
from masklab.masks.origin import hidden_by
from masklab.masks.unlike import unlike

ROWS = 2000
PARTS = np.repeat(np.array([0, 1, 2], dtype=np.int8), [1400, 300, 300])


def panel_of(values: np.ndarray, lengths: tuple[int, ...] = (), skip: int | None = None) -> Panel:
    hours = np.arange(len(values))
    if skip is not None:
        hours[skip:] += 10
    return Panel(
        tuple(f"s{at}" for at in range(max(1, len(lengths)))),
        np.cumsum([0, *(lengths or (len(values),))]),
        np.datetime64("2024-01-01", "us") + hours * np.timedelta64(1, "h"),
        values,
        tuple("abc"[: values.shape[1]]),
    )


def noise(channels: int = 1, seed: int = 0) -> Panel:
    return panel_of(np.random.default_rng(seed).normal(size=(ROWS, channels)))


def hidden(panel: Panel, *rules: object, **aim: object) -> Mask:
    layers = tuple(Layer(rule=rule, **aim) for rule in rules)
    return MaskRecipe(layers=layers).apply(panel, PARTS)


finite = st.integers(-4, 4).map(float)


@given(st.lists(finite, min_size=1, max_size=15), st.lists(finite, min_size=1, max_size=15))
def test_the_chance_is_that_of_all_pairs(some, others):
    pairs = [0.5 * (a > b) + 0.5 * (a >= b) for a in some for b in others]
    assert auc(np.array(some), np.array(others)) == pytest.approx(np.mean(pairs))
    assert auc(np.array(others), np.array(some)) == pytest.approx(1 - np.mean(pairs))


def test_cells_hidden_by_their_value_are_found_and_the_direction_is_right():
    panel = noise()
    (one,) = differences(panel, hidden(panel, Mnar(rate=0.3)))
    assert (one.channel, one.of) == ("a", "hidden")
    assert (one.cells, one.others) == (600, 1400)
    assert one.auc > 0.7
    assert one.is_clear


@pytest.mark.parametrize("seed", range(12))
def test_cells_hidden_at_random_are_no_difference(seed):
    panel = noise(seed=seed)
    assert not any(
        one.is_clear for one in differences(panel, hidden(panel, Mcar(rate=0.3, seed=seed)))
    )


def test_one_painted_stretch_tells_nothing_however_high_it_is():
    values = np.zeros((ROWS, 1)) + np.arange(ROWS)[:, None]
    panel = panel_of(values)
    observed = np.ones((ROWS, 1), dtype=bool)
    observed[1900:] = False
    (one,) = differences(panel, Mask(observed, panel.channels))
    assert one.auc == 1
    assert one.stretches == 1
    assert not one.is_clear


def test_what_stands_beside_gaps_is_compared_with_the_rest():
    values = np.tile([5.0, np.nan, 5.0, 0.0, 0.0], ROWS // 5)[:, None]
    panel = panel_of(values)
    (one,) = differences(panel, hidden(panel))
    assert (one.of, one.auc, one.cells, one.others) == ("beside gaps", 1, 800, 800)
    assert one.is_clear


@settings(max_examples=60)
@given(
    st.lists(st.booleans(), min_size=2, max_size=30),
    st.lists(st.integers(4, 12), min_size=1, max_size=3),
    st.integers(1, 29),
)
def test_cells_beside_gaps_are_those_of_a_walk(flags, lengths, skip):
    flags = (flags * 20)[: sum(lengths)]
    values = np.where(flags, np.arange(len(flags), dtype=float), np.nan)[:, None]
    skip = skip if skip < len(flags) and skip not in np.cumsum(lengths) else None
    panel = panel_of(values, tuple(lengths), skip)
    counted = 0
    for name in panel.names:
        rows = range(*panel.rows_of(name).indices(panel.rows))
        for row in rows:
            before = row - 1 in rows and (not flags[row - 1] or row == skip)
            after = row + 1 in rows and (not flags[row + 1] or row + 1 == skip)
            counted += bool(flags[row] and (before or after))
    found = differences(panel, Mask(panel.native, panel.channels))
    held = int(sum(flags))
    expected = [counted] if 0 < counted < held else []
    assert [one.cells for one in found] == expected


def test_the_layer_is_the_one_whose_hidden_values_are_farthest():
    panel = noise()
    recipe = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.4)), Layer(rule=Mnar(rate=0.3))))
    layers = hidden_by(recipe, panel, PARTS)
    observed = recipe.apply(panel, PARTS).observed
    assert farthest(panel.values[:, 0], layers[:, 0], observed[:, 0]) == 2
    assert farthest(panel.values[:, 0], np.zeros(ROWS, np.uint8), observed[:, 0]) == 0


def test_a_mask_of_training_alone_is_unlike_and_one_of_both_is_not():
    panel = noise(2)
    assert unlike(panel, hidden(panel, Mcar(rate=0.2)), PARTS) == ()
    one, two = unlike(panel, hidden(panel, Mcar(rate=0.2), scope="training"), PARTS)
    assert (one.channel, two.channel) == ("a", "b")
    assert one.in_share
    assert one.by_mask
    assert (one.training.cells, one.validation.cells, one.validation.hidden) == (1400, 300, 0)
    assert one.training.hidden + two.training.hidden == 560
    assert one.training.share == pytest.approx(0.2, abs=0.03)


def test_stretches_of_another_length_are_unlike_at_the_same_share():
    observed = np.ones((ROWS, 1), dtype=bool)
    observed[:1400][np.arange(1400) % 4 == 0] = False
    observed[1400:1700][np.arange(300) % 40 < 10] = False
    panel = noise()
    (one,) = unlike(panel, Mask(observed, panel.channels), PARTS)
    assert (one.in_share, one.in_length) == (False, True)
    assert (one.training.mean_length, one.validation.mean_length) == (1, 10)


def test_what_the_file_lacks_is_told_apart_from_what_the_mask_hides():
    values = noise().values.copy()
    values[1400:1550] = np.nan
    panel = panel_of(values)
    (one,) = unlike(panel, hidden(panel), PARTS)
    assert not one.by_mask
    assert (one.validation.share, one.training.share) == (0.5, 0)
