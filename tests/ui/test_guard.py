"""A change that can't be saved is said and kept; nothing in a callback becomes a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.samples import sample
from masklab.errors import StoreError
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.ui.conftest import said

Open = Callable[..., AppTest]


def saved(store: Store) -> Project:
    return Project.model_validate_json(store.load_project("demo")[0])


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def refuse(*_: object, **__: object) -> int:
        raise StoreError("The disk is full: *nothing* was kept.")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "save_project", refuse)
        yield patched


def test_changes_that_a_full_disk_refuses_are_kept_until_it_takes_them(
    project: Project, store: Store, open_page: Open, full_disk: pytest.MonkeyPatch
) -> None:
    tab = open_page("train")
    tab.number_input(key="train.window").set_value(12).run()
    tab.checkbox(key="train.strategies.reset").check().run()
    tab.selectbox(key="train.options.carry.collapse").set_value("all").run()
    assert not tab.exception
    assert tab.error[0].value.startswith(r"The disk is full\: \*nothing\* was kept.")
    assert "3 changes not saved yet, but kept in this tab." in tab.error[0].value
    assert saved(store) == project
    full_disk.undo()
    tab.button(key="guard.again").click().run()
    assert not tab.exception
    assert not tab.error
    form = saved(store).form
    assert form["window"] == 12
    assert "reset" in form["strategies"]
    assert form["options"]["carry"]["collapse"] == "all"


def test_the_next_change_takes_the_waiting_ones_along(
    project: Project, store: Store, open_page: Open, full_disk: pytest.MonkeyPatch
) -> None:
    tab = open_page("train")
    tab.number_input(key="train.window").set_value(12).run()
    full_disk.undo()
    tab.number_input(key="train.seeds").set_value(3).run()
    assert not tab.error
    assert {"window": 12, "seeds": 3}.items() <= saved(store).form.items()


def test_an_edit_of_the_table_is_kept_too(
    project: Project, store: Store, full_disk: pytest.MonkeyPatch
) -> None:
    script = """
import streamlit as st
from masklab.ui import guard, mask_table, state
guard.problems()
st.session_state["edits"] = {"added_rows": [{"start": "2024-01-02", "end": "2024-01-03"}]}
st.button("Edit", on_click=mask_table._apply, args=("edits", [], state.panel()), key="edit")
"""
    tab = AppTest.from_string(script)
    tab.query_params["work"] = "demo"
    tab.run().button(key="edit").click().run()
    assert not tab.exception
    assert "1 change not saved yet" in tab.error[0].value
    full_disk.undo()
    tab.button(key="guard.again").click().run()
    assert saved(store).recipe.layers[-1].rule.kind == "painted"


def test_an_edit_that_can_t_be_made_is_said_and_not_kept(project: Project, store: Store) -> None:
    script = """
import streamlit as st
from masklab.ui import guard, mask_table, state
guard.problems()
st.session_state["edits"] = {"added_rows": [{"start": "2024-01-03", "end": "2024-01-02"}]}
st.button("Edit", on_click=mask_table._apply, args=("edits", [], state.panel()), key="edit")
"""
    tab = AppTest.from_string(script)
    tab.query_params["work"] = "demo"
    tab.run().button(key="edit").click().run()
    assert not tab.exception
    assert "Swap the two" in tab.error[0].value
    assert saved(store) == project
    assert not tab.run().error


def test_strokes_that_can_t_be_saved_stay_with_the_canvas(
    project: Project, store: Store, full_disk: pytest.MonkeyPatch
) -> None:
    stroke = {"client": "c1", "seq": 1, "action": "stroke", "series": "tiny", "channels": None}
    stroke |= {"start": 1704067200000000, "end": 1704160800000000}
    script = f"""
