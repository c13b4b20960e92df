"""The project survives reloads and tabs, and nothing that a user did is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.read import read_panel
from masklab.masks.layers import Layer, MaskRecipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.split import Split
from masklab.ui import state
from masklab.ui.project import BYTES_KEPT, STEPS_KEPT, Project

MCAR = {"kind": "mcar", "rate": 0.2, "seed": 3}


def recipe(rate: float, channels: tuple[str, ...] | None = None) -> MaskRecipe:
    return MaskRecipe(layers=(Layer(rule=MCAR | {"rate": rate}, channels=channels),))


def test_undo_and_redo_walk_through_the_recipes() -> None:
    first = Project().with_recipe(recipe(0.1)).with_recipe(recipe(0.2))
    assert first.moved(-1).recipe == recipe(0.1)
    assert first.moved(-2).recipe == MaskRecipe()
    assert first.moved(-9).moved(9).recipe == recipe(0.2)
    assert not first.can_redo
    assert not first.moved(-2).can_undo


def test_a_new_recipe_replaces_what_was_undone() -> None:
    project = Project().with_recipe(recipe(0.1)).moved(-1).with_recipe(recipe(0.3))
    assert project.recipe == recipe(0.3)
    assert not project.can_redo
    assert project.moved(-1).recipe == MaskRecipe()


def test_the_same_recipe_is_no_step() -> None:
    project = Project().with_recipe(recipe(0.1))
    assert project.with_recipe(recipe(0.1)) is project


def test_history_is_bounded() -> None:
    project = Project()
    for step in range(STEPS_KEPT + 20):
        project = project.with_recipe(recipe(0.1 + step / 1000))
    assert len(project.history) == STEPS_KEPT
    assert project.cursor == STEPS_KEPT - 1


def test_heavy_recipes_leave_their_oldest_steps() -> None:
    stroke = {"channels": None, "start": 0, "end": 1}
    project = Project()
    for step in range(8):
        strokes = [stroke | {"end": step + 1 + number} for number in range(8_000)]
        rule = {"kind": "painted", "strokes": strokes}
        project = project.with_recipe(MaskRecipe.model_validate({"layers": [{"rule": rule}]}))
    assert 2 <= len(project.history) < 8
    assert sum(len(one.model_dump_json()) for one in project.history) < 2 * BYTES_KEPT


def test_other_data_keeps_the_layers_that_fit(table: Path) -> None:
    both = MaskRecipe(layers=(*recipe(0.1, ("a",)).layers, *recipe(0.2, ("gone",)).layers))
    before = Project(
        form={"window": 9, "seeds": 3}, split=Split(by="series", validation_series=("x",))
    )
    changed, notes = before.with_recipe(both).with_data(
        DataSource(path=str(table)), "Tiny", read_panel(table)
    )
    assert changed.recipe == recipe(0.1, ("a",))
    assert changed.moved(-1).recipe == both
    assert changed.form == {"seeds": 3}
    assert changed.split == Split()
    assert any("gone" in note for note in notes)
    assert any("split" in note for note in notes)


def _tab(script: str, work: str | None = "demo") -> AppTest:
    tab = AppTest.from_string("from masklab.ui import state\nimport streamlit as st\n" + script)
    if work is not None:
        tab.query_params["work"] = work
    return tab.run()


def test_a_reload_finds_what_was_saved(store: Store) -> None:
    _tab("state.update(name='Mine', form={'window': 12})")
    tab = _tab("st.text(state.project().name + str(state.project().form['window']))")
    assert not tab.exception
    assert tab.text[0].value == "Mine12"


def test_two_tabs_keep_each_other_s_changes(store: Store) -> None:
    first, second = _tab("state.project()"), _tab("state.project()")
    assert not first.exception
    assert not second.exception
    _tab("state.update(name='From one tab')")
    _tab("state.update(form={'window': 5})")
    kept = Project.model_validate_json(store.load_project("demo")[0])
    assert (kept.name, kept.form) == ("From one tab", {"window": 5})


def test_a_save_between_reading_and_writing_is_not_overwritten(store: Store) -> None:
    script = """
from masklab.ui import state
from masklab.ui.project import Project
calls = []
def step(present):
    if not calls:
        other = present.model_copy(update={"form": {"window": 7}})
        state.store().save_project("demo", other.model_dump_json())
    calls.append(1)
    return present.model_copy(update={"name": "Mine"})
state.change(step)
st.text(str(len(calls)))
"""
    tab = _tab(script)
    assert not tab.exception
    assert tab.text[0].value == "2"
    kept = Project.model_validate_json(store.load_project("demo")[0])
    assert (kept.name, kept.form) == ("Mine", {"window": 7})


@pytest.mark.parametrize(("here", "name"), [(True, "Tiny"), (False, "")])
def test_a_bare_address_goes_on_with_the_last_project_on_this_machine_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch, here: bool, name: str
) -> None:
    monkeypatch.setattr(state, "_is_local", lambda: here)
    tab = _tab("st.text(state.project().name)", work=None)
    assert tab.text[0].value == name
    assert (tab.query_params["work"] in ("demo", ["demo"])) == here


def test_work_new_begins_an_empty_project(project: Project) -> None:
    tab = _tab("st.text(state.project().name or 'empty')", work="new")
    assert tab.text[0].value == "empty"


def test_looking_at_a_project_does_not_save_it(store: Store) -> None:
    _tab("state.project(); state.can_undo()", work="fresh")
    assert store.projects() == []


def test_mask_and_parts_follow_the_recipe(project: Project) -> None:
    script = """
before = state.mask().hidden_share
from masklab.masks.layers import MaskRecipe
state.set_recipe(MaskRecipe())
after = state.mask().hidden_share
state.undo()
st.text(f"{before:.2f} {after} {state.mask().hidden_share == before} {state.can_redo()} {len(state.parts())}")
"""
    tab = _tab(script)
    assert not tab.exception
    assert tab.text[0].value == "0.30 0.0 True True 480"


def test_data_that_can_t_be_read_changes_nothing(
    project: Project, store: Store, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\x00\x01\x02")
    script = f"""
from masklab.runs.spec import DataSource
state.set_data(DataSource(path={str(bad)!r}), "Bad")
"""
    tab = _tab(script)
    assert tab.exception
    assert Project.model_validate_json(store.load_project("demo")[0]) == project


def test_a_project_of_another_version_is_named_not_lost(store: Store) -> None:
    store.save_project("demo", '{"cursor": 9}', 0)
    script = """
from masklab.errors import MaskLabError
try:
    state.project()
except MaskLabError as error:
    st.error(str(error))
"""
    tab = _tab(script)
    assert "another version" in tab.error[0].value
    assert store.load_project("demo")[0] == '{"cursor": 9}'


def test_the_cursor_must_lie_in_history() -> None:
    with pytest.raises(ValueError, match="cursor"):
        Project(cursor=1)
