"""The drawer of runs and that of settings, as a tab draws them: words, actions, what is remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

from masklab.runs import desk
from masklab.runs.executors.executor import Executor
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.monitor import progress
from masklab.runs.rows import RunRow
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui import run_words, runs_table, settings_panel, state
from masklab.ui.estimate import estimate, remember
from masklab.ui.preflight import Preflight
from masklab.ui.project import Project
from masklab.ui.run_words import progress_words, status_words
from tests.ui.conftest import report, said, settings

Open = Callable[..., AppTest]


@pytest.fixture
def waiting(project: Project, store: Store) -> list[str]:
    """Six waiting runs of one experiment."""
    store.add_experiment(parse_experiment(settings(project)), ".")
    return [run.id for run in store.runs()]


def row(**changes: object) -> RunRow:
    plain = RunRow(
        id="x", experiment_id="x", strategy="carry", strategy_json="{}", seed=0, status="queued",
        epoch=0, epochs=20, best_score=None, seconds=0, seconds_left=None, message="",
        stopping=False, created=0, started=None, ended=None,
    )  # fmt: skip
    return replace(plain, **changes)


def choose(tab: AppTest, *ids: str) -> AppTest:
    """Tick runs in the table, as a click on their boxes would."""
    shown = tab.session_state["runs.shown"]
    tab.session_state["runs.chosen"] = list(ids)
    rows = [shown.index(one) for one in ids]
    tab.session_state[runs_table.KEY] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return tab.run()


def status(store: Store) -> dict[str, str]:
    return {run.id: run.status for run in store.runs()}


def turns(store: Store) -> list[str]:
    queued = [run for run in store.runs() if run.turn]
    return [run.id for run in sorted(queued, key=lambda run: run.turn or 0)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"turn": 3}, "waiting, 3rd in turn"),
        ({"turn": 12, "epoch": 4}, "waiting, 12th in turn, goes on after epoch 4"),
        ({"turn": 1, "rung": 5, "epoch": 5}, "waits for the other strategies at epoch 5"),
        ({"status": "running", "epoch": 4}, "epoch 5 of 20"),
        ({"status": "running", "epoch": 4, "pausing": True}, "pausing"),
        ({"status": "running", "stopping": True, "again": True}, "stopping, then waits again"),
        ({"status": "paused", "epoch": 1}, "paused after 1 epoch"),
        ({"status": "paused"}, "paused before its first epoch"),
        (
            {
                "status": "stopped",
                "epoch": 5,
                "message": "Stopped by successive halving: 3rd of 4 strategies with seed 0 after epoch 5.",
            },
            "stopped by halving at epoch 5: 3rd of 4",
        ),
        (
            {"status": "stopped", "epoch": 2, "message": "Stopped on request."},
            "stopped after 2 epochs",
        ),
    ],
)
def test_where_a_run_stands_is_said_in_words(changes: dict[str, object], words: str) -> None:
    assert status_words(row(**changes)) == words


def test_the_time_left_is_being_tried_out_until_it_is_known() -> None:
    assert progress_words(progress([row(turn=1)])) == f"0 of 1 run finished, {run_words.TRYING}"
    known = progress([row(turn=1, seconds_left=38.0)])
    assert progress_words(known) == "0 of 1 run finished, about 40 s left"


@pytest.mark.parametrize("page", ["data", "mask", "train", "compare"])
def test_every_page_counts_runs_and_opens_the_drawer(
    waiting: list[str], store: Store, open_page: Open, page: str
) -> None:
    Ledger(store).claim(waiting[0])
    store.pause(waiting[1])
    tab = open_page(page)
    assert "4 waiting" in "".join(one.proto.text for one in tab.get("progress"))
    assert "% done, " in said(tab)
    tab.button(key="sidebar.runs").click().run()
    assert not tab.exception
    assert tab.button(key="runs.all.stop").label == "Stop all"
    assert tab.query_params["panel"] in ("runs", ["runs"])


def test_a_link_opens_the_drawer_and_an_empty_one_says_what_comes(
    project: Project, open_page: Open
) -> None:
    tab = open_page("data", panel="runs")
    assert not tab.exception
    assert "Nothing trains, waits or has failed." in said(tab)
    assert "sidebar.stop" not in {button.key for button in tab.button}
    assert not open_page("data", panel="nonsense").exception


def test_all_runs_are_paused_resumed_and_stopped_and_that_is_taken_back(
    waiting: list[str], store: Store, open_page: Open, supervised: list[Path]
) -> None:
    tab = open_page("data", panel="runs")
    assert tab.button(key="runs.all.resume").disabled
    tab.button(key="runs.all.pause").click().run()
    assert set(status(store).values()) == {"paused"}
    supervised.clear()
    tab.button(key="runs.all.resume").click().run()
    assert set(status(store).values()) == {"queued"}
    assert supervised
    tab.button(key="runs.all.stop").click().run()
    assert set(status(store).values()) == {"stopped"}
    assert "goes on from its last checkpoint" in said(tab)
    again = tab.button(key="runs.undo.again")
    assert again.label == "Start again: 6 runs"
    again.click().run()
    assert set(status(store).values()) == {"queued"}
    assert not tab.exception


def test_only_chosen_runs_change(waiting: list[str], store: Store, open_page: Open) -> None:
    tab = choose(open_page("data", panel="runs"), waiting[4], waiting[5])
    assert "**2 runs**" in said(tab)
    tab.button(key="runs.chosen.pause").click().run()
    assert [one for one, now in status(store).items() if now == "paused"] == waiting[4:]
    tab.button(key="runs.chosen.stop").click().run()
    assert [one for one, now in status(store).items() if now == "stopped"] == waiting[4:]
    tab.button(key="runs.chosen.again").click().run()
    assert set(status(store).values()) == {"queued"}


def test_chosen_runs_change_turns_and_priority(
    waiting: list[str], store: Store, open_page: Open
) -> None:
    tab = choose(open_page("data", panel="runs"), waiting[3])
    tab.button(key="runs.turn.first").click().run()
    assert turns(store)[0] == waiting[3]
    tab.button(key="runs.turn.down").click().run()
    assert turns(store)[:2] == [waiting[0], waiting[3]]
    tab.button(key="runs.turn.last").click().run()
    assert turns(store)[-1] == waiting[3]
    tab.segmented_control(key="runs.priority").set_value(1).run()
    assert turns(store)[0] == waiting[3]
    assert not tab.exception


def test_a_chosen_run_stays_chosen_when_its_row_moves(
    waiting: list[str], store: Store, open_page: Open
) -> None:
    tab = choose(open_page("data", panel="runs"), waiting[5])
    assert tab.session_state[runs_table.KEY]["selection"]["rows"] == [5]
    store.arrange([waiting[5]], "first")  # as another tab would
    tab.run()
    assert tab.session_state[runs_table.KEY]["selection"]["rows"] == [0]
    tab.button(key="runs.chosen.stop").click().run()
    assert status(store)[waiting[5]] == "stopped"


def test_a_chosen_run_shows_its_log_events_and_what_it_was_computed_with(
    waiting: list[str], store: Store, open_page: Open
) -> None:
    ledger = Ledger(store)
    claim = ledger.claim(waiting[0])
    ledger.begin(claim, 0, "cpu", {"torch": "9.9"})
    ledger.record(claim, report("ignore", 0, 1, 4, 0.5), memory=50_000_000)
    log = store.directory / "logs" / f"{waiting[0]}.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    tab = choose(open_page("data", panel="runs"), waiting[0])
    lines = tab.code[0].value.splitlines()
    assert lines == [f"line {number}" for number in range(80, 100)]
    assert "on CPU, 50 MB of memory" in said(tab)
    for view, expected in (("Events", "started"), ("Computed with", "9.9"), ("Settings", "carry")):
        tab.segmented_control(key="runs.view").set_value(view).run()
        found = tab.dataframe[-1].value.astype(str).to_numpy().ravel().tolist()
        wanted = "ignore" if view == "Settings" else expected
        assert wanted in found, view


def test_a_failure_is_said_with_what_to_do_and_counts_until_it_was_looked_at(
    experiment: str, store: Store, open_page: Open
) -> None:
    tab = open_page("data")
    assert "1 failed" in said(tab)
    tab.button(key="sidebar.runs").click().run()
    told = tab.error[0].value
    assert "carry, seed 1 failed." in told
    assert "The worker was killed" in told
    assert "fewer runs train at once" in told
    assert "1 failed" not in said(open_page("data"))
    time.sleep(0.01)
    failed = store.runs(experiment)[-1].id
    store.retry(failed)
    claim = Ledger(store).claim(failed)
    Ledger(store).end(failed, claim.process, "failed", "Something else.")
    assert "1 failed" in said(open_page("data"))


def test_a_new_experiment_can_start_before_others(
    waiting: list[str], store: Store, open_page: Open
) -> None:
    tab = open_page("train")
    tab.toggle(key="train.before_others").set_value(True).run()
    tab.button(key="train.start").click().run()
    assert not tab.exception
    assert turns(store)[-6:] == waiting
    assert len(turns(store)) == 14


def test_settings_show_the_store_and_are_kept(
    project: Project, store: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "_is_local", lambda: True)
    tab = open_page("data")
    tab.button(key="sidebar.settings").click().run()
    assert not tab.exception
    assert tab.code[0].value == str(store.directory)
    assert "free on its disk" in said(tab)
    tab.number_input(key="settings.executor.local.slots").set_value(3).run()
    assert store.setting("executor") == LocalExecutor(slots=3).model_dump(mode="json")
    tab.number_input(key="settings.checkpoints.epochs").set_value(7).run()
    assert store.setting(settings_panel.CHECKPOINTS) == {"epochs": 7, "seconds": 5.0}
    due = desk.Due.of(store.setting(desk.SETTING), 0)
    assert (due.epochs, due.seconds) == (7, 5.0)
    again = open_page("mask", panel="settings")
    assert again.number_input(key="settings.executor.local.slots").value == 3


class Far(Executor):
    title: ClassVar[str] = "Far away"
    kind: Literal["far"] = "far"
    address: str = Field(pattern="^tcp://", title="Address")
    unseen: int = 3

    def ensure(self, store: Store) -> None:
        raise NotImplementedError


def test_an_executor_is_chosen_and_in_use_once_nothing_of_it_is_missing(
    project: Project, store: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {"local": LocalExecutor, "far": Far}
    monkeypatch.setattr(settings_panel, "EXECUTORS", both)
    store.set_setting("executor", {"kind": "gone", "x": 1})
    tab = open_page("data", panel="settings")
    assert tab.selectbox(key="settings.kind").value == "local"
    tab.selectbox(key="settings.kind").set_value("far").run()
    assert store.setting("executor")["kind"] == "gone"
    assert "Address: Field required. Until then" in said(tab).replace("\\", "")
    tab.text_input(key="settings.executor.far.address").set_value("nowhere").run()
    assert "is not written as it should be" in said(tab)
    tab.text_input(key="settings.executor.far.address").set_value("tcp://a:1").run()
    assert store.setting("executor") == {"kind": "far", "address": "tcp://a:1", "unseen": 3}
    assert "Until then" not in said(tab)
    tab.selectbox(key="settings.kind").set_value("local").run()
    assert store.setting("executor") == LocalExecutor().model_dump(mode="json")
    assert not tab.exception


def test_who_comes_from_elsewhere_sees_no_path(
    project: Project, store: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "_is_local", lambda: False)
    tab = open_page("data", panel="settings")
    assert tab.code[0].value == store.directory.name


def test_a_guess_before_the_first_epoch_comes_from_a_probe(
    waiting: list[str], store: Store
) -> None:
    checked = Preflight(6, 10, 10, 5, 0, 100.0, 2.0, hides=True, notes=())
    assert not estimate(store, checked).measured
    experiment_id = store.experiments()[0].id
    remember(store, experiment_id, checked)
    store.set_fact(experiment_id, "probe", {"carry": 1.0, "ignore": 0.0, "zero_fill": 2.0})
    guess = estimate(store, checked)
    assert guess.measured
    assert guess.seconds == pytest.approx(50 + 6)


def test_a_thousand_waiting_runs_are_one_query_and_one_table(
    project: Project, store: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_experiment(parse_experiment(settings(project, seeds=list(range(334)))), ".")
    reads = []
    read = type(store.database).read
    monkeypatch.setattr(type(store.database), "read", lambda self: reads.append(1) or read(self))
    tab = open_page("data", panel="runs")
    assert not tab.exception
    assert 1002 in [len(one.value) for one in tab.dataframe]
    assert len(reads) < 40
