"""Times: ISO first, one order of day and month a file, zones to UTC, numbers since 1970."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.charts.lane import local_times
from masklab.data.read import load, read, read_panel
from masklab.errors import ReadError
from masklab.masks.rule import Scene
from masklab.masks.rules.calendar import Calendar


def starts(text: str, **options) -> str:
    return str(read(text.encode(), **options).clock[0])[:19]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2024-02-07", "2024-02-08", "2024-02-07T00:00:00"),
        ("2024-02-07T15:30", "2024-02-07T15:31", "2024-02-07T15:30:00"),
        ("2024-02-07 15:30:10.5", "2024-02-07 15:30:11", "2024-02-07T15:30:10"),
        ("2024/02/07", "2024/02/08", "2024-02-07T00:00:00"),
        ("2024-2-7", "2024-2-8", "2024-02-07T00:00:00"),
        ("2024-02", "2024-03", "2024-02-01T00:00:00"),
        ("07.02.2024 15:30", "07.02.2024 15:40", "2024-02-07T15:30:00"),
        ("13/02/2024", "14/02/2024", "2024-02-13T00:00:00"),
        ("02/13/2024", "02/14/2024", "2024-02-13T00:00:00"),
        ("2/13/24 3:30 PM", "2/13/24 4:30 PM", "2024-02-13T15:30:00"),
        ("7-Feb-2024", "8-Feb-2024", "2024-02-07T00:00:00"),
        ("Feb 7 2024", "Feb 8 2024", "2024-02-07T00:00:00"),
        ("20240207", "20240208", "2024-02-07T00:00:00"),
        ("202402071530", "202402071540", "2024-02-07T15:30:00"),
        ("1707319800", "1707319860", "2024-02-07T15:30:00"),
        ("1707319800000", "1707319860000", "2024-02-07T15:30:00"),
        ("2024-02-07T15:30Z", "2024-02-07T15:31Z", "2024-02-07T15:30:00"),
        ("2024-02-07T15:30+02:00", "2024-02-07T15:31+02:00", "2024-02-07T13:30:00"),
        ("2024-02-07 15:30:00-0500", "2024-02-07 15:31:00-0500", "2024-02-07T20:30:00"),
        ("2024-02-07 15:30:00 UTC", "2024-02-07 15:31:00 UTC", "2024-02-07T15:30:00"),
    ],
)
def test_times_are_read_in_the_usual_ways_of_writing_them(first, second, expected):
    assert starts(f"time,a\n{first},1\n{second},2\n") == expected


def test_an_iso_date_is_never_turned_round():
    """What `format="mixed", dayfirst=True` does to 7 February."""
    assert starts("time,a\n2024-02-07,1\n2024-02-08,2\n", day_first=True).startswith("2024-02-07")


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2050-01-01")),
    rows=st.integers(3, 40),
    day_first=st.booleans(),
    sign=st.sampled_from(["/", "-", "."]),
)
def test_one_order_of_day_and_month_holds_for_the_whole_file(start, rows, day_first, sign):
    clock = pd.date_range(pd.Timestamp(start).floor("D"), periods=rows, freq="D")
    form = sign.join(["%d", "%m", "%Y"] if day_first else ["%m", "%d", "%Y"])
    text = "date,a\n" + "".join(f"{time.strftime(form)},1\n" for time in clock)
    series = read(text.encode(), day_first=day_first)
    np.testing.assert_array_equal(series.clock, clock.to_numpy().astype("datetime64[us]"))


@settings(max_examples=40, deadline=None)
@given(start=st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2050-01-01")))
def test_a_guessed_order_is_right_or_asked_for(start):
    clock = pd.date_range(pd.Timestamp(start).floor("h"), periods=24 * 20, freq="h")
    text = "date,a\n" + "".join(f"{time.strftime('%m/%d/%Y %H:%M')},1\n" for time in clock)
    reading = load(text.encode())
    assert reading.panel is not None
    assert reading.options.day_first is False
    np.testing.assert_array_equal(reading.panel.clock, clock.to_numpy().astype("datetime64[us]"))


def test_the_settled_order_is_kept_in_the_options():
    assert load(b"date,a\n13/02/2024,1\n01/03/2024,2\n").options.day_first is True


def test_a_date_and_a_time_in_two_columns_are_one_time():
    text = "Date;Time;CO\n10/03/2004;18.00.00;2,6\n10/03/2004;19.00.00;2\n11/03/2004;19.30.00;1\n"
    reading = load(text.encode(), None)
    options = reading.options.model_copy(update={"day_first": True})
    assert starts(text, **options.model_dump()) == "2004-03-10T18:00:00"


def test_parts_of_a_date_in_columns_are_one_time():
    text = "year,month,day,hour,a\n2013,1,1,1,5\n2013,1,1,2,6\n2013,1,1,3,6\n"
    assert starts(text) == "2013-01-01T01:00:00"


def test_local_times_become_utc_over_both_changes_of_the_clock():
    local = pd.date_range("2024-10-26", "2024-10-28", freq="h", tz="Europe/Berlin")
    text = "time,a\n" + "".join(f"{time.strftime('%Y-%m-%d %H:%M')},1\n" for time in local)
    series = read(text.encode(), timezone="Europe/Berlin")
    expected = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    np.testing.assert_array_equal(series.clock, expected)
    assert series.timezone == "Europe/Berlin"


BERLIN_AUTUMN = pd.date_range("2024-10-26 20:00", "2024-10-28", freq="h", tz="Europe/Berlin")


def in_berlin(rows: list[tuple[pd.Timestamp, str, float]]) -> str:
    lines = [f"{time.strftime('%Y-%m-%d %H:%M')},{name},{value}" for time, name, value in rows]
    return "time,station,a\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("step", ["h", "30min", "10min"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_the_hour_that_comes_twice_is_told_apart_whichever_way_the_rows_go(step, newest_first):
    local = pd.date_range("2024-10-26 20:00", "2024-10-28", freq=step, tz="Europe/Berlin")
    order = slice(None, None, -1) if newest_first else slice(None)
    rows = [(time, "x", float(n)) for n, time in enumerate(local)][order]
    series = read(in_berlin(rows).encode(), timezone="Europe/Berlin", series="")
    expected = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    np.testing.assert_array_equal(series.clock, expected)
    np.testing.assert_array_equal(series.values[:, 0], np.arange(len(local)))


def test_rows_of_several_stations_in_turn_are_told_apart_station_by_station():
    rows = [(time, name, n) for n, time in enumerate(BERLIN_AUTUMN) for name in ("x", "y")]
    backwards = [(time, "z", n) for n, time in enumerate(BERLIN_AUTUMN)][::-1]
    panel = read_panel(in_berlin(rows + backwards).encode(), timezone="Europe/Berlin")
    assert panel.names == ("x", "y", "z")
    for series in panel:
        np.testing.assert_array_equal(series.values[:, 0], np.arange(len(BERLIN_AUTUMN)))


def test_the_two_channels_of_a_long_table_are_told_apart_one_by_one():
    rows = [(time, name, n) for n, time in enumerate(BERLIN_AUTUMN) for name in ("x", "y")]
    text = in_berlin(rows).replace("station,a", "sensor,value")
    panel = read_panel(text.encode(), timezone="Europe/Berlin", layout="long")
    np.testing.assert_array_equal(panel.values, np.arange(len(BERLIN_AUTUMN))[:, None] * [1, 1])


def test_rows_in_no_order_leave_the_hour_open():
    rows = [(time, "x", n) for n, time in enumerate(BERLIN_AUTUMN)]
    shuffled = [rows[n] for n in np.random.default_rng(2).permutation(len(rows))]
    with pytest.raises(ReadError, match=r"comes twice or never in Europe/Berlin.*2 such rows"):
        read(in_berlin(shuffled).encode(), timezone="Europe/Berlin", series="")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("+2", "Etc/GMT-2"),
        ("+02:00", "Etc/GMT-2"),
        ("-0500", "Etc/GMT+5"),
        ("UTC+02:00", "Etc/GMT-2"),
        ("GMT+2", "Etc/GMT-2"),
        ("utc", "UTC"),
        ("UTC+0", "UTC"),
        ("Z", "UTC"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/new york", "America/New_York"),
    ],
)
@pytest.mark.parametrize("stamp", ["2024-02-07 15:30", "2024-02-07T15:30Z", "1707319800"])
def test_a_zone_is_kept_by_the_name_that_every_converter_knows(typed, found, stamp):
    data = f"time,a\n{stamp},1\n{stamp.replace('30', '31').replace('9800', '9860')},2\n".encode()
    series = read(data, timezone=typed)
    assert series.timezone == found
    assert len(local_times(series.as_panel(), series.clock)) == 2
    Calendar(hour_from=1, hour_to=2).select(
        Scene(series.as_panel(), series.as_panel().native, np.ones((2, 1), dtype=bool))
    )


@pytest.mark.parametrize("typed", ["+2:30", "UTC+5:30", "+99", "+1:2:3", "+", "UTC+", "Europe"])
def test_a_zone_without_a_name_stops_with_a_sentence(typed):
    with pytest.raises(ReadError, match=r"There is no time zone .* Give an IANA name"):
        read(b"time,a\n2024-02-07 15:30,1\n2024-02-07 15:31,2\n", timezone=typed)


def test_several_offsets_are_utc_with_a_note():
    text = "time,a\n2022-03-27T01:00:00+01:00,1\n2022-03-27T03:00:00+02:00,2\n"
    reading = load(text.encode())
    assert reading.panel is not None
    assert reading.panel.timezone == "UTC"
    assert np.diff(reading.panel.clock) == np.timedelta64(1, "h")
    assert any("2 offsets from UTC" in note for note in reading.notes)


def test_a_counter_is_steps_and_row_numbers_can_be_asked_for():
    counted = read(b"t,a\n0,1\n1,2\n2,3\n")
    numbered = read(b"a,b\n0.5,1\n0.1,2\n", clock="step")
    assert counted.clock_kind == numbered.clock_kind == "step"
    np.testing.assert_array_equal(counted.clock.astype(np.int64), [0, 1_000_000, 2_000_000])


def test_rows_out_of_order_are_sorted_with_a_note():
    reading = load(b"time,a\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n")
    assert reading.panel is not None
    np.testing.assert_array_equal(reading.panel.values[:, 0], [1, 2, 3])
    assert any("goes back 1 time, first in line 3" in note for note in reading.notes)


@pytest.mark.parametrize(("rule", "expected"), [("first", 2), ("last", 6), ("mean", 4)])
def test_duplicates_are_settled_by_the_rule(rule, expected):
    data = b"time,a,b\n2024-01-01,1,1\n2024-01-02,2,\n2024-01-02,6,8\n2024-01-03,3,3\n"
    series = read(data, duplicates=rule)
    assert series.values[1, 0] == expected
    assert len(series) == 3
    if rule == "mean":
        assert series.values[1, 1] == 8  # the mean of those that are there


def test_duplicates_between_series_are_none():
    data = b"time,id,a\n2024-01-01,x,1\n2024-01-01,y,2\n"
    assert read_panel(data, series="id").rows == 2


def test_rows_without_time_are_left_out_with_a_note():
    reading = load(b"time,a\n2024-01-01,1\n,2\n2024-01-03,3\n")
    assert reading.panel is not None
    assert reading.panel.rows == 2
    assert any("1 row of 3 have no time, first line 3" in note for note in reading.notes)
