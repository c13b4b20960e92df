"""An experiment travels as one zip and opens elsewhere bit for bit."""

from __future__ import annotations

import json
import math
import shutil
import socket
import zipfile
from pathlib import Path

import pytest

from masklab.compare.table import comparison
from masklab.errors import StoreError
from masklab.runs.archive.exporting import export_all, export_experiment
from masklab.runs.archive.importing import import_archive
from masklab.runs.archive.lines import OneReport, ReportLine, real
from masklab.runs.archive.manifest import Member
from masklab.runs.archive.packing import Packer
from masklab.runs.archive.scrub import Scrubber
from masklab.runs.artifacts import CHECKPOINT, remove
from masklab.runs.facts import MASK, SPEC
from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from tests.runs.archive_cases import changed, members, numbers, train, trained, write
from tests.runs.conftest import tiny


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    """A store with one experiment, of which every run has finished."""
    folder = tmp_path_factory.mktemp("done")
    store = Store.open(folder / "a store")
    identity = trained(store, folder, seeds=(0, 1))
    store.tag(identity, ["mine", "second"])
    store.tag(identity, ["good"], store.runs(identity)[1].id)
    return store, identity


@pytest.fixture
def carried(done: tuple[Store, str], tmp_path: Path) -> tuple[Store, str, Path]:
    """Another store that has it too, and the archive."""
    store, identity = done
    export_experiment(store, identity, tmp_path / "one.zip")
    other = Store.open(tmp_path / "elsewhere")
    import_archive(other, tmp_path / "one.zip")
    return other, identity, tmp_path / "one.zip"


def test_reports_and_comparison_are_the_same_bit_for_bit(done, carried):
    (store, identity), (other, _, _) = done, carried
    assert len(store.reports(identity)) == 12
    assert other.reports(identity).equals(store.reports(identity))
    for cells in ("common", "own"):
        here, there = (comparison(one, identity, cells=cells) for one in (store, other))
        assert there.to_csv() == here.to_csv()


def test_files_settings_and_tags_arrive_whole(done, carried):
    (store, identity), (other, _, _) = done, carried
    run_ids = [None, *(run.id for run in store.runs(identity))]
    for run_id in run_ids:
        kept = {(row.kind, row.epoch, row.sha256) for row in store.artifacts(identity, run_id)}
        came = {(row.kind, row.epoch, row.sha256) for row in other.artifacts(identity, run_id)}
        assert came == kept
        assert len(kept) == 2  # weights and predictions, or mask and specification
    assert other.parameters(identity) == store.parameters(identity)
    assert other.tags(identity) == store.tags(identity)
    assert other.panel(identity).content_hash == store.panel(identity).content_hash
    assert other.environment(run_ids[1]) == store.environment(run_ids[1])


def test_what_came_can_be_sent_on_as_the_same_bytes(carried, tmp_path):
    other, _, archive = carried
    export_all(other, tmp_path / "two.zip")
    assert (tmp_path / "two.zip").read_bytes() == archive.read_bytes()


def test_a_second_import_changes_nothing_and_says_so(carried):
    other, identity, archive = carried
    before = other.runs(), other.events(), other.artifacts(identity)
    arrived = import_archive(other, archive)
    assert (arrived.experiments, arrived.runs) == ((), ())
    assert arrived.known == tuple(run.id for run in other.runs())
    assert (other.runs(), other.events(), other.artifacts(identity)) == before


def test_one_run_travels_alone_and_the_others_join_it_later(done, carried, tmp_path):
    (store, identity), (whole, _, archive) = done, carried
    first = store.runs(identity)[2]
    export_experiment(store, identity, tmp_path / "run.zip", first.id)
    other = Store.open(tmp_path / "one run")
    assert import_archive(other, tmp_path / "run.zip").runs == (first.id,)
    assert [run.id for run in other.runs()] == [first.id]
    assert set(other.reports(identity)["run_id"]) == {first.id}
    arrived = import_archive(other, archive)
    assert arrived.known == (first.id,)
    assert len(arrived.runs) == 3
    assert other.reports(identity).equals(store.reports(identity))
    assert comparison(other, identity).equals(comparison(whole, identity))


