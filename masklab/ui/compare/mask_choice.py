"""Which masks trained runs are scored under: those of experiments, of the project, and generators."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from masklab.compare.other_masks import (
    FAMILIES,
    RATES,
    Column,
    at_rates,
    family_title,
    nothing_hidden,
)
from masklab.errors import MaskLabError
from masklab.masks.layers import RULES, MaskRecipe
from masklab.runs.spec import Experiment
from masklab.ui import state
from masklab.ui.compare.context import Context

OWN, NONE = "own", "none"
_LOOKED_THROUGH = 50
_FACT = "cross.choice"
_MASKS, _FAMILIES = "compare.masks.which", "compare.masks.families"


def chosen_masks(context: Context, experiment: Experiment) -> list[Column]:
    """Let the user choose masks and generators; return them as columns, each recipe once."""
    options = _options(context, experiment)
    kept = state.store().fact(context.experiment.id, _FACT) or {}
    if st.session_state.get("compare.masks.of") != context.experiment.id:
        st.session_state["compare.masks.of"] = context.experiment.id
        st.session_state[_MASKS] = [one for one in kept.get("masks", [OWN, NONE]) if one in options]
        st.session_state[_FAMILIES] = [
            one for one in kept.get("families", FAMILIES[:1]) if one in FAMILIES
        ]
    rates = ", ".join(f"{100 * rate:g}" for rate in RATES)
    masks = st.multiselect(
        "Masks to score under", list(options), format_func=lambda one: options[one].name,
        key=_MASKS, persist_state="session", placeholder="Choose masks",
        help="What the networks may read of the validation windows. Other experiments' masks on "
        "this data and the project's versions stand here too.",
    )  # fmt: skip
    families = st.pills(
        f"And at {rates} %", FAMILIES, format_func=family_title, selection_mode="multi",
        key=_FAMILIES, persist_state="session",
        help="Generators, each at every rate, drawn once from a fixed seed: "
        + " ".join(f"{family_title(one)}: {_first_sentence(one)}" for one in FAMILIES),
    )  # fmt: skip
    columns = [options[one] for one in masks if one in options]
    if families and NONE not in masks:  # a curve begins where nothing is hidden
        columns.append(options[NONE])
    return columns + [column for one in FAMILIES if one in families for column in at_rates(one)]


def keep_choice(experiment_id: str) -> None:
    """Keep what is chosen in the store, so that its result is there after a reload."""
    chosen = {
        "masks": list(st.session_state.get(_MASKS, ())),
        "families": list(st.session_state.get(_FAMILIES, ())),
    }
    if state.store().fact(experiment_id, _FACT) != chosen:
        state.store().set_fact(experiment_id, _FACT, chosen)


def _options(context: Context, experiment: Experiment) -> dict[str, Column]:
    """Return the masks by a name of their own; of recipes that do the same, the first."""
    own = Column(name="Own mask", recipe=experiment.recipe)
    found = {OWN: own, NONE: nothing_hidden()}
    for name, title, recipe in (*_of_experiments(context, experiment), *_of_project(experiment)):
        if all(recipe.bare() != one.recipe.bare() for one in found.values()):
            taken = {one.name for one in found.values()}
            found[name] = Column(
                name=title if title not in taken else f"{title} ({name[-6:]})", recipe=recipe
            )
    return found


def _of_experiments(context: Context, experiment: Experiment) -> list[tuple[str, str, MaskRecipe]]:
    """Return the recipes of other experiments on the same data, those that are compared first."""
    store, found = state.store(), []
    beside = context.experiments[1:]
    others = [
        row for row in store.experiments() if row.id not in {one.id for one in context.experiments}
    ]
    for row in (*beside, *others[:_LOOKED_THROUGH]):
        try:
            other = store.experiment(row.id)
        except MaskLabError:  # of another version: it can't be compared with
            continue
        if other.data.sha256 == experiment.data.sha256:
            found.append((f"experiment.{row.id}", f"Mask of {row.name}", other.recipe))
    return found


def _of_project(experiment: Experiment) -> list[tuple[str, str, MaskRecipe]]:
    """Return the project's recipe and its versions, if the project has the same data."""
    project = state.project()
    try:
        same = (
            project.data is not None and project.data.content(Path.cwd()) == experiment.data.sha256
        )
    except MaskLabError:  # the file is gone: the Data page tells
        same = False
    if not same:
        return []
    versions = [
        (f"version.{one.name}", f"Version {one.name}", one.recipe) for one in project.versions
    ]
    return [("project", "The project's mask", project.recipe), *versions]


def _first_sentence(family: str) -> str:
    return f"{RULES[family].explanation.partition('. ')[0].rstrip('.')}."
