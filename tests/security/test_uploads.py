"""What is uploaded stays inside its folder, within bounds, and never becomes code."""

from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather, parquet

from masklab.data.preview import preview
from masklab.data.read import read_panel
from masklab.errors import MaskLabError, ReadError, StoreError
from masklab.masks.exchange import read_mask
from masklab.runs import files, room
from masklab.runs.store import Store


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def arrow(path: Path, write) -> bytes:
    """A table whose metadata hold a pickle where pandas' own would stand, and an unknown type."""
    bomb = pickle.dumps(Bomb(path))
    meta = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": bomb}
    fields = [
        pa.field("time", pa.timestamp("us")),
        pa.field("a", pa.float64(), metadata=meta),
        pa.field("b", pa.binary()),
    ]
    clock = pa.array(pd.date_range("2024", periods=3), pa.timestamp("us"))
    columns = [clock, pa.array([1.0, 2.0, 4.0]), pa.array([bomb] * 3)]
    schema = pa.schema(fields, metadata={b"pandas": bomb, b"PANDAS_ATTRS": bomb})
    buffer = io.BytesIO()
    write(pa.Table.from_arrays(columns, schema=schema), buffer)
    return buffer.getvalue()


def pickles(path: Path) -> dict[str, bytes]:
    objects = np.array([Bomb(path)] * 3, dtype=object)
    clock = saved(np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]"))
    return {
        "x.npz": zipped(time=clock, values=saved(objects)),
        "observed.npz": zipped(observed=saved(objects), time=clock),
        "header.npz": zipped(time=clock, masklab=saved(objects)),
        "x.npy": saved(objects),
        "x.pkl": pickle.dumps(Bomb(path)),
        "x.csv": pickle.dumps(Bomb(path)),
        "x.csv.gz": gzip.compress(pickle.dumps(Bomb(path))),
        "old.pkl": pickle.dumps(Bomb(path), protocol=0),
        "x.pt": torch_like(path),
        "x.parquet": arrow(path, parquet.write_table),
        "x.feather": arrow(path, feather.write_feather),
    }


def torch_like(path: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Bomb(path)))
        file.writestr("archive/version", "3")
    return buffer.getvalue()


@pytest.mark.parametrize("name", list(pickles(Path())))
def test_no_pickle_in_a_user_s_file_is_ever_loaded(name: str, tmp_path: Path, table: Path):
    trap = tmp_path / "trap"
    content = pickles(trap)[name]
    given = tmp_path / name
    given.write_bytes(content)
    panel = read_panel(table)
    for attempt in (
        lambda: read_panel(given),
        lambda: preview(io.BytesIO(content), name),
        lambda: read_mask(given, panel),
        lambda: read_mask(content, panel, name=name),
    ):
        with contextlib.suppress(MaskLabError):
            attempt()
    assert not trap.exists()
    pickle.loads(pickle.dumps(Bomb(trap)))  # noqa: S301 - that it would go off
    assert trap.exists(), "the trap itself works"


STRANGE = {
    "bytes": pa.array([b"\x80\x04", b"", None]),
    "large bytes": pa.array([b"\xff", b"", None], pa.large_binary()),
    "bytes of one size": pa.array([b"\xff\x00"] * 3, pa.binary(2)),
    "lists": pa.array([[1], [], None]),
    "records": pa.array([{"x": 1}, {"x": 2}, None]),
    "maps": pa.array([[("x", 1)], [], None], pa.map_(pa.string(), pa.int64())),
    "durations": pa.array([1, 2, None], pa.duration("s")),
    "hours": pa.array([1, 2, None], pa.time64("us")),
    "nothing": pa.nulls(3),
    "half precision": pa.array(np.array([1, 2, 3], np.float16)),
    "a date before there were clocks": pa.array([-(2**31), 0, 2**31 - 1], pa.date32()),
    "a moment beyond them": pa.array([-(2**63), 0, 2**63 - 1], pa.timestamp("s")),
    "months": pa.array([pa.MonthDayNano([1, 2, 3])] * 3),
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("write", [parquet.write_table, feather.write_feather])
def test_columns_of_any_kind_are_read_left_out_or_refused_in_words(kind: str, write):
    clock = pa.array(pd.date_range("2024", periods=3), pa.timestamp("us"))
    columns = {"time": clock, "a": pa.array([1.0, 2.0, 4.0]), "strange": STRANGE[kind]}
    buffer = io.BytesIO()
    try:
        write(pa.table(columns), buffer)
    except pa.ArrowException:
        pytest.skip("This format has no such column.")
    with contextlib.suppress(ReadError):
        assert "a" in read_panel(io.BytesIO(buffer.getvalue())).channels
    preview(io.BytesIO(buffer.getvalue()), "x")


def test_text_that_is_written_as_bytes_is_text():
    names = pa.array([b"n\xc3\xb6rd", b"s\xc3\xbcd"] * 3)
    clock = pa.array(np.repeat(pd.date_range("2024", periods=3).to_numpy(), 2), pa.timestamp("us"))
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"time": clock, "place": names, "a": np.arange(6.0)}), buffer)
    assert set(read_panel(io.BytesIO(buffer.getvalue())).names) == {"nörd", "süd"}


