"""What a store keeps and hands out, without any worker."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import pytest

from masklab.errors import ExperimentError, StoreError
from masklab.runs.ledger import MOST_DEATHS, Ledger, SupersededError
from masklab.runs.rows import RunRow
from masklab.runs.spec import DataSource, parse_experiment
from masklab.runs.store import RevisionConflict, Store, UnknownProject, default_directory
from masklab.training.report import EpochReport, Scores
from tests.runs.conftest import tiny, tiny_csv


def report(
    epoch: int = 1, rmse: float = 2.0, best: bool = True, seconds: float = 1.5
) -> EpochReport:
    scores = Scores(mse=rmse**2, mae=rmse / 2, rmse=rmse, mre=0.5, count=11)
    other = Scores(mse=1, mae=2, rmse=3, mre=4, count=5)
    return EpochReport(
        strategy="carry", seed=0, epoch=epoch, epochs=3, training_loss=0.25, common=scores,
        own=other, common_original=other, own_original=other, learning_rate=0.01, seconds=seconds,
        is_best=best,
    )  # fmt: skip


def statuses(store: Store) -> list[str]:
    return [run.status for run in store.runs()]


def test_the_default_folder_is_the_user_s_own_unless_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MASKLAB_STORE", str(tmp_path / "named"))
    assert default_directory() == tmp_path / "named"
    assert Store.open().directory == tmp_path / "named"
    monkeypatch.delenv("MASKLAB_STORE")
    assert default_directory().is_absolute()
    assert "masklab" in default_directory().parts


def test_an_experiment_queues_all_strategies_of_a_seed_before_the_next_seed(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=(4, 2)))
    runs = store.runs(identity)
    assert [(run.strategy, run.seed) for run in runs] == [
        ("zero_fill", 4), ("carry", 4), ("zero_fill", 2), ("carry", 2),
    ]  # fmt: skip
    assert {run.status for run in runs} == {"queued"}
    assert [one[:2] for one in Ledger(store).waiting(3)] == [(run.id, 0) for run in runs[:3]]
    (row,) = store.experiments()
    assert (row.id, row.name, row.queued, row.total, row.is_open) == (identity, "tiny", 4, 4, True)


def test_a_reconstruction_both_ways_sees_whole_windows(store, tmp_path):
    task = {"kind": "reconstruct", "window": 8}
    seen = [
        store.sees_whole_windows(store.add_experiment(tiny(tmp_path, **settings)))
        for settings in (
            {"task": task},
            {"task": task, "model": {"bidirectional": False}},
            {"model": {"bidirectional": True}},
            {},
        )
    ]
    assert seen == [True, False, False, False]
    assert store.sees_whole_windows("unknown") is False


def test_older_experiments_go_first_and_newer_ones_are_listed_first(store, tmp_path):
    first = store.add_experiment(tiny(tmp_path, epochs=1))
    second = store.add_experiment(tiny(tmp_path, epochs=2))
    assert [run.experiment_id for run in store.runs()] == [first, first, second, second]
    assert [row.id for row in store.experiments()] == [second, first]
    assert [run.experiment_id for run in store.runs(second)] == [second, second]


def test_the_store_keeps_a_copy_of_the_data(store, tmp_path):
    experiment = tiny(tmp_path)
    identity = store.add_experiment(experiment)
    before = experiment.load_panel()
    Path(experiment.data.path).unlink()
    kept = store.experiment(identity)
    assert Path(kept.data.path).is_relative_to(store.directory)
    assert kept.hash == identity
    assert store.panel(identity).content_hash == before.content_hash


def test_a_specification_to_hand_on_names_no_folder_of_this_machine(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    text = store.portable(identity).to_yaml()
    assert "path: tiny.csv" in text
    assert str(tmp_path) not in text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    tiny_csv(elsewhere)
    assert store.add_experiment(parse_experiment(text), elsewhere) == identity


def test_an_experiment_of_another_version_is_told_as_one_sentence(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    with store.database.write() as db:
        db.execute("UPDATE experiments SET spec = replace(spec, 'zero_fill', 'from_the_future')")
    with pytest.raises(StoreError, match="kind is 'from_the_future'"):
        store.experiment(identity)
    with pytest.raises(StoreError, match="another one stored"):
        store.portable(identity)
    assert store.add_experiment(tiny(tmp_path)) == identity
    assert store.experiment(identity).hash == identity


def test_what_names_nothing_is_kept_as_given_last(store, tmp_path):
    units = {"units": {"a": "°C"}}
    data = {"path": str(tiny_csv(tmp_path)), "reading": units}
    identity = store.add_experiment(tiny(tmp_path))
    assert store.add_experiment(tiny(tmp_path, name="Mine", data=data)) == identity
    assert store.experiment(identity).data.reading.units == {"a": "°C"}
    assert store.experiments()[0].name == "Mine"


def test_a_sample_stays_a_sample(store, tmp_path):
    data = DataSource(path="sample:mauna_loa_co2")
    identity = store.add_experiment(tiny(tmp_path).model_copy(update={"data": data}))
    assert store.portable(identity).data.path == "sample:mauna_loa_co2"
    assert Path(store.experiment(identity).data.path).is_relative_to(store.directory)
    assert store.panel(identity).channels == store.portable(identity).load_panel().channels


def test_a_store_may_be_moved(tmp_path):
    store = Store.open(tmp_path / "first")
    identity = store.add_experiment(tiny(tmp_path))
    store.database.close()
    moved = Store.open(store.directory.rename(tmp_path / "moved"))
    assert len(moved.panel(identity).channels) == 2


def test_a_relative_path_starts_at_the_folder_of_the_specification(store, tmp_path):
    experiment = tiny(tmp_path)
    relative = experiment.model_copy(
        update={"data": experiment.data.model_copy(update={"path": "tiny.csv"})}
    )
    assert store.add_experiment(relative, tmp_path) == store.add_experiment(experiment)


def test_the_same_experiment_again_is_the_same_rows(store, tmp_path):
    experiment = tiny(tmp_path)
    identity = store.add_experiment(experiment)
    before = store.runs()
    assert store.add_experiment(experiment.model_copy(update={"name": "another"})) == identity
    assert store.runs() == before


def test_the_same_experiment_again_queues_what_did_not_finish(store, tmp_path):
    experiment = tiny(tmp_path, seeds=(0, 1))
    identity = store.add_experiment(experiment)
    ledger = Ledger(store)
    ids = [run.id for run in store.runs()]
    for run_id, status in zip(ids[:3], ("finished", "failed", "stopped"), strict=True):
        claim = ledger.claim(run_id)
        ledger.end(run_id, claim.process, status, "Because.")
    assert statuses(store) == ["finished", "failed", "stopped", "queued"]
    store.add_experiment(experiment)
    assert statuses(store) == ["finished", "queued", "queued", "queued"]
    assert store.runs(identity)[1].message == ""


def test_an_unknown_experiment_is_named(store):
    with pytest.raises(StoreError, match="no experiment 'abc'"):
        store.experiment("abc")


def test_missing_data_queues_nothing(store, tmp_path):
    experiment = tiny(tmp_path)
    Path(experiment.data.path).unlink()
    with pytest.raises(ExperimentError, match="no file"):
        store.add_experiment(experiment)
    assert store.experiments() == []


def test_epochs_come_back_as_they_were_reported(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, run = Ledger(store), store.runs()[0]
    claim = ledger.claim(run.id)
    ledger.record(claim, report(1, rmse=2.0))
    ledger.record(claim, report(2, rmse=1 / 3))
    ledger.record(claim, report(3, rmse=0.5, best=False))
    found = store.reports(identity)
    assert found["epoch"].tolist() == [1, 2, 3]
    assert found["common_rmse"].tolist() == [2.0, 1 / 3, 0.5]
    assert found["is_best"].tolist() == [True, True, False]
    assert found.iloc[0][["run_id", "strategy", "seed"]].tolist() == [run.id, "zero_fill", 0]
    assert found.iloc[0][["own_mse", "own_mae", "own_rmse", "own_mre", "own_count"]].tolist() == [1, 2, 3, 4, 5]  # fmt: skip
    row = store.runs()[0]
    assert (row.epoch, row.best_score, row.seconds) == (3, 1 / 3, 4.5)


def test_reports_of_nothing_have_their_columns_and_kinds(store):
    found = store.reports("none")
    assert len(found) == 0
    assert found["common_rmse"].dtype == "float64"
    assert found["is_best"].dtype == "bool"


def test_a_loss_that_is_no_number_is_kept_as_one(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger = Ledger(store)
    broken = EpochReport(**{**vars(report()), "training_loss": math.nan})
    ledger.record(ledger.claim(store.runs()[0].id), broken)
    assert store.reports(identity)["training_loss"].isna().all()


def test_an_epoch_is_never_counted_twice(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger = Ledger(store)
    claim = ledger.claim(store.runs()[0].id)
    ledger.record(claim, report(1))
    ledger.record(claim, report(2, rmse=1.0))
    ledger.record(claim, report(1, rmse=1.75))  # as a run does that goes on from a checkpoint
    assert store.reports(identity)["epoch"].tolist() == [1, 2]
    run = store.runs()[0]
    assert (run.epoch, run.seconds, run.best_score) == (2, 3.0, 1.0)


def test_one_process_gets_a_run(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    run_id = store.runs()[0].id
    assert Ledger(store).claim(run_id) is not None
    assert Ledger(store).claim(run_id) is None
    assert Ledger(store).claim("no such run") is None


def test_a_superseded_worker_can_t_write(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, run_id = Ledger(store), store.runs()[0].id
    old = ledger.claim(run_id)
    ledger.end(run_id, old.process, "failed", "Lost.")
    store.retry(run_id)
    with pytest.raises(SupersededError):
        ledger.record(old, report())
    assert ledger.should_stop(old)
    ledger.end(run_id, old.process, "finished", "")
    assert store.runs()[0].status == "queued"
    assert len(store.reports(identity)) == 0


def test_a_deleted_experiment_is_gone_with_all_its_rows(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, epochs=1))
    other = store.add_experiment(tiny(tmp_path, epochs=2))
    ledger = Ledger(store)
    claim = ledger.claim(store.runs(identity)[0].id)
    ledger.record(claim, report())
    store.set_fact(identity, "notes", ["one"])
    store.delete_experiment(identity)
    assert [row.id for row in store.experiments()] == [other]
    assert {run.experiment_id for run in store.runs()} == {other}
    assert len(store.reports(identity)) == 0
    assert store.events(identity) == []
    assert store.fact(identity, "notes") is None
    with pytest.raises(SupersededError):
        ledger.record(claim, report(2))


def test_a_waiting_run_stops_at_once_and_a_running_one_when_it_can(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger, (first, second) = Ledger(store), store.runs()
    claim = ledger.claim(first.id)
    assert not ledger.should_stop(claim)
    store.stop_all()
    stopping, stopped = store.runs()
    assert (stopping.status, stopping.stopping) == ("running", True)
    assert (stopped.status, stopped.message) == ("stopped", "Stopped before it started.")
    assert ledger.should_stop(claim)
    store.stop(second.id)  # again: nothing changes
    assert store.runs()[1] == stopped


@pytest.mark.parametrize("ended", ["stopped", "failed"])
def test_a_run_asked_for_again_while_it_stops_is_queued_once_its_worker_has_ended(
    store, tmp_path, ended
):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, first = Ledger(store), store.runs()[0].id
    claim = ledger.claim(first)
    store.stop_all()
    assert not store.runs()[0].again
    store.add_experiment(tiny(tmp_path))
    assert [(run.status, run.stopping, run.again) for run in store.runs()] == [
        ("running", True, True), ("queued", False, False),
    ]  # fmt: skip
    assert ledger.should_stop(claim)
    ledger.end(first, claim.process, ended, "Stopped on request.")
    run = store.runs(identity)[0]
    assert (run.status, run.message, run.stopping, run.again) == ("queued", "", False, False)
    ledger.end(first, claim.process, "finished", "")  # too late: the run is another's now
    assert store.runs()[0].status == "queued"
    assert not ledger.should_stop(ledger.claim(first))


def test_a_run_that_finishes_while_it_stops_is_not_run_again(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger, first = Ledger(store), store.runs()[0].id
    claim = ledger.claim(first)
    store.stop(first)
    store.retry(first)
    ledger.end(first, claim.process, "finished", "")
    assert store.runs()[0].status == "finished"


def test_of_stop_and_start_the_last_word_counts(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger, first = Ledger(store), store.runs()[0].id
    claim = ledger.claim(first)
    for ask in (store.stop, store.retry, store.stop):
        ask(first)
    ledger.end(first, claim.process, "stopped", "Stopped on request.")
    assert store.runs()[0].status == "stopped"


def test_a_run_that_nobody_stops_is_not_asked_for_again(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    claim = Ledger(store).claim(store.runs()[0].id)
    store.retry(claim.run_id)
    assert not Ledger(store).should_stop(claim)


def test_a_mark_tells_whether_reports_changed(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, marks = Ledger(store), [store.newest_report(identity)]
    first = store.runs()[0].id
    for _ in range(2):
        claim = ledger.claim(first)
        marks.append(store.newest_report(identity))
        ledger.record(claim, report())  # the second time over the first one's epoch
        marks.append(store.newest_report(identity))
        ledger.end(first, claim.process, "stopped", "")
        store.retry(first)
    assert marks[0] == marks[1] == (0, 0)
    assert marks[2] == marks[3]
    assert len({marks[0], marks[2], marks[4]}) == 3
    assert store.newest_report("no such experiment") == (0, 0)


def test_a_training_run_says_when_its_worker_was_heard(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger = Ledger(store)
    claim = ledger.claim(store.runs()[0].id)
    before = store.runs()[0].heard
    ledger.beat(claim)
    assert store.runs()[0].heard >= before > 0
    ledger.end(claim.run_id, claim.process, "stopped", "")
    assert store.runs()[0].heard is None


def test_stopping_one_experiment_leaves_the_others(store, tmp_path):
    first = store.add_experiment(tiny(tmp_path, epochs=1))
    store.add_experiment(tiny(tmp_path, epochs=2))
    store.stop_all(first)
    assert statuses(store) == ["stopped", "stopped", "queued", "queued"]


def test_a_retried_run_keeps_its_epochs(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, run_id = Ledger(store), store.runs()[0].id
    claim = ledger.claim(run_id)
    ledger.record(claim, report())
    ledger.end(run_id, claim.process, "failed", "Why.")
    store.retry(run_id)
    assert len(store.reports(identity)) == 1
    claim = ledger.claim(run_id)
    assert len(store.reports(identity)) == 1
    assert store.runs()[0].epoch == 1


def test_what_an_earlier_try_did_beyond_the_end_goes(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path))
    ledger, run_id = Ledger(store), store.runs()[0].id
    claim = ledger.claim(run_id)
    for epoch in (1, 2, 3):
        ledger.record(claim, report(epoch))
    ledger.finish(claim, 2)
    run = store.runs()[0]
    assert (run.status, run.epoch) == ("finished", 2)
    assert store.reports(identity)["epoch"].tolist() == [1, 2]


def test_only_a_run_whose_worker_never_came_is_refused(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger = Ledger(store)
    first, second = ledger.waiting(2)
    ledger.end(first.run_id, ledger.claim(first.run_id).process, "failed", "Killed.")
    store.retry(first.run_id)  # by now it waits again, and the news of its worker's end is old
    for run in (first, second):
        ledger.refuse(run, "Died at its start.")
    assert statuses(store) == ["queued", "queued"]
    for _ in range(MOST_DEATHS - 1):
        for run in (first, second):
            ledger.refuse(run, "Died at its start.")
    assert statuses(store) == ["queued", "failed"]


def test_a_finished_run_is_not_retried(store, tmp_path):
    store.add_experiment(tiny(tmp_path))
    ledger, run_id = Ledger(store), store.runs()[0].id
    ledger.end(run_id, ledger.claim(run_id).process, "finished", "")
    store.retry(run_id)
    assert store.runs()[0].status == "finished"


def test_the_time_left_follows_the_pace_and_the_slots(store, tmp_path, monkeypatch):
    monkeypatch.setattr("masklab.runs.timing.slots", lambda: 1)
    store.add_experiment(tiny(tmp_path))
    ledger = Ledger(store)

    def left() -> list[float | None]:
        return [run.seconds_left for run in store.runs()]

    assert left() == [None, None]
    claim = ledger.claim(store.runs()[0].id)
    assert left() == [None, None]
    ledger.record(claim, report(1, seconds=2.0))
    # Two of three epochs at 2 s; then the other strategy's three at the only pace known.
    assert left() == [4.0, 10.0]
    monkeypatch.setattr("masklab.runs.timing.slots", lambda: 2)
    assert left() == [4.0, 6.0]
    ledger.end(claim.run_id, claim.process, "finished", "")
    assert left() == [None, 2.0]  # runs of this experiment end after one epoch


def test_a_project_is_saved_under_revisions(store):
    assert store.save_project("p", "{1}", 0) == 1
    assert store.load_project("p") == ("{1}", 1)
    assert store.save_project("p", "{2}", 1) == 2
    assert store.save_project("p", "{3}") == 3
    with pytest.raises(UnknownProject):
        store.load_project("q")


def test_of_two_tabs_the_slower_one_is_told(store):
    revision = store.save_project("p", "{}")
    store.save_project("p", '{"tab": 1}', revision)
    with pytest.raises(RevisionConflict, match="another tab") as conflict:
        store.save_project("p", '{"tab": 2}', revision)
    assert conflict.value.revision == 2
    assert store.load_project("p") == ('{"tab": 1}', 2)
    with pytest.raises(RevisionConflict):
        store.save_project("p", "{}", 0)


def test_the_project_saved_last_comes_first(store):
    for name in ("a", "b", "c", "a"):
        store.save_project(name, "{}")
    assert [project.id for project in store.projects()] == ["a", "c", "b"]


def test_many_threads_write_at_once_and_nothing_is_lost(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=tuple(range(4))))
    runs: list[RunRow] = store.runs()
    errors: list[BaseException] = []

    def write(run: RunRow) -> None:
        try:
            ledger = Ledger(Store.open(store.directory))
            claim = ledger.claim(run.id)
            for epoch in range(1, 41):
                ledger.record(claim, report(epoch))
                store.runs()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert store.reports(identity).groupby("run_id").size().tolist() == [40] * len(runs)
