"""Successive halving: the strategies of a seed wait for each other, and the best go on."""

from __future__ import annotations

import pytest

from masklab.errors import ExperimentError
from masklab.runs import halving
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from tests.runs.conftest import processes_end, tiny, until_ended
from tests.runs.test_store import report

FOUR = [{"kind": kind} for kind in ("zero_fill", "mean_fill", "carry", "ignore")]


def halved(folder, **changes):
    training = {"epochs": 8, "training_windows": 64, "patience": None, "halving": 2}
    return tiny(folder, strategies=FOUR, training=training, **changes)


@pytest.mark.parametrize(
    ("epochs", "strategies", "keep", "expected"),
    [
        (27, 9, 3, (3, 9)),
        (8, 4, 2, (2, 4)),
        (20, 4, 4, (5,)),
        (20, 4, None, ()),
        (20, 1, 2, ()),
        (1, 4, 2, ()),
        (3, 8, 2, (1,)),
    ],
)
def test_rungs_lie_a_factor_apart(epochs, strategies, keep, expected):
    assert halving.rungs(epochs, strategies, keep) == expected


def at_rung(store, ledger, run, rmse, epoch=2) -> None:
    claim = ledger.claim(run.id)
    for one in range(run.epoch + 1, epoch + 1):
        ledger.record(claim, report(one, rmse=rmse))
    ledger.rest(claim)


def test_nothing_is_decided_before_all_have_come(store, tmp_path):
    store.add_experiment(halved(tmp_path))
    ledger, runs = Ledger(store), store.runs()
    for run, rmse in zip(runs[:3], (3.0, 1.0, 2.0), strict=True):
        at_rung(store, ledger, run, rmse)
    halving.decide(store)
    assert [run.rung for run in store.runs()] == [2, 2, 2, 0]
    assert [one.run_id for one in ledger.waiting(9)] == [runs[3].id]
    at_rung(store, ledger, runs[3], 4.0)
    halving.decide(store)
    assert [(run.status, run.rung) for run in store.runs()] == [
        ("stopped", 0), ("queued", 0), ("queued", 0), ("stopped", 0),
    ]  # fmt: skip
    assert store.runs()[0].message == (
        "Stopped by successive halving: 3rd of 4 strategies with seed 0 after epoch 2."
    )
    kinds = [event.kind for event in store.events() if event.kind in {"halved", "went on"}]
    assert sorted(kinds) == ["halved", "halved", "went on", "went on"]


def test_who_stopped_or_failed_is_not_waited_for_and_who_paused_is(store, tmp_path):
    store.add_experiment(halved(tmp_path))
    ledger, runs = Ledger(store), store.runs()
    at_rung(store, ledger, runs[0], 1.0)
    at_rung(store, ledger, runs[1], 2.0)
    store.stop(runs[2].id)
    store.pause(runs[3].id)
    halving.decide(store)
    assert [run.rung for run in store.runs()][:2] == [2, 2]
    store.stop(runs[3].id)
    halving.decide(store)
    assert [run.status for run in store.runs()] == ["queued", "stopped", "stopped", "stopped"]


def test_seeds_are_decided_apart(store, tmp_path):
    store.add_experiment(halved(tmp_path, seeds=(0, 1)))
    ledger, runs = Ledger(store), store.runs()
    for place, run in enumerate(runs[:4]):
        at_rung(store, ledger, run, 1.0 + place)
    halving.decide(store)
    assert [run.status for run in store.runs()] == ["queued", "queued", "stopped", "stopped", *["queued"] * 4]  # fmt: skip


def test_a_halved_run_started_again_goes_on_beyond_its_rung(store, tmp_path):
    store.add_experiment(halved(tmp_path))
    ledger, runs = Ledger(store), store.runs()
    for place, run in enumerate(runs):
        at_rung(store, ledger, run, 1.0 + place)
    halving.decide(store)
    store.retry(runs[3].id)
    assert runs[3].id in [one.run_id for one in ledger.waiting(9)]
    assert store.runs()[3].rung == 0


def test_real_runs_are_halved_and_the_others_end_as_if_they_had_been_alone(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        whole = store.add_experiment(tiny(tmp_path, strategies=FOUR, epochs=8))
        part = store.add_experiment(halved(tmp_path))
        assert whole != part
        LocalExecutor(slots=2).ensure(store)
        until_ended(store, whole)
        runs = until_ended(store, part)
        assert sorted(run.status for run in runs) == ["finished", "stopped", "stopped", "stopped"]
        assert sorted(run.epoch for run in runs) == [2, 2, 4, 8]
        names = ["strategy", "epoch", "common_rmse", "training_loss"]
        alone = store.reports(whole)[names].set_index(["strategy", "epoch"])
        here = store.reports(part)[names].set_index(["strategy", "epoch"])
        assert here.equals(alone.loc[here.index])
        at_2 = alone.xs(2, level="epoch")
        best = alone[alone.index.get_level_values("epoch") <= 2].groupby("strategy").min()
        assert set(best["common_rmse"].nsmallest(2).index) == {
            run.strategy for run in runs if run.epoch > 2
        }
        assert len(at_2) == 4


def test_halving_by_one_is_refused(tmp_path):
    with pytest.raises(ExperimentError, match=r"training\.halving is 1; it should be at least 2"):
        parse_experiment(
            {"data": {"path": "x.csv"}, "strategies": FOUR, "training": {"halving": 1}}
        )
