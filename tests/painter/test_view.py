"""The picture of a window: a slow twin is the oracle, and no spike is ever lost."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from masklab.data.series import Panel, TimeSeries
from masklab.ui.painter.payload import part_spans, read_window
from masklab.ui.painter.summary import Origins, Summary, count_blocks, value_range
from masklab.ui.painter.view import Window, cover, fitted, grid, lines, normalised, widened

STEP = 60_000_000


def series(name, rows, seed=0, gap_at=None, missing=0.1):
    random = np.random.default_rng(seed)
    clock = np.arange(rows, dtype=np.int64) * STEP
    if gap_at is not None:
        clock[gap_at:] += 40 * STEP
    values = random.normal(size=(rows, 2))
    values[random.random((rows, 2)) < missing] = np.nan
    return TimeSeries(name, clock.astype("datetime64[us]"), values, ("a", "b"))


def picture_of(panel, window, observed=None):
    """Return grid, lines and cover of a window as one."""
    observed = panel.native if observed is None else observed
    summary, channels = Summary(panel), range(len(panel.channels))
    found = grid(summary, window)
    parts = (
        found,
        lines(summary, found, channels),
        cover(origins(panel, observed), found, channels),
    )
    return SimpleNamespace(**{name: value for part in parts for name, value in vars(part).items()})


def origins(panel, observed):
    """Hide what is not observed by two layers: the first in channel a, the second in the others."""
    layers = np.minimum(np.arange(1, len(panel.channels) + 1), 2).astype(np.uint8)
    return Origins(np.asfortranarray((panel.native & ~observed) * layers))


def slow_columns(panel: Panel, picture: SimpleNamespace) -> list[list[int]]:
    """Return the rows of each column, one row at a time."""
    window = picture.window
    rows = range(*panel.rows_of(window.series).indices(panel.rows))
    clock = panel.clock.astype(np.int64)
    inside = [row for row in rows if window.start <= clock[row] <= window.end]
    before = [row for row in rows if clock[row] < window.start][-1:]
    after = [row for row in rows if clock[row] > window.end][:1]
    starts = picture.times + window.start
    columns: list[list[int]] = [[] for _ in starts]
    for row in [*before, *inside, *after]:
        columns[max(int(np.searchsorted(starts, clock[row], "right")) - 1, 0)].append(row)
    return columns


@settings(max_examples=60, deadline=None)
@given(
    rows=some.integers(40, 3000),
    columns=some.integers(16, 200),
    place=some.tuples(some.floats(0, 0.7), some.floats(0.05, 0.3)),
    seed=some.integers(0, 1000),
)
def test_columns_hold_the_extremes_and_shares_of_their_rows(rows, columns, place, seed):
    panel = Panel.of(series("x", 70, seed), series("y", rows, seed + 1, gap_at=rows // 2))
    start = int(place[0] * rows * STEP)
    window = Window(1, start, start + max(int(place[1] * rows * STEP), STEP), columns)
    observed = np.random.default_rng(seed).random(panel.values.shape) < 0.7
    picture = picture_of(panel, window, observed & panel.native)
    for column, members in enumerate(slow_columns(panel, picture)):
        for channel in range(2):
            values = panel.values[members, channel]
            finite = values[~np.isnan(values)]
            low, high = picture.low[channel, column], picture.high[channel, column]
            if len(finite):
                assert (low, high) == (finite.min(), finite.max())
            else:
                assert np.isnan(low)
                assert np.isnan(high)
            hidden = (panel.native & ~observed)[members, channel]
            assert picture.hidden[channel, column] == byte_share(hidden)
            assert picture.layer[channel, column] == (channel + 1 if hidden.any() else 0)
            assert picture.missing[channel, column] == byte_share(np.isnan(values))


def byte_share(flags):
    if not len(flags) or not flags.any():
        return 0
    return 255 if flags.all() else min(max(round(255 * flags.sum() / len(flags)), 1), 254)


@pytest.mark.parametrize("spike_at", [0, 17, 63, 64, 50_001, 99_999])
@pytest.mark.parametrize("columns", [16, 100, 1000])
def test_a_spike_of_one_row_is_never_lost(spike_at, columns):
    values = np.zeros((100_000, 1))
    values[spike_at] = 1000
    clock = np.arange(100_000).astype("datetime64[s]")
    panel = TimeSeries("x", clock, values, ("a",)).as_panel()
    picture = picture_of(panel, Window(0, 0, 99_999_000_000, columns))
    assert not picture.exact
    assert np.nanmax(picture.high) == 1000
    shown = np.argmax(picture.high[0])
    assert abs(shown - spike_at * columns / 100_000) <= 1.2


def test_one_hidden_row_in_a_million_is_shown_as_more_than_none():
    observed = np.ones((1_000_000, 1), dtype=bool)
    observed[654_321] = False
    clock = np.arange(1_000_000).astype("datetime64[s]")
    panel = TimeSeries("x", clock, np.ones((1_000_000, 1)), ("a",)).as_panel()
    picture = picture_of(panel, Window(0, 0, 999_999_000_000, 1000), observed)
    assert np.flatnonzero(picture.hidden[0]).tolist() == [654]
    assert picture.hidden[0, 654] == 1


def test_large_windows_take_no_row_of_a_neighbouring_series():
    loud, quiet = np.full((70_001, 1), 500.0), np.zeros((70_003, 1))
    clock = np.arange(70_003).astype("datetime64[s]")
    panel = Panel.of(
        TimeSeries("before", clock[:70_001], loud, ("a",)),
        TimeSeries("here", clock, quiet, ("a",)),
        TimeSeries("after", clock[:70_001], loud, ("a",)),
    )
    picture = picture_of(panel, Window(1, 0, 70_002_000_000, 20))
    assert np.nanmax(picture.high) == 0
    assert np.nanmin(picture.low) == 0


def test_few_rows_are_drawn_one_by_one_with_their_times():
    panel = series("x", 500).as_panel()
    picture = picture_of(panel, Window(0, 100 * STEP, 120 * STEP, 800))
    assert picture.exact
    assert (picture.times / STEP).tolist() == list(range(-1, 22))
    assert np.array_equal(picture.low, picture.high, equal_nan=True)


def test_gaps_of_the_clock_break_the_line_and_are_named():
    panel = series("x", 2000, gap_at=1000, missing=0).as_panel()
    for window in (Window(0, 0, 2040 * STEP, 100), Window(0, 990 * STEP, 1060 * STEP, 400)):
        picture = picture_of(panel, window)
        assert picture.breaks.sum() == 1
        assert ((picture.gaps + window.start) / STEP).tolist() == [[999, 1040]]


def test_infinite_values_count_as_missing():
    values = np.array([[0.0], [np.inf], [2.0], [-np.inf], [1.0]])
    panel = TimeSeries("x", np.arange(5).astype("datetime64[s]"), values, ("a",)).as_panel()
    picture = picture_of(panel, Window(0, 0, 4_000_000, 100))
    assert picture.missing[0].tolist() == [0, 255, 0, 255, 0]
    assert value_range(values[:, 0]) == pytest.approx((-0.12, 2.12))


def test_an_outlier_does_not_set_the_axis():
    values = np.random.default_rng(0).normal(size=5000)
    usual = value_range(values)
    values[7] = 1048
    low, high = value_range(values)
    assert high < 5
    assert low == pytest.approx(usual[0], rel=0.1)


@pytest.mark.parametrize("values", [[np.nan, np.nan], [5.0, 5.0], [0.0], [-3.0, -3.0, np.nan]])
def test_an_axis_is_never_empty(values):
    low, high = value_range(np.array(values))
    assert low < high


def test_normalised_values_are_shares_of_the_axis():
    shares = normalised(np.array([[0.0, 5.0, 10.0, np.nan]]), [(0.0, 10.0)])
    assert shares[0, :3].tolist() == [0.0, 0.5, 1.0]
    assert np.isnan(shares[0, 3])


@given(flags=some.lists(some.booleans(), min_size=1, max_size=300))
def test_block_counts_are_sums(flags):
    expected = [sum(flags[at : at + 64]) for at in range(0, len(flags), 64)]
    assert count_blocks(np.array(flags)).tolist() == expected


@pytest.mark.parametrize(
    "asked",
    [None, 7, [], {}, {"series": 99}, {"series": "0", "start": "x"}, {"start": 5, "end": 1},
     {"start": float("nan"), "end": 3}, {"start": 1e300, "end": 1e301}, {"columns": -4},
     {"series": True, "columns": 10**9, "start": -(10**30), "end": 10**30}],
)  # fmt: skip
def test_any_wish_for_a_window_gives_one_that_can_be_drawn(asked):
    panel = series("x", 300).as_panel()
    summary = Summary(panel)
    window = fitted(read_window(asked, panel, summary)[0], summary)
    wide = widened(window, summary)
    assert wide.series == 0
    assert 0 <= wide.start < wide.end <= 299 * STEP
    assert 16 <= wide.columns <= 4096
    assert picture_of(panel, wide).low.shape[0] == 2


def test_a_series_of_one_row_can_be_drawn():
    one = TimeSeries("x", np.array(["2020-01-01"], "datetime64[us]"), np.ones((1, 1)), ("a",))
    panel = one.as_panel()
    summary = Summary(panel)
    window = widened(fitted(read_window({}, panel, summary)[0], summary), summary)
    assert picture_of(panel, window).low.tolist() == [[1.0]]


def test_part_spans_touch_and_cover_the_series():
    panel = series("x", 10).as_panel()
    parts = np.array([0] * 6 + [1] * 2 + [2] * 2, dtype=np.int8)
    spans = part_spans(Summary(panel), parts, 0)
    assert spans == [
        (0, 6 * STEP, 0),
        (6 * STEP, 8 * STEP, 1),
        (8 * STEP, 9 * STEP + 1, 2),
    ]
