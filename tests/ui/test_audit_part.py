"""The audit on the Compare page: badges that need no colour, a button, evidence."""

from __future__ import annotations

import contextlib
import os
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from masklab.charts.audit_example import audit_example
from masklab.compare import jobs
from masklab.compare.leakage import results
from masklab.compare.leakage.finding import Example
from masklab.compare.leakage.results import Short
from masklab.runs import artifacts
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.compare.audit import badge_look
from masklab.ui.project import Project
from tests.compare.stored_runs import train_into
from tests.ui.conftest import said, settings

PAGE = Path(__file__).with_name("audit_page.py")


@pytest.fixture
def trained(project: Project, store: Store) -> str:
    small = {"epochs": 1, "training_windows": 32}
    kinds = [{"kind": "carry"}, {"kind": "ignore"}]
    made = settings(project, strategies=kinds, seeds=[0], training=small, model={"hidden_size": 4})
    return train_into(store, parse_experiment(made))


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """Compute at once what would be computed by a process of its own."""

    def compute(directory, command) -> SimpleNamespace:
        given = dict(zip(command.arguments[::2], command.arguments[1::2], strict=True))
        arguments = store.fact(given["--experiment"], given["--name"])["asked"]
        with contextlib.suppress(Exception):
            jobs.run(store, given["--experiment"], given["--kind"], arguments)
        return SimpleNamespace(pid=os.getpid())

    monkeypatch.setattr(jobs, "start_detached", compute)


def opened() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=30).run()


def test_runs_are_audited_and_the_failed_one_comes_first(
    trained: str, store: Store, inline: None
) -> None:
    tab = opened()
    assert not tab.exception
    button = tab.button(key="compare.audit.start")
    assert button.label.startswith("Audit these 2 runs, about ")
    assert "not audited" in said(tab)
    button.click().run()
    assert not tab.exception
    assert [key for key in (one.key for one in tab.button) if key == "compare.audit.start"] == []
    choice = tab.selectbox(key="compare.audit.run")
    assert choice.options == ["ignore, seed 0: 1 of 12 failed", "carry, seed 0: passed 12 of 12"]
    words = said(tab)
    assert words.index("ignore: 1 of 12 checks failed") < words.index("carry: passed 12 of 12")
    assert "**What to do.** Choose a strategy that reads the mask" in words
    titles = [one.label for one in tab.expander]
    assert titles[0] == "Hidden values don't reach the prediction: **failed**"
    assert len(titles) == 13
    choice.set_value(choice.options and store.runs(trained)[0].id).run()
    assert not tab.exception
    assert "What to do" not in said(tab)


def test_results_are_there_at_once(trained: str, store: Store) -> None:
    for run in store.runs(trained):
        jobs.run(store, trained, results.KIND, {"run": run.id})
    tab = opened()
    assert not tab.exception
    assert len(tab.button) == 0
    assert "carry: passed 12 of 12 checks" in said(tab)


def test_a_run_that_cannot_be_audited_is_said(trained: str, store: Store, inline: None) -> None:
    run = store.runs(trained)[0]
    artifacts.remove(store.database, store.artifacts(trained, run.id, artifacts.WEIGHTS))
    tab = opened()
    tab.button(key="compare.audit.start").click().run()
    assert not tab.exception
    assert "keeps no weights" in tab.warning[0].value
    assert tab.button(key="compare.audit.start").label.startswith("Audit this run")
    assert "ignore: 1 of 12 checks failed" in said(tab)


def test_without_a_finished_run_it_says_what_it_needs(project: Project, store: Store) -> None:
    store.add_experiment(parse_experiment(settings(project)), ".")
    tab = opened()
    assert not tab.exception
    assert "None of the runs on screen has finished" in tab.info[0].value
    assert len(tab.button) == 0


def test_an_audit_that_goes_on_shows_how_far_it_is(trained: str, store: Store) -> None:
    ids = [run.id for run in store.runs(trained)]
    arguments = results.several(ids)
    own = jobs.Job("running", since=0, pid=os.getpid(), process=jobs.identity(os.getpid()))
    store.set_fact(trained, jobs._name(results.KIND, arguments), asdict(own))
    assert results.is_going_on(store, trained)
    tab = opened()
    assert not tab.exception
    assert tab.get("progress")[0].proto.text == "Auditing: 0 of 2 runs"
    assert len(tab.button) == 0


def test_badges_say_in_words_how_many_runs_stand_behind_them() -> None:
    clean, leaky = Short(0, 12), Short(2, 12)
    assert badge_look(3, []) == ("not audited", "gray", ":material/pending:")
    assert badge_look(1, [clean])[0] == "passed 12 of 12 checks"
    assert badge_look(3, [clean, clean])[:2] == ("passed 12 of 12 checks, 2 of 3 runs", "green")
    assert badge_look(3, [clean, leaky])[:2] == ("2 of 12 checks failed, in 1 of 3 runs", "red")


def test_the_picture_tells_before_and_after_apart_without_colour() -> None:
    example = Example(3, "validation", 5, "", "<b>", (1, 2), (0.5, 0.25), (None, None))
    figure = audit_example(example, "forecast", "#555555")
    before, after = figure.data
    assert before.line.dash != after.line.dash
    assert before.marker.symbol != after.marker.symbol
    assert after.name == "after: not a number"
    assert figure.layout.xaxis.title.text == "Step of the horizon"
    assert "&lt;b&gt; predicted" in figure.layout.yaxis.title.text
