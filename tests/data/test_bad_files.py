"""Bad files, one kind a row: each gets one clear sentence that says what is wrong and what to do."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from masklab.data import files, frames
from masklab.data.preview import preview
from masklab.data.read import ReadOptions, read_panel
from masklab.errors import ReadError

ROWS = "time,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n2024-01-03,5,6\n"


@dataclass(frozen=True)
class Bad:
    """A kind of bad file: its content, and words that its message must hold."""

    kind: str
    content: Callable[[], bytes | str]
    words: tuple[str, ...]
    name: str = "file.csv"
    options: dict[str, Any] = field(default_factory=dict)


def csv_with(line: str) -> Callable[[], str]:
    return lambda: ROWS + line + "\n"


def excel() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["only a title"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(cut: int | None = None) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"time": pd.date_range("2024", periods=99), "a": range(99)}).to_parquet(buffer)
    return buffer.getvalue()[:cut]


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def pickled() -> bytes:
    return npz(values=np.array([{"a": 1}, None], dtype=object))


def wide(columns: int) -> str:
    names = ",".join(f"c{n}" for n in range(columns))
    return f"time,{names}\n" + "".join(
        f"2024-01-0{day},{','.join(['1'] * columns)}\n" for day in (1, 2, 3)
    )


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("one.csv", ROWS)
        archive.writestr("two.csv", ROWS)
    return buffer.getvalue()


BAD = [
    Bad("empty", lambda: b"", ("empty", "0 bytes", "Choose")),
    Bad("white space only", lambda: " \n\n  \n", ("white space",)),
    Bad("empty inside gzip", lambda: gzip.compress(b""), ("gzipped", "nothing")),
    Bad("binary", lambda: bytes(range(256)) * 40, ("binary", "reads CSV")),
    Bad("a picture", lambda: b"\x89PNG\r\n\x1a\n" + b"0" * 99, ("PNG", "not a table")),
    Bad("a pickle", lambda: b"\x80\x04\x95" + b"0" * 99, ("pickle", "run code")),
    Bad("an archive of files", zipped, ("zip archive", "Unpack")),
    Bad("one column", lambda: "a\n1\n2\n3\n", ("No column reads as a time", "row numbers")),
    Bad("time alone", lambda: "time\n2024-01-01\n2024-01-02\n", ("one column", "separator")),
    Bad("no time column", lambda: "a,b\n0.5,2\n0.1,4\n", ("No column reads as a time", "'a', 'b'")),
    Bad("no numbers", lambda: "time,a\n2024-01-01,x\n2024-01-02,y\n", ("No column but the time",)),
    Bad("all missing", lambda: "time,a,b\n2024-01-01,,\n2024-01-02,NA,\n", ("No column but the time",)),
    Bad(
        "all cells are sentinels",
        lambda: "time,a\n2024-01-01,-999\n2024-01-02,-999\n",
        ("Every cell", "sentinels"),
        options={"sentinels": {"a": (-999.0,)}},
    ),
    Bad("duplicate times", csv_with("2024-01-03,7,8"), ("1 row repeats a time", "line 5", "mean")),
    Bad("text among numbers", csv_with("2024-01-04,err,8"), ("'a'", "'err'", "line 5", "1 cell of 4")),
    Bad("two columns with text", csv_with("2024-01-04,err,bad"), ("'err'", "1 more", "'bad'")),
    Bad("5,000 columns", lambda: wide(5000), ("5,000 columns", "256", "Choose the channels")),
    Bad("huge numbers", csv_with("2024-01-04,1e308,8"), ("'a'", "1e+308", "line 5", "too large")),
    Bad("Excel named csv, title only", excel, ("header with 1 column", "no row")),
    Bad("not the encoding", lambda: "time,ä\n2024-01-01,1\n".encode("latin-1"), ("utf-8", "byte 6"),
        options={"encoding": "utf-8"}),
    Bad("no encoding at all", lambda: b"time,a\x81\x8d\n2024-01-01,1\n", ("can't be read", "UTF-8")),
    Bad("unknown encoding", lambda: ROWS, ("no encoding 'klingon'",), options={"encoding": "klingon"}),
    Bad("truncated gzip", lambda: gzip.compress(ROWS.encode() * 500)[:-20], ("ends too early",),
        name="file.csv.gz"),
    Bad("damaged gzip", lambda: b"\x1f\x8b" + b"rubbish" * 20, ("gzipped file is damaged",)),
    Bad("truncated Parquet", lambda: parquet(-30), ("Parquet", "damaged or cut off")),
    Bad("truncated zip", lambda: excel()[:200], ("damaged or cut off",), name="file.xlsx"),
    Bad("NPZ with pickled objects", pickled, ("Python objects", "plain arrays"), name="file.npz"),
    Bad("NPZ without times", lambda: npz(values=np.ones((5, 2))), ("No column reads as a time",)),
    Bad("NPZ of scalars", lambda: npz(a=np.array(1.0)), ("one to three axes",)),
    Bad("header only", lambda: "time,a,b\n", ("header with 3 columns", "no row")),
    Bad("a row too short", csv_with("2024-01-04,7"), ("Line 5 has 2 fields", "the header has 3")),
    Bad("a row too long", csv_with("2024-01-04,7,8,9"), ("Line 5 has 4 fields", "separator: comma")),
    Bad("a decimal comma in a comma file", csv_with("2024-01-04,1,5,8"), ("Line 5 has 4 fields",)),
    Bad("a comma that may divide thousands", lambda: "time;x\n2024-01-01;1,234\n2024-01-02;2,500\n"
        "2024-01-03;999\n", ("'x'", "'1,234' in line 2", "1234 or 1.234", "Say what is meant")),
    Bad("quoted, such a comma", lambda: 'time,x,y\n2024-01-01,"1,234",0.5\n2024-01-02,"2,500",1\n',
        ("'x'", "'1,234' in line 2", "1234 or 1.234")),
    Bad("such a point where commas divide decimals", lambda: "time;x;y\n2024-01-01;1.234;0,5\n"
        "2024-01-02;2.500;1,5\n", ("'x'", "'1.234' in line 2", "1234 or 1.234")),
    Bad("two decimal signs in one column", lambda: "time;x\n2024-01-01;0,5\n2024-01-02;1,5\n"
        "2024-01-03;2.5\n", ("'x'", "'2.5' in line 4")),
    Bad("unreadable times", csv_with("yesterday,7,8"), ("'yesterday'", "line 5", "2024-02-07 15:30")),
    Bad("day and month open", lambda: "date,a\n03/04/2024,1\n05/06/2024,2\n",
        ("03/04/2024", "day first and month first")),
    Bad("offsets in some rows", csv_with("2024-01-04T00:00:00Z,7,8"), ("offset", "line 2")),
    Bad("no time in any row", lambda: "time,a\n,1\n,2\n", ("time column is empty",),
        options={"time": "time"}),
    Bad("repeated names", lambda: "time,a,a\n2024-01-01,1,2\n", ("'a'", "twice", "Rename")),
    Bad("unknown time column", lambda: ROWS, ("no column 'when'", "'time', 'a'" ), options={"time": "when"}),
    Bad("unknown channel", lambda: ROWS, ("no column 'c'",), options={"channels": ("a", "c")}),
    Bad("the time as channel", lambda: ROWS, ("'time'", "channel and the time"),
        options={"channels": ("a", "time")}),
    Bad("unknown variable", lambda: "time,variable,value\n2024-01-01,x,1\n", ("no 'z'", "'x'"),
        options={"channels": ("z",), "layout": "long"}),
    Bad("unknown zone", lambda: ROWS, ("no time zone 'Mars/North'",), options={"timezone": "Mars/North"}),
    Bad("an hour that never was", lambda: "time,a\n2024-03-31 02:30,1\n2024-03-31 03:30,2\n",
        ("comes twice or never in Europe/Berlin", "line 2"), options={"timezone": "Europe/Berlin"}),
    Bad("unknown sheet", excel, ("no sheet 'x'", "'Sheet'"), options={"sheet": "x"}),
]  # fmt: skip


def write(bad: Bad, folder: Path) -> Path:
    content = bad.content()
    path = folder / bad.name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.kind)
def test_a_bad_file_gets_a_sentence_that_says_what_to_do(bad: Bad, tmp_path: Path):
    with pytest.raises(ReadError) as raised:
        read_panel(write(bad, tmp_path), **bad.options)
    message = str(raised.value)
    assert all(word in message for word in bad.words), message
    assert message.rstrip(")").endswith("."), message
    assert len(message) < 500, message


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.kind)
def test_a_preview_never_raises_and_says_the_same(bad: Bad, tmp_path: Path):
    seen = preview(write(bad, tmp_path), options=ReadOptions.model_validate(bad.options))
    assert seen.panel is None
    assert bad.words[0] in str(seen.problem)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.kind)
def test_every_fix_that_is_offered_is_a_valid_choice(bad: Bad, tmp_path: Path):
    path = write(bad, tmp_path)
    seen = preview(path, options=ReadOptions.model_validate(bad.options))
    for problem in seen.problems:
        for fix in problem.fixes:
            options = ReadOptions.model_validate({**seen.options.model_dump(), **fix.change})
            after = preview(path, options=options)
            assert problem.text not in [other.text for other in after.problems]


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ReadError, match=r"There is no file .*nowhere.csv"):
        read_panel(tmp_path / "nowhere.csv")


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(ReadError, match=r"is a folder\. Choose one file"):
        read_panel(tmp_path)


def test_a_file_of_300_mb_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)  # sparse: takes no space
    with pytest.raises(ReadError, match="has 300 MB; MaskLab reads up to 200 MB"):
        read_panel(path)


def test_a_large_upload_is_refused_too():
    class Upload(io.BytesIO):
        def tell(self) -> int:
            return 300 * 2**20

    with pytest.raises(ReadError, match="300 MB"):
        read_panel(Upload(b"time,a\n"))


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 10_000)
    with pytest.raises(ReadError, match="unpacks to more than"):
        read_panel(gzip.compress(b"0" * 1_000_000))
    with pytest.raises(ReadError, match="MaskLab reads up to"):
        read_panel(npz(values=np.zeros((5000, 2))))


def far_corner(sheet: str = "Data") -> bytes:
    """A workbook of a few kB whose two filled cells span 17 billion."""
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["time", "a"])
    book.active.append(["2024-01-01", 1])
    far = book.create_sheet(sheet)
    far["A1"], far["XFD1048576"] = 1, 2
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_sheet_that_spans_too_much_is_never_unfolded():
    script = (
        "import sys; from masklab.data.read import ReadOptions, load; "
        "print(load(sys.stdin.buffer.read(), ReadOptions(sheet='Data & more')).problems[0].text)"
    )
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, input=far_corner("Data & more"), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-300:]  # it used to end the process
    assert b"The sheet 'Data & more' has 17,179,869,184 cells; MaskLab reads" in done.stdout
    assert read_panel(far_corner(), sheet="Notes").rows == 1


def test_styled_cells_without_content_span_nothing():
    book = openpyxl.Workbook()
    for row in (["time", "a"], ["2024-01-01", 1], ["2024-01-02", 2]):
        book.active.append(row)
    book.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    buffer = io.BytesIO()
    book.save(buffer)
    assert read_panel(buffer.getvalue()).rows == 2


def test_an_npz_header_that_promises_too_much_is_not_believed():
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 2)}
    np.lib.format.write_array_header_1_0(header, shape)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("values.npy", header.getvalue())
    with pytest.raises(ReadError, match="The table has 2,000,000,000 cells; MaskLab reads up to"):
        read_panel(buffer.getvalue())


@pytest.mark.parametrize("kind", ["to_feather", "to_parquet"])
def test_a_packed_table_is_counted_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch, kind):
    buffer = io.BytesIO()
    getattr(pd.DataFrame({"time": range(600), "a": 0.0}), kind)(buffer, compression="zstd")
    monkeypatch.setattr(frames, "MAX_CELLS", 1000)
    monkeypatch.setattr(frames, "_flat", lambda table: pytest.fail("unpacked"))
    with pytest.raises(ReadError, match="The table has 1,200 cells; MaskLab reads up to 1,000"):
        read_panel(buffer.getvalue())


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(ReadError, match=r"colour.*separator"):
        read_panel(ROWS.encode(), colour="red")


def test_inf_is_taken_as_missing_with_a_note():
    seen = preview((ROWS + "2024-01-04,inf,-inf\n").encode())
    assert seen.panel is not None
    assert np.isnan(seen.panel.values[3]).all()
    assert any("'a' holds inf in 1 cell, first in line 5" in note for note in seen.warnings)


def test_5000_columns_can_be_read_by_choosing_some():
    panel = read_panel(wide(5000).encode(), channels=("c1", "c4999"))
    assert panel.channels == ("c1", "c4999")
