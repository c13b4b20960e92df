"""The parts “Where the error sits” and “Under other masks” as a user meets them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from masklab.compare import informative, jobs
from masklab.compare.other_masks import RATES
from masklab.runs import artifacts
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.processes import identity as process_identity
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project, Version
from tests.compare.trained_cases import FORECAST, LAYER, RECONSTRUCT, csv, tiny, train
from tests.ui.conftest import said

PAGE = Path(__file__).parent / "parts_page.py"

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def supervised(monkeypatch) -> list[Path]:
    """The stores for which the page asked for a supervisor; none is started."""
    asked: list[Path] = []
    monkeypatch.setattr(LocalExecutor, "ensure", lambda self, store: asked.append(store.directory))
    return asked


@pytest.fixture
def started(monkeypatch) -> list[tuple]:
    """The computations that the page asked for; none is started."""
    asked: list[tuple] = []
    monkeypatch.setattr(jobs, "start", lambda *told: asked.append(told))
    return asked


@pytest.fixture
def store(store_directory) -> Store:
    return Store.open(store_directory)


@pytest.fixture
def open_part() -> Open:
    def opened(part: str, **query: str) -> AppTest:
        tab = AppTest.from_file(str(PAGE), default_timeout=30)
        for name, value in {"part": part, "work": "demo", **query}.items():
            tab.query_params[name] = value
        return tab.run()

    return opened


def compute(store: Store, started: list[tuple]) -> None:
    """Do here what the page asked for last."""
    _, identity, kind, arguments = started[-1]
    jobs.run(store, identity, kind, arguments)


@pytest.mark.parametrize("part", ["where", "masks"])
def test_without_a_finished_run_it_says_what_it_needs(store, tmp_path, open_part, part):
    store.add_experiment(tiny(tmp_path), ".")
    tab = open_part(part)
    assert not tab.exception
    assert "needs a run that has finished" in tab.info[0].value


@pytest.mark.parametrize("task", [FORECAST, RECONSTRUCT], ids=lambda one: one["kind"])
def test_errors_are_drawn_by_every_factor(store, tmp_path, open_part, task):
    train(store, tiny(tmp_path, task=task))
    tab = open_part("where")
    assert not tab.exception
    choice = tab.segmented_control(key="compare.where.by")
    assert choice.value == "distance"
    assert len(tab.get("plotly_chart")) == 2
    for factor in ("gap", "nearness", "channel", "hour", "weekday"):
        tab.segmented_control(key="compare.where.by").set_value(factor).run()
        assert not tab.exception
        assert tab.query_params["error_by"] in (factor, [factor])
        assert "common validation cells" in said(tab)
        assert "errs least" in said(tab) or "throughout" in said(tab) or "too few" in said(tab)
    for metric in ("mae", "mse", "mre", "mase"):
        for units in ("scaled", "original"):
            assert not open_part("where", metric=metric, units=units, error_by="gap").exception


def test_runs_that_are_hidden_are_not_drawn(store, tmp_path, open_part):
    train(store, tiny(tmp_path))
    tab = open_part("where", hide="indicator")
    assert tab.selectbox(key="compare.where.of").options == ["carry"]
    everything = tiny(tmp_path, strategies=[{"kind": "carry"}], seeds=[4])
    alone = train(store, everything)
    tab = open_part("where", experiments=alone, hide="carry")
    assert not tab.exception
    assert "is on screen" in tab.info[0].value


def test_lost_predictions_are_said(store, tmp_path, open_part):
    identity = train(store, tiny(tmp_path))
    for run in store.runs(identity):
        rows = store.artifacts(identity, run.id, artifacts.PREDICTIONS)
        artifacts.remove(store.database, rows)
    tab = open_part("where")
    assert not tab.exception
    assert "Train them anew" in tab.warning[0].value


def test_one_click_scores_and_the_result_stays(store, tmp_path, open_part, started):
    identity = train(store, tiny(tmp_path))
    tab = open_part("masks")
    assert not tab.exception
    button = tab.button(key="job.cross.start")
    assert button.label.startswith("Score 4 runs under 7 masks, about")
    button.click().run()
    assert not tab.exception
    (_, asked_of, kind, arguments) = started[-1]
    assert (asked_of, kind) == (identity, "cross")
    assert [one["rate"] for one in arguments["masks"]] == [None, 0.0, *RATES]
    compute(store, started)
    for page in (tab.run(), open_part("masks")):
        assert not page.exception
        assert len(page.get("plotly_chart")) == 2
        assert "over the same" in said(page)
        assert "scores lowest" in said(page) or "score lowest" in said(page)
        assert not [one for one in page.button if one.key == "job.cross.start"]


def test_the_choice_of_masks_stays_with_its_result(store, tmp_path, open_part, started):
    train(store, tiny(tmp_path, seeds=[0]))
    tab = open_part("masks")
    tab.multiselect(key="compare.masks.which").set_value(["none"]).run()
    tab.get("button_group")
    tab.button_group(key="compare.masks.families").set_value(["mnar", "blocks"]).run()
    tab.button(key="job.cross.start").click().run()
    compute(store, started)
    again = open_part("masks")
    assert not again.exception
    assert again.multiselect(key="compare.masks.which").value == ["none"]
    assert len(again.get("plotly_chart")) == 2
    again.segmented_control(key="compare.masks.family").set_value("mnar").run()
    assert not again.exception
    for metric in ("mae", "mase"):
        assert not open_part("masks", metric=metric, units="original").exception


def test_a_running_one_shows_how_far_it_is_and_can_be_stopped(store, tmp_path, open_part, started):
    identity = train(store, tiny(tmp_path, seeds=[0]))
    tab = open_part("masks")
    tab.button(key="job.cross.start").click().run()
    arguments = started[-1][3]
    name = jobs._name("cross", arguments)
    going = {"status": "running", "done": 0.4, "began": time.time() - 200, "since": 1.0}
    going |= {"pid": os.getpid(), "process": process_identity(os.getpid()), "token": "mine"}
    store.set_fact(identity, name, going)
    tab.run()
    assert not tab.exception
    assert "40 %, about 5 min left" in tab.get("progress")[0].proto.text
    tab.button(key="job.cross.stop").click().run()
    assert not tab.exception
    assert "It was stopped" in tab.error[0].value
    tab.button(key="job.cross.start").click().run()
    assert tab.button(key="job.cross.start").label == "Try again"
    assert started[-1][3] == arguments


def test_masks_of_other_experiments_and_of_the_project_are_offered_once(store, tmp_path, open_part):
    other = {"layers": [{"rule": {"kind": "blocks", "rate": 0.4}}]}
    mine = tiny(tmp_path, seeds=[0])
    identity = train(store, mine)
    store.add_experiment(tiny(tmp_path, name="blocky", recipe=other), ".")
    store.add_experiment(tiny(tmp_path, name="same again", seeds=[7]), ".")
    version = {"layers": [LAYER | {"channels": ["a"]}]}
    project = Project(
        data=DataSource(path=str(csv(tmp_path))),
        history=(mine.recipe,),
        versions=(
            Version.model_validate({"name": "only *a*", "recipe": version}),
            Version(name="as trained", recipe=mine.recipe),
        ),
    )
    store.save_project("demo", project.model_dump_json(), 0)
    tab = open_part("masks", experiments=identity)
    assert not tab.exception
    assert tab.multiselect(key="compare.masks.which").options == [
        "Own mask", "No mask", "Mask of blocky", "Version only *a*",
    ]  # fmt: skip
    tab.multiselect(key="compare.masks.which").set_value([]).run()
    tab.button_group(key="compare.masks.families").set_value([]).run()
    assert not tab.exception
    assert "Choose a mask" in said(tab)


def test_two_experiments_make_rows_for_each_mask_they_were_trained_under(
    store, tmp_path, open_part, started
):
    one = train(store, tiny(tmp_path, name="first", seeds=[0]))
    two = train(
        store,
        tiny(tmp_path, name="second", seeds=[0], recipe={"layers": [LAYER | {"channels": ["a"]}]}),
    )
    tab = open_part("masks", experiments=f"{one},{two}")
    assert "Mask of second" in tab.multiselect(key="compare.masks.which").options
    tab.button(key="job.cross.start").click().run()
    compute(store, started)
    tab.run()
    assert not tab.exception
    chart = tab.get("plotly_chart")[0].proto.spec
    assert "carry, trained in first" in chart
    assert "carry, trained in second" in chart


def test_one_click_asks_whether_missingness_is_informative(store, tmp_path, open_part, supervised):
    experiment = tiny(tmp_path)
    identity = train(store, experiment)
    tab = open_part("masks", experiments=identity)
    button = tab.button(key="compare.informative")
    assert button.label.startswith("Train 6 runs, about")
    button.click().run()
    assert not tab.exception
    assert supervised == [store.directory]
    asked = informative.experiment_of(store.experiment(identity))
    (row,) = [one for one in store.experiments() if one.id != identity]
    assert row.id == asked.hash
    assert "0 of 6 runs finished" in tab.get("progress")[0].proto.text
    train(store, asked)
    tab = open_part("masks", experiments=identity)
    assert not tab.exception
    assert "The mask alone predicts" in said(tab) or "seeds do not agree" in said(tab)
    table = tab.dataframe[0].value
    assert table["Trained on"].tolist() == [
        "the mask alone (mask_only)", "the values alone (mean_fill)", "both (indicator)",
        "nothing: the training mean", "nothing: the best constant",
    ]  # fmt: skip
    assert "Strategy" not in table
    assert table["Seeds"].tolist()[:3] == ["2", "2", "2"]
    tab.button(key="compare.informative.open").click().run()
    assert not tab.exception
    assert tab.query_params["experiment"] in (row.id, [row.id])


def test_failed_runs_of_the_question_say_why(store, tmp_path, open_part, supervised):
    identity = train(store, tiny(tmp_path, seeds=[0]))
    tab = open_part("masks", experiments=identity)
    tab.button(key="compare.informative").click().run()
    asked = informative.experiment_of(store.experiment(identity)).hash
    store.stop(*[run.id for run in store.runs(asked)])
    tab = open_part("masks", experiments=identity)
    assert not tab.exception
    assert "3 of 3 runs did not finish" in tab.error[0].value
    tab.button(key="compare.informative.again").click().run()
    assert not tab.exception
    assert {run.status for run in store.runs(asked)} == {"queued"}
