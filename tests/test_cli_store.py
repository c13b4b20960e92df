"""`masklab store`: check, compact, export and import, as a shell sees them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from masklab.cli import main
from masklab.runs.database import FILE_NAME
from masklab.runs.store import Store
from tests.runs.archive_cases import everything, members, trained
from tests.runs.conftest import tiny


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a store with one finished experiment, and its id."""
    folder = tmp_path_factory.mktemp("cli store")
    store = Store.open(folder / "store")
    identity = trained(store, folder, seeds=(0, 1))
    store.database.close()
    return store.directory, identity


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    def called(*arguments: object) -> tuple[int, str, str]:
        code = 0
        try:
            main(["store", *map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return called


def test_a_store_is_carried_and_compared_there_as_here(kept, call, tmp_path, capsys):
    directory, identity = kept
    code, out, _ = call("export", identity[:4], tmp_path / "one.zip", "--store", directory)
    assert (code, out) == (0, f"{tmp_path / 'one.zip'}: {identity}.\n")
    code, out, _ = call("import", tmp_path / "one.zip", "--store", tmp_path / "new")
    assert (code, out) == (
        0, f"1 experiment and 4 runs imported.\nStore: {tmp_path / 'new'}\n",
    )  # fmt: skip
    tables = []
    for store in (directory, tmp_path / "new"):
        for form in ("table", "csv", "json"):
            main(["compare", "--store", str(store), "--format", form])
            tables.append(capsys.readouterr().out)
    assert tables[:3] == tables[3:]
    assert "carry" in tables[0]
    _, out, _ = call("import", tmp_path / "one.zip", "--store", tmp_path / "new")
    assert out.startswith("0 experiments and 0 runs imported. 4 runs known before: left as")
    assert call("check", "--store", tmp_path / "new")[:2] == (
        0, f"The store {tmp_path / 'new'} is whole.\n",
    )  # fmt: skip


def test_one_run_or_all_can_be_exported(kept, call, tmp_path):
    directory, identity = kept
    for name in (f"{identity}-0002", f"{identity[:5]}-2"):
        out = tmp_path / f"{name}.zip"
        assert call("export", name, out, "--store", directory)[0] == 0
        assert members(out)["runs.jsonl"].count(b"\n") == 1
    assert call("export", tmp_path / "all.zip", "--store", directory)[1].endswith("1 experiment.\n")
    assert members(tmp_path / "all.zip")["runs.jsonl"].count(b"\n") == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ffffffff", "OUT"], "There is no experiment 'ffffffff'"),
        (["ID-99", "OUT"], "has no run"),
        (["ID", "ID", "OUT"], "at most one experiment or run"),
        (["--rescue", "ID", "OUT"], "none with --rescue"),
        ([], "Missing argument"),
    ],
)
def test_what_names_nothing_is_told(arguments, words, kept, call, tmp_path):
    directory, identity = kept
    given = [
        one.replace("ID", identity).replace("OUT", str(tmp_path / "x.zip")) for one in arguments
    ]
    code, _, err = call("export", *given, "--store", directory)
    assert code == 2
    assert words in err
    assert not (tmp_path / "x.zip").exists()


def test_runs_that_had_not_ended_are_said_to_wait(call, tmp_path):
    Store.open(tmp_path / "a").add_experiment(tiny(tmp_path))
    call("export", tmp_path / "one.zip", "--store", tmp_path / "a")
    _, out, _ = call("import", tmp_path / "one.zip", "--store", tmp_path / "b")
    assert "2 runs of these had not ended, and wait paused" in out


def test_a_hostile_zip_makes_no_store(call, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    code, _, err = call("import", tmp_path / "bad.zip", "--store", tmp_path / "new")
    assert code == 2
    assert "can't be imported" in err
    assert not (tmp_path / "new").exists()


def test_a_damaged_store_is_rescued_by_what_the_error_says(kept, call, tmp_path):
    directory, identity = kept
    copy = tmp_path / "copy"
    shutil.copytree(directory, copy)
    Store.open(copy).database.close()
    content = bytearray((copy / FILE_NAME).read_bytes())
    at = content.index(b"CREATE INDEX events_by_run")
    content[at : at + 6] = b"CRATE "
    (copy / FILE_NAME).write_bytes(content)
    code, _, err = call("export", identity, tmp_path / "one.zip", "--store", copy)
    assert code == 2
    assert f"masklab store export --rescue OUT.zip --store '{copy}'" in err
    assert call("check", "--store", copy)[0] == 1
    code, out, _ = call("export", "--rescue", tmp_path / "one.zip", "--store", copy)
    assert (code, out) == (0, f"{tmp_path / 'one.zip'}: all could be read.\n")
    assert call("import", tmp_path / "one.zip", "--store", tmp_path / "new")[0] == 0
    here, there = (Store.open(one) for one in (directory, tmp_path / "new"))
    assert there.reports(identity).equals(here.reports(identity))


def test_check_of_nothing_and_rescue_of_nothing_are_told(call, tmp_path):
    code, out, _ = call("check", "--store", tmp_path / "none")
    assert code == 1
    assert "There is no store file" in out
    code, _, err = call("export", "--rescue", tmp_path / "x.zip", "--store", tmp_path / "none")
    assert code == 2
    assert "There is no run store" in err
    assert not (tmp_path / "none").exists()


def test_compact_says_what_goes(kept, call):
    directory, _ = kept
    before = everything(directory)
    code, out, _ = call("compact", "--dry-run", "--store", directory)
    assert code == 0
    assert "0 would go" in out
    assert everything(directory) == before
    code, out, _ = call("compact", "--store", directory)
    assert code == 0
    assert "0 removed" in out
    assert "smaller" in out


def test_a_terminal_is_not_moved_by_what_an_archive_says(kept, call, tmp_path):
    from tests.runs.archive_cases import write  # noqa: PLC0415

    directory, identity = kept
    call("export", identity, tmp_path / "one.zip", "--store", directory)
    path = write(tmp_path / "two.zip", members(tmp_path / "one.zip"), lost=["\x1b[2J gone"])
    _, out, _ = call("import", path, "--store", tmp_path / "new")
    assert "Lost before it was exported: ?[2J gone" in out
    assert "\x1b" not in out