import json
import streamlit as st
from masklab.ui import painter, state
from masklab.ui.mask_page import PaintedProject
st.session_state["canvas"] = {{"ops": [json.loads({json.dumps(stroke)!r})]}}
painter.receive("canvas", state.panel(), PaintedProject(state.panel()))
st.text(st.session_state["masklab.painter.news.canvas"][0])
st.text(str(PaintedProject(state.panel()).served().get("c1", 0)))
"""
    tab = AppTest.from_string(script)
    tab.query_params["work"] = "demo"
    tab.run()
    assert not tab.exception
    assert [one.value for one in tab.text] == ["The disk is full: *nothing* was kept.", "0"]
    full_disk.undo()
    tab.run()
    assert [one.value for one in tab.text] == ["", "1"]
    assert saved(store).recipe != project.recipe


def test_ticks_before_the_page_is_drawn_again_all_count(
    project: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
import streamlit as st
from masklab.ui import fields
drawn = ("carry",)
for kind in ("reset", "ignore"):
    st.session_state["box." + kind] = True
    fields._keep_member("strategies", kind, "box." + kind, drawn)
st.session_state["box.carry"] = False
fields._keep_member("strategies", "carry", "box.carry", drawn)
"""
    tab = AppTest.from_string(script)
    tab.query_params["work"] = "demo"
    tab.run()
    assert not tab.exception
    assert saved(store).form["strategies"] == ["reset", "ignore"]


def test_a_sample_s_time_zone_that_was_cleared_stays_cleared_in_training(store: Store) -> None:
    reading = sample("nyc_weather").reading.model_dump(exclude={"timezone"})
    source = DataSource.model_validate({"path": "sample:nyc_weather", "reading": reading})
    before = Project(name="NYC", data=source)
    after = Project.model_validate_json(before.model_dump_json())
    for present in (before, after):
        assert present.data is not None
        assert present.data.filled().timezone is None
        assert present.data.read().timezone == "UTC"


def test_an_accepted_file_is_not_read_a_second_time(
    table: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""
import pathlib
import streamlit as st
from masklab.data import read
from masklab.runs import settled
from masklab.ui import data_candidate, state
sha256, path = state.store().add_file(pathlib.Path({str(table)!r}), "tiny.csv")
data_candidate.propose(str(path), "tiny.csv", sha256)
seen = data_candidate.candidate().seen()
calls, load = [], read.load
read.load = lambda *a, **k: calls.append(a) or load(*a, **k)
try:
    data_candidate.accept()
    panel = state.panel()
    state.project().data.pinned()
finally:
    read.load = load
st.text(f"{{len(calls)}} {{panel is seen.panel}} {{panel.names}}")
"""
    tab = AppTest.from_string(script)
    tab.query_params["work"] = "demo"
    tab.run()
    assert not tab.exception
    assert tab.text[0].value == "0 True ('tiny',)"


HOSTILE = "![x](http://evil.example/a.png) `b` :red[c]"


@pytest.mark.parametrize("page", ["mask", "train", "compare"])
def test_names_of_a_user_s_own_are_no_markdown(
    project: Project, store: Store, open_page: Open, page: str
) -> None:
    store.save_project("demo", project.model_copy(update={"name": HOSTILE}).model_dump_json())
    other = project.model_copy(update={"name": HOSTILE, "data": None})
    store.save_project("other", other.model_dump_json())
    tab = open_page(page)
    labels = [one.label for one in tab.button] + [said(tab)]
    labels += [str(one.value) for one in tab.sidebar.markdown]
    assert any(r"\!\[x" in one or r"!\[x\]" in one for one in labels)
    for text in labels:
        assert "![x](" not in text
        assert ":red[c]" not in text


def test_an_error_s_words_are_no_markdown(
    project: Project, store: Store, open_page: Open, tmp_path: Path
) -> None:
    gone = DataSource(path=str(tmp_path / HOSTILE.replace("/", "")))
    store.save_project("demo", project.model_copy(update={"data": gone}).model_dump_json())
    for page in ("mask", "train"):
        tab = open_page(page)
        assert not tab.exception
        assert tab.error
        assert "![x](" not in said(tab) + "".join(str(one.value) for one in tab.sidebar.caption)
