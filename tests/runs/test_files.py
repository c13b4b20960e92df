"""Files are kept by content, whole or not at all, and never outside the store."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masklab.errors import StoreError
from masklab.runs import files
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.store import Store


def test_a_file_is_named_by_its_content_and_kept_once(store, tmp_path):
    digest, path = store.add_file(b"a,b\n1,2\n", "my data.csv")
    assert digest == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert path == store.directory / "data" / digest / "my data.csv"
    assert path.read_bytes() == b"a,b\n1,2\n"
    (tmp_path / "my data.csv").write_bytes(b"a,b\n1,2\n")
    assert store.add_file(tmp_path / "my data.csv", "my data.csv") == (digest, path)
    assert sum(1 for one in (store.directory / "data").rglob("*") if one.is_file()) == 1


def test_another_name_for_the_same_content_keeps_its_own_extension(store):
    assert store.add_file(b"x", "a.csv")[1].name == "a.csv"
    assert store.add_file(b"x", "a.tsv")[1].name == "a.tsv"


def test_bytes_under_two_names_are_kept_once(store):
    (_, first), (_, second) = store.add_file(b"x", "a.csv"), store.add_file(b"x", "b.csv")
    assert first.stat().st_ino == second.stat().st_ino
    assert second.read_bytes() == b"x"
    assert len(list(first.parent.iterdir())) == 2


def test_a_disk_without_links_keeps_a_copy(store, monkeypatch):
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    paths = [store.add_file(b"x", name)[1] for name in ("a.csv", "b.csv")]
    assert [path.read_bytes() for path in paths] == [b"x", b"x"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/shadow", "shadow"),
        ("..", "file"),
        ("", "file"),
        (".hidden.csv", "hidden.csv"),
        ("Messung März (1).csv.gz", "Messung März (1).csv.gz"),
        ("a\x00b\nc.csv", "a_b_c.csv"),
        ("line|pipe;semi.csv", "line_pipe_semi.csv"),
    ],
)
def test_names_are_made_safe(name, kept):
    assert files.safe_name(name) == kept


@given(st.text(max_size=400))
def test_no_name_leads_anywhere_else(name):
    safe = files.safe_name(name)
    folder = Path("/store/data")
    assert (folder / safe).resolve().parent == folder
    assert 0 < len(safe.encode()) <= 120
    assert files.safe_name(safe) == safe


def test_a_long_name_keeps_its_extension():
    assert files.safe_name("ä" * 300 + ".csv.gz").endswith("ä.csv.gz")


def test_paths_out_of_the_store_are_refused(tmp_path):
    assert files.inside(tmp_path, "data/x") == tmp_path.resolve() / "data" / "x"
    for path in ("../x", "/etc/passwd", "data/../../x"):
        with pytest.raises(StoreError, match="leads out of the store"):
            files.inside(tmp_path, path)


def test_a_link_out_of_the_store_is_refused(tmp_path):
    inner = tmp_path / "store"
    inner.mkdir()
    (inner / "link").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="leads out"):
        files.inside(inner, "link/secret")


def test_a_file_that_does_not_fit_leaves_nothing_behind(store):
    """A limit on file sizes stands for the full disk: the write fails half-way."""
    script = (
        "import resource, sys; from pathlib import Path; from masklab.runs import files;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "files.add(Path(sys.argv[1]), b'x' * 5000, 'big.csv')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(store.directory / "data")],
        stderr=subprocess.PIPE,
        env=LocalExecutor.environment(),
        check=False,
    )
    assert b"StoreError: 'big.csv' can't be kept" in ended.stderr
    assert list((store.directory / "data").iterdir()) == []


def test_an_absent_file_is_told(store, tmp_path):
    with pytest.raises(StoreError, match="No such file"):
        store.add_file(tmp_path / "absent.csv", "absent.csv")
    assert list((store.directory / "data").iterdir()) == []


def test_a_store_s_data_survives_a_crash_while_it_is_added(store, monkeypatch):
    def crash(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        store.add_file(b"x", "a.csv")
    monkeypatch.undo()
    assert list((store.directory / "data").iterdir()) == []
    assert Store.open(store.directory).add_file(b"x", "a.csv")[1].read_bytes() == b"x"
