"""`masklab resume`: what has not finished is queued again, and its executor asked to train it."""

from __future__ import annotations

import pytest

from masklab.cli import main
from masklab.runs.executing import executor_of
from masklab.runs.executors.dask import DaskExecutor
from masklab.runs.executors.local import LocalExecutor
from tests.runs.conftest import tiny


@pytest.fixture
def asked(monkeypatch):
    found = []
    for executor in (LocalExecutor, DaskExecutor):
        monkeypatch.setattr(executor, "ensure", lambda self, store: found.append(self))
    return found


def test_stopped_failed_and_paused_runs_are_queued_again_but_not_halved_ones(
    store, tmp_path, asked, capsys
):
    identity = store.add_experiment(tiny(tmp_path, seeds=(0, 1, 2)))
    stopped, paused, failed, halved, finished, waiting = [run.id for run in store.runs(identity)]
    store.stop(stopped)
    store.pause(paused)
    with store.database.write() as db:
        db.execute("UPDATE runs SET status = 'failed' WHERE id = ?", (failed,))
        db.execute("UPDATE runs SET status = 'finished' WHERE id = ?", (finished,))
        db.execute(
            "UPDATE runs SET status = 'stopped', message = 'Stopped by successive halving: 2nd.' "
            "WHERE id = ?",
            (halved,),
        )
    with pytest.raises(SystemExit) as ended:
        main(["resume", "--store", str(store.directory), "--detach"])
    assert ended.value.code == 0
    status = {run.id: run.status for run in store.runs(identity)}
    assert [status[one] for one in (stopped, paused, failed, waiting)] == ["queued"] * 4
    assert (status[halved], status[finished]) == ("stopped", "finished")
    assert asked == [LocalExecutor()]
    assert "3 runs go on, 1 were open" in capsys.readouterr().out


def test_runs_can_go_on_with_another_executor(store, tmp_path, asked):
    store.add_experiment(tiny(tmp_path))
    command = ["resume", "--store", str(store.directory), "--detach"]
    with pytest.raises(SystemExit):
        main([*command, "--scheduler", "tcp://127.0.0.1:8786"])
    assert asked == [executor_of(store)] == [DaskExecutor(scheduler="tcp://127.0.0.1:8786")]
    with pytest.raises(SystemExit):
        main([*command, "--executor", "local"])
    assert executor_of(store) == LocalExecutor()


def test_a_scheduler_is_for_dask_alone(store, asked, capsys):
    with pytest.raises(SystemExit):
        main(["resume", "--store", str(store.directory), "--executor", "local", "--scheduler", "tcp://h:1"])  # fmt: skip
    assert "is for --executor dask, not local" in capsys.readouterr().err
    assert asked == []


def test_an_executor_that_there_is_not_is_refused_with_those_that_there_are(store, asked, capsys):
    with pytest.raises(SystemExit):
        main(["resume", "--store", str(store.directory), "--executor", "quantum"])
    assert "no executor 'quantum'. Choose one of dask, local." in capsys.readouterr().err
    assert asked == []


def test_where_nothing_is_left_to_do_nobody_is_asked(store, tmp_path, asked):
    identity = store.add_experiment(tiny(tmp_path))
    with store.database.write() as db:
        db.execute("UPDATE runs SET status = 'finished'")
    with pytest.raises(SystemExit) as ended:
        main(["resume", "--store", str(store.directory), "--experiment", identity[:6]])
    assert ended.value.code == 0
    assert asked == []
