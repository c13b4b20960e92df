"""Export and import on the Mask page by AppTest: every format, a look first, then the layers."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.read import read_panel
from masklab.masks.exchange import FORMATS, write_mask
from masklab.masks.format import Masked
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.split import Split
from masklab.ui.mask_export import file_name
from masklab.ui.project import Project
from tests.conftest import ROOT

WORK = "0a0b0c0d0e0f"
READ = [kind for kind, form in FORMATS.items() if form.reads]
PRESENT = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.2, seed=5)),))
OTHER = MaskRecipe(
    layers=(Layer(rule=Mcar(rate=0.1)), Layer(rule=Mcar(seed=4), channels=("b",), scope="training"))
)


@pytest.fixture
def source(tmp_path):
    frame = pd.DataFrame(
        {
            "time": pd.date_range("2024-01-01", periods=300, freq="h"),
            "a": np.arange(300.0),
            "b": np.arange(300.0) % 24,
        }
    )
    frame.loc[100:119, "b"] = np.nan
    path = tmp_path / "series.csv"
    frame.to_csv(path, index=False)
    return DataSource(path=str(path))


@pytest.fixture
def store(store_directory, monkeypatch):
    monkeypatch.chdir(ROOT)
    return Store.open(store_directory)


def opened(store, source, recipe=PRESENT, tab="Import") -> AppTest:
    project = Project(data=source, name="my data", history=(recipe,))
    store.save_project(WORK, project.model_dump_json())
    app = AppTest.from_file(str(ROOT / "pages" / "mask.py"), default_timeout=60)
    app.query_params["work"] = WORK
    app.session_state["exchange"] = True
    app.session_state["exchange.tabs"] = tab
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def uploaded(app: AppTest, name: str, data: bytes) -> AppTest:
    return sound(app.file_uploader[0].set_value((name, data, "text/plain")).run())


def recipe_now(store) -> MaskRecipe:
    return Project.model_validate_json(store.load_project(WORK)[0]).recipe


def masked(source, recipe=OTHER) -> Masked:
    panel = read_panel(source.path)
    return Masked(panel, recipe, Split().parts(panel))


@pytest.mark.parametrize("kind", READ)
def test_a_file_is_looked_at_first_and_then_replaces_the_layers(store, source, kind):
    what = masked(source)
    app = uploaded(opened(store, source), f"m{FORMATS[kind].ending}", write_mask(what, kind))
    assert recipe_now(store) == PRESENT
    shown = " ".join(one.value for one in app.markdown)
    hidden = int(what.hidden.sum())
    assert f"read as {FORMATS[kind].title}" in shown.replace("\\", "")
    assert f"hiding {hidden:,} of 600 cells" in shown
    sound(app.button(key="masklab.import.replace").click().run())
    assert recipe_now(store).apply(what.panel, what.parts) == what.mask
    assert "from" in app.success[0].value


def test_layers_can_be_added_and_the_file_discarded(store, source):
    app = uploaded(opened(store, source), "more.mask.json", dump_recipe(OTHER).encode())
    sound(app.button(key="masklab.import.discard").click().run())
    assert recipe_now(store) == PRESENT
    uploaded(app, "more.mask.json", dump_recipe(OTHER).encode())
    sound(app.button(key="masklab.import.add").click().run())
    assert recipe_now(store).layers == (*PRESENT.layers, *OTHER.layers)
    assert app.success[0].value == "Added 2 layers from more.mask.json."
    sound(app.run())
    assert app.success
    changed = Project.model_validate_json(store.load_project(WORK)[0]).moved(-1)
    store.save_project(WORK, changed.model_dump_json())
    sound(app.run())
    assert not app.success


def test_what_does_not_fit_is_said_before_anything_is_taken(store, source):
    text = "channel,start,end\ngust,2024-01-01,2024-01-02\na,2024-01-03,2024-01-04\n"
    app = uploaded(opened(store, source), "x_y.csv", text.encode())
    assert "no such channel: 'gust'" in app.warning[0].value.replace("\\", "")
    sound(app.button(key="masklab.import.add").click().run())
    (_, layer) = recipe_now(store).layers
    assert layer.name == "x_y"
    assert [one.channels for one in layer.rule.strokes] == [("a",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\xff", "This is a picture"),
        (b'{"schema_version": 9}', "this MaskLab reads version 1"),
        (json.dumps({"layers": [{"rule": {"kind": "magic"}}]}).encode(), "no rule 'magic'"),
        (
            dump_recipe(MaskRecipe(layers=(Layer(rule=Mcar(), channels=("gust",)),))).encode(),
            "Nothing in it fits this data",
        ),
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_layers_as_they_are(store, source, content, message):
    app = uploaded(opened(store, source), "bad_one.json", content)
    assert app.error[0].value.startswith(r"bad\_one.json: ")
    assert message in app.error[0].value.replace("\\", "")
    assert app.error[0].value.endswith("The layers are unchanged.")
    assert recipe_now(store) == PRESENT


@pytest.mark.parametrize("kind", FORMATS)
def test_the_upload_takes_a_file_of_every_format_so_that_a_refusal_says_why(store, source, kind):
    app = opened(store, source)
    assert FORMATS[kind].ending.endswith(tuple(app.file_uploader[0].proto.type))
    if kind not in READ:
        uploaded(app, f"m{FORMATS[kind].ending}", write_mask(masked(source), kind))
        assert "no file of a mask that MaskLab knows" in app.error[0].value
        assert recipe_now(store) == PRESENT


def test_without_layers_there_is_nothing_to_export(store, source):
    app = opened(store, source, MaskRecipe(), tab="Export")
    assert app.get("download_button")[0].proto.disabled
    assert any("no layer to export" in one.value for one in app.caption)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_can_be_chosen_and_is_explained(store, source, kind):
    app = opened(store, source, OTHER, tab="Export")
    sound(app.selectbox(key="masklab.export.kind").set_value(kind).run())
    explained = FORMATS[kind].explanation.replace("`", "")
    assert any(explained in one.value.replace("\\", "").replace("`", "") for one in app.caption)
    assert not app.get("download_button")[0].proto.disabled


def test_the_code_on_the_page_makes_the_same_mask_in_a_fresh_process(store, source, tmp_path):
    app = opened(store, source, OTHER, tab="Export")
    sound(app.selectbox(key="masklab.export.kind").set_value("python_code").run())
    (shown,) = app.code
    assert str(tmp_path) not in shown.value, "folders are nobody else's business"
    script = (
        f"{shown.value}\nimport numpy as np\nnp.save({str(tmp_path / 'found.npy')!r}, observed)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), masked(source).mask.observed)
    assert "cells are hidden or missing." in done.stdout


def test_file_names_are_safe_everywhere():
    assert file_name("../../my data: ä", ".mask.csv") == "my-data-ä.mask.csv"
    assert file_name("hall 3.csv.gz", ".mask.csv") == "hall-3.mask.csv"
    assert file_name("...", ".mask.csv") == "mask.mask.csv"