def test_runs_that_were_to_go_on_arrive_paused(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
    waiting, training, paused, stopped = (run.id for run in store.runs(identity))
    Ledger(store).claim(training)
    store.pause(paused)
    store.stop(stopped)
    export_experiment(store, identity, tmp_path / "one.zip")
    other = Store.open(tmp_path / "elsewhere")
    assert import_archive(other, tmp_path / "one.zip").paused == 3
    statuses = {run.id: run.status for run in other.runs()}
    assert statuses == {waiting: "paused", training: "paused", paused: "paused", stopped: "stopped"}
    assert Ledger(other).waiting(9) == []
    other.resume_all(identity)
    assert [run.run_id for run in Ledger(other).waiting(9)] == [waiting, training, paused]


def test_a_run_cut_off_here_ends_elsewhere_with_the_same_numbers(store, tmp_path):
    whole = Store.open(tmp_path / "undisturbed")
    identity = trained(whole, tmp_path, epochs=5)
    assert store.add_experiment(tiny(tmp_path, epochs=5)) == identity
    for run in store.runs(identity):
        train(store, run.id, until=3)
    export_experiment(store, identity, tmp_path / "one.zip")
    shutil.rmtree(store.directory / "artifacts")
    other = Store.open(tmp_path / "elsewhere")
    import_archive(other, tmp_path / "one.zip")
    other.resume_all()
    for run in other.runs(identity):
        train(other, run.id)
    assert [(run.status, run.resumed_from) for run in other.runs()] == [("finished", 3)] * 2
    assert numbers(other, identity).equals(numbers(whole, identity))
    for run in whole.runs():
        weights = [one.artifacts(identity, run.id, "weights")[0].sha256 for one in (whole, other)]
        assert weights[0] == weights[1]


def test_nothing_in_an_archive_tells_of_this_machine(store, tmp_path, monkeypatch):
    identity = trained(store, tmp_path)
    run_id = store.runs(identity)[0].id
    monkeypatch.setenv("USER", "ada.lovelace")
    monkeypatch.setenv("LOGNAME", "ada.lovelace")
    monkeypatch.setattr(socket, "gethostname", lambda: "engine-7")
    places = {str(Path.home()), str(store.directory), str(Path.cwd())}
    texts = [f'File "{one}/deep/er.py", line 3: {one}/x.csv is gone, {one}' for one in places]
    texts.append("Process 4711 (pid=4712) of ada.lovelace on engine-7; /mnt/secret/deep/data.csv")
    kept = numbers(store, identity)
    with store.database.write() as db:
        db.executemany(
            "INSERT INTO events (time, experiment_id, run_id, kind, text) VALUES (1, ?, ?, 'failed', ?)",
            [(identity, run_id, text) for text in texts],
        )
        db.execute("UPDATE runs SET message = ?, host = 'node-of-ours'", (" ".join(texts),))
        db.execute("UPDATE facts SET value = ? WHERE name = 'notes'", (json.dumps(texts),))
        db.execute(
            "INSERT INTO events (time, experiment_id, kind, text) VALUES (1, ?, 'x', 'node-of-ours')",
            (identity,),
        )
    export_experiment(store, identity, tmp_path / "one.zip")
    for name, content in members(tmp_path / "one.zip").items():
        for secret in (*places, "lovelace", "engine-7", "node-of-ours", "4711", "4712", "secret"):
            assert secret.encode() not in content, (name, secret)
        assert "log" not in name
    told = members(tmp_path / "one.zip")["events.jsonl"].decode()
    assert "er.py" in told
    assert "x.csv" in told
    assert numbers(store, identity).equals(kept)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('File "/usr/lib/python3.11/site-packages/torch/x.py", line 2', 'File "x.py", line 2'),
        ("see http://pytorch.org/docs/stable/notes.html", None),
        ("3 km/h and 1/2", None),
        ("C:\\Users\\ada\\data.csv is gone", "data.csv is gone"),
        ("Column 'a/b' is empty", None),
        ("at '/home/ada/my data/x.csv'.", "at 'x.csv'."),
        ("/a store/of mine/x.csv: no", "x.csv: no"),
        ("killed (signal 9) after epoch 3", None),
    ],
)
def test_texts_lose_folders_and_nothing_else(text, left):
    assert Scrubber(Path("/a store/of mine")).text(text) == (text if left is None else left)


@pytest.mark.parametrize(
    "value",
    [0.1, 1e300, 5e-324, math.pi, math.nextafter(1, 2), -0.5, 123456789.0, math.inf, -math.inf],
)
def test_every_bit_of_a_score_travels(value):
    fields = dict.fromkeys(ReportLine.model_fields, 0)
    given = fields | {"run_id": "0" * 12 + "-0000", "epoch": 1, "common_rmse": real(value)}
    line = ReportLine.model_validate(given)
    assert isinstance(line, OneReport)
    text = json.dumps(line.model_dump())
    assert ReportLine.model_validate_json(text).row()["common_rmse"] == value
    assert real(math.nan) is None


