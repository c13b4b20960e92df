"""The charts of what the LSTM will see: every window coloured, what is left out marked without colour."""

from __future__ import annotations

import numpy as np
import pytest

from masklab.charts.ribbon import stretches
from masklab.charts.seen_lengths import seen_lengths
from masklab.charts.seen_steps import seen_steps
from masklab.charts.seen_strip import seen_strip
from masklab.data.series import Panel
from masklab.runs.spec import DataSource, Experiment
from masklab.split import Split
from masklab.strategies.carry import Carry
from masklab.strategies.ignore import Ignore
from masklab.training.config import Forecast
from masklab.training.seen import Seen, seen
from masklab.training.seen_bins import bins, histogram, sampled

INK = "#565A63"
SPLIT = Split()


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Two series, named so that a page must escape them; the first lacks a third of its rows."""
    values = np.ones((400, 2))
    values[100:170] = np.nan
    hours = np.concatenate((np.arange(240), np.arange(160)))
    hours[60:240] += 30
    return Panel(
        ("<b>north", "south"), np.array([0, 240, 400]),
        np.datetime64("2024-01-01", "us") + hours * np.timedelta64(1, "h"), values, ("a", "b"),
    )  # fmt: skip


def view(panel: Panel, strategy: object, window: int = 24) -> Seen:
    plan = Experiment(
        data=DataSource(path="x"), strategies=(strategy,), task=Forecast(window=window, horizon=4)
    )
    return seen(plan, panel, panel.native, SPLIT.parts(panel), strategy)


def test_the_strip_has_a_lane_for_each_series_and_a_mark_for_each_reason(panel):
    found = bins(view(panel, Carry()), panel, (0, 1), 60)
    figure = seen_strip(panel, found, [stretches(panel, SPLIT, one) for one in (0, 1)], INK)
    lanes = [one for one in figure.data if one.type == "heatmap"]
    marks = [one for one in figure.data if one.type == "scatter"]
    assert len(lanes) == 2
    assert len({(one.line.dash, one.marker.symbol) for one in marks}) == len(marks) == 3
    assert [one.name for one in marks if one.showlegend] == [
        "nothing usable", "nothing scored", "no room for a window",
    ]  # fmt: skip
    assert "&lt;b&gt;north" in figure.layout.yaxis.ticktext[0]
    z = np.array(lanes[0].z, dtype=float)
    np.testing.assert_array_equal(z[0], found.share[0])
    assert "windows begin here" in lanes[0].text[0][0]


def test_marks_stand_where_windows_are_left_out(panel):
    found = bins(view(panel, Carry()), panel, (0, 1), 60)
    figure = seen_strip(panel, found, [stretches(panel, SPLIT, one) for one in (0, 1)], INK)
    (unusable,) = [one for one in figure.data if one.name == "nothing usable"]
    told = [one for one in unusable.text if one]
    counted = sum(int(one.split(": ")[1].split(" ")[0]) for one in told) / 3  # start, middle, end
    chief = (found.unusable > 0) & (found.unusable >= found.unscored)
    assert counted == found.unusable[chief].sum() > 0


def test_a_split_by_series_is_told_beside_each_lane(panel):
    split = Split(by="series", validation_series=("south",))
    plan = view(panel, Carry())
    figure = seen_strip(
        panel, bins(plan, panel, (0, 1), 10), [stretches(panel, split, one) for one in (0, 1)], INK
    )
    assert [one.split("<br>")[1] for one in figure.layout.yaxis.ticktext] == [
        "training",
        "validation",
    ]


@pytest.mark.parametrize("window", [24, 60])
def test_the_heat_map_has_a_row_for_each_window_and_says_what_happens(panel, window):
    found = view(panel, Carry(), window)
    drawn = sampled(found, windows=10, columns=30)
    begins = [f"from {one}" for one in drawn.starts]
    figure = seen_steps(found, drawn, begins, panel.names, INK)
    heat, out = figure.data
    assert np.shape(heat.z) == (10, len(drawn.widths)) == np.shape(heat.text)
    assert list(out.y) == np.flatnonzero(~drawn.used).tolist()
    assert ("skipped" in " ".join(np.ravel(heat.text))) == bool((np.array(heat.z) < 1).any())
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;north training"


def test_the_lengths_are_told_apart_without_colour(panel):
    drawn = histogram(view(panel, Ignore()))
    figure = seen_lengths(drawn, INK)
    assert (
        len({one.line.dash for one in figure.data}) == len(figure.data) == drawn["part"].nunique()
    )
    assert (
        figure.data[0].name
        == f"training (n = {drawn[drawn['part'] == 'training']['windows'].sum():,})"
    )
