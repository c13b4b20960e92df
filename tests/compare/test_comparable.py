"""What keeps runs of several experiments off one axis is said, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from masklab.compare.comparable import differences_that_matter, have_same_data
from masklab.runs.store import Store
from tests.runs.conftest import tiny

OTHER_MASK = {"layers": [{"rule": {"kind": "mcar", "rate": 0.1, "seed": 1}}]}
SAME_MASK = {"layers": [{"name": "Mine", "rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def told(store: Store, folder: Path, **changes: Any) -> list[str]:
    """What matters between the tiny experiment and the same with changes."""
    ids = [store.add_experiment(tiny(folder)), store.add_experiment(tiny(folder, **changes))]
    assert len(set(ids)) == 2
    return differences_that_matter(store, ids)


def training(**changes: Any) -> dict[str, Any]:
    return {"training": {"epochs": 3, "training_windows": 64, "patience": None} | changes}


@pytest.mark.parametrize(
    ("changes", "beginning", "words"),
    [
        ({"split": {"training": 0.5, "validation": 0.2}}, "Another split", "50 % / 20 % / 30 %"),
        (
            {"task": {"kind": "forecast", "window": 8, "horizon": 3}},
            "Another task",
            "forecasts 3 from 8 steps",
        ),
        (
            {"task": {"kind": "reconstruct", "window": 8}},
            "Another task",
            "reconstructs 20 % of 8 steps",
        ),
        (
            {"task": {"kind": "forecast", "window": 8, "horizon": 2, "targets": ["a"]}},
            "Other targets",
            "predicts “a”",
        ),
        (training(stride=2), "Other validation windows", "every 2 steps"),
        (training(validation_windows=9), "Other validation windows", "at most 9 windows"),
        (training(scaling="robust"), "Another scaling", "robust over all series"),
        ({"recipe": OTHER_MASK}, "Another mask", "“10 % of cells at random”"),
        ({"recipe": {}}, "Another mask", "hides nothing"),
    ],
)
def test_each_thing_that_matters_is_said_with_both_sides(
    store, tmp_path, changes, beginning, words
):
    first, *others = told(store, tmp_path, **changes)
    assert first.startswith(beginning)
    assert words in first
    assert "“tiny (" in first  # two of one name are told apart
    assert not others


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": (5, 6)},
        {"strategies": [{"kind": "carry"}, {"kind": "decay"}]},
        {"model": {"hidden_size": 9}},
        training(loss="mae", batch_size=8, epochs=5),
        {"recipe": SAME_MASK, "seeds": (1,)},  # a name changes no cell
    ],
)
def test_what_does_not_matter_is_not_said(store, tmp_path, changes):
    assert told(store, tmp_path, **changes) == []


def test_other_data_comes_first(store, tmp_path):
    first = store.add_experiment(tiny(tmp_path))
    path = tmp_path / "tiny.csv"
    other = tiny(tmp_path, split={"training": 0.5, "validation": 0.2})
    path.write_text(path.read_text() + "2024-02-01T00:00,1,1\n")
    second = store.add_experiment(other)
    said = differences_that_matter(store, [first, second])
    assert [one.partition(":")[0] for one in said] == ["Other data", "Another split"]
    assert "tiny.csv (sha256 " in said[0]
    assert str(tmp_path) not in said[0]
    assert not have_same_data(store.experiment(first), store.experiment(second))


def test_the_same_data_read_in_another_way_is_said(store, tmp_path):
    data = {"path": str(tmp_path / "tiny.csv"), "reading": {"sentinels": {"a": [0.0]}}}
    said = told(store, tmp_path, data=data)
    assert [one.partition(":")[0] for one in said] == ["The data is read in other ways"]


def test_one_experiment_has_nothing_to_differ_from(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    assert differences_that_matter(store, [identity, identity]) == []
