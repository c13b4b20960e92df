"""Separated text comes back as it was written, whatever its separator, decimal sign or encoding."""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.data.preview import preview
from masklab.data.read import ReadOptions, load, read, read_panel
from masklab.errors import ReadError

CELLS = st.none() | st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 6))


def written(rows: list[list[float | None]], separator: str, decimal: str, token: str) -> str:
    """The slow, obvious writer: one line a row, hourly times."""
    clock = pd.date_range("2024-01-31 22:00", periods=len(rows), freq="h")
    lines = [separator.join(["time", "temp", "rain fall"])]
    for time, row in zip(clock, rows, strict=True):
        cells = [token if cell is None else repr(cell).replace(".", decimal) for cell in row]
        lines.append(separator.join([str(time), *cells]))
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=3, max_size=12),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    token=st.sampled_from(["", "NA", "nan", "-", "nil"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"]),
    packed=st.booleans(),
)
def test_text_comes_back_as_it_was_written(  # noqa: PLR0917
    rows, separator, decimal, token, encoding, packed
):
    rows[0] = [1.5, -2.25]  # something to tell the decimal sign by
    if separator == ",":
        decimal = "."
    data = written(rows, separator, decimal, token).encode(encoding)
    series = read(gzip.compress(data) if packed else data)
    expected = np.array([[np.nan if cell is None else cell for cell in row] for row in rows])
    assert series.channels == ("temp", "rain fall")
    np.testing.assert_allclose(series.values, expected, rtol=1e-15)
    assert str(series.clock[0]).startswith("2024-01-31T22:00:00")
    assert set(np.diff(series.clock).astype("timedelta64[m]").astype(int)) == {60}


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=3, max_size=8))
def test_reading_again_with_the_settled_options_gives_the_same_panel(rows):
    rows[0] = [1.5, -2.25]
    data = written(rows, ";", ",", "").encode()
    first = load(data)
    again = load(data, first.options)
    assert first.panel is not None
    assert again.panel is not None
    assert again.panel.content_hash == first.panel.content_hash
    assert again.options == first.options


def test_a_missing_cell_is_never_zero():
    series = read(b"time,a,b\n2024-01-01,,1\n2024-01-02,2,NA\n2024-01-03,3,3\n")
    assert np.isnan(series.values[0, 0])
    assert np.isnan(series.values[1, 1])


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("# logger 7\n# site North\ntime,a\n2024-01-01,1\n2024-01-02,2\n", ("a",)),
        ("Station report\n\ntime;a;b\n2024-01-01;1;2\n2024-01-02;2;3\n", ("a", "b")),
        (
            "Report;;\nOrt;Zeit;a;b\nN;01.02.2024 00:00;1,5;2\nN;01.02.2024 01:00;1,7;3\n",
            ("a", "b"),
        ),
        ('time,"a, inside"\n2024-01-01,1\n2024-01-02,2\n', ("a, inside",)),
        ("time,a,b,\n2024-01-01,1,2,\n2024-01-02,2,3,\n", ("a", "b")),
        ("time,a,b\n2024-01-01,1,2,\n2024-01-02,2,3,\n", ("a", "b")),
        (",time,a\n0,2024-01-01,1\n1,2024-01-02,2\n", ("a",)),
        ("2024-01-01,1,2\n2024-01-02,3,4\n", ("column_2", "column_3")),
        ("time a b\n2024-01-01 1 2\n2024-01-02   3  4\n", ("a", "b")),
        ("time,a\r\n2024-01-01,1\r\n2024-01-02,2\r\n", ("a",)),
        ("time,a\n2024-01-01,1\n\n2024-01-02,2\n\n", ("a",)),
        ("time,on\n2024-01-01,True\n2024-01-02,False\n", ("on",)),
        ("year,month,day,hour,a\n2024,2,28,23,1\n2024,2,29,0,2\n", ("a",)),
        ("time,note,a\n2024-01-01,fine,1\n2024-01-02,dry,2\n", ("a",)),
    ],
)
def test_common_shapes_of_text_need_no_options(text, channels):
    series = read(text.encode())
    assert series.channels == channels
    assert len(series) == 2


def test_lines_are_counted_as_an_editor_counts_them():
    text = '# note\n\ntime,a,b\n2024-01-01,1,"x\ny"\n\n2024-01-02,oops,z\n2024-01-03,3,z\n'
    seen = preview(text.encode())
    assert "'oops' in line 7" in str(seen.problem)


def test_text_in_one_column_can_be_declared_missing():
    data = b"time,a,b\n2024-01-01,1,1\n2024-01-02,err,2\n2024-01-03,3,3\n"
    seen = preview(data)
    fix = seen.problems[0].fixes[0]
    series = read(data, seen.options.model_copy(update=fix.change))
    assert np.isnan(series.values[1, 0])
    assert series.channels == ("a", "b")