NAMES = [
    "../../evil.csv", "..\\..\\evil.csv", "/etc/passwd", "C:\\Windows\\evil.csv", "a\x00.csv", "a\n.csv",
    ".", "..", "...", "", " ", "~", "-rf", "x" * 5000 + ".csv", "é" * 300 + ".csv", "\u202ecsv.exe",
    "<script>.csv", "a;b|c&d.csv", "$(touch x).csv", "file:///etc/passwd", "aux.csv", ".bashrc",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_file_leads_out_of_its_folder(store: Store, name: str):
    digest, path = store.add_file(b"a,b\n", name)
    assert path.parent == store.directory / "data" / digest
    assert path.resolve().parent == path.parent
    assert path.read_bytes() == b"a,b\n"
    assert not path.name.startswith((".", "~")) or path.name == "~"
    assert not set(path.name) & set("/\\\x00\n<>|;&$")


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_a_safe_name_is_one_part_of_a_path(name: str):
    kept = files.safe_name(name)
    assert kept not in ("", ".", "..")
    assert len(kept.encode()) <= 120
    assert Path(kept).name == kept


def test_one_file_too_many_is_refused_and_leaves_nothing(store: Store, monkeypatch):
    monkeypatch.setattr(room, "FILES_MOST", 2)
    store.add_file(b"1", "a.csv")
    store.add_file(b"2", "b.csv")
    with pytest.raises(
        StoreError, match=r"keeps 2 files, and takes up to 2: 'c.csv' was not kept\."
    ):
        store.add_file(b"3", "c.csv")
    store.add_file(b"2", "again.csv")  # known bytes take no room
    assert len(list((store.directory / "data").iterdir())) == 2


def test_too_many_bytes_are_refused_and_leave_nothing(store: Store, monkeypatch, tmp_path):
    monkeypatch.setattr(room, "BYTES_MOST", 3_000_000)
    store.add_file(bytes(2_000_000), "a.csv")
    large = tmp_path / "b.csv"
    large.write_bytes(b"1" * 1_500_000)
    with pytest.raises(StoreError, match=r"keeps 2.0 MB of files, and takes up to 3.0 MB: 'b.csv'"):
        store.add_file(large, "b.csv")
    assert len(list((store.directory / "data").iterdir())) == 1


def test_other_names_of_the_same_bytes_count_once(store: Store, monkeypatch):
    monkeypatch.setattr(room, "BYTES_MOST", 3_000_000)
    for name in ("a.csv", "b.csv", "c.csv"):
        store.add_file(bytes(1_000_000), name)
    store.add_file(b"1" * 1_500_000, "d.csv")


def test_a_disk_is_never_filled(store: Store, monkeypatch):
    monkeypatch.setattr(
        room.shutil,
        "disk_usage",
        lambda _: type("Usage", (), {"free": 600_000_000, "total": 10**12}),
    )
    store.add_file(b"1", "a.csv")
    with pytest.raises(
        StoreError, match=r"has 600.0 MB left, and 'b.csv' takes 150.0 MB: it was not"
    ):
        store.add_file(bytes(150_000_000), "b.csv")


def test_a_refused_upload_is_said_on_the_page(store, open_page, monkeypatch):
    monkeypatch.setattr(room, "FILES_MOST", 0)
    tab = open_page("data", "fresh")
    tab.button(key="data.open").click().run()
    tab.file_uploader(key="data.upload").upload(
        "a.csv", b"time,a\n2024-01-01,1\n", "text/csv"
    ).run()
    assert not tab.exception
    assert any("takes up to 0" in one.value for one in tab.error)


@pytest.mark.parametrize("path", ["x/" * 5000, "a\0b", "~nobody-of-this-name/x.csv", "", "."])
def test_no_path_raises(path: str):
    with pytest.raises(ReadError) as raised:
        read_panel(path)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 1000, b"<html><script>alert(1)</script>", b"#!/bin/sh\n"]
)
def test_what_is_no_table_is_refused_in_words(content: bytes):
    with pytest.raises(ReadError):
        read_panel(io.BytesIO(content))


def test_every_upload_is_bounded_in_size():
    root = Path(__file__).resolve().parents[2]
    server = tomllib.loads((root / ".streamlit/config.toml").read_text())["server"]
    assert server["maxUploadSize"] <= 200
    assert server["maxMessageSize"] <= 200
    assert server["enableXsrfProtection"] is True
    assert server["address"] == "127.0.0.1"


def test_a_small_disk_keeps_a_twentieth_free(store: Store, monkeypatch):
    usage = type("Usage", (), {"free": 600_000, "total": 8_000_000})
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage)
    store.add_file(b"1", "a.csv")
    with pytest.raises(StoreError, match=r"0.4 MB stay for runs"):
        store.add_file(bytes(300_000), "b.csv")
