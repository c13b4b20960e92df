"""Files made to harm are refused within two seconds, with one clear sentence, and use little memory."""

from __future__ import annotations

import base64
import io
import json
import pickle
import re
import struct
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.exchange import FORMATS, read_mask, write_mask
from masklab.masks.format import Incoming, Masked
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from tests.in_time import refusal

PANEL = Panel(
    ("one",),
    np.array([0, 4]),
    np.datetime64("2024-01-01", "us") + np.arange(4) * np.timedelta64(1, "h"),
    np.ones((4, 2)),
    ("a", "b"),
)


def npz(compress=zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def npy(array=None, shape=None, descr="|b1", body=b"") -> bytes:
    if array is not None:
        out = io.BytesIO()
        np.lib.format.write_array(out, np.asarray(array), allow_pickle=True)
        return out.getvalue()
    header = (
        repr({"descr": descr, "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    )
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def many_npy(**arrays: bytes) -> bytes:
    return npz(**{f"{name}.npy": content for name, content in arrays.items()})


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


EVIL = np.empty(1, dtype=object)
EVIL[0] = Evil()


def bomb() -> bytes:
    """An array that says it is small and unfolds to a gigabyte."""
    return many_npy(observed=npy(shape=(4, 2), body=bytes(2**26)))


def parquet(**columns) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def huge_parquet() -> bytes:
    """A hundred and twenty million cells in few bytes."""
    column = pa.array(np.ones(40_000_000, dtype=bool))
    return parquet(time=pa.array(np.zeros(40_000_000, "datetime64[us]")), a=column, b=column)


def recipe(**part) -> bytes:
    good = {
        "channels": ["a"],
        "start": 0,
        "rows": 3,
        "steps": base64.b64encode(zlib.compress(struct.pack("<qq", 1, 1))).decode(),
        "hidden": "4A==",
    }
    rule = {"kind": "imported", "parts": [{**good, **part}]}
    return json.dumps({"layers": [{"rule": rule}]}).encode()


LAYER = "layers: [{rule: {kind: mcar}}]\n"
BILLION = "layers: [{rule: {kind: mcar}}]\na: &a [1,1,1,1]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)},*{chr(97 + n)}]\n"
    for n in range(20)
)
HOSTILE = {
    "10 MB of one letter": (lambda: b"a" * 10_000_000, "no file of a mask|can't be read"),
    "10 MB of commas": (lambda: b"," * 10_000_000, ""),
    "10 MB of quotes": (lambda: b'time,a\n"' + b'""' * 5_000_000, ""),
    "10 MB of lines after an open quote": (
        lambda: b'time,a\n"' + b"x\n" * 5_000_000,
        "odd number",
    ),
    "10 MB of lines": (lambda: b"time,a\n" + b"\n" * 10_000_000, ""),
    "10 MB of words": (lambda: b"time,a\n" + b"now,maybe\n" * 1_000_000, "holds 'maybe'|can't be read"),
    "10 MB of wrong times": (lambda: b"start,end\n" + b"x,y\n" * 2_500_000, "can't be read as a time"),
    "10 MB of intervals backwards": (lambda: b"start,end\n" + b"2024-01-02,2024-01-01\n" * 450_000, "end before they start"),
    "10 MB of TRAINSET": (lambda: b"series,timestamp,value,label\n" + b"q,2024-01-01T00:00:00Z,1,x\n" * 370_000,
        "they should be the channels"),
    "10 MB of series": (lambda: b"time,series,a\n" + b"".join(b"2024-01-01,s%d,1\n" % n for n in range(550_000)), ""),
    "20,000 columns": (lambda: ",".join(f"c{n}" for n in range(19_000)).encode() + b"\n" + b"1," * 18_999 + b"1\n", ""),
    "a header alone": (lambda: b"time,a,b\n", "no row under it"),
    "not UTF-8 JSON": (lambda: b'{"layers": "\xff\xfe"}', "not JSON text"),
    "not UTF-8 YAML": (lambda: b"layers: [\xff\xfe\xfa]\n", "not UTF-8"),
    "binary": (lambda: bytes(range(256)) * 1000, "no file of a mask|binary|can't be read"),
    "nested JSON": (lambda: b'{"layers": ' + b"[" * 5_000_000, "not JSON text"),
    "nested JSON list": (lambda: b"[" * 10_000_000, "not JSON text"),
    "JSON of tasks": (lambda: b"[" + b"{}," * 3_300_000 + b"{}]", "list of up to 100,000 tasks"),
    "JSON of numbers": (lambda: b"[" + b"1," * 5_000_000 + b"1]", "100,000 tasks"),
    "JSON of null": (lambda: b"[null]", "each an object"),
    "regions without end": (lambda: json.dumps([{"label": [{"timeserieslabels": ["a"]}] * 200_000}]).encode(),
        "no usable start"),
    "regions of nonsense": (lambda: json.dumps([{"label": [{"timeserieslabels": [{}], "start": "a", "end": "b"}] * 90_000}]).encode(),
        ""),
    "regions to infinity": (lambda: b'[{"label": [{"timeserieslabels": ["a"], "start": 1e400, "end": 1}]}]', ""),
    "regions of 10^30": (lambda: b'[{"label": [{"timeserieslabels": ["a"], "start": 1e30, "end": 1e30}]}]', "too large"),
    "YAML bomb": (BILLION.encode, "anchor or alias"),
    "YAML alias to itself": (lambda: b"layers: &a [*a]\n", "anchor or alias"),
    "YAML tag": (lambda: b"layers: !!python/object/apply:os.system ['true']\n", "tag"),
    "YAML of its own tag": (lambda: b"layers: !mine []\n", "tag"),
    "YAML merge key": (lambda: b"layers: &x []\n<<: *x\n", "anchor or alias"),
    "nested YAML": (lambda: b"layers: " + b"[" * 1_000_000, "nested more than|not valid YAML"),
    "nested YAML lines": (lambda: b"layers:\n" + b"".join(b" " * n + b"-\n" for n in range(1, 2000)), "nested|valid|should"),
    "10 MB of YAML": (lambda: b"layers:\n" + b"- 1\n" * 2_500_000, "400,000 pieces"),
    "10 MB of YAML braces": (lambda: b"layers: {" + b"a: {}," * 1_600_000 + b"}\n", "pieces|fields"),
    "10 MB of YAML text": (lambda: b"layers: '" + b"x" * 10_000_000 + b"'\n", "should be a list"),
    "10 MB of YAML quotes": (lambda: b'layers: "' + b"\\n" * 5_000_000 + b'"\n', "should be a list"),
    "10 MB of YAML comments": (lambda: b"layers:\n" + b"#\n" * 5_000_000, "should be a list"),
    "YAML number too long": (lambda: b"layers: " + b"9" * 100_000 + b"\n", "number|should be"),
    "YAML date that isn't": (lambda: b"layers: 2024-02-31\n", "number or date"),
    "several YAML documents": (lambda: b"layers: []\n---\nlayers: []\n", "not valid YAML"),
    "zip bomb": (bomb, "should hold 8 bytes"),
    "huge shape": (lambda: many_npy(observed=npy(shape=(10**12, 10**6))), "up to 100,000,000 cells"),
    "huge text in an array": (lambda: many_npy(observed=npy(np.ones((4, 2), bool)), channels=npy(shape=(2,), descr="<U500000000")),
        "up to 100,000,000 cells"),
    "negative shape": (lambda: many_npy(observed=npy(shape=(-4, 2))), "should hold|no NumPy|shape"),
    "shape that is code": (lambda: many_npy(observed=npy(shape=(4, 2)).replace(b"(4, 2)", b"exit()")), "no NumPy array"),
    "pickle in NPZ": (lambda: many_npy(observed=npy(EVIL)), "Python objects"),
    "pickle beside": (lambda: many_npy(observed=npy(np.ones((4, 2), bool)), clock=npy(EVIL)), "Python objects"),
    "pickle": (lambda: pickle.dumps(Evil()), "pickle"),
    "names with dots": (lambda: npz(**{"../../observed.npy": npy(np.ones((4, 2), bool))}), "no array of an NPZ"),
    "absolute names": (lambda: npz(**{"/etc/observed.npy": npy(np.ones((4, 2), bool))}), "no array of an NPZ"),
    "100,000 files": (lambda: npz(zipfile.ZIP_STORED, **{f"{n}.npy": b"" for n in range(20_000)}), "20,000 files"),
    "wrong rows": (lambda: many_npy(observed=npy(np.ones((5, 2), bool))), "5 rows and no `clock`"),
    "wrong channels": (lambda: many_npy(observed=npy(np.ones((4, 3), bool))), "3 channels"),
    "three axes": (lambda: many_npy(observed=npy(np.ones((4, 2, 1), bool))), r"\(row, channel\)"),
    "no cells": (lambda: many_npy(observed=npy(np.ones((0, 2), bool))), r"\(row, channel\)"),
    "text for cells": (lambda: many_npy(observed=npy(np.array([["a"]]))), "nothing that this array can hold"),
    "halves": (lambda: many_npy(observed=npy(np.full((4, 2), 0.5))), "holds 0.5"),
    "wrong clock": (lambda: many_npy(observed=npy(np.ones((4, 2), bool)), clock=npy(np.arange(3))), "`clock` should have"),
    "wrong offsets": (lambda: many_npy(
            observed=npy(np.ones((4, 2), bool)), clock=npy(np.arange(4)),
            channels=npy(np.array(["a", "b"])), series=npy(np.array(["x", "y"])),
            offsets=npy(np.array([0, 9, 4]))), "`offsets` should divide"),
    "a zip of something": (lambda: npz(**{"readme.txt": b"hello"}), "no array of an NPZ"),
    "a zip cut off": (lambda: many_npy(observed=npy(np.ones((4, 2), bool)))[:60], "damaged or cut off"),
    "cells that are no array": (lambda: many_npy(observed=b"hello"), "no NumPy array"),
    "huge Parquet": (huge_parquet, "120,000,000|40,000,000 rows"),
    "Parquet cut off": (lambda: parquet(time=[1], a=[True])[:-20], "damaged or cut off"),
    "Parquet of garbage": (lambda: b"PAR1" + b"\xff" * 1_000_000 + b"PAR1", "damaged or cut off"),
    "Parquet of lists": (lambda: parquet(time=[[1]], a=[[True]]), ""),
    "Parquet of text": (lambda: parquet(time=["now"], a=["perhaps"]), "holds 'perhaps'"),
    "packed cells that are too few": (lambda: recipe(rows=20_000_000), "take 2,500,000 bytes"),
    "packed times that unfold": (lambda: recipe(steps=base64.b64encode(zlib.compress(bytes(100_000_000))).decode()), "should take 16 bytes"),
    "10 MB of packed cells": (lambda: recipe(hidden="A" * 10_000_000), "take 1 bytes"),
    "gzip": (lambda: b"\x1f\x8b" + bytes(100), "gzipped"),
    "nothing": (lambda: b"", "empty"),
    "white space": (lambda: b" \n" * 5_000_000, "empty"),
    "PDF": (lambda: b"%PDF-1.7", "a PDF"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_two_seconds_in_one_sentence(name):
    made, expected = HOSTILE[name]
    data = made()
    message = refusal(lambda: read_mask(data, PANEL), MaskError)
    assert re.search(expected, message)
    assert len(message) < 900
    assert "\n" not in message
    assert message.endswith((".", ")", "?"))


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=300), st.sampled_from([None, *(k for k, f in FORMATS.items() if f.reads)])
)
def test_whatever_bytes_arrive_are_a_mask_or_a_mask_error(data, kind):
    try:
        assert isinstance(read_mask(data, PANEL, kind), Incoming)
    except MaskError as error:
        assert str(error)  # noqa: PT017


@settings(deadline=None, max_examples=300)
@given(
    st.text(alphabet="time,series\nab0123 -:TZ\"';\t.startendlayerchannel\x00é", max_size=120),
    st.sampled_from(["intervals_csv", "trainset", "wide_csv", "recipe_yaml", "label_studio"]),
)
def test_whatever_text_arrives_is_a_mask_or_a_mask_error(text, kind):
    try:
        assert isinstance(read_mask(text.encode(), PANEL, kind), Incoming)
    except MaskError as error:
        assert str(error)  # noqa: PT017


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_damaged_files_are_a_mask_or_a_mask_error(data):
    kind = data.draw(st.sampled_from([k for k, f in FORMATS.items() if f.reads]))
    masked = Masked(PANEL, MaskRecipe(layers=(Layer(rule=Mcar(rate=0.5)),)))
    content = bytearray(write_mask(masked, kind))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read_mask(bytes(content), PANEL, kind), Incoming)
    except MaskError as error:
        assert str(error)  # noqa: PT017
