"""Files that others wrote, and files for other data: read as they are meant, with what did not fit."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.exchange import read_mask, write_mask
from masklab.masks.format import Masked
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.imported import Imported
from masklab.masks.rules.painted import Painted

DAY = np.datetime64("2024-01-01", "us") + np.arange(24) * np.timedelta64(1, "h")


def panel_of(clock=DAY, channels=("a", "b"), names=("one",), **more) -> Panel:
    clock = np.asarray(clock, dtype="datetime64[us]")
    rows = len(clock)
    return Panel(
        names, np.arange(len(names) + 1) * rows, np.tile(clock, len(names)),
        np.ones((rows * len(names), len(channels))), channels, **more,
    )  # fmt: skip


PANEL = panel_of()


def hidden(data: bytes | str, panel: Panel = PANEL, kind: str | None = None):
    found = read_mask(data.encode() if isinstance(data, str) else data, panel, kind)
    return ~MaskRecipe(layers=found.layers).apply(panel).observed, found


def rows(cells, column=0) -> list[int]:
    return np.flatnonzero(cells[:, column]).tolist()


def test_a_table_with_semicolons_and_local_dates_in_another_order():
    text = "b;date;a\n" + "".join(f"1;01.01.2024 {h:02d}:00;{int(h != 5)}\n" for h in range(24))
    cells, found = hidden(text)
    assert rows(cells) == [5]
    assert rows(cells, 1) == []
    assert found.notes == ()


def test_a_table_in_words_with_gaps_strange_columns_and_times_twice():
    text = (
        "time,a,who\n2024-01-01 00:00,TRUE,x\n2024-01-01 01:00,false,y\n"
        "2024-01-01 01:00,true,y\n2024-01-01 02:00,,z\n"
    )
    cells, found = hidden(text)
    assert rows(cells) == [1]
    said = " ".join(found.notes)
    for part in ("no such channel: 'who'", "nothing about 'b'", "1 cell of it hold", "1 row repeats", "21 rows of the 24"):  # fmt: skip
        assert part in said


def test_a_table_without_times_goes_by_position_if_it_has_as_many_rows():
    flags = "".join(f"1,{int(h != 3)}\n" for h in range(24))
    cells, found = hidden("a,b\n" + flags)
    assert rows(cells, 1) == [3]
    assert "order of the data's" in found.notes[0]
    with pytest.raises(MaskError, match="no column of times, and 2 rows where this data has 24"):
        hidden("a,b\n1,1\n0,1\n")


def test_times_without_an_offset_are_in_the_datas_zone():
    panel = panel_of(timezone="Europe/Berlin")
    cells, _ = hidden("start,end\n2024-01-01 06:00,2024-01-01 07:00\n", panel)
    assert rows(cells) == [5, 6]
    cells, _ = hidden("start,end\n2024-01-01T06:00Z,2024-01-01T07:00Z\n", panel)
    assert rows(cells) == [6, 7]


def test_intervals_need_a_start_and_an_end_alone_and_few_can_be_painted_over():
    cells, found = hidden("Start,End,Channel,Layer\n2024-01-01 02:30,2024-01-01 04:30,a,fog\n")
    assert rows(cells) == [3, 4]
    (layer,) = found.layers
    assert isinstance(layer.rule, Painted)
    assert layer.name == "fog"
    starts = pd.date_range("2024-01-01", periods=2500, freq="min").strftime("%Y-%m-%dT%H:%M")
    many = "start,end\n" + "".join(f"{one},{one}\n" for one in starts)
    cells, found = hidden(many)
    assert rows(cells) == list(range(24))
    assert isinstance(found.layers[0].rule, Imported)
    assert "of 2,500 cover no row" in found.notes[0]


def test_trainset_labels_of_any_name_hide_but_not_zero():
    text = "series,timestamp,value,label\n" + "".join(
        f"{name},2024-01-01T{h:02d}:00:00.000Z,1.5,{label}\n"
        for name in "ab" for h, label in enumerate(["", "0", "1", "cooking"])
    )  # fmt: skip
    cells, _ = hidden(text)
    assert rows(cells) == rows(cells, 1) == [2, 3]


REGIONS = [
    {"start": "2024-01-01 02:00", "end": "2024-01-01 03:00", "timeserieslabels": ["a"]},
    {"start": "2024-01-01 10:00", "end": "2024-01-01 10:00", "timeserieslabels": ["Run"]},
]


@pytest.mark.parametrize("key", ["annotations", "completions", "predictions"])
def test_label_studio_exports_of_every_age_come_in(key):
    results = [{"type": "timeserieslabels", "value": one} for one in REGIONS]
    results.append({"type": "choices", "value": {"choices": ["x"]}})
    task = {"id": 1, "data": {"csv": "/data/upload/other.csv"}, key: [{"result": results}]}
    cells, found = hidden(json.dumps([task]))
    assert rows(cells) == [2, 3, 10]
    assert rows(cells, 1) == [10]
    assert {layer.name for layer in found.layers} == {"Imported", "Run"}
    assert any("other kinds" in note for note in found.notes)


def test_label_studio_json_min_in_milliseconds_and_by_row_numbers():
    start = int(DAY[4].astype("datetime64[ms]").astype(int))
    regions = [{"start": start - 0.5, "end": start + 3_600_000.25, "timeserieslabels": ["b"]}]
    cells, _ = hidden(json.dumps([{"id": 3, "csv": "x.csv", "label": regions}]))
    assert rows(cells, 1) == [4, 5]
    regions = [{"start": 1.5, "end": 3.2, "instant": False, "timeserieslabels": ["b"]}]
    cells, found = hidden(json.dumps([{"id": 3, "label": regions}]))
    assert rows(cells, 1) == [2, 3]
    assert "row numbers" in found.notes[0]


def test_label_studio_tasks_find_their_series_by_the_name_of_a_file():
    panel = panel_of(names=("north", "south"))
    task = {"data": {"csv": "https://example.org/u/1-south.csv"}, "annotations": [{"result": [{"value": REGIONS[0]}]}]}  # fmt: skip
    with pytest.raises(MaskError, match=r"Its series are .*1-south"):
        hidden(json.dumps([task]), panel)
    task["data"]["csv"] = "https://example.org/u/south.csv?x=1"
    cells, _ = hidden(json.dumps([task]), panel)
    assert rows(cells) == [26, 27]


def test_arrays_without_a_clock_need_the_datas_own_shape():
    observed = np.ones((24, 2), dtype=np.uint8)
    observed[7, 1] = 0
    out = io.BytesIO()
    np.savez(out, observed=observed)
    cells, found = hidden(out.getvalue())
    assert rows(cells, 1) == [7]
    assert len(found.notes) == 2


def test_parquet_that_pandas_wrote():
    frame = pd.DataFrame({"when": DAY, "b": [1.0] * 23 + [0.0], "a": [True] * 24})
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    cells, _ = hidden(out.getvalue())
    assert rows(cells, 1) == [23]


@pytest.mark.parametrize("kind", ["wide_csv", "npz", "parquet", "intervals_csv", "label_studio", "trainset"])  # fmt: skip
def test_a_mask_serves_other_data_of_the_same_channels_by_clock_time(kind):
    cells = np.zeros((24, 2), dtype=bool)
    cells[3:6, 0] = True
    recipe = MaskRecipe(layers=(Layer(rule=Imported.of(PANEL, cells)),))
    data = write_mask(Masked(PANEL, recipe), kind)
    finer = panel_of(DAY[0] + np.arange(48) * np.timedelta64(30, "m"), ("b", "a"), ("other",))
    found, _ = hidden(data, finer)
    assert rows(found, 1) == [6, 7, 8, 9, 10]
    assert rows(found) == []


def test_a_recipe_for_other_data_says_what_did_not_fit():
    recipe = MaskRecipe(layers=(Layer(rule=Mcar(), channels=("a", "gone")), Layer(rule=Mcar())))
    for kind in ("recipe_json", "recipe_yaml"):
        data = write_mask(Masked(PANEL, recipe), kind)
        found = read_mask(data, PANEL)
        assert [layer.channels for layer in found.layers] == [("a",), None]
        assert "['gone']" in found.notes[0]
        one = write_mask(Masked(PANEL, MaskRecipe(layers=recipe.layers[:1])), kind)
        with pytest.raises(MaskError, match="Nothing in it fits"):
            read_mask(one, panel_of(channels=("x",)))
