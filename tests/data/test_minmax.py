"""What is drawn: every pixel's extremes, nothing bridged, nothing missing drawn as a value."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.charts.minmax import thinned
from masklab.charts.ribbon import stretches
from masklab.charts.series_picture import View, series_picture
from masklab.charts.sparkline import sparkline
from masklab.data.series import Panel, TimeSeries
from masklab.split import Split

SECOND = 1_000_000


def panel_of(values: np.ndarray, clock: np.ndarray | None = None) -> Panel:
    rows = np.arange(len(values)) if clock is None else clock
    times = (rows * SECOND).astype("datetime64[us]")
    return TimeSeries("a", times, values.reshape(len(values), -1), ("x",)).as_panel()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), rows=st.integers(300, 3000), share=st.floats(0, 0.9))
def test_every_pixel_keeps_its_lowest_and_highest_value(seed, rows, share):
    random = np.random.default_rng(seed)
    values = random.normal(size=rows)
    values[random.random(rows) < share] = np.nan
    pixels = 40
    line = thinned(panel_of(values), 0, 0, pixels)
    pixel = (rows - 1) * SECOND / pixels
    column_of = (np.arange(rows) * SECOND / pixel).astype(int)
    drawn_in = (line.clock.astype(np.int64) / pixel).astype(int)
    for column in range(pixels + 1):  # the obvious loop
        mine = values[column_of == column]
        mine = mine[np.isfinite(mine)]
        drawn = line.values[(drawn_in == column) & np.isfinite(line.values)]
        assert len(mine) == 0 or (drawn.min() == mine.min() and drawn.max() == mine.max())
    assert line.shown == np.isfinite(values).sum()


def test_a_single_spike_in_a_million_is_drawn():
    values = np.zeros(1_000_000)
    values[654_321] = 9.0
    assert np.nanmax(thinned(panel_of(values), 0, 0, 800).values) == 9.0


@pytest.mark.parametrize("rows", [100, 100_000])
def test_a_line_breaks_at_missing_cells_and_the_stretch_is_named(rows):
    values = np.ones(rows)
    values[rows // 4 : rows // 2] = np.nan
    line = thinned(panel_of(values), 0, 0, 500)
    (stretch,) = (line.empty.astype(np.int64) // SECOND).tolist()
    assert stretch == [rows // 4 - 1, rows // 2]
    assert np.isnan(line.values).sum() == 1
    assert not (line.values == 0).any()


@pytest.mark.parametrize("rows", [100, 100_000])
def test_a_line_breaks_at_a_gap_of_the_clock(rows):
    clock = np.arange(rows)
    clock[rows // 2 :] += rows
    line = thinned(panel_of(np.ones(rows), clock), 0, 0, 500)
    assert np.isnan(line.values).sum() == 1
    assert len(line.empty) == 1


def test_a_value_between_two_breaks_is_drawn_as_a_point():
    values = np.array([1, 1, np.nan, 5, np.nan, 1, 1])
    line = thinned(panel_of(values), 0, 0, 500)
    assert line.values[line.lonely].tolist() == [5.0]


def test_a_channel_without_any_value_is_one_empty_stretch():
    line = thinned(panel_of(np.full(10, np.nan)), 0, 0)
    assert len(line.values) == 0
    assert len(line.empty) == 1


def test_a_window_shows_only_what_lies_in_it():
    window = tuple((np.array([20, 40]) * SECOND).astype("datetime64[us]"))
    line = thinned(panel_of(np.arange(100.0)), 0, 0, 500, window)
    assert (line.values.min(), line.values.max()) == (20, 40)


def test_a_value_beyond_the_axis_is_marked_at_its_edge():
    values = np.arange(50.0)
    values[10] = -999
    figure = series_picture(panel_of(values), View(0, ("x",), ranges={"x": (0.0, 49.0)}))
    below = [trace for trace in figure.data if trace.marker.symbol == "triangle-down"]
    assert [list(trace.customdata) for trace in below] == [[-999.0]]
    assert figure.layout.yaxis.range[0] > -10


def test_the_ribbon_covers_the_series_in_order():
    panel = panel_of(np.arange(100.0))
    parts = stretches(panel, Split(training=0.6, validation=0.2), 0)
    assert [stretch.part for stretch in parts] == [0, 1, 2]
    assert parts[0].end == parts[1].start
    assert parts[1].end == parts[2].start
    figure = series_picture(panel, View(0, ("x",), parts))
    assert [one.text for one in figure.layout.annotations] == ["training", "validation", "test"]


def test_a_channels_name_is_shown_as_it_is_where_plotly_draws_it():
    name = 'a "b" <i>&'
    clock = (np.arange(50) * SECOND).astype("datetime64[us]")
    panel = TimeSeries("a", clock, np.arange(50.0)[:, None], (name,)).as_panel()
    figure = series_picture(panel, View(0, (name,)))
    assert figure.layout.yaxis.title.text == 'a "b" &lt;i&gt;&amp;'
    assert any((trace.hovertemplate or "").startswith('a "b" &lt;i') for trace in figure.data)


def test_a_small_picture_is_well_formed_and_escapes_names():
    values = np.sin(np.arange(400.0))
    values[100:150] = np.nan
    picture = ET.fromstring(sparkline(panel_of(values), "x", label="<b>&"))  # noqa: S314
    assert picture.get("aria-label") == "<b>&"
    path = picture.find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    assert path.get("d", "").count("M") == 2
