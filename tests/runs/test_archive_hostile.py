"""An archive may come from anyone: none gets anything outside the store, or half of it inside."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import re
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masklab.errors import StoreError
from masklab.runs.archive import importing, manifest, zipped
from masklab.runs.archive.exporting import export_experiment
from masklab.runs.archive.importing import import_archive
from masklab.runs.archive.manifest import MANIFEST
from masklab.runs.store import Store
from tests.runs.archive_cases import Members, changed, everything, members, trained, write


class Bomb:
    """Would write a file where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.write_text, (Path("pwned"), "x"))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of an honest archive."""
    folder = tmp_path_factory.mktemp("good")
    store = Store.open(folder / "store")
    identity = trained(store, folder)
    export_experiment(store, identity, folder / "one.zip")
    return members(folder / "one.zip")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, in a folder where nothing else may come to lie."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arena").mkdir()
    return Store.open(tmp_path / "arena" / "store")


def refused(store: Store, path: Path) -> str:
    """Import; return why that was refused, and see that it left nothing anywhere."""
    arena = store.directory.parent.parent
    before = everything(arena)
    with pytest.raises(StoreError) as error:
        import_archive(store, path)
    assert everything(arena) == before
    assert store.experiments() == []
    with store.database.read() as db:
        tables = [
            row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        assert [one for one in tables if db.execute(f"SELECT 1 FROM {one}").fetchone()] == []  # noqa: S608
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_honest_archive_is_taken(good, target, tmp_path):
    assert len(import_archive(target, write(tmp_path / "one.zip", good)).runs) == 2


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "../../evil.txt",
        "/tmp/evil.txt",  # noqa: S108
        "artifacts/../../evil.txt",
        "..\\evil.txt",
        "C:\\evil.txt",
        "C:evil.txt",
        "artifacts//evil.txt",
        "artifacts/./evil.txt",
        "artifacts/evil.txt ",
        "artifacts/evil.txt.",
        "artifacts/ev\nil.txt",
        "artifacts/folder/",
        "a" * 500,
        "~/evil.txt",
        "data/\u202egpj.exe",
    ],
)
def test_names_that_could_land_elsewhere_are_refused(name, good, target, tmp_path):
    assert "name" in refused(target, write(tmp_path / "one.zip", good | {name: b"evil"}))


def test_a_name_with_a_hidden_end_is_refused(good, target, tmp_path):
    path = write(tmp_path / "one.zip", good | {"evil@.txt": b"evil"})
    path.write_bytes(path.read_bytes().replace(b"evil@.txt", b"evil\0.txt"))
    assert "name" in refused(target, path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind, good, target, tmp_path):
    path = write(tmp_path / "one.zip", good)
    info = zipfile.ZipInfo("artifacts/link")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "is a link or no file" in refused(target, path)


@pytest.mark.parametrize("name", ["runs.jsonl", "RUNS.jsonl", "Runs.JSONL", "ｒuns.jsonl"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(name, good, target, tmp_path):
    path = write(tmp_path / "one.zip", good)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, good["runs.jsonl"])
    assert "twice" in refused(target, path)


def test_what_no_row_names_is_refused(good, target, tmp_path):
    extra = {"artifacts/0123456789ab/evil-01234567.safetensors": b"x"}
    assert "nothing in it names" in refused(target, write(tmp_path / "one.zip", good | extra))


def test_a_member_that_the_manifest_lacks_is_refused_and_one_that_is_lacking(
    good, target, tmp_path
):
    path = write(tmp_path / "more.zip", good)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("evil", b"x")
    assert "is not in its manifest" in refused(target, path)
    less = {name: one for name, one in good.items() if name != "events.jsonl"}
    assert "not in the archive" in refused(target, write(tmp_path / "l.zip", less, honest=False))
    assert "no events.jsonl" in refused(target, write(tmp_path / "less.zip", less))


def test_a_bomb_is_refused_before_it_is_unpacked(good, target, tmp_path, monkeypatch):
    def explode(*_: object) -> NoReturn:
        raise AssertionError("a member was opened")

    monkeypatch.setattr(zipped, "allowance", lambda packed: 2**20 + 100 * packed)
    path = write(tmp_path / "one.zip", good | {"bomb": b"\0" * 20_000_000})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", explode)
    assert "would unpack to" in refused(target, path)


def test_a_bomb_within_a_zip_within_a_zip_stays_packed(good, target, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 10_000_000)
    path = write(tmp_path / "one.zip", good | {"inner.zip": inner.getvalue()})
    assert "nothing in it names" in refused(target, path)


@pytest.mark.parametrize("claim", [0, 10, 2**31])
def test_a_size_that_lies_is_refused(claim, good, target, tmp_path):
    path = write(tmp_path / "one.zip", good)
    data = bytearray(path.read_bytes())
    at = data.index(b"runs.jsonl", data.index(b"PK\1\2")) - 46
    struct.pack_into("<I", data, at + 24, claim)
    path.write_bytes(data)
    assert re.search("bytes, not|would unpack|damaged", refused(target, path))


def test_a_list_of_contents_that_would_fill_the_memory_is_refused(target, tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_MEMBERS", 500)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1000):
            archive.writestr(f"{number}", b"")
    assert "has 1,000 members" in refused(target, path)
    monkeypatch.setattr(zipped, "MOST_MEMBERS", 10)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # not even looked at
    assert "list of contents takes" in refused(target, path)


def test_a_hash_that_differs_is_refused(good, target, tmp_path):
    name = next(one for one in good if "weights" in one)
    other = bytearray(good[name])
    other[-1] ^= 1
    path = write(tmp_path / "one.zip", good | {name: bytes(other)}, honest=False)
    assert "its sha256 differs" in refused(target, path)
    # With a manifest that fits, the row still names the bytes of before.
    assert "as its row says" in refused(
        target, write(tmp_path / "two.zip", good | {name: bytes(other)})
    )


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99, 0.9999])
def test_an_archive_cut_off_is_refused(share, good, target, tmp_path):
    path = write(tmp_path / "one.zip", good)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    refused(target, path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_an_archive_with_flipped_bits_is_refused_or_the_same(places, good, target, tmp_path):
    path = write(tmp_path / "one.zip", good)
    data = bytearray(path.read_bytes())
    for share, bits in places:
        data[int(share * (len(data) - 1))] ^= bits
    path.write_bytes(data)
    try:
        with importing.arriving(path) as content:
            # Bits of no meaning, such as a date, may differ; what is read is what was written.
            told = content.archive.manifest.members
            assert {name: one.sha256 for name, one in told.items()} == {
                name: hashlib.sha256(one).hexdigest()
                for name, one in good.items()
                if name != MANIFEST
            }
    except StoreError:
        pass


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\5\6" + b"\0" * 18, b"no zip at all" * 99, b"\x1f\x8b" * 99]
)
def test_what_is_no_archive_is_refused(content, target, tmp_path):
    (tmp_path / "one.zip").write_bytes(content)
    refused(target, tmp_path / "one.zip")


def test_other_zips_missing_files_and_folders_are_refused(target, tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "no manifest.json" in refused(target, tmp_path / "other.zip")
    assert "can't be read" in refused(target, tmp_path / "absent.zip")
    assert "can't be read" in refused(target, tmp_path)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"version": 99}, "format version 99.*Update MaskLab"),
        ({"format": "photos"}, "is 'photos', not masklab-store"),
        ({"version": "1"}, "version: Input should be a valid integer"),
        ({"extra": 1}, "extra: Extra inputs"),
        ({"masklab": None}, "masklab: Input should be"),
        ({"members": []}, "members: Input should be"),
        ({"lost": ["x" * 5000]}, "lost.0"),
    ],
)
def test_a_manifest_that_won_t_do_is_refused(told, words, good, target, tmp_path):
    assert re.search(words, refused(target, write(tmp_path / "one.zip", good, **told)))


def test_a_manifest_without_an_end_is_refused(good, target, tmp_path):
    deep = b'{"members":' * 100_000
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr(MANIFEST, deep)
    assert "Invalid JSON" in refused(target, tmp_path / "one.zip")


def with_file(content: Members, kind: str, data: bytes) -> Members:
    """Return members where an artifact of a kind holds other bytes, and its row says so."""
    name = next(one for one in content if f"/{kind}-" in one)

    def tell(rows: list[dict]) -> None:
        (row,) = (one for one in rows if one["path"] == name)
        row |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    return changed(content, "artifacts", tell) | {name: data}


def tensors(header: object, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Bomb()),
        b"",
        b"\xff" * 8,
        (2**63).to_bytes(8, "little") + b"{}",
        (90_000_000).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}surplus",
        (4).to_bytes(8, "little") + b"null",
        (4).to_bytes(8, "little") + b"[[[[",
        (200_000).to_bytes(8, "little") + b"[" * 200_000,
        tensors({"a": entry([2], 0, 8)}, b"1234"),
        tensors({"a": entry([2], 0, 4)}, b"1234"),
        tensors({"a": entry([-1, -1], 0, 4)}, b"1234"),
        tensors({"a": entry([1], 0, 4), "b": entry([1], 0, 4)}, b"1234"),
        tensors({"a": entry([1], 4, 8)}, b"12345678"),
        tensors({"a": entry([True], 0, 4)}, b"1234"),
        tensors({"a": entry([2**62, 2**62], 0, 4)}, b"1234"),
        tensors({"a": entry([1], 0, 8, "PICKLE")}, b"12345678"),
        tensors({"a": entry([1], 0, 4) | {"code": "x"}}, b"1234"),
        tensors({"__metadata__": {"a": [1]}}),
    ],
)
def test_what_is_no_safetensors_is_refused_and_never_loaded(data, good, target, tmp_path):
    path = write(tmp_path / "one.zip", with_file(good, "weights", data))
    assert "no safetensors" in refused(target, path)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"a: &a [*a]", b"!!python/object/apply:os.system ['touch pwned']"]
)
def test_a_specification_that_is_none_is_refused(data, good, target, tmp_path):
    path = write(tmp_path / "one.zip", with_file(good, "spec", data))
    assert "of another experiment, or of none" in refused(target, path)


def test_the_specification_of_another_experiment_is_refused(good, target, tmp_path):
    name = next(one for one in good if "/spec-" in one)
    other = good[name].replace(b"hidden_size: 4", b"hidden_size: 5")
    path = write(tmp_path / "one.zip", with_file(good, "spec", other))
    assert "of another experiment" in refused(target, path)


def set_all(**values: object) -> Callable[[list[dict]], None]:
    return lambda rows: [row.update(values) for row in rows] and None


def set_first(**values: object) -> Callable[[list[dict]], None]:
    return lambda rows: rows[0].update(values)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("experiments", set_first(id="'; DROP TABLE runs; --")),
        ("experiments", set_first(id="../../../../evil")),
        ("experiments", set_first(id="0" * 12)),
        ("experiments", set_first(name="")),
        ("experiments", set_first(spec="{")),
        ("experiments", set_first(spec="[]")),
        ("experiments", set_first(spec="[" * 100_000)),
        ("experiments", set_first(spec='{"data": {"path": "/etc/passwd"}}')),
        ("experiments", set_first(created=1e300)),
        ("experiments", set_first(created="yesterday")),
        ("experiments", lambda rows: rows.append(rows[0])),
        ("experiments", lambda rows: rows.clear()),
        ("runs", set_first(id="'; DROP TABLE runs; --")),
        ("runs", set_first(status="running")),
        ("runs", set_first(status="queued")),
        ("runs", set_first(pid=1)),
        ("runs", set_first(seed=2**70)),
        ("runs", set_first(seed=7)),
        ("runs", set_first(position=1)),
        ("runs", set_first(strategy="carry")),
        ("runs", set_first(strategy_json='{"kind": "carry"}')),
        ("runs", set_first(strategy_json="{")),
        ("runs", set_first(epoch=1)),
        ("runs", set_first(epoch=True)),
        ("runs", set_first(epoch=2.5)),
        ("runs", set_first(best_score="NaN")),
        ("runs", set_first(ended=None)),
        ("runs", set_first(environment={"a": {"b": 1}})),
        ("runs", set_first(environment="{}")),
        ("runs", lambda rows: rows.append(rows[0])),
        ("runs", lambda rows: rows.pop()),
        ("reports", set_first(epoch=0)),
        ("reports", set_first(epoch=2)),
        ("reports", set_first(epoch=10**30)),
        ("reports", set_first(common_rmse="nan")),
        ("reports", set_first(common_rmse="1.5")),
        ("reports", set_first(common_count=-1)),
        ("reports", set_first(common_count=None)),
        ("reports", set_first(is_best=2)),
        ("reports", set_first(run_id="0" * 12 + "-0000")),
        ("reports", set_first(surplus=1)),
        ("reports", lambda rows: rows.append(rows[0])),
        ("reports", lambda rows: rows.reverse()),
        ("events", set_first(kind="Robert'); DROP TABLE events;--")),
        ("events", set_first(text=["x"])),
        ("events", set_first(experiment_id=None)),
        ("facts", set_first(name="probe")),
        ("facts", set_first(value="{")),
        ("facts", set_all(value='{"a": [1, 2]}')),
        ("facts", set_first(value="[" * 100_000)),
        ("facts", lambda rows: rows.append(rows[0])),
        ("parameters", set_first(name="x" * 2000)),
        ("parameters", set_first(value="nonsense")),
        ("parameters", lambda rows: rows.append(rows[0])),
        ("artifacts", set_first(path="../../evil.safetensors")),
        ("artifacts", set_first(path="/etc/passwd")),
        ("artifacts", set_first(path="masklab.db")),
        ("artifacts", set_first(kind="program")),
        ("artifacts", set_first(bytes=-1)),
        ("artifacts", set_first(sha256="0" * 64)),
        ("artifacts", set_first(run_id=None)),
        ("artifacts", lambda rows: rows.append(rows[0])),
        ("artifacts", lambda rows: rows.pop()),
    ],
)
def test_rows_that_won_t_do_are_refused(table, change, good, target, tmp_path):
    assert "can't be imported" in refused(
        target, write(tmp_path / "one.zip", changed(good, table, change))
    )


@pytest.mark.parametrize("line", [b"NaN", b"[]", b"1", b'"x"', b"{", b"\xff\n", b"{}", b"\n"])
def test_lines_that_are_no_rows_are_refused(line, good, target, tmp_path):
    content = good | {"reports.jsonl": good["reports.jsonl"] + line}
    assert "reports.jsonl, line 7" in refused(target, write(tmp_path / "one.zip", content))


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_numbers_that_json_lacks_are_refused(value, good, target, tmp_path):
    text = re.sub(rb'"common_rmse":[^,]+', b'"common_rmse":' + value, good["reports.jsonl"])
    path = write(tmp_path / "one.zip", good | {"reports.jsonl": text})
    assert "common_rmse" in refused(target, path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"hidden_size": 4', '"hidden_size": 5'),
        ('"path": "data/', '"path": "../data/'),
        ('"path": "data/', '"path": "/data/'),
        ("tiny.csv", "../tiny.csv"),
        ("tiny.csv", "../../../masklab.db"),
        ("tiny.csv", "other.csv"),
        ('"kind": "zero_fill"', '"kind": "from_the_future"'),
    ],
)
def test_a_specification_that_is_not_what_its_hash_names_is_refused(
    old, new, good, target, tmp_path
):
    def change(rows: list[dict]) -> None:
        spaced = json.dumps(json.loads(rows[0]["spec"]))
        assert old in spaced
        rows[0]["spec"] = spaced.replace(old, new)

    path = write(tmp_path / "one.zip", changed(good, "experiments", change))
    assert re.search("has the hash|data file|can't be used", refused(target, path))


def test_a_very_long_line_is_refused_unread(good, target, tmp_path, monkeypatch):
    from masklab.runs.archive import checking  # noqa: PLC0415

    monkeypatch.setattr(checking, "_LONGEST_LINE", 5000)
    path = write(tmp_path / "one.zip", good | {"tags.jsonl": b" " * 100_000})
    assert "line 1 is longer than 5,000 bytes" in refused(target, path)


def test_a_disk_that_is_full_half_way_keeps_nothing(good, target, tmp_path, monkeypatch):
    path = write(tmp_path / "one.zip", good)
    placed: list[str] = []
    place = importing._place

    def fill(content: object, name: str, *others: object) -> None:
        if len(placed) == 3:
            raise OSError(28, "No space left on device")
        placed.append(name)
        place(content, name, *others)

    monkeypatch.setattr(importing, "_place", fill)
    assert "No space left on device" in refused(target, path)
    assert len(placed) == 3


def test_rows_that_fail_half_way_take_their_files_along(good, target, tmp_path, monkeypatch):
    add = importing._add

    def fail(db: object, table: str, row: dict) -> None:
        if table == "artifacts":
            raise KeyboardInterrupt
        add(db, table, row)

    path = write(tmp_path / "one.zip", good)
    before = everything(target.directory)
    monkeypatch.setattr(importing, "_add", fail)
    with pytest.raises(KeyboardInterrupt):
        import_archive(target, path)
    assert everything(target.directory) == before
    assert target.experiments() == []


def test_a_disk_without_room_is_told_before_anything_is_written(
    good, target, tmp_path, monkeypatch
):
    path = write(tmp_path / "one.zip", good)
    monkeypatch.setattr(importing, "_SPARE", 2**62)
    assert "Free some space" in refused(target, path)


def test_a_folder_of_the_store_that_is_a_link_leads_nowhere(good, target, tmp_path):
    (tmp_path / "outside").mkdir()
    (target.directory / "artifacts").symlink_to(tmp_path / "outside")
    assert "leads out of the store" in refused(target, write(tmp_path / "one.zip", good))
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_bound_on_what_is_unpacked_grows_with_the_archive():
    assert manifest.allowance(0) == 2**28
    assert manifest.allowance(10**6) == 2**28 + 10**8
    assert manifest.allowance(2**50) == manifest.MOST_BYTES
