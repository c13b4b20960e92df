"""Undo over recipe and split, kept small on disk; versions by name, and what they lose: nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.errors import MaskError
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke
from masklab.split import Split
from masklab.ui.packing import added_weight, shared
from masklab.ui.project import STEPS_KEPT, Project
from masklab.ui.versions import (
    VERSIONS_MOST,
    brought_back,
    found,
    kept,
    next_name,
    removed,
    renamed,
    restored,
    split_changes,
)

EARLY = Split(training=0.5, validation=0.2)


def recipe(*rates: float) -> MaskRecipe:
    return MaskRecipe(layers=tuple(Layer(rule=Mcar(rate=rate)) for rate in rates))


def painted(*ends: int) -> Layer:
    return Layer(name="p", rule=Painted(strokes=tuple(Stroke(start=0, end=end) for end in ends)))


def saved(project: Project) -> Project:
    return Project.model_validate_json(project.model_dump_json())


def test_undo_goes_through_recipe_and_split_in_their_order():
    project = Project().with_recipe(recipe(0.1)).with_split(EARLY).with_recipe(recipe(0.2))
    assert (project.recipe, project.split) == (recipe(0.2), EARLY)
    assert (project.moved(-1).recipe, project.moved(-1).split) == (recipe(0.1), EARLY)
    assert (project.moved(-2).recipe, project.moved(-2).split) == (recipe(0.1), Split())
    assert project.moved(-9).moved(9) == project
    assert project.with_split(EARLY) is project


def test_a_project_saved_before_splits_had_a_history_opens_with_its_split():
    old = {
        "split": EARLY.model_dump(mode="json"),
        "history": [recipe().model_dump(mode="json"), recipe(0.1).model_dump(mode="json")],
        "cursor": 1,
    }
    project = Project.model_validate_json(json.dumps(old))
    assert project.recipe == recipe(0.1)
    assert project.moved(-1).split == EARLY


layers = st.one_of(
    st.builds(lambda rate: Layer(rule=Mcar(rate=rate)), st.sampled_from([0.1, 0.2])),
    st.lists(st.integers(0, 3), max_size=5).map(lambda ends: painted(*ends)),
)
steps = st.one_of(
    st.lists(layers, max_size=3).map(
        lambda some: lambda one: one.with_recipe(MaskRecipe(layers=tuple(some)))
    ),
    layers.map(
        lambda layer: (
            lambda one: one.with_recipe(MaskRecipe(layers=(*one.recipe.layers[:3], layer)))
        )
    ),
    st.sampled_from([EARLY, Split()]).map(lambda split: lambda one: one.with_split(split)),
    st.integers(-2, 2).map(lambda count: lambda one: one.moved(count)),
    st.just(lambda one: kept(one, next_name(one), 1.5)),
    st.just(lambda one: removed(one, one.versions[0].name) if one.versions else one),
)


@settings(deadline=None)
@given(st.lists(steps, max_size=12))
def test_what_was_saved_is_the_same_after_a_restart(done):
    project = Project()
    for step in done:
        project = step(project)
        assert saved(project) == project
    assert saved(saved(project)).model_dump_json() == saved(project).model_dump_json()


def test_steps_share_what_they_have_in_common():
    strokes = [*range(500)]
    project = Project()
    for count in range(400, 500):
        project = project.with_recipe(MaskRecipe(layers=(painted(*strokes[:count]),)))
    assert len(project.history) == STEPS_KEPT
    alone = len(Project(history=(project.recipe,)).model_dump_json())
    assert len(project.model_dump_json()) < 1.8 * alone
    assert saved(project) == project


def test_a_heavy_layer_does_not_shorten_the_history_of_others():
    heavy, project = painted(*range(20_000)), Project()
    for step in range(30):
        other = Layer(rule=Mcar(rate=step / 100))
        project = project.with_recipe(MaskRecipe(layers=(heavy, other)))
    assert len(project.history) == 31


def test_weight_counts_what_a_step_adds():
    first, second = painted(*range(100)), painted(*range(101))
    one, two = MaskRecipe(layers=(first,)), MaskRecipe(layers=(second,))
    assert added_weight(one, one) < 50
    assert added_weight(one, two) < 500 < added_weight(None, two)


@given(st.lists(st.integers(0, 2), max_size=6), st.lists(st.integers(0, 2), max_size=6))
def test_shared_beginnings(one, other):
    count = shared(one, other)
    assert one[:count] == other[:count]
    assert one[count : count + 1] != other[count : count + 1] or count in (len(one), len(other))


@pytest.mark.parametrize(
    "damage",
    [
        {"history": [[7]]},
        {"history": "x"},
        {"layers": [{"layer": {}}]},
        {"layers": [3]},
        {"splits": [4]},
        {"layers": [{"layer": painted(1).model_dump(mode="json"), "after": 5, "kept": 1}]},
    ],
)
def test_a_damaged_project_is_refused_as_such(damage):
    content = json.loads(Project().with_recipe(recipe(0.1)).model_dump_json())
    with pytest.raises(ValueError, match=r"[Pp]roject|layer|recipe"):
        Project.model_validate_json(json.dumps(content | damage))


def test_a_version_comes_back_as_a_step_that_can_be_undone():
    project = kept(Project().with_recipe(recipe(0.1)), "  first   try ", 5.0)
    project = project.with_recipe(recipe(0.2)).with_split(EARLY)
    back = restored(project, "first try")
    assert (back.recipe, back.split) == (recipe(0.1), Split())
    assert (back.moved(-1).recipe, back.moved(-1).split) == (recipe(0.2), EARLY)
    assert saved(back).versions == project.versions


def test_versions_are_renamed_deleted_and_brought_back():
    project = kept(kept(Project(), "a", 1.0), "b", 2.0)
    assert [one.name for one in renamed(project, "a", "c").versions] == ["c", "b"]
    without = removed(project, "a")
    assert [one.name for one in without.versions] == ["b"]
    assert saved(brought_back(saved(without))) == project
    again = brought_back(kept(without, "a", 3.0))
    assert [one.name for one in again.versions] == ["a 2", "b", "a"]
    assert brought_back(project) is project


def test_a_name_is_taken_once_and_not_empty():
    project = kept(Project(), "a", 1.0)
    for make in (
        lambda name: kept(project, name, 2.0),
        lambda name: renamed(kept(project, "b", 2.0), "b", name),
    ):
        with pytest.raises(MaskError, match="already"):
            make("a")
        with pytest.raises(MaskError, match="needs a name"):
            make("  ")
        with pytest.raises(MaskError, match="at most 80"):
            make("x" * 81)
    assert renamed(project, "a", " a ") is project
    with pytest.raises(MaskError, match="no version 'z'"):
        found(project, "z")


def test_a_project_keeps_so_many_versions_and_no_more():
    project = Project()
    for number in range(VERSIONS_MOST):
        project = kept(project, next_name(project), float(number))
    with pytest.raises(MaskError, match="Delete one first"):
        kept(project, "one more", 0.0)


def test_a_changed_split_is_told_in_words():
    by_series = Split(by="series", validation_series=("x",), test_series=("y",))
    assert split_changes(EARLY, EARLY) == ()
    assert split_changes(Split(), EARLY) == (
        "Changed the split: from 70 % / 15 % / 15 % to 50 % / 20 % / 30 %.",
    )
    assert "series x to validate, y to test" in split_changes(EARLY, by_series)[0]
