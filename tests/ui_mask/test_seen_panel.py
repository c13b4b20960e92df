"""What the LSTM will see, on the Mask page: numbers, charts, and warnings whose buttons mend."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from masklab.masks.generators.mnar import Mnar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.value_range import ValueRange
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.conftest import ROOT

WORK = "0a0b0c0d0e0f"
TAB = "What the LSTM will see"
EVERYTHING = ValueRange(low=-1e9, side="inside")
HOURS = 480


@pytest.fixture
def store(store_directory, monkeypatch):
    monkeypatch.chdir(ROOT)
    return Store.open(store_directory)


@pytest.fixture
def source(tmp_path):
    """Twenty days of noise and of a number that rises, hourly."""
    rows = pd.date_range("2024-01-01", periods=HOURS, freq="h")
    noise = np.random.default_rng(3).normal(size=HOURS).round(4)
    path = tmp_path / "series.csv"
    pd.DataFrame({"time": rows, "a": noise, "b": np.arange(HOURS)}).to_csv(path, index=False)
    return DataSource(path=str(path))


def opened(store, source, *layers: Layer, **form: object) -> AppTest:
    form = {"window": 12, "horizon": 2, **form}
    project = Project(data=source, history=(MaskRecipe(layers=layers),), form=form)
    store.save_project(WORK, project.model_dump_json())
    app = AppTest.from_file(str(ROOT / "pages" / "mask.py"), default_timeout=60)
    app.query_params["work"] = WORK
    app.query_params["under"] = TAB
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def project(store) -> Project:
    return Project.model_validate_json(store.load_project(WORK)[0])


def said(app: AppTest) -> str:
    kinds = ("markdown", "caption", "warning")
    return "\n".join(one.value for kind in kinds for one in app.get(kind)).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if label in one.label.replace("\\", "")]
    return sound(button.click().run())


def pictures(app: AppTest) -> list[dict]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def test_without_a_mask_every_window_is_whole_and_nothing_is_warned_of(store, source):
    app = opened(store, source)
    assert "12 steps = 12 hours in, then 2 steps ahead." in said(app)
    assert "warning" not in said(app)
    counts = table(app)
    assert counts.columns.tolist()[:2] == ["Windows", "Training (of 336)"]
    assert counts["Training (of 336)"].tolist()[:3] == ["323 · 96.1 %", "0 · 0.0 %", "0 · 0.0 %"]
    assert counts["Windows"].tolist()[-2:] == [
        "Crosses the border of the split",
        "Crosses the end of its series",
    ]
    (picture,) = pictures(app)
    assert {one["type"] for one in picture["data"]} == {"heatmap", "scatter"}


def test_the_window_is_set_here_and_on_the_train_page_alike(store, source):
    app = opened(store, source)
    sound(app.number_input(key="train.window").set_value(24).run())
    assert project(store).form["window"] == 24
    assert "24 steps = 1 day in" in said(app)


def test_the_strategy_is_chosen_and_its_words_follow(store, source):
    app = opened(store, source, Layer(rule=Calendar(hour_from=0, hour_to=6), channels=("a",)))
    assert "A step without any observed channel is skipped." in said(app)
    sound(app.button_group(key="train.options.carry.collapse").set_value("all").run())
    assert project(store).form["options"] == {"carry": {"collapse": "all"}}
    assert "A step that lacks a channel is skipped." in said(app)
    sound(app.selectbox(key="masklab.seen.strategy.forecast").set_value("zero_fill").run())
    assert "It skips no step; a hidden cell is filled with 0 in file units." in said(app)
    sound(app.selectbox(key="masklab.seen.strategy.forecast").set_value("reset").run())
    assert "Not ticked on the Train page." in said(app)


def test_windows_with_nothing_usable_are_counted_and_a_longer_window_mends_it(store, source):
    app = opened(store, source, Layer(rule=Calendar(hour_from=20, hour_to=10)))
    assert "training windows" in said(app)
    assert "nothing usable" in said(app)
    press(app, "Set the window to 15 steps")
    assert project(store).form["window"] == 15
    assert "nothing usable" not in said(app)


def test_a_layer_that_leaves_windows_empty_can_be_switched_off(store, source):
    app = opened(store, source, Layer(rule=Calendar(hour_from=20, hour_to=10), name="nights"))
    press(app, "Switch “nights” off")
    assert not project(store).recipe.layers[0].enabled
    assert project(store).can_undo


def test_a_strategy_that_needs_every_channel_may_read_nothing(store, source):
    layer = Layer(rule=ValueRange(low=100, high=200, side="inside"), channels=("b",))
    app = opened(store, source, layer, options={"carry": {"collapse": "all"}}, targets=["a"])
    assert "carry reads no step of them" in said(app)
    press(app, "Count a step with any observed channel")
    assert project(store).form["options"] == {"carry": {"collapse": "any"}}
    assert "carry reads no step of them" not in said(app)


def test_a_mask_of_training_alone_can_be_let_act_on_both_parts(store, source):
    app = opened(store, source, Layer(rule=Calendar(hour_from=0, hour_to=6), scope="training"))
    assert (
        "is hidden differently in validation: 0 of 72 cells, 0.0 %, against 84 of 336 cells, 25.0 %"
        in said(app)
    )
    press(app, "act on both parts")
    assert project(store).recipe.layers[0].scope == "both"
    assert "differently in validation" not in said(app)


def test_a_mask_that_goes_by_the_value_is_named_with_numbers(store, source):
    app = opened(store, source, Layer(rule=Mnar(rate=0.3), channels=("a",)))
    assert "a: what the mask hides is higher than what it leaves" in said(app)
    assert "144 hidden" in said(app)
    assert "MNAR" in said(app)
    press(app, "hide as many at random")
    (layer,) = project(store).recipe.layers
    assert (layer.rule.kind, layer.rule.rate, layer.channels) == ("mcar", 0.3, ("a",))
    assert "MNAR" not in said(app)


def test_the_mask_may_be_fed_too(store, source):
    app = opened(store, source, Layer(rule=Mnar(rate=0.3), channels=("a",)), strategies=["carry"])
    press(app, "Train “indicator” too")
    assert project(store).form["strategies"] == ["carry", "indicator"]


def test_a_channel_hidden_entirely_is_told_beside_the_layers_and_can_be_left_out(store, source):
    app = opened(store, source, Layer(rule=EVERYTHING, name="all of it"))
    assert "The mask hides every cell of the data" in said(app)
    press(app, "Switch “all of it” off")
    app = opened(store, source, Layer(rule=EVERYTHING, channels=("a",), name="a gone"))
    assert "Channel 'a' is hidden entirely in the data" in said(app)
    press(app, "Switch “a gone” off")
    shown = Layer(rule=EVERYTHING, combine="reveal", channels=("b",))
    app = opened(store, source, Layer(rule=EVERYTHING, name="both"), shown)
    press(app, "Leave a out of “both”")
    assert project(store).recipe.layers[0].channels == ("b",)
    assert "entirely" not in said(app)


def test_a_locked_layer_is_not_offered(store, source):
    app = opened(store, source, Layer(rule=EVERYTHING, channels=("a",), locked=True))
    assert not [one for one in app.button if "off" in one.label]


def test_a_window_that_fits_nowhere_says_so_and_one_that_fits_is_offered(store, source):
    app = opened(store, source, window=200)
    assert "No validation window fits: each takes 200 steps and 2 of horizon" in said(app)
    press(app, "Set the window to")
    assert project(store).form["window"] < 60
    assert "fits: each takes" not in said(app)


def test_settings_that_make_no_experiment_are_said_with_a_way_to_mend_them(store, source):
    app = opened(store, source, strategies=[])
    assert "No strategy is chosen. Tick at least one." in said(app)
    assert [one.label for one in app.button if one.key == "masklab.seen.train"] == ["Go to Train"]


@pytest.mark.parametrize("tab", ["Step by step", "Effective lengths"])
def test_each_inner_tab_draws_its_chart(store, source, tab):
    app = opened(store, source, Layer(rule=Calendar(hour_from=0, hour_to=6)), strategies=["reset"])
    app.session_state["masklab.seen.tab"] = tab
    sound(app.run())
    (picture,) = pictures(app)
    if tab == "Step by step":
        assert "48 of " in said(app)
        hover = {one for row in picture["data"][0]["text"] for one in row}
        assert hover == {"shown", "state set to 0"}
    else:
        names = [one["name"].partition(" (n = ")[0] for one in picture["data"]]
        assert names == ["training", "validation", "test"]
        assert "Since the last reset (median)" in table(app).columns


def test_a_reconstruction_says_that_it_hides_more(store, source):
    app = opened(store, source, task="reconstruct")
    assert "A reconstruction hides 20 % of the observed target cells on top" in said(app)
