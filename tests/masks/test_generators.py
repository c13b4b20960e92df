"""Random rules: exact realised rates, reproducible draws, stretches that keep to their series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import (
    blocks,
    bursts,
    channel_choices,
    drawn_by_kind,
    generators,
    mcars,
    panels,
    parts_of,
    rated,
    rates,
    series_choices,
    shapes_by_kind,
)
from slow_masks import SLOW_GENERATORS, SLOW_SHAPES, slow_apply

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.coverage import layer_counts
from masklab.masks.draw import draw_share, random_keys, smallest
from masklab.masks.generators.blocks import Blocks
from masklab.masks.generators.bursts import Bursts, chain_keys
from masklab.masks.generators.dropout_channel import DropoutChannel
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.generators.mar import Mar
from masklab.masks.generators.mcar import Mcar
from masklab.masks.generators.mnar import Mnar
from masklab.masks.generators.mnar_time import MnarTime
from masklab.masks.generators.tail import Tail
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import runs
from masklab.masks.native_gaps import has_gaps, native_gaps
from masklab.masks.rule import Rule, Scene


def panel_of(lengths: list[int], channels: int = 2, missing: float = 0.0) -> Panel:
    rows = sum(lengths)
    rng = np.random.default_rng(7)
    values = rng.normal(size=(rows, channels))
    values[rng.random(values.shape) < missing] = np.nan
    return Panel(
        names=tuple(f"s{index}" for index in range(len(lengths))),
        offsets=np.cumsum([0, *lengths]),
        clock=np.datetime64("2024-01-01", "us") + np.arange(rows) * np.timedelta64(1, "h"),
        values=values,
        channels=tuple(f"c{index}" for index in range(channels)),
    )


def everywhere(panel: Panel) -> Scene:
    return Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool))


@settings(deadline=None)
@given(panels(), st.data())
def test_the_realised_rate_is_exact_of_the_cells_that_the_layer_can_change(panel, data):
    rule = data.draw(rated(panel))
    channels, parts = data.draw(channel_choices(panel)), data.draw(parts_of(panel))
    scope = data.draw(st.sampled_from(["training", "validation", "both"]))
    combine = data.draw(st.sampled_from(["hide", "reveal", "and", "xor"]))
    before = Layer(rule=Mcar(rate=0.4, seed=9))
    layer = Layer(rule=rule, channels=channels, scope=scope, combine=combine)
    recipe = MaskRecipe(layers=(before, layer))
    _, step = recipe.steps(panel, parts)
    hidden = panel.native & ~step.before
    pool = {"hide": step.before, "xor": panel.native}.get(combine, hidden) & step.domain
    selected = step.selected
    if isinstance(rule, Mar):
        driver = panel.channel_index(rule.driver)
        assert not selected[:, driver].any()
        pool[:, driver] = False
    assert not (selected & ~pool).any()
    if rule.whole_steps:
        pool, selected = pool.any(axis=1), selected.any(axis=1)
    assert selected.sum() == round(rule.rate * pool.sum())
    _, count = layer_counts(recipe, panel, parts)
    assert (count.selected, count.pool) == (selected.sum(), pool.sum())
    if combine == "hide":
        assert (step.before & ~step.after).sum() == step.selected.sum()


TWINNED = sorted(one.model_fields["kind"].default for one in (*SLOW_GENERATORS, *SLOW_SHAPES))


@pytest.mark.parametrize("kind", TWINNED)
@settings(max_examples=60, deadline=None)
@given(panel=panels(), data=st.data())
def test_each_does_what_its_slow_twin_does(kind, panel, data):
    served = {**drawn_by_kind(panel), **shapes_by_kind()}
    layer = Layer(
        rule=data.draw(served.get(kind, mcars())),
        channels=data.draw(channel_choices(panel)),
        series=data.draw(series_choices(panel)),
        scope=data.draw(st.sampled_from(["training", "both"])),
    )
    recipe = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.3, seed=4)), layer))
    parts = data.draw(parts_of(panel))
    np.testing.assert_array_equal(
        recipe.apply(panel, parts).observed, slow_apply(recipe, panel, parts)
    )


@settings(deadline=None)
@given(panels(), st.data())
def test_drawing_together_hides_whole_steps(panel, data):
    rule = data.draw(st.one_of(mcars(), blocks(), bursts())).model_copy(update={"together": True})
    observed = MaskRecipe(layers=(Layer(rule=rule),)).apply(panel).observed
    touched = (panel.native & ~observed).any(axis=1)
    assert not observed[touched].any()


@settings(deadline=None)
@given(panels(), rates, rates, st.data())
def test_a_higher_rate_with_the_same_seed_keeps_what_a_lower_one_took(panel, one, other, data):
    rule = data.draw(rated(panel))
    few, many = (
        rule.model_copy(update={"rate": rate}).select(everywhere(panel))
        for rate in sorted((one, other))
    )
    assert not (few & ~many).any()


@settings(deadline=None)
@given(panels(), st.data())
def test_generators_select_only_cells_that_the_layer_can_change(panel, data):
    rule = data.draw(generators(panel).filter(lambda one: "seed" in type(one).model_fields))
    scene = everywhere(panel)
    assert not (rule.select(scene) & ~scene.pool).any()


SOME = [
    Mcar(rate=0.4),
    Blocks(rate=0.4, length=5),
    Bursts(rate=0.4, mean_length=5),
    Mar(rate=0.4, driver="c2"),
    Mnar(rate=0.4),
    MnarTime(rate=0.4),
    DropoutChannel(count=2),
]


@pytest.mark.parametrize("rule", [one for one in SOME if one.kind != "dropout_channel"])
def test_other_seeds_draw_other_cells(rule):
    scene = everywhere(panel_of([200], channels=3))
    other = rule.model_copy(update={"seed": 1})
    assert (rule.select(scene) != other.select(scene)).any()


@pytest.mark.parametrize("rule", [*SOME, Blocks(rate=0.3, length=4, together=True)])
def test_a_channel_is_drawn_alike_whatever_its_column(rule):
    panel = panel_of([40], channels=3)
    order = [2, 0, 1]
    turned = Panel(
        panel.names,
        panel.offsets,
        panel.clock,
        panel.values[:, order],
        tuple(panel.channels[index] for index in order),
    )
    assert (
        rule.select(everywhere(panel))[:, order].tolist()
        == rule.select(everywhere(turned)).tolist()
    )


def test_every_cell_has_the_same_chance():
    scene = everywhere(panel_of([50], channels=1))
    count = sum(Mcar(rate=0.2, seed=seed).select(scene) for seed in range(2000))
    # binomial: 400 expected, standard deviation 18; five of them, over 50 cells
    assert 310 < count.min() <= count.max() < 490


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 64, 100])
def test_one_stretch_has_exactly_its_length(length):
    panel = panel_of([400], channels=1)
    selected = Blocks(rate=length / 400, length=length).select(everywhere(panel))
    assert np.diff(runs(selected[:, 0])).tolist() == [[length]]


def test_stretches_end_at_the_border_of_a_series():
    panel = panel_of([30, 4, 30], channels=1)
    for seed in range(50):
        selected = Blocks(rate=10 / 64, length=10, seed=seed).select(everywhere(panel))[:, 0]
        lengths = np.diff(runs(selected, panel.offsets))[:, 0]
        # one whole stretch; or the short series of 4 and a first piece of the next stretch
        assert sorted(lengths) in ([10], [4, 6])
        touched = set(panel.series_of_row[selected])
        assert len(touched) == len(lengths)


def test_an_outage_ends_where_it_recovers_and_at_the_border_of_a_series():
    keys = np.array([10, 2**30, 2**31, 2**30 + 1, 4_000_000_000, 7], dtype=np.uint32)
    # A quarter recovers at each step; in balance, a chance p hides the share p / (p + 1/4) of first
    # rows: half of them, the key 2^31, at the chance 1/4, which is 2^30.
    found = chain_keys(keys, np.array([0, 2]), mean_length=4)
    assert found.tolist() == [2, 2, 2**30, 2**30, 4_000_000_000, 7]


def test_overlap_does_not_lower_the_rate():
    panel = panel_of([1000], channels=4, missing=0.1)
    for rate in np.linspace(0, 1, 21):
        selected = Blocks(rate=float(rate), length=50).select(everywhere(panel))
        assert (selected & panel.native).sum() == round(float(rate) * panel.native.sum())


def test_a_stretch_longer_than_every_series_covers_a_series_whole():
    panel = panel_of([5, 5], channels=1)
    selected = Blocks(rate=0.5, length=1_000_000).select(everywhere(panel))[:, 0]
    assert sorted([selected[:5].sum(), selected[5:].sum()]) == [0, 5]


@pytest.mark.parametrize("rule", [*(one for one in SOME if one.kind != "mar"), Tail(rate=1)])
def test_nothing_is_drawn_where_nothing_is_observed(rule: Rule):
    panel = panel_of([10], missing=2.0)
    assert not rule.select(everywhere(panel)).any()


@pytest.mark.parametrize("combine", ["reveal", "and"])
def test_revealing_at_random_draws_among_hidden_cells(combine):
    panel = panel_of([100], channels=1)
    hide = Layer(rule=Mcar(rate=0.4, seed=1))
    random = Layer(rule=Mcar(rate=0.25, seed=2), combine=combine)
    observed = MaskRecipe(layers=(hide, random)).apply(panel).observed
    assert (~observed).sum() == (30 if combine == "reveal" else 10)


@given(
    st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 5), max_size=60).map(
        lambda keys: np.array(keys, dtype=np.uint32)
    ),
    st.integers(-1, 70),
)
def test_smallest_takes_the_first_of_a_stable_sort(keys, count):
    expected = np.zeros(len(keys), dtype=bool)
    expected[np.argsort(keys, kind="stable")[: max(count, 0)]] = True
    np.testing.assert_array_equal(smallest(keys, count), expected)


@given(
    st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=5),
    st.floats(0, 1),
    st.integers(0, 2**30 - 1),
)
def test_a_share_is_drawn_over_all_columns_as_from_one_list(columns, rate, cells):
    keys = np.array(columns, dtype=np.uint32).T  # few different ones, so that many are equal
    pool = np.array([cells >> bit & 1 for bit in range(keys.size)], dtype=bool).reshape(keys.shape)
    drawn = draw_share(pool, rate, lambda column: keys[:, column])
    joined = keys.T[pool.T]
    expected = np.zeros(len(joined), dtype=bool)
    expected[np.argsort(joined, kind="stable")[: round(rate * len(joined))]] = True
    np.testing.assert_array_equal(drawn.T[pool.T], expected)
    assert not drawn[~pool].any()


@pytest.mark.parametrize("length", [1, 40, 100_000])
@pytest.mark.parametrize("dtype", [np.uint32, np.float64])
def test_smallest_of_many_takes_the_first_of_a_stable_sort_however_keys_lie(length, dtype):
    keys = np.repeat(np.sort(random_keys(200_000 // length + 1, 3)), length)[:200_000].astype(dtype)
    for count in (1, 700, 30_000, 100_001, 199_999):
        for turned in (keys, keys[::-1], np.random.default_rng(0).permutation(keys)):
            expected = np.zeros(len(keys), dtype=bool)
            expected[np.argsort(turned, kind="stable")[:count]] = True
            np.testing.assert_array_equal(smallest(turned, count), expected)


def test_keys_are_fixed_for_ever():
    # From PCG64 and SHA-256 themselves: recipes saved by one version must draw alike in the next.
    assert random_keys(4, 0, "mcar", "temp").tolist() == KEYS
    assert random_keys(3, 0, "mcar", "temp").tolist() == KEYS[:3]
    assert random_keys(4, 0, "mcar", "wind").tolist() != KEYS
    assert random_keys(4, 1, "mcar", "temp").tolist() != KEYS


KEYS = [2351663228, 2015950998, 810825751, 669779181]


@settings(deadline=None)
@given(panels().filter(has_gaps), st.floats(0, 5), st.data())
def test_each_channel_loses_its_own_share_of_what_can_change(panel, amount, data):
    parts = data.draw(parts_of(panel))
    rule = LikeNative(amount=amount)
    (step,) = MaskRecipe(layers=(Layer(rule=rule, scope="training"),)).steps(panel, parts)
    for column, gaps in enumerate(native_gaps(panel).values()):
        count = step.pool[:, column].sum()
        assert step.selected[:, column].sum() == round(min(1, amount * gaps.share) * count)


def test_gaps_of_the_clock_and_at_the_ends_of_series_are_gaps():
    panel = panel_of([10, 5], channels=3)
    values = panel.values.copy()
    values[[0, 3, 4, 9, 10], 0] = np.nan
    values[:, 2] = np.nan
    hours = np.arange(15) + np.where(np.arange(15) >= 7, 3, 0)  # three rows left out before row 7
    clock = np.datetime64("2024-01-01", "us") + hours * np.timedelta64(1, "h")
    panel = Panel(panel.names, panel.offsets, clock, values, panel.channels)
    gaps = native_gaps(panel)
    assert sorted(gaps["c0"].lengths) == [1, 1, 1, 2, 3]
    assert gaps["c0"].share == 8 / 18
    assert gaps["c1"].lengths.tolist() == [3]
    assert sorted(gaps["c2"].lengths) == [1, 1, 1, 2, 3, 3]  # no value of its own: the pooled ones
    assert gaps["c2"].share == 11 / 36


def test_a_channel_without_gaps_borrows_those_of_the_others():
    panel = panel_of([300], channels=2)
    values = panel.values.copy()
    values[100:130, 0] = np.nan
    panel = Panel(panel.names, panel.offsets, panel.clock, values, panel.channels)
    selected = LikeNative().select(everywhere(panel))
    assert selected.sum(axis=0).tolist() == [27, 15]  # 10 % of 270, 5 % of 300
    (whole,) = np.diff(runs(LikeNative(amount=2).select(everywhere(panel))[:, 1]))
    assert whole.tolist() == [30]


def test_a_file_without_gaps_is_told_what_to_choose_instead():
    panel = panel_of([30])
    (problem,) = LikeNative().misfits(panel)
    assert problem.startswith("No channel of this data has a gap of its own to go by; choose")
    with pytest.raises(MaskError, match=r"^Layer 1 .*has a gap of its own to go by"):
        MaskRecipe(layers=(Layer(rule=LikeNative()),)).apply(panel)
    empty = panel_of([5], missing=2.0)
    assert LikeNative().misfits(empty) == (problem,)
