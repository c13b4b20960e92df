"""Excel, Parquet, Feather and NPZ give the panel that the same table gives as text."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from masklab.data.read import load, read, read_panel


def table() -> pd.DataFrame:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "time": pd.date_range("2024-03-01", periods=30, freq="6h").astype("datetime64[us]"),
            "station": ["north"] * 15 + ["south"] * 15,
            "temp": np.round(random.normal(5, 3, 30), 2),
            "rain": np.round(random.gamma(1, 2, 30), 1),
        }
    )
    frame.loc[[2, 3, 20], "temp"] = np.nan
    return frame


def as_bytes(kind: str) -> bytes:
    frame, buffer = table(), io.BytesIO()
    match kind:
        case "csv":
            return frame.to_csv(index=False).encode()
        case "excel":
            frame.to_excel(buffer, index=False, engine="openpyxl")
        case "parquet":
            frame.to_parquet(buffer)
        case "parquet with index":
            frame.set_index("time").to_parquet(buffer)
        case "parquet with categories":
            frame.astype({"station": "category"}).to_parquet(buffer)
        case "feather":
            frame.to_feather(buffer)
        case "npz":
            arrays = {name: frame[name].to_numpy() for name in ("time", "temp", "rain")}
            np.savez(buffer, station=frame["station"].to_numpy().astype("U"), **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kind",
    ["excel", "parquet", "parquet with index", "parquet with categories", "feather", "npz"],
)
def test_every_kind_of_file_gives_the_same_panel(kind):
    expected, found = read_panel(as_bytes("csv")), read_panel(as_bytes(kind))
    assert found.names == expected.names == ("north", "south")
    assert set(found.channels) == {"temp", "rain"}
    np.testing.assert_array_equal(found.clock, expected.clock)
    for channel in expected.channels:
        mine = found.values[:, found.channel_index(channel)]
        np.testing.assert_array_equal(mine, expected.values[:, expected.channel_index(channel)])


def test_the_extension_does_not_matter(tmp_path):
    path = tmp_path / "really_excel.csv"
    path.write_bytes(as_bytes("excel"))
    assert read_panel(path).names == ("north", "south")


def test_a_long_table_gives_the_panel_of_the_wide_one():
    wide = table().dropna()
    long = wide.melt(["time", "station"], var_name="variable", value_name="value").sample(
        frac=1, random_state=4
    )
    found = read_panel(long.to_csv(index=False).encode())
    expected = read_panel(wide.to_csv(index=False).encode())
    assert set(found.names) == set(expected.names)
    for name in expected.names:
        mine, theirs = found.rows_of(name), expected.rows_of(name)
        np.testing.assert_array_equal(found.clock[mine], expected.clock[theirs])
        for channel in expected.channels:
            np.testing.assert_array_equal(
                found.values[mine, found.channel_index(channel)],
                expected.values[theirs, expected.channel_index(channel)],
            )


def test_cells_that_a_long_table_lacks_are_missing():
    text = "time,sensor,value\n2024-01-01,a,1\n2024-01-01,b,2\n2024-01-02,b,3\n"
    series = read(text.encode())
    assert series.channels == ("a", "b")
    np.testing.assert_array_equal(series.values, [[1, 2], [np.nan, 3]])


def test_a_block_of_arrays_is_series_by_row_by_channel():
    buffer = io.BytesIO()
    values = np.random.default_rng(0).normal(size=(3, 20, 2))
    time = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]")
    np.savez(buffer, data=values, time=time, channels=np.array(["u", "v"]))
    panel = read_panel(buffer.getvalue())
    assert panel.names == ("0", "1", "2")
    assert panel.channels == ("u", "v")
    np.testing.assert_array_equal(panel.values, values.reshape(-1, 2))


def test_a_sheet_can_be_chosen_and_titles_above_the_table_are_skipped():
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as book:
        pd.DataFrame({"about": ["made by hand"]}).to_excel(book, sheet_name="notes", index=False)
        table().to_excel(book, sheet_name="data", index=False, startrow=3)
    reading = load(buffer.getvalue(), None)
    assert reading.panel is None  # the first sheet has no time
    panel = read_panel(buffer.getvalue(), sheet="data")
    assert panel.rows == 30


def test_times_with_a_zone_become_utc_and_keep_the_zone():
    frame = table()
    frame["time"] = frame["time"].dt.tz_localize("Europe/Berlin")
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    panel = read_panel(buffer.getvalue())
    assert panel.timezone == "Europe/Berlin"
    assert str(panel.clock[0]).startswith("2024-02-29T23:00")