def test_an_infinite_score_and_a_missing_one_arrive(store, tmp_path):
    identity = trained(store, tmp_path)
    with store.database.write() as db:
        db.execute("UPDATE reports SET common_mse = 9e999, own_mre = NULL WHERE epoch = 2")
    export_experiment(store, identity, tmp_path / "one.zip")
    other = Store.open(tmp_path / "elsewhere")
    import_archive(other, tmp_path / "one.zip")
    assert other.reports(identity).equals(store.reports(identity))
    assert math.isinf(other.reports(identity)["common_mse"][1])


def test_an_archive_of_before_all_and_hidden_cells_were_scored_arrives(done, carried, tmp_path):
    def without(rows: list[dict]) -> None:
        for row in rows:
            for name in [one for one in row if one.startswith(("observed", "hidden"))]:
                del row[name]

    store, identity = done
    older = write(tmp_path / "old.zip", changed(members(carried[2]), "reports", without))
    other = Store.open(tmp_path / "of before")
    import_archive(other, older)
    found, now = other.reports(identity), store.reports(identity)
    known = [name for name in now if not name.startswith(("observed", "hidden"))]
    assert found[known].equals(now[known])
    assert (found[["observed_count", "hidden_original_count"]] == 0).all(axis=None)
    assert found[["observed_rmse", "hidden_original_mase"]].isna().all(axis=None)


def test_an_archive_s_members_are_sorted_and_of_no_time(carried):
    with zipfile.ZipFile(carried[2]) as archive:
        infos = archive.infolist()
    assert {one.date_time for one in infos} == {(1980, 1, 1, 0, 0, 0)}
    files = [one.filename for one in infos if "/" in one.filename]
    assert files == sorted(files)


def test_a_file_that_is_there_is_not_written_over(done, tmp_path):
    store, identity = done
    (tmp_path / "mine.zip").write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        export_experiment(store, identity, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "mine"


def test_a_damaged_file_is_told_and_no_archive_is_left(store, tmp_path):
    identity = trained(store, tmp_path)
    (mask,) = store.artifacts(identity, kind=MASK)
    (store.directory / mask.path).write_bytes(b"x")
    with pytest.raises(StoreError, match="is not as the store wrote it"):
        export_experiment(store, identity, tmp_path / "one.zip")
    assert [path.name for path in tmp_path.glob("*.zip")] == []
    assert not list(tmp_path.glob(".part-*"))


def test_a_checkpoint_that_gives_way_to_the_next_while_it_is_exported_is_left_out(
    store, tmp_path, monkeypatch
):
    identity = store.add_experiment(tiny(tmp_path, epochs=5))
    run_id = store.runs()[0].id
    train(store, run_id, until=3)
    newest, oldest = store.artifacts(identity, run_id, CHECKPOINT)
    add = Packer.file

    def give_way(packer: Packer, name: str, path: Path) -> Member:
        if name == oldest.path:
            remove(store.database, [oldest])
        return add(packer, name, path)

    monkeypatch.setattr(Packer, "file", give_way)
    export_experiment(store, identity, tmp_path / "one.zip")
    names = members(tmp_path / "one.zip")
    assert newest.path in names
    assert oldest.path not in names
    other = Store.open(tmp_path / "elsewhere")
    assert len(import_archive(other, tmp_path / "one.zip").runs) == 2


def test_data_that_pack_very_well_are_no_bomb(store, tmp_path, monkeypatch):
    from masklab.runs.archive import packing, zipped  # noqa: PLC0415

    for module in (packing, zipped):
        monkeypatch.setattr(module, "allowance", lambda packed: packed)
    identity = trained(store, tmp_path)
    export_experiment(store, identity, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
    other = Store.open(tmp_path / "elsewhere")
    assert len(import_archive(other, tmp_path / "one.zip").runs) == 2


def test_an_experiment_on_a_sample_travels_too(store, tmp_path):
    changes = {
        "data": {"path": "sample:nyc_weather"},
        "task": {"kind": "forecast", "window": 8, "horizon": 2, "targets": ["temp"]},
    }
    identity = trained(store, tmp_path, epochs=1, **changes)
    export_experiment(store, identity, tmp_path / "one.zip")
    other = Store.open(tmp_path / "elsewhere")
    import_archive(other, tmp_path / "one.zip")
    assert other.portable(identity) == store.portable(identity)
    (spec,) = other.artifacts(identity, kind=SPEC)
    again = parse_experiment((other.directory / spec.path).read_text())
    assert Store.open(tmp_path / "third").add_experiment(again) == identity


def test_mask_and_specification_are_kept_once(done):
    store, identity = done
    for kind in (MASK, SPEC):
        assert len(store.artifacts(identity, kind=kind)) == 1
