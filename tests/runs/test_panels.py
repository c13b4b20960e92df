"""Data that a worker finds as arrays: the same as from the file, and never another's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from masklab.errors import ExperimentError
from masklab.runs import panels
from masklab.runs.panels import FOLDER, panel_of
from tests.runs.conftest import tiny


@pytest.fixture
def experiment(store, tmp_path):
    return store.experiment(store.add_experiment(tiny(tmp_path)))


def kept(store) -> list[Path]:
    return sorted((store.directory / FOLDER).iterdir())


@pytest.fixture
def unreadable(monkeypatch):
    """Let nothing be read from the file any more."""

    def fails(*_: object) -> None:
        raise AssertionError

    return lambda: monkeypatch.setattr("masklab.runs.spec.read_and_settle", fails)


def test_arrays_are_what_was_read_in_every_field(store, experiment, unreadable):
    first = panel_of(store.directory, experiment)
    unreadable()
    again = panel_of(store.directory, experiment)
    assert again.content_hash == first.content_hash
    for name in ("names", "channels", "units", "timezone", "clock_kind"):
        assert getattr(again, name) == getattr(first, name), name
    assert again.values.flags.f_contiguous
    assert not again.values.flags.writeable
    assert np.array_equal(again.values, first.values, equal_nan=True)


@pytest.mark.parametrize("damage", [b"", b"no arrays", None])
def test_a_damaged_file_of_arrays_is_read_anew_and_mended(store, experiment, damage):
    first = panel_of(store.directory, experiment)
    (path,) = kept(store)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert panel_of(store.directory, experiment).content_hash == first.content_hash
    assert kept(store) == [path]
    assert len(path.read_bytes()) == len(whole)


def test_a_file_that_has_changed_since_is_refused_as_before(store, experiment):
    panel_of(store.directory, experiment)
    experiment.data.located(store.directory).write_text("time,a\n2024-01-01,1\n2024-01-02,2\n")
    with pytest.raises(ExperimentError, match="has changed since the experiment was made"):
        panel_of(store.directory, experiment)


def test_another_reading_is_another_panel(store, tmp_path, experiment):
    other = tiny(
        tmp_path, data={"path": experiment.data.path, "reading": {"missing_tokens": ["0.0000"]}}
    )
    other = store.experiment(store.add_experiment(other))
    hashes = {panel_of(store.directory, one).content_hash for one in (experiment, other)}
    assert len(hashes) == len(kept(store)) == 2


def test_the_newest_are_kept_and_no_more(store, experiment, monkeypatch):
    monkeypatch.setattr(panels, "_MOST", 2)
    for code in range(4):
        monkeypatch.setattr(panels, "_name", lambda *_, code=code: f"version-{code}")
        panel_of(store.directory, experiment)
    assert len(kept(store)) == 2


def test_a_store_that_takes_no_arrays_trains_all_the_same(store, experiment):
    (store.directory / FOLDER).write_text("A file stands where the folder should.")
    assert panel_of(store.directory, experiment).rows == 300
