"""The Versions control by AppTest: kept, restored, compared, renamed, deleted and brought back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.split import Split
from masklab.ui import state
from masklab.ui.mask_difference import LAST, NOW, sides_of
from masklab.ui.mask_history import step_words
from masklab.ui.project import Project
from tests.ui_mask.panel import WORK, ask, menu, open_page, project, sound


def keep(at: AppTest, name: str) -> AppTest:
    at.text_input(key="masklab.versions.name").set_value(name)
    (button,) = [one for one in at.button if one.label == "Keep this version"]
    return sound(button.click().run())


def act(at: AppTest, name: str, what: str) -> AppTest:
    return sound(menu(at, f"masklab.versions.act.{name}").click(what).run())


def versions() -> list[str]:
    return [one.name for one in project().versions]


def texts(at: AppTest) -> str:
    shown = [one.value for one in (*at.markdown, *at.caption, *at.info, *at.error)]
    return "\n".join(shown).replace("\\", "")


def test_a_version_is_kept_under_a_name_or_a_number():
    at = keep(open_page(Layer(rule=Mcar())), "first")
    keep(at, "")
    assert versions() == ["first", "Version 2"]
    assert "**first**" in texts(at)
    assert "1 layer" in texts(at)
    assert texts(at).count("in use now") == 2


def test_a_name_that_is_taken_is_refused_with_a_way_out():
    at = keep(keep(open_page(Layer(rule=Mcar())), "first"), "first")
    assert versions() == ["first"]
    assert "Choose another name" in at.error[0].value


def test_a_version_is_restored_and_that_can_be_undone():
    at = keep(open_page(Layer(rule=Mcar(), name="a")), "one layer")
    ask(at, "duplicate")
    act(at, "one layer", "Restore")
    assert len(project().recipe.layers) == 1
    ask(at, "undo")
    assert len(project().recipe.layers) == 2


def test_a_version_is_renamed_deleted_and_brought_back():
    at = keep(open_page(Layer(rule=Mcar())), "first")
    act(at, "first", "Rename")
    sound(at.text_input(key="masklab.versions.new").set_value("better").run())
    assert versions() == ["better"]
    act(at, "better", "Delete")
    assert versions() == []
    assert "Deleted “better”." in texts(at)
    sound(at.button(key="masklab.versions.back").click().run())
    assert versions() == ["better"]


def test_what_changed_is_told_in_words_cells_and_a_picture():
    at = keep(open_page(Layer(rule=Mcar(rate=0.2), name="noise")), "first")
    ask(at, "set", field="enabled", value=False)
    act(at, "first", "Compare with now")
    assert "Changed “noise”: switched off." in texts(at)
    assert "**0 of 200 cells, 0.0 %** are now hidden; **40 of 200 cells, 20.0 %** are" in texts(at)
    assert len(at.get("plotly_chart")) == 1
    table = at.dataframe[0].value
    assert set(table["Channel"]) == {"temp", "wind*"}
    assert sum(int(one.split()[0]) for one in table["Visible again"]) == 40


def test_layers_that_only_look_otherwise_change_no_cell():
    at = keep(open_page(Layer(rule=Mcar(), name="a")), "first")
    ask(at, "set", field="name", value="b")
    act(at, "first", "Compare with now")
    assert "Changed “a”: renamed to “b”." in texts(at)
    assert "No cell changed sides." in texts(at)
    assert not at.get("plotly_chart")


def test_now_the_step_before_and_every_version_can_be_compared():
    first = MaskRecipe(layers=(Layer(rule=Mcar()),))
    one = Project().with_recipe(first).with_split(Split(training=0.5))
    sides = sides_of(one)
    assert list(sides) == [NOW, LAST]
    assert sides[LAST].split == Split()
    assert sides[NOW].split == Split(training=0.5)


def test_a_version_for_other_data_is_compared_as_far_as_it_fits():
    at = open_page(Layer(rule=Mcar(rate=0.2)))
    other = MaskRecipe(layers=(Layer(rule=Mcar(), channels=("gust",)),))
    made = project().with_recipe(other)
    state.store().save_project(WORK, made.model_dump_json())
    keep(at, "gusts")
    ask(at, "undo")
    act(at, "gusts", "Compare with now")
    assert any("don't fit this data" in one.value for one in at.warning)
    assert "**40 of 200 cells, 20.0 %** are now hidden" in texts(at)


def test_every_step_is_told_in_words_and_can_be_gone_to():
    at = open_page(Layer(rule=Mcar(), name="a"))
    ask(at, "duplicate")
    ask(at, "set", field="enabled", value=False)
    ask(at, "undo")
    assert step_words(project()) == (
        "The oldest step that is kept",
        "Added “a, copy”.",
        "Changed “a”: switched off.",
    )
    sound(at.button(key="masklab.versions.history").click().run())
    steps = at.radio[0]
    assert steps.options[0].startswith("3. Changed")
    assert steps.options[1].endswith("(in use now)**")
    assert at.button(key="masklab.history.go").disabled
    at.session_state[steps.key] = 2  # a tab draws the dialog anew; AppTest the page without it
    sound(at.button(key="masklab.versions.history").click().run())
    sound(at.button(key="masklab.history.go").click().run())
    assert not project().recipe.layers[0].enabled
    assert len(project().history) == 3


def test_a_step_of_split_and_of_many_layers_is_told_too():
    many = MaskRecipe(layers=tuple(Layer(rule=Mcar(seed=seed)) for seed in range(3)))
    stepped = Project().with_recipe(many).with_split(Split(training=0.5))
    told = step_words(stepped)
    assert told[1].endswith("And 2 more.")
    assert told[2].startswith("Changed the split")
    assert step_words(Project()) == ("As it began",)