@pytest.mark.parametrize(
    ("cells", "values", "noted"),
    [
        (["999,5", "1.234", "0,25"], [999.5, 1234, 0.25], "'1.234', read as 1234"),
        (["1.234,5", "2.500", "7"], [1234.5, 2500, 7], "'1.234,5', read as 1234.5"),
        (["1,234.5", "2,500", "7"], [1234.5, 2500, 7], "'1,234.5', read as 1234.5"),
        (["1 234,5", "2 500", "7"], [1234.5, 2500, 7], "read as 1234.5"),
        (["1\u202f234,5", "2\u00a0500", "7"], [1234.5, 2500, 7], "read as 1234.5"),
        (["1'234.5", "-2'500", "7"], [1234.5, -2500, 7], "read as 1234.5"),
        (["1,234,567", "1,234", "-2,500"], [1234567, 1234, -2500], "read as 1.23457e+06"),
        (["1,234", "0,567", "12,345"], [1.234, 0.567, 12.345], None),
        (["1.234", "2.500", "999"], [1.234, 2.5, 999], None),
        (["0,5", "1,5e3", "-,25"], [0.5, 1500, -0.25], None),
    ],
)
@pytest.mark.parametrize("form", ["semicolon", "quoted", "excel"])
def test_digits_in_groups_are_read_right_with_a_note(cells, values, noted, form):
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=3).astype("str"), "x": cells})
    buffer = io.BytesIO()
    match form:
        case "semicolon":
            frame.to_csv(buffer, index=False, sep=";")
        case "quoted":
            frame.to_csv(buffer, index=False, quoting=csv.QUOTE_ALL)
        case "excel":
            frame.to_excel(buffer, index=False, engine="openpyxl")
    reading = load(buffer.getvalue())
    assert reading.panel is not None, reading.problems
    np.testing.assert_allclose(reading.panel.values[:, 0], values, rtol=1e-15)
    about = [note for note in reading.notes if "writes numbers" in note]
    assert len(about) == (noted is not None) or form != "semicolon"
    if noted is not None:
        assert noted in about[0]
    again = load(buffer.getvalue(), reading.options)
    assert again.panel is not None
    np.testing.assert_array_equal(again.panel.values, reading.panel.values)


@pytest.mark.parametrize(("decimal", "value"), [(".", 1234), (",", 1.234)])
def test_who_says_what_a_comma_means_is_believed(decimal, value):
    data = b"time;x\n2024-01-01;1,234\n2024-01-02;2,500\n"
    assert read(data, decimal=decimal).values[0, 0] == value
    assert load(data).options.decimal is None


def test_one_column_with_points_among_commas_keeps_its_own_sign():
    data = b"time;lat;t\n2024-01-01;52.5;1,5\n2024-01-02;52.125;2,5\n"
    reading = load(data)
    assert reading.panel is not None
    np.testing.assert_array_equal(reading.panel.values, [[52.5, 1.5], [52.125, 2.5]])
    assert any("'lat' writes numbers as '52.5'" in note for note in reading.notes)


@pytest.mark.parametrize("note", ["x", '"two\nlines"'])
def test_lines_of_another_width_can_be_left_out(note):
    text = (
        f"# made by hand\ntime,note,a\n2024-01-01,{note},1\n2024-01-02,x\n2024-01-03,{note},3\n\n"
        f"2024-01-04,{note},4,5\n2024-01-05,{note},5\n2024-01-06,x,oops\n"
    )
    (problem,) = load(text.encode(), ReadOptions(skip=1)).problems
    assert "2 such lines" in problem.text
    (fix,) = problem.fixes
    assert fix.label == "Leave 2 such lines out"
    reading = load(text.encode(), ReadOptions(skip=1, **fix.change))
    line = 1 + text[: text.index("oops")].count("\n")
    assert f"'oops' in line {line}" in reading.problems[0].text
    series = read(text.encode(), skip=1, **fix.change, missing_tokens=("oops",))
    np.testing.assert_array_equal(series.values[:, 0], [1, 3, 5, np.nan])
    assert any("2 lines of 6 with more or fewer than 3 fields" in n for n in reading.notes)


def test_most_lines_are_never_left_out():
    (problem,) = load(b"time,a\n2024-01-01,1\n2024-01-02,2,3\n2024-01-03,4,5\n").problems
    assert problem.fixes == ()


def test_windows_text_is_read_with_a_note():
    reading = load("time,température\n2024-01-01,1\n2024-01-02,2\n".encode("cp1252"))
    assert reading.panel is not None
    assert reading.panel.channels == ("température",)
    assert any("Windows-1252" in note for note in reading.notes)


def test_sentinels_are_missing_in_their_channel_alone():
    data = b"time,a,b\n2024-01-01,-200,-200\n2024-01-02,1,2\n2024-01-03,3,4\n"
    series = read(data, sentinels={"a": (-200.0,)})
    assert np.isnan(series.values[0, 0])
    assert series.values[0, 1] == -200


def test_several_series_need_read_panel():
    data = b"time,station,a\n2024-01-01,x,1\n2024-01-01,y,2\n2024-01-02,x,3\n2024-01-02,y,4\n"
    with pytest.raises(ReadError, match=r"2 series \('x', 'y'.*read_panel"):
        read(data)
    panel = read_panel(data)
    assert panel.names == ("x", "y")
    np.testing.assert_array_equal(panel.values[:, 0], [1, 3, 2, 4])


def test_units_reach_the_panel():
    series = read(b"time,a\n2024-01-01,1\n2024-01-02,2\n", units={"a": "kPa"})
    assert series.units["a"] == "kPa"
