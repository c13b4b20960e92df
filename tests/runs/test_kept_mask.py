"""The cells of an experiment are kept once, as bits, and read back as they were."""

from __future__ import annotations

import numpy as np
import pytest

from masklab.errors import StoreError
from masklab.runs import facts, kept_mask
from masklab.runs.ledger import SupersededError
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.training.prepare import prepare
from tests.runs.conftest import tiny, tiny_csv


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"task": {"kind": "reconstruct", "window": 8}},
        {"task": {"kind": "forecast", "window": 8, "horizon": 2, "targets": ["b"]}},
        {"training": {"epochs": 1, "longest_gap": 3}, "data": {"path": "gap.csv"}},
    ],
)
def test_cells_come_back_as_they_were(changes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = tiny_csv(tmp_path).read_text().splitlines(keepends=True)
    (tmp_path / "gap.csv").write_text("".join(lines[:100] + lines[102:]))
    experiment = tiny(tmp_path, **changes)
    prepared = prepare(experiment, experiment.load_panel())
    path = tmp_path / "mask.safetensors"
    kept_mask.write(prepared, path)
    kept = kept_mask.read(path)
    for name in ("observed", "native", "common", "parts"):
        assert np.array_equal(getattr(kept, name), getattr(prepared, name)), name
    assert kept.channels == prepared.channels == ("a", "b")
    assert kept.targets == tuple(prepared.channels[one] for one in prepared.targets)
    assert (prepared.source is None) == ("data" not in changes)
    rows = np.arange(300) if prepared.source is None else prepared.source
    assert np.array_equal(kept.source, rows)
    assert 0 < kept.observed.sum() < kept.native.sum()
    again = tmp_path / "again.safetensors"
    kept_mask.write(prepared, again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"x" * 100, None])
def test_a_damaged_file_is_told(content, tmp_path):
    experiment = tiny(tmp_path)
    path = tmp_path / "mask.safetensors"
    kept_mask.write(prepare(experiment, experiment.load_panel()), path)
    path.write_bytes(path.read_bytes()[:-1] if content is None else content)
    with pytest.raises(StoreError, match="damaged or none"):
        kept_mask.read(path)


def test_mask_and_specification_are_kept_by_the_first_worker_alone(tmp_path):
    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path))
    experiment = store.experiment(identity)
    prepared = prepare(experiment, experiment.load_panel())
    facts.keep(store, identity, prepared)
    kept = store.artifacts(identity)
    assert {row.kind for row in kept} == {facts.MASK, facts.SPEC}
    facts.keep(store, identity, prepared)
    assert store.artifacts(identity) == kept
    (spec,) = store.artifacts(identity, kind=facts.SPEC)
    text = (store.directory / spec.path).read_text()
    assert parse_experiment(text) == store.portable(identity)
    assert str(tmp_path) not in text


def test_of_two_that_keep_at_once_the_first_stays(tmp_path, monkeypatch):
    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path))
    experiment = store.experiment(identity)
    prepared = prepare(experiment, experiment.load_panel())
    facts.keep(store, identity, prepared)
    kept = store.artifacts(identity)
    known, store_artifacts = [[]], store.artifacts
    # The second one looked before the first had written.
    monkeypatch.setattr(
        store,
        "artifacts",
        lambda *of, **kind: known.pop() if known else store_artifacts(*of, **kind),
    )
    facts.keep(store, identity, prepared)
    monkeypatch.undo()
    assert store.artifacts(identity) == kept
    names = {path.name for path in (store.directory / "artifacts" / identity).iterdir()}
    assert names == {row.path.rpartition("/")[2] for row in kept}


def test_a_disk_that_takes_no_mask_keeps_no_run_from_training(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path))
    experiment = store.experiment(identity)
    prepared = prepare(experiment, experiment.load_panel())
    monkeypatch.setattr(kept_mask, "write", refuse)
    facts.keep(store, identity, prepared)
    assert [row.kind for row in store.artifacts(identity)] == [facts.SPEC]
    assert facts.notes(store, identity) == list(prepared.notes)
    monkeypatch.undo()
    facts.keep(store, identity, prepared)
    assert {row.kind for row in store.artifacts(identity)} == {facts.MASK, facts.SPEC}


def test_a_deleted_experiment_gets_no_files(tmp_path):
    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path))
    experiment = store.experiment(identity)
    prepared = prepare(experiment, experiment.load_panel())
    store.delete_experiment(identity)
    with pytest.raises(SupersededError):
        facts.keep(store, identity, prepared)
    assert not (store.directory / "artifacts" / identity).exists()
