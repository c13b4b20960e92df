"""What a store keeps beside numbers: settings of runs, tags, logs, environment, settings of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from masklab.errors import StoreError, TrainingError
from masklab.runs import artifacts, logs
from masklab.runs.environment import environment
from masklab.runs.insisting import insist
from masklab.runs.worker import work
from masklab.split import VALIDATION
from masklab.training import predictions
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.runs.conftest import tiny


def test_each_run_s_settings_are_known_under_dotted_names(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=(0, 7)))
    known = store.parameters(identity)
    runs = store.runs(identity)
    assert list(known) == [run.id for run in runs]
    for run in runs:
        own = {name: json.loads(value) for name, value in known[run.id].items()}
        assert (own["seed"], own["strategy.kind"]) == (run.seed, run.strategy)
        assert (own["model.hidden_size"], own["training.epochs"]) == (4, 3)
        assert own["task.window"] == 8
    assert store.parameters("none") == {}


def test_tags_are_given_to_experiments_and_runs(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    first = store.runs()[0].id
    store.tag(identity, ["friday", "wide", "friday"])
    store.tag(identity, ["best"], first)
    assert store.tags(identity) == {None: ["friday", "wide"], first: ["best"]}
    store.tag(identity, [])
    assert store.tags(identity) == {first: ["best"]}
    store.tag("none", ["lost"])
    assert store.tags("none") == {}
    store.delete_experiment(identity)
    assert store.tags(identity) == {}


def test_settings_of_the_store_are_kept(store):
    assert store.setting("checkpoints") is None
    store.set_setting("checkpoints", {"epochs": 3})
    assert store.setting("checkpoints") == {"epochs": 3}


def test_a_run_leaves_log_weights_predictions_and_what_it_was_made_with(store, tmp_path):
    experiment = tiny(tmp_path)
    identity = store.add_experiment(experiment)
    run = store.runs()[0]
    command = [sys.executable, "-m", "masklab.runs.worker", str(store.directory), run.id]
    assert subprocess.run(command, check=False, timeout=120).returncode == 0
    tail = store.log_tail(run.id, 2)
    assert len(tail) == 2
    assert "Epoch 3 of 3: training loss " in tail[-1]
    assert store.log_tail("none") == []
    told = store.environment(run.id)
    assert {"masklab", "python", "torch", "numpy", "system", "device"} <= set(told)
    assert not any(str(tmp_path) in value for value in told.values())
    assert store.environment("none") == {}

    kept = {row.kind: row for row in store.artifacts(identity, run.id)}
    assert set(kept) == {"weights", "predictions"}
    found = predictions.read(artifacts.path_of(store.directory, kept["predictions"]))
    prepared = prepare(experiment, experiment.load_panel(tmp_path))
    alone = Run(prepared, experiment.strategies[0], 0, experiment.model, experiment.training)
    list(alone.reports())
    expected = alone.predictions(VALIDATION)
    scored = expected.known
    assert np.array_equal(found.scored, scored)
    assert np.array_equal(found.scaled, expected.scaled[scored])
    assert np.array_equal(found.predicted, expected.predicted[scored])
    assert np.array_equal(found.common, expected.common[scored])
    assert np.array_equal(found.hidden, expected.hidden[scored])
    assert np.array_equal(found.rows, expected.rows)


def test_damaged_predictions_are_told(tmp_path):
    (tmp_path / "file").write_bytes(b"none")
    with pytest.raises(TrainingError, match="damaged or none"):
        predictions.read(tmp_path / "file")


def test_a_log_that_grows_too_long_starts_anew(store):
    path = logs.path_of(store.directory, "run")
    path.parent.mkdir()
    path.write_bytes(b"x" * (2 << 20))
    script = "import sys; from masklab.runs import logs; from pathlib import Path; logs.write_here(Path(sys.argv[1]), 'run'); logs.say('new')"
    subprocess.run([sys.executable, "-c", script, str(store.directory)], check=True)
    assert path.read_text().endswith(" new\n")
    assert path.stat().st_size < 100


def test_a_name_of_a_run_leads_out_of_no_folder(store):
    assert logs.path_of(store.directory, "../../x").parent == store.directory / "logs"


def test_the_environment_names_no_folder_and_no_user():
    import getpass  # noqa: PLC0415

    told = " ".join(environment("cpu").values())
    assert "/" not in told
    assert getpass.getuser() == "root" or getpass.getuser() not in told


def test_a_store_that_is_gone_is_not_insisted_on(tmp_path):
    def fails():
        raise StoreError("No.")

    with pytest.raises(StoreError):
        insist(tmp_path, fails)


def test_a_store_that_fails_for_a_while_is_insisted_on(store, monkeypatch):
    monkeypatch.setattr("masklab.runs.insisting._AGAIN", 0.0)
    tries = []

    def fails_twice():
        tries.append(1)
        if len(tries) < 3:
            raise OSError(28, "No space left on device")
        return "done"

    assert insist(store.directory, fails_twice) == "done"


def test_a_worker_without_a_run_to_train_goes(store, monkeypatch):
    monkeypatch.setattr("masklab.runs.worker.os.nice", lambda _: None)
    work(str(store.directory), "none")
