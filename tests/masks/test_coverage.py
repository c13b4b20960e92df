"""Counts are those of a loop over cells, and a mask that hides everything is reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from mask_strategies import scenes

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.coverage import coverage, layer_counts, run_histogram, run_lengths
from masklab.masks.findings import Finding, findings
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.origin import hidden_by
from masklab.masks.rules.value_range import ValueRange
from masklab.split import PART_NAMES

EVERYTHING = ValueRange(low=-1e9, side="inside")


def longest_run(panel: Panel, observed, rows) -> int:
    longest = length = 0
    for row in range(panel.rows):
        if row in panel.offsets or not rows[row]:
            length = 0
        length = length + 1 if rows[row] and not observed[row] else 0
        longest = max(longest, length)
    return longest


@settings(deadline=None)
@given(scenes())
def test_coverage_counts_what_a_loop_counts(scene):
    panel, recipe, parts = scene
    mask = recipe.apply(panel, parts)
    found = coverage(panel, mask, parts)
    assert found["cells"].sum() == panel.values.size
    for row in found.itertuples():
        channel = panel.channel_index(row.channel)
        chosen = [
            index
            for index in range(panel.rows)
            if parts is None or PART_NAMES[parts[index]] == row.part
        ]
        native, observed = panel.native[chosen, channel], mask.observed[chosen, channel]
        inside = np.isin(np.arange(panel.rows), chosen)
        assert row.cells == len(chosen) == row.native_missing + row.hidden + row.observed
        assert row.native_missing == (~native).sum()
        assert row.hidden == (native & ~observed).sum()
        assert row.share == pytest.approx(1 - observed.mean())
        assert row.longest_run == longest_run(panel, mask.observed[:, channel], inside)


@settings(deadline=None)
@given(scenes())
def test_run_lengths_add_up_to_the_cells_not_observed(scene):
    panel, recipe, parts = scene
    mask = recipe.apply(panel, parts)
    lengths = run_lengths(panel, mask, parts=parts)
    histogram = run_histogram(lengths)
    assert lengths.sum() == (~mask.observed).sum() == histogram["cells"].sum()
    assert histogram["runs"].sum() == len(lengths)
    for row in histogram.itertuples():
        inside = (lengths >= row.first) & (lengths <= row.last)
        assert row.runs == inside.sum()


@settings(deadline=None)
@given(scenes())
def test_layer_counts_tell_what_each_layer_changes(scene):
    panel, recipe, parts = scene
    counts = layer_counts(recipe, panel, parts)
    assert [one.number for one in counts] == list(range(1, len(recipe.layers) + 1))
    hidden = 0
    for number, count in enumerate(counts, start=1):
        upto = recipe.model_copy(update={"layers": recipe.layers[:number]})
        now = int((panel.native & ~upto.apply(panel, parts).observed).sum())
        assert count.newly_hidden - count.newly_revealed == now - hidden
        assert 0 <= count.share <= 1
        hidden = now


def panel_of(values) -> Panel:
    array = np.array(values, dtype=float)
    clock = np.datetime64("2024-01-01", "us") + np.arange(len(array)) * np.timedelta64(1, "h")
    return Panel(("one",), np.array([0, len(array)]), clock, array, ("a", "b"))


PANEL = panel_of([[row, row] for row in range(10)])
PARTS = np.repeat(np.array([0, 1], dtype=np.int8), [6, 4])


def test_a_layer_that_does_not_fit_says_why_and_the_others_still_count():
    recipe = MaskRecipe(
        layers=(
            Layer(rule=Mcar(), channels=("wind",)),
            Layer(rule=ValueRange(low=3), name="low"),
            Layer(rule=EVERYTHING, enabled=False),
        )
    )
    lost, low, off = layer_counts(recipe, PANEL, PARTS)
    assert "['wind']" in lost.problem
    assert (lost.enabled, lost.changed) == (True, 0)
    assert (low.label, low.newly_hidden, low.cells, low.share) == ("low", 6, 20, 0.3)
    assert (off.enabled, off.changed, off.share, off.problem) == (False, 0, 0.0, "")


def test_the_realised_rate_is_of_the_cells_that_a_layer_can_change():
    panel = panel_of([[np.nan, 1]] * 10)
    (count,) = layer_counts(MaskRecipe(layers=(Layer(rule=Mcar(rate=0.5)),)), panel)
    assert (count.cells, count.pool, count.selected, count.realised) == (20, 10, 5, 0.5)


def test_a_mask_that_hides_everything_is_reported():
    layer = Layer(rule=EVERYTHING)
    mask = MaskRecipe(layers=(layer,)).apply(PANEL, PARTS)
    for (found,) in (findings(PANEL, mask, PARTS), findings(PANEL, mask)):
        assert found.sentence.startswith("The mask hides every cell of the data")
    training = layer.model_copy(update={"scope": "training"})
    (found,) = findings(PANEL, MaskRecipe(layers=(training,)).apply(PANEL, PARTS), PARTS)
    assert found.sentence.startswith("The mask hides every cell of the training rows")


def test_a_channel_hidden_in_one_part_is_reported():
    layer = Layer(rule=EVERYTHING, channels=("b",), scope="validation")
    mask = MaskRecipe(layers=(layer,)).apply(PANEL, PARTS)
    sentence = (
        "Channel 'b' is hidden entirely in the validation rows; "
        "narrow a layer if the model should see it."
    )
    assert findings(PANEL, mask, PARTS) == (Finding(sentence, "b"),)


def test_a_channel_hidden_in_every_part_is_reported_once():
    layer = Layer(rule=EVERYTHING, channels=("b",))
    (found,) = findings(PANEL, MaskRecipe(layers=(layer,)).apply(PANEL, PARTS), PARTS)
    assert found.sentence.startswith("Channel 'b' is hidden entirely in the data")


def test_a_finding_names_the_layer_that_hides_most():
    other = Layer(rule=Mcar(rate=0.2))
    layer = Layer(rule=EVERYTHING, channels=("b",))
    recipe = MaskRecipe(layers=(other, layer))
    layers = hidden_by(recipe, PANEL, PARTS)
    mask = recipe.apply(PANEL, PARTS)
    assert {one.layer for one in findings(PANEL, mask, PARTS, layers)} == {2}
    recipe = MaskRecipe(layers=(Layer(rule=EVERYTHING), other))
    (found,) = findings(PANEL, recipe.apply(PANEL), PARTS, hidden_by(recipe, PANEL, PARTS))
    assert (found.channel, found.layer) == (None, 1)


def test_what_the_file_lacks_is_not_blamed_on_the_mask():
    panel = panel_of([[1, np.nan]] * 6 + [[np.nan, np.nan]] * 4)
    found = findings(panel, MaskRecipe().apply(panel, PARTS), PARTS)
    assert found[0].sentence.startswith("Channel 'b' has no value in the data; leave it out.")
    assert found[1].sentence.startswith("The file has no value in the validation rows")


def test_an_ordinary_mask_has_no_findings():
    assert findings(PANEL, MaskRecipe().apply(PANEL, PARTS), PARTS) == ()


def test_the_mask_of_other_data_is_refused():
    with pytest.raises(MaskError, match=r"covers 1 rows of .*the data has 10 rows"):
        coverage(PANEL, Mask(np.ones((1, 2), dtype=bool), ("a", "b")))
