"""An experiment's name: the same for all that gives the same numbers, another for anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, create_model

from masklab.data.read import load
from masklab.data.samples import samples
from masklab.runs import identity, settled
from masklab.runs.spec import DataSource, Experiment, parse_experiment
from masklab.training.config import ModelConfig
from tests.runs.conftest import tiny_csv

RULE = {"kind": "value_range", "low": 3}
LOOK = {"name": "n", "colour": "green", "opacity": 0.3, "locked": True}


@pytest.fixture
def hashed(tmp_path: Path):
    path = tiny_csv(tmp_path)

    def of(reading: dict | None = None, **changes) -> str:
        settings = {"data": {"path": str(path), "reading": reading or {}}}
        settings |= {"strategies": [{"kind": "carry"}]}
        return parse_experiment(settings | changes).pinned(tmp_path).hash

    return of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"recipe": {"layers": [{"rule": RULE, "enabled": False}]}}),
        (
            {"recipe": {"layers": [{"rule": RULE}]}},
            {"recipe": {"layers": [{"rule": RULE, **LOOK}]}},
        ),
        ({}, {"model": {"dropout": 0.5}}),
        ({}, {"reading": {"units": {"a": "°C"}}}),
        ({}, {"split": {"validation_series": ["x"]}}),
        (
            {"split": {"by": "series", "validation_series": ["x"]}},
            {"split": {"by": "series", "validation_series": ["x"], "training": 0.5}},
        ),
        ({"task": {"kind": "reconstruct"}}, {"task": {"kind": "reconstruct", "length": 3}}),
        (
            {"task": {"kind": "reconstruct"}},
            {"task": {"kind": "reconstruct"}, "model": {"head": "mean", "bidirectional": True}},
        ),
    ],
)
def test_what_changes_no_number_does_not_rename(hashed, first, second):
    assert hashed(**first) == hashed(**second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"recipe": {"layers": [{"rule": RULE}]}}),
        (
            {"recipe": {"layers": [{"rule": RULE}]}},
            {"recipe": {"layers": [{"rule": RULE, "series": ["tiny"]}]}},
        ),
        ({"model": {"num_layers": 2}}, {"model": {"num_layers": 2, "dropout": 0.5}}),
        ({}, {"model": {"head": "mean"}}),
        ({}, {"split": {"by": "series", "validation_series": ["x"]}}),
        ({}, {"task": {"kind": "reconstruct"}}),
        (
            {"task": {"kind": "reconstruct", "pattern": "blocks"}},
            {"task": {"kind": "reconstruct", "pattern": "blocks", "length": 3}},
        ),
        (
            {"task": {"kind": "reconstruct"}},
            {"task": {"kind": "reconstruct"}, "model": {"bidirectional": False}},
        ),
        ({}, {"strategies": [{"kind": "reset"}]}),
        (
            {"recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.1}}]}},
            {"recipe": {"layers": [{"rule": {"kind": "blocks", "rate": 0.1}}]}},
        ),
    ],
)
def test_what_changes_numbers_renames(hashed, first, second):
    assert hashed(**first) != hashed(**second)


def test_a_setting_that_a_later_version_adds_renames_nothing(hashed, monkeypatch, tmp_path):
    later = create_model("Later", __base__=ModelConfig, warmth=(float, Field(default=0.5)))
    given = {"data": {"path": str(tiny_csv(tmp_path))}, "strategies": [{"kind": "carry"}]}
    old = parse_experiment(given).pinned()
    for warmth, same in ((0.5, True), (0.6, False)):
        new = old.model_copy(update={"model": later(warmth=warmth)})
        assert (identity.fingerprint(new) == old.hash) is same


def test_guessed_and_written_readings_have_one_name(tmp_path, hashed):
    found = load(tiny_csv(tmp_path)).options
    written = found.model_dump(mode="json", exclude_none=True)
    assert hashed() == hashed(reading=written) == hashed(reading={"separator": ","})
    assert hashed() != hashed(reading={"channels": ["a"]})


@pytest.mark.parametrize("one", samples(), ids=lambda one: one.name)
def test_settling_a_reading_again_changes_nothing(one):
    source = DataSource(path=f"sample:{one.name}")
    once = source.pinned()
    settled._KNOWN.clear()
    assert once.pinned() == once
    assert once.read().content_hash == source.read().content_hash


def test_a_file_is_read_once_to_settle_and_to_load_it(tmp_path, monkeypatch):
    reads = []
    monkeypatch.setattr("masklab.data.read.load", lambda *a, **k: reads.append(a) or load(*a, **k))
    settled._KNOWN.clear()
    experiment = parse_experiment(
        {"data": {"path": str(tiny_csv(tmp_path))}, "strategies": [{"kind": "carry"}]}
    )
    experiment.load_panel()
    pinned = experiment.pinned()
    assert pinned.pinned().hash == pinned.hash
    assert len(reads) == 1


def test_an_unreadable_file_is_pinned_and_named_when_it_is_read(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"\x00\x01")
    source = DataSource(path="bad.csv").pinned(tmp_path)
    assert source.sha256
    with pytest.raises(Exception, match=r"\w+ ") as error:
        source.read()
    assert type(error.value).__name__ == "ReadError"


def test_a_large_recipe_is_named_in_no_time(tmp_path):
    strokes = [{"start": 2 * n, "end": 2 * n + 1} for n in range(5000)]
    layer = {"rule": {"kind": "painted", "strokes": strokes}}
    given = {"data": {"path": str(tiny_csv(tmp_path))}, "strategies": [{"kind": "carry"}]}
    experiment = parse_experiment({**given, "recipe": {"layers": [layer]}}).pinned()
    assert Experiment.from_yaml(experiment.to_yaml()).hash == experiment.hash
