"""The Train page: choices that stay, choices that can't be trained, runs that go on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.options import ReadOptions
from masklab.masks.layers import MaskRecipe
from masklab.runs.ledger import Ledger
from masklab.runs.spec import STRATEGIES, DataSource
from masklab.runs.store import Store
from masklab.training.config import Forecast, ModelConfig, Reconstruct, TrainingConfig
from masklab.ui import monitor, run_words
from masklab.ui.project import Project
from masklab.ui.train_form import TrainForm, train_form
from tests.ui.conftest import ROOT, report, said

Open = Callable[..., AppTest]
_WIDGETS = ("number_input", "selectbox", "toggle", "multiselect", "segmented_control")


def saved(store: Store) -> Project:
    return Project.model_validate_json(store.load_project("demo")[0])


def test_without_data_it_says_what_it_needs_and_goes_there(open_page: Open) -> None:
    tab = open_page("train", work="empty")
    assert not tab.exception
    assert "Training needs data" in said(tab)
    assert tab.button(key="go.pages/data.py").label == "Choose data"


def test_defaults_can_be_trained_as_they_are(project: Project, open_page: Open) -> None:
    tab = open_page("train")
    assert not tab.exception
    start = tab.button(key="train.start")
    assert start.label.startswith("Train 8 runs, about ")
    assert not start.disabled
    assert "8 runs, " in said(tab)
    assert "validation windows" in said(tab)
    assert "19 steps = 19 hours" in said(tab)


def test_a_choice_survives_a_reload_and_leaves_the_others(
    project: Project, store: Store, open_page: Open
) -> None:
    tab = open_page("train")
    tab.number_input(key="train.window").set_value(12).run()
    tab.checkbox(key="train.strategies.reset").check().run()
    assert saved(store).form["window"] == 12
    again = open_page("train")
    assert again.number_input(key="train.window").value == 12
    assert again.checkbox(key="train.strategies.reset").value
    assert again.button(key="train.start").label.startswith("Train 10 runs")
    assert "horizon" not in saved(store).form


def test_two_tabs_change_different_fields(project: Project, store: Store, open_page: Open) -> None:
    first, second = open_page("train"), open_page("train")
    first.number_input(key="train.window").set_value(10).run()
    second.number_input(key="train.seeds").set_value(3).run()
    assert second.number_input(key="train.window").value == 10
    assert {"window": 10, "seeds": 3}.items() <= saved(store).form.items()


def test_a_network_that_reads_both_ways_is_said_beside_what_strategies_feed(
    project: Project, open_page: Open
) -> None:
    tab = open_page("train")
    assert "reads each window both ways" not in said(tab)
    assert "Causal: looks at no later step." in tab.checkbox(key="train.strategies.carry").help
    tab.segmented_control(key="train.task").set_value("reconstruct").run()
    assert "reads each window both ways" in said(tab)
    told = tab.checkbox(key="train.strategies.carry").help
    assert "the network, reading both ways, does" in told
    assert "Causal:" not in told
    assert "Not causal" in tab.checkbox(key="train.strategies.interpolate").help
    tab.toggle(key="train.bidirectional").set_value(False).run()
    assert "reads each window both ways" not in said(tab)


def test_every_strategy_explains_itself_and_each_of_its_options(
    project: Project, open_page: Open
) -> None:
    tab = open_page("train")
    shown = {kind: one for kind, one in STRATEGIES.items() if "forecast" in one.tasks}
    assert len(shown) == len(STRATEGIES) - 1, "residual can't forecast"
    for kind, member in shown.items():
        box = tab.checkbox(key=f"train.strategies.{kind}")
        assert member.explanation in box.help
        assert member.source in box.help
        assert ("looks ahead" in box.label) is not member.causal
        assert ("leaks" in box.label) is not member.reads_mask
        box.check()
    tab.run()
    widgets = {one.key: one for one in (*tab.selectbox, *tab.toggle, *tab.number_input)}
    for kind, member in shown.items():
        for name, field in member.model_fields.items():
            if name != "kind":
                widget = widgets[f"train.options.{kind}.{name}"]
                assert (widget.label, widget.help) == (field.title, field.description)


def test_an_option_behind_more_reaches_the_experiment(
    project: Project, store: Store, open_page: Open
) -> None:
    tab = open_page("train")
    tab.selectbox(key="train.options.carry.collapse").set_value("all").run()
    tab.button(key="train.start").click().run()
    assert not tab.exception
    labels = {run.strategy for run in store.runs()}
    assert "carry(collapse=all)" in labels


def test_gaps_to_cross_and_padding_reach_the_experiment(
    project: Project, store: Store, open_page: Open
) -> None:
    assert TrainForm().experiment(project).training.shortest is None
    tab = open_page("train")
    tab.number_input(key="train.longest_gap").set_value(4).run()
    tab.number_input(key="train.shortest").set_value(5).run()
    tab.button(key="train.start").click().run()
    assert not tab.exception
    training = store.experiment(store.runs()[0].experiment_id).training
    assert (training.longest_gap, training.shortest) == (4, 5)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train.window", 50_000),
        ("train.horizon", 9_000),
        ("train.window", 400),
        ("train.window", 0),
        ("train.horizon", 0),
        ("train.horizon", -3),
        ("train.seeds", 0),
        ("train.epochs", 0),
        ("train.hidden_size", -1),
    ],
)
def test_what_can_t_be_trained_is_said_and_the_button_waits(
    project: Project, open_page: Open, key: str, value: int
) -> None:
    tab = open_page("train")
    tab.number_input(key=key).set_value(value).run()
    assert not tab.exception
    assert tab.button(key="train.start").disabled
    assert len(tab.error) == 1
    assert re.search("steps|should be at least", tab.error[0].value)
    tab.number_input(key=key).set_value(3).run()
    assert not tab.error
    assert not tab.button(key="train.start").disabled


def test_no_strategy_is_said(project: Project, open_page: Open) -> None:
    tab = open_page("train")
    for kind in ("zero_fill", "mean_fill", "indicator", "carry"):
        tab.checkbox(key=f"train.strategies.{kind}").uncheck().run()
    assert tab.error[0].value == "No strategy is chosen. Tick at least one."
    assert tab.button(key="train.start").disabled


def test_a_mask_that_hides_everything_is_said(
    project: Project, store: Store, open_page: Open
) -> None:
    every = {"kind": "value_range", "low": -9, "high": 9, "side": "inside"}
    recipe = MaskRecipe.model_validate({"layers": [{"rule": every}]})
    store.save_project("demo", project.with_recipe(recipe).model_dump_json())
    tab = open_page("train")
    assert not tab.exception
    assert tab.button(key="train.start").disabled
    assert "mask" in tab.error[0].value.lower()


def test_a_mask_that_hides_nothing_is_said(project: Project, store: Store, open_page: Open) -> None:
    assert "Nothing is hidden" not in said(open_page("train"))
    store.save_project("demo", project.with_recipe(MaskRecipe()).model_dump_json())
    tab = open_page("train")
    assert tab.info[0].value.startswith("Nothing is hidden")
    assert not tab.button(key="train.start").disabled


def test_start_queues_runs_and_every_tab_sees_them(
    project: Project, store: Store, open_page: Open
) -> None:
    tab = open_page("train")
    tab.button(key="train.start").click().run()
    assert not tab.exception
    runs = store.runs()
    assert len(runs) == 8
    assert {run.status for run in runs} == {"queued"}
    assert saved(store).experiment_id == runs[0].experiment_id
    other = open_page("train")
    assert other.dataframe[0].value["Status"].tolist() == [
        f"waiting, {turn} in turn"
        for turn in ("1st", "2nd", "3rd", *(f"{n}th" for n in range(4, 9)))
    ]
    assert other.button(key="sidebar.stop").label == "Stop"


def test_every_page_sees_to_it_that_open_runs_are_trained(
    project: Project, store: Store, open_page: Open, supervised: list[Path]
) -> None:
    open_page("data")
    assert supervised == []
    store.add_experiment(TrainForm(strategies=("carry",), window=8).experiment(project), ".")
    open_page("data")
    assert set(supervised) == {store.directory}


def test_stop_all_stops_all(project: Project, store: Store, open_page: Open) -> None:
    tab = open_page("train")
    tab.button(key="train.start").click().run()
    tab.button(key="train.stop_all").click().run()
    assert {run.status for run in store.runs()} == {"stopped"}
    assert tab.button(key="train.again").label == "Start 8 runs again"
    tab.button(key="train.again").click().run()
    assert {run.status for run in store.runs()} == {"queued"}


def test_one_run_is_stopped_and_started_again(
    project: Project, store: Store, open_page: Open
) -> None:
    open_page("train").button(key="train.start").click().run()
    for after in ("stopped", "queued"):
        _one_verb(store, 2)
        assert store.runs()[2].status == after
    store.pause(store.runs()[2].id)
    _one_verb(store, 2)
    assert {run.status for run in store.runs()} == {"queued"}


def _one_verb(store: Store, number: int) -> None:
    verb = monitor.queue_frame(store.runs())["Do"].tolist()[number]
    name, run_id = (
        {"Stop": "stop", "Resume": "resume", "Restart": "again"}[verb],
        store.runs()[number].id,
    )
    tab = AppTest.from_string(
        f"from masklab.ui.run_actions import act\nact({name!r}, [{run_id!r}])"
    )
    assert not tab.run().exception


def test_finished_and_failed_runs_are_shown_as_what_they_are(
    experiment: str, project: Project, store: Store, open_page: Open
) -> None:
    store.save_project(
        "demo", project.model_copy(update={"experiment_id": experiment}).model_dump_json()
    )
    tab = open_page("train")
    assert not tab.exception
    words = tab.dataframe[0].value["Status"].tolist()
    assert words[-1] == "failed: The worker was killed (signal 9)."
    assert words[0].startswith("finished")
    assert "5 of 6 runs finished, 1 failed" in said(tab)
    assert tab.button(key="train.compare")


def test_a_running_run_shows_its_epoch(project: Project, store: Store, open_page: Open) -> None:
    tab = open_page("train")
    tab.button(key="train.start").click().run()
    Ledger(store).claim(store.runs()[0].id)
    tab.run()
    assert tab.dataframe[0].value["Status"].tolist()[0] == "epoch 1 of 20"


def test_the_app_never_imports_torch(table) -> None:
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
from masklab.runs.spec import STRATEGIES, DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project
store = Store.open()
store.save_project("demo", Project(name="t", data=DataSource(path={str(table)!r})).model_dump_json())
for page in ("data", "mask", "train", "compare"):
    tab = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60)
    tab.query_params["work"] = "demo"
    tab.switch_page(f"pages/{{page}}.py").run()
    assert not tab.exception, (page, tab.exception)
assert "torch" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_reconstruction_reads_both_ways_unless_told_otherwise(project: Project) -> None:
    assert TrainForm(task="reconstruct").experiment(project).model.bidirectional
    assert not TrainForm(task="forecast").experiment(project).model.bidirectional
    told = TrainForm(task="reconstruct", bidirectional=False)
    assert not told.experiment(project).model.bidirectional


def test_a_worker_that_went_silent_is_named(
    project: Project, store: Store, open_page: Open
) -> None:
    open_page("train").button(key="train.start").click().run()
    first, second = (Ledger(store).claim(run.id) for run in store.runs()[:2])
    with store.database.write() as db:
        db.execute("UPDATE runs SET heartbeat = heartbeat - 700 WHERE id = ?", (first.run_id,))
    words = open_page("train").dataframe[0].value["Status"].tolist()
    assert words[0].startswith("not heard from since ")
    assert words[1] == "epoch 1 of 20"
    store.stop(second.run_id)
    store.retry(second.run_id)
    assert run_words.status_words(store.runs()[1]) == "stopping, then waits again"


def test_epochs_are_read_again_only_when_there_are_new_ones(
    experiment: str, project: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    whole = Store.reports
    monkeypatch.setattr(
        Store, "reports", lambda self, *asked: reads.append(asked) or whole(self, *asked)
    )
    script = f"from masklab.ui import epochs\nepochs.reports({experiment!r}, ['common_rmse'])"
    for _ in range(3):
        assert not AppTest.from_string(script).run().exception
    assert len(reads) == 1
    failed = store.runs(experiment)[-1]
    store.retry(failed.id)
    claim = Ledger(store).claim(failed.id)
    again = report(failed.strategy, failed.seed, failed.epoch + 1, 20, 0.5)
    Ledger(store).record(claim, again)
    assert not AppTest.from_string(script).run().exception
    assert len(reads) == 2


def test_dropout_waits_for_a_second_layer(project: Project, open_page: Open) -> None:
    tab = open_page("train")
    assert tab.number_input(key="train.dropout").disabled
    tab.number_input(key="train.num_layers").set_value(2).run()
    assert not tab.number_input(key="train.dropout").disabled


def test_a_strategy_ticked_for_the_other_task_is_left_out(project: Project) -> None:
    form = TrainForm(task="forecast", strategies=("carry", "residual"))
    kinds = [strategy.kind for strategy in form.experiment(project).strategies]
    assert kinds == ["carry"]


def several_series(project: Project, store: Store, table: Path) -> None:
    """Give the project a file of two series."""
    rows = table.read_text().splitlines()
    lines = ["place," + rows[0]] + [f"{name},{row}" for name in "xy" for row in rows[1:]]
    path = table.with_name("places.csv")
    path.write_text("\n".join(lines) + "\n")
    source = DataSource(path=str(path), reading=ReadOptions(series="place"))
    changed = project.model_copy(update={"data": source})
    store.save_project("demo", changed.model_dump_json(), 1)


def test_only_several_series_can_be_scaled_each_by_itself(
    project: Project, store: Store, table: Path, open_page: Open
) -> None:
    assert "train.scaling_over" not in {one.key for one in open_page("train").selectbox}
    several_series(project, store, table)
    tab = open_page("train")
    tab.selectbox(key="train.scaling_over").set_value("series").run()
    assert not tab.exception
    tab.button(key="train.start").click().run()
    (entry,) = store.experiments()
    assert store.experiment(entry.id).training.scaling_over == "series"


def test_the_choice_of_scaling_by_series_goes_with_the_other_series(
    project: Project,
) -> None:
    panel = project.data.read()
    parts = np.zeros(panel.rows, dtype=np.int8)
    assert train_form({"scaling_over": "series"}, panel, parts).scaling_over == "all"


@pytest.mark.parametrize("task", ["forecast", "reconstruct"])
def test_every_setting_with_a_title_is_on_the_page_and_reaches_the_experiment(
    project: Project, store: Store, open_page: Open, task: str
) -> None:
    open_page("train").segmented_control(key="train.task").set_value(task).run()
    tab = open_page("train")
    shown = {widget.key for kind in _WIDGETS for widget in tab.get(kind)}
    models = (Forecast if task == "forecast" else Reconstruct, ModelConfig, TrainingConfig)
    titled = {name for model in models for name, field in model.model_fields.items() if field.title}
    unread = {"scaling_over"} | ({"head"} if task == "reconstruct" else set())
    assert {f"train.{name}" for name in titled - unread} <= shown
    assert "train.weight_decay" not in shown
    form = train_form({}, panel := project.data.read(), project.split.parts(panel))
    assert form.experiment(project).training == TrainingConfig()
    assert form.experiment(project).model == ModelConfig()


def test_what_a_widget_can_t_show_is_dropped_and_what_is_too_low_is_kept(project: Project) -> None:
    panel = project.data.read()
    typed = {
        "epochs": -3, "dropout": 1.0, "seeds": 0,
        "batch_size": 10**9, "loss": "huber", "rate": 7.0, "hidden_size": "many", "gone": 1,
    }  # fmt: skip
    form = train_form(typed, panel, project.split.parts(panel))
    assert (form.epochs, form.dropout, form.seeds) == (-3, 1.0, 0)
    default = TrainForm()
    for name in ("batch_size", "loss", "rate", "hidden_size"):
        assert getattr(form, name) == getattr(default, name)


def test_an_emptied_number_means_no_limit(project: Project, store: Store, open_page: Open) -> None:
    tab = open_page("train")
    tab.number_input(key="train.patience").set_value(None).run()
    assert not tab.exception
    assert not tab.error
    assert saved(store).form["patience"] is None
    assert TrainForm(patience=None).experiment(project).training.patience is None
    older = train_form({"patience": 0}, panel := project.data.read(), project.split.parts(panel))
    assert older.experiment(project).training.patience is None
