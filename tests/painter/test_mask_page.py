"""The Mask page by AppTest: empty, with data, painted, with recipes that don't fit."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from masklab.data.read import read_panel
from masklab.data.series import TimeSeries
from masklab.masks.coverage import coverage
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.mask_numbers import wide
from masklab.ui.mask_sketch import sketch_of_mask
from masklab.ui.project import Project
from tests.conftest import ROOT

WORK = "0a0b0c0d0e0f"


@pytest.fixture
def store(store_directory, monkeypatch):
    monkeypatch.chdir(ROOT)
    return Store.open(store_directory)


@pytest.fixture
def source(tmp_path):
    rows = pd.date_range("2024-01-01", periods=500, freq="h")
    frame = pd.DataFrame({"time": rows, "a": np.arange(500.0), "b": np.arange(500.0) % 24})
    frame.loc[100:119, "b"] = np.nan
    path = tmp_path / "series.csv"
    frame.to_csv(path, index=False)
    return DataSource(path=str(path))


def opened(store, project) -> AppTest:
    store.save_project(WORK, project.model_dump_json())
    app = AppTest.from_file(str(ROOT / "pages" / "mask.py"), default_timeout=60)
    app.query_params["work"] = WORK
    return app


def recipe_now(store) -> MaskRecipe:
    return Project.model_validate_json(store.load_project(WORK)[0]).recipe


def test_only_the_open_tab_is_drawn_and_the_address_says_which(store, source):
    app = opened(store, Project(data=source)).run()
    assert "Hidden by the mask" in " ".join(one.value for one in app.markdown)
    assert not any("Add a row to hide a stretch" in one.value for one in app.caption)
    app = opened(store, Project(data=source))
    app.query_params["under"] = "Painted intervals"
    app.run()
    assert not app.exception
    assert any("Add a row to hide a stretch" in one.value for one in app.caption)
    assert "Hidden by the mask" not in " ".join(one.value for one in app.markdown)


def stroke(seq, **changes):
    day = 86_400_000_000
    start = int(np.datetime64("2024-01-03", "us").astype(int))
    good = {"client": "t", "seq": seq, "action": "stroke", "series": "series", "channels": ["a"],
            "start": start, "end": start + day, "erase": False}  # fmt: skip
    return {**good, **changes}


def sent(app, *operations):
    app.session_state[f"masklab.painter.{WORK}"] = {"ops": list(operations)}
    return app.run()


def test_without_data_the_page_says_what_it_needs_and_leads_there(store):
    app = opened(store, Project()).run()
    assert not app.exception
    assert [one.value for one in app.subheader] == ["A mask needs data to lie on"]
    assert [one.label for one in app.button] == ["Choose data"]


def test_the_sketch_is_one_picture_for_both_themes():
    assert "currentColor" not in sketch_of_mask()


def test_unreadable_data_is_named_and_nothing_is_lost(store, tmp_path):
    recipe = MaskRecipe(layers=(Layer(rule=Painted(strokes=(Stroke(start=0, end=1),))),))
    gone = DataSource(path=str(tmp_path / "gone.csv"))
    app = opened(store, Project(data=gone, history=(recipe,))).run()
    assert not app.exception
    assert "gone.csv" in app.error[0].value
    assert recipe_now(store) == recipe


def test_with_data_the_page_tells_shares_with_their_denominators(store, source):
    app = opened(store, Project(data=source)).run()
    assert not app.exception
    text = " ".join(one.value for one in app.markdown)
    assert "0 of 1,000 cells, 0.0 %" in text
    assert "20 of 1,000 cells, 2.0 %" in text


def test_strokes_undo_and_redo_reach_the_recipe_once(store, source):
    app = opened(store, Project(data=source)).run()
    name = read_panel(source.path, source.reading).names[0]
    first, second = stroke(1, series=name), stroke(2, series=name, channels=["b"])
    sent(app, first)
    sent(app, first, second)
    assert not app.exception
    assert len(recipe_now(store).layers[0].rule.strokes) == 2
    sent(app, second, {"client": "t", "seq": 3, "action": "undo"})
    assert len(recipe_now(store).layers[0].rule.strokes) == 1
    sent(app, {"client": "t", "seq": 4, "action": "redo"})
    assert len(recipe_now(store).layers[0].rule.strokes) == 2


def undo(seq):
    return {"client": "t", "seq": seq, "action": "undo"}


def test_a_run_that_ends_right_after_the_save_repeats_no_undo(store, source, monkeypatch):
    # As a click elsewhere on the page does: Streamlit ends the run at its next word to the session.
    app = opened(store, Project(data=source)).run()
    name = read_panel(source.path, source.reading).names[0]
    days = [stroke(seq, series=name, channels=[channel]) for seq, channel in ((1, "a"), (2, "b"))]
    sent(app, *days)
    save = Store.save_project

    def save_and_end(*given):
        monkeypatch.setattr(Store, "save_project", save)
        save(*given)
        raise StopException

    monkeypatch.setattr(Store, "save_project", save_and_end)
    sent(app, undo(3))
    assert len(recipe_now(store).layers[0].rule.strokes) == 1
    sent(app, undo(3))
    assert len(recipe_now(store).layers[0].rule.strokes) == 1


def test_a_server_begun_anew_repeats_no_undo(store, source):
    name = read_panel(source.path, source.reading).names[0]
    app = opened(store, Project(data=source)).run()
    sent(app, stroke(1, series=name), stroke(2, series=name, channels=["b"]))
    sent(app, undo(3))
    # The answer never came: the canvas sends it again, and another process serves it.
    script = (
        "import json, sys\n"
        "from tests.painter.test_mask_page import WORK, sent\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('pages/mask.py', default_timeout=60)\n"
        "app.query_params['work'] = WORK\n"
        "assert not sent(app.run(), *json.loads(sys.argv[1])).exception\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", script, json.dumps([undo(3)])],
        check=True, cwd=ROOT, env=environment, timeout=120,
    )  # fmt: skip
    assert len(recipe_now(store).layers[0].rule.strokes) == 1
    assert len(Project.model_validate_json(store.load_project(WORK)[0]).history) == 3


def test_hostile_operations_leave_the_page_and_the_recipe_whole(store, source):
    app = opened(store, Project(data=source)).run()
    strange = [stroke(1, series="nobody", client="h"), stroke(2, start=[], client="h")]
    sent(app, *strange, {"client": "h", "seq": 3}, 7, None)
    assert not app.exception
    assert recipe_now(store) == MaskRecipe()


def test_a_layer_that_does_not_fit_is_named_and_the_others_still_act(store, source):
    strange = Layer(
        name="Strange", rule=Painted(strokes=(Stroke(start=0, end=1),)), channels=("z",)
    )
    start = int(np.datetime64("2024-01-03", "us").astype(int))
    fits = Layer(rule=Painted(strokes=(Stroke(start=start, end=start + 3_600_000_000 * 9),)))
    project = Project(data=source, history=(MaskRecipe(layers=(strange, fits)),))
    app = opened(store, project).run()
    assert not app.exception
    assert any("Strange" in one.value for one in app.warning)
    assert "20 of 1,000 cells, 2.0 %" in " ".join(one.value for one in app.markdown)


def test_the_wide_table_has_a_row_for_each_channel_and_two_columns_for_each_part():
    values = np.ones((100, 2))
    series = TimeSeries("x", np.arange(100).astype("datetime64[s]"), values, ("a", "b"))
    panel = series.as_panel()
    observed = np.ones((100, 2), dtype=bool)
    observed[10:20, 0] = False
    parts = np.repeat(np.array([0, 1], dtype=np.int8), [80, 20])
    found = wide(coverage(panel, Mask(observed, panel.channels), parts))
    assert found.columns.tolist() == [
        "channel", "training share", "training longest", "validation share", "validation longest",
    ]  # fmt: skip
    assert found.iloc[0].tolist() == ["a", 12.5, 10, 0.0, 0]
