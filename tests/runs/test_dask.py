"""Runs on a real Dask cluster on this machine: same numbers, data sent once, stopped, paused."""

from __future__ import annotations

import builtins
import importlib.util

import pytest

import masklab
from masklab.cli import main
from masklab.errors import MaskLabError, StoreError
from masklab.runs import executing
from masklab.runs.cluster import local, remote
from masklab.runs.cluster.crew import Crew
from masklab.runs.cluster.link import Node
from masklab.runs.cluster.messages import Greeting, Order
from masklab.runs.cluster.outbox import AbandonedError, Outbox, exchange
from masklab.runs.executing import choose_executor, ensure_training, executor_of
from masklab.runs.executors.dask import DaskExecutor
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Waiting
from masklab.runs.lock import is_held
from masklab.runs.schema import CELLS
from masklab.runs.store import Store
from masklab.runs.watch import StopRequested
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.runs.conftest import LONG, supervisor_pid, tiny
from tests.runs.dask_cluster import (
    dask_cluster,
    free_port,
    head_log,
    needs_dask,
    trains,
    until,
    until_ended,
)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster of two workers; tests of this module share it."""
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 2) as one:
        yield one


@pytest.fixture
def headed(store, cluster):
    """A store whose runs go to the cluster."""
    choose_executor(store, cluster.executor(idle_seconds=60))
    ensure_training(store)
    return store


@needs_dask
def test_a_cluster_computes_what_this_process_computes_bit_for_bit(headed, tmp_path):
    experiment = tiny(tmp_path, epochs=3, seeds=(0, 7))
    identity = headed.add_experiment(experiment)
    runs = until_ended(headed, identity)
    assert [(run.status, run.epoch, run.message) for run in runs] == [("finished", 3, "")] * 4
    assert all(run.host.startswith("tcp://127.0.0.1:") for run in runs)
    stored = headed.reports(identity).to_dict("records")
    direct = list(masklab.train(experiment))
    assert len(stored) == len(direct) == 12
    for row, report in zip(stored, direct, strict=True):
        assert (row["strategy"], row["seed"], row["epoch"]) == (report.strategy, report.seed, report.epoch)  # fmt: skip
        assert row["training_loss"] == report.training_loss
        for cells in CELLS:
            for name, value in vars(getattr(report, cells)).items():
                assert row[f"{cells}_{name}"] == value
    for run in runs:
        kinds = {row.kind for row in headed.artifacts(identity, run.id)}
        assert kinds == {"weights", "predictions"}
        assert any("Epoch 3 of 3" in line for line in headed.log_tail(run.id))
        assert headed.environment(run.id)["masklab"] == masklab.__version__
    assert set(headed.fact(identity, "naive")) >= {"last_value", "mean"}


@needs_dask
def test_data_are_sent_once_to_each_machine_s_folder_not_with_each_run(headed, tmp_path):
    experiment = tiny(tmp_path, epochs=1, seeds=tuple(range(5)))
    data = tmp_path / "tiny.csv"
    data.write_text(data.read_text().replace("0.0000", "0.5000", 1))  # no worker has this one yet
    identity = headed.add_experiment(experiment)
    runs = until_ended(headed, identity)
    assert [run.status for run in runs] == ["finished"] * 10
    assert len({run.host for run in runs}) == 2
    sent = f"Sent tiny.csv ({data.stat().st_size:,} bytes)"
    assert head_log(headed).count(sent) == 1


@needs_dask
def test_a_run_stops_and_another_goes_on_after_a_pause(headed, tmp_path):
    headed.set_setting("checkpoints", {"epochs": 1, "seconds": 60})
    identity = headed.add_experiment(tiny(tmp_path, epochs=LONG))
    stopped, paused = [until(headed, run.id, trains) for run in headed.runs(identity)]
    headed.stop(stopped.id)
    headed.pause(paused.id)
    run = until(headed, stopped.id, lambda run: not run.is_open)
    assert (run.status, run.message) == ("stopped", "Stopped on request.")
    at = until(headed, paused.id, lambda run: run.status == "paused").epoch
    headed.resume(paused.id)
    again = until(headed, paused.id, lambda run: run.status == "running" and run.epoch > at)
    assert 0 < again.resumed_from <= at
    epochs = headed.reports(identity).query("run_id == @again.id")["epoch"].tolist()
    assert epochs == list(range(1, len(epochs) + 1))
    headed.delete_experiment(identity)
    after = headed.add_experiment(tiny(tmp_path, epochs=1))  # both workers are free again
    assert {run.status for run in until_ended(headed, after)} == {"finished"}


@needs_dask
def test_a_run_that_can_t_be_prepared_fails_with_the_reason_alone(headed, tmp_path):
    experiment = tiny(tmp_path, task={"kind": "forecast", "window": 5000, "horizon": 2})
    first, _ = until_ended(headed, headed.add_experiment(experiment))
    assert first.status == "failed"
    assert "window" in first.message
    assert "Traceback" not in first.message


@needs_dask
def test_the_best_of_each_seed_go_on_where_hopeless_runs_are_stopped(headed, tmp_path):
    experiment = tiny(tmp_path, epochs=4)
    training = experiment.training.model_copy(update={"halving": 2})
    identity = headed.add_experiment(experiment.model_copy(update={"training": training}))
    runs = until_ended(headed, identity)
    assert sorted((run.status, run.epoch) for run in runs) == [("finished", 4), ("stopped", 2)]


@needs_dask
def test_another_executor_takes_over_when_it_is_chosen(headed, tmp_path):
    headed.set_setting("checkpoints", {"epochs": 1, "seconds": 60})
    identity = headed.add_experiment(tiny(tmp_path, epochs=LONG))
    first = until(headed, headed.runs(identity)[0].id, trains)
    head = supervisor_pid(headed.directory)
    choose_executor(headed, LocalExecutor(slots=1))
    here = until(headed, first.id, lambda run: run.status == "running" and run.host == "")
    assert supervisor_pid(headed.directory) != head
    assert until(headed, first.id, lambda run: run.epoch > here.epoch + 1).resumed_from > 0


def test_a_store_remembers_who_trains_it_and_this_machine_does_unless_told(store):
    assert executor_of(store) == LocalExecutor()
    chosen = DaskExecutor(scheduler="tls://head.example:8786")
    choose_executor(store, chosen)
    assert executor_of(Store.open(store.directory)) == chosen
    store.set_setting(executing.SETTING, {"kind": "quantum"})
    with pytest.raises(StoreError, match="quantum"):
        executor_of(store)


@pytest.mark.parametrize(
    "address", ["head:8786", "http://head:8786", "tcp://head", "tcp://a b:1", "tcp://h:123456"]
)
def test_what_is_no_scheduler_s_address_is_refused(address, tmp_path, capsys):
    with pytest.raises(ValueError, match="scheduler"):
        DaskExecutor(scheduler=address)
    file = tmp_path / "e.yaml"
    file.write_text(tiny(tmp_path).to_yaml())
    with pytest.raises(SystemExit):
        main(["run", str(file), "--store", str(tmp_path / "s"), "--scheduler", address])
    said = capsys.readouterr().err
    assert address in said
    assert "tcp://HOST:PORT" in said
    assert "Traceback" not in said


@needs_dask
def test_where_no_scheduler_answers_that_is_said_and_runs_stay_queued(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    choose_executor(store, DaskExecutor(scheduler=f"tcp://127.0.0.1:{free_port()}"))
    with pytest.raises(
        StoreError, match=r"No Dask scheduler answers at tcp://127.*masklab cluster"
    ):
        ensure_training(store)
    assert {run.status for run in store.runs(identity)} == {"queued"}
    assert not is_held(store.directory)


def test_without_dask_the_missing_extra_is_named(store, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "distributed" else find(name, *more),
    )
    with pytest.raises(StoreError, match=r"masklab\[dask\]"):
        DaskExecutor().ensure(store)
    with pytest.raises(MaskLabError, match=r"masklab\[dask\]"):
        local.LocalCluster(1, "127.0.0.1", None, None)


def test_the_head_s_modules_need_no_dask_to_be_read(monkeypatch):
    real = builtins.__import__

    def without(name, *more, **named):
        if name.partition(".")[0] in {"dask", "distributed"}:
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in ("head", "remote", "remote_desk", "link", "local", "node"):
        spec = importlib.util.find_spec(f"masklab.runs.cluster.{name}")
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_cluster_gives_its_first_workers_a_gpu_each_and_hides_them_from_the_others(monkeypatch):
    monkeypatch.setattr(local.capacity, "gpus", lambda: ("0", "3"))
    cluster = local.LocalCluster(3, "127.0.0.1", free_port(), None)
    scheduler, *workers = cluster.members
    assert "scheduler" in scheduler.command
    assert [one.environment["CUDA_VISIBLE_DEVICES"] for one in workers] == ["0", "3", ""]
    assert [("GPU=1" in one.command) for one in workers] == [True, True, False]
    assert all(one.environment["OMP_NUM_THREADS"] == "1" for one in workers)
    cluster.close()


def test_workers_that_their_scheduler_can_t_reach_are_not_started(capsys):
    with pytest.raises(SystemExit):
        main(["cluster", "--join", "tcp://10.0.0.1:8786"])
    assert "can't be reached from tcp://10.0.0.1:8786" in capsys.readouterr().err
    assert DaskExecutor(scheduler="tls://[2001:db8::1]:8786").host == "2001:db8::1"


def test_every_executor_can_be_chosen_by_name_and_explains_its_settings(store):
    for kind, member in executing.EXECUTORS.items():
        choose_executor(store, member())
        assert executor_of(store) == member()
        assert member().kind == kind
        assert member.title
        assert all(field.description for field in member.model_fields.values() if field.title)


def test_no_member_of_a_cluster_gets_the_variable_that_slows_training(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    cluster = local.LocalCluster(1, "127.0.0.1", None, "tcp://127.0.0.1:1")
    assert [one.command[3] for one in cluster.members] == ["worker"]
    assert "MALLOC_TRIM_THRESHOLD_" not in cluster.members[0].environment
    cluster.close()


def waiting(device: str) -> Waiting:
    return Waiting("run", 0, "experiment", None, device)


def crew_of(*nodes: Node) -> Crew:
    crew = Crew()
    crew._nodes = {node.address: node for node in nodes}
    crew._fit = dict.fromkeys(crew._nodes, True)
    return crew


def test_runs_that_may_use_a_gpu_wait_for_one_and_others_leave_it_free():
    plain, fast = Node("tcp://a:1", False, False), Node("tcp://b:2", True, False)
    crew = crew_of(fast, plain)
    assert crew.choose(waiting("auto"), [plain, fast]) == fast
    assert crew.choose(waiting("cuda"), [plain]) is None
    assert crew.choose(waiting("cpu"), [fast, plain]) == plain
    assert crew.choose(waiting("cpu"), [fast]) == fast
    assert crew_of(plain).choose(waiting("auto"), [plain]) == plain
    assert crew_of(plain).choose(waiting("cpu"), []) is None


def test_a_worker_that_is_busy_or_taken_gets_no_run():
    idle, busy = Node("tcp://a:1", False, False), Node("tcp://b:2", False, True)
    assert crew_of(idle, busy).free(set()) == [idle]
    assert crew_of(idle, busy).free({idle.address}) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Greeting("0.0.1", True), "has MaskLab 0.0.1"),
        (Greeting(masklab.__version__, False), "lacks torch"),
        (ModuleNotFoundError("No module named 'masklab'"), "Install masklab"),
    ],
)
def test_a_worker_that_can_t_train_is_told_and_gets_no_run(said, words, capsys):
    class Link:
        def greet(self, addresses):
            return dict.fromkeys(addresses, said)

    crew, node = Crew(), Node("tcp://a:1", False, False)
    crew.meet({node.address: node}, Link())
    assert crew.free(set()) == []
    assert words in capsys.readouterr().err


def test_messages_come_in_order_until_they_are_heard():
    with Outbox("token", lambda: True) as outbox:
        for number in range(1, 4):
            assert outbox.put("epoch", number) == number
        first = exchange({"token": Order(0, False), "another": Order(0, False)})
        assert [one.number for one in first["token"]] == [1, 2, 3]
        assert exchange({"token": Order(0, False)}) == first  # an answer that was lost
        assert [one.number for one in exchange({"token": Order(2, False)})["token"]] == [3]
        assert not outbox.is_heard(3)
        assert exchange({"token": Order(3, True)}) == {"token": []}
        assert outbox.is_heard(3)
        with pytest.raises(StopRequested):
            outbox.check()
    assert exchange({"token": Order(3, True)}) == {}


def test_large_messages_come_some_megabytes_at_a_time():
    with Outbox("token", lambda: True) as outbox:
        for _ in range(5):
            outbox.put("checkpoint", 1, bytes(5 << 20))
        assert [one.number for one in outbox.take(Order(0, False))] == [1, 2]
        assert [one.number for one in outbox.take(Order(2, False))] == [3, 4]


def test_a_stop_cuts_an_epoch_short_and_leaves_torch_as_it_was(tmp_path):
    experiment = tiny(tmp_path, epochs=1)
    prepared = prepare(experiment, experiment.load_panel())
    run = Run(prepared, experiment.strategies[1], 0, experiment.model, experiment.training)
    seen = []

    def check() -> None:
        seen.append(run.epochs_done)
        if len(seen) == 4:
            raise StopRequested

    interruptible = remote._interruptible(check)
    with pytest.raises(StopRequested), interruptible():
        next(run.reports())
    assert seen == [0] * 4
    assert run.epochs_done == 0
    run.predictions()  # nobody looks any more
    assert len(seen) == 4


def test_a_run_that_nobody_asks_after_ends_itself(monkeypatch):
    with Outbox("token", lambda: True) as outbox:
        outbox.check()
        monkeypatch.setattr("masklab.runs.cluster.outbox.LEASE", -1.0)
        with pytest.raises(AbandonedError):
            outbox.check()
        with pytest.raises(AbandonedError):
            outbox.deliver("stopped")
    with Outbox("token", lambda: False) as unwanted, pytest.raises(AbandonedError):
        unwanted.check()
