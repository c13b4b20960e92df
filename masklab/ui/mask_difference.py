"""What changed from one version to another: in words, in numbers, and drawn on the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import UInt8

from masklab.charts.difference_picture import View, difference_picture
from masklab.charts.ribbon import stretches
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.masks.difference import Change, cell_changes, change_counts, layer_changes
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.recipe_file import fitted
from masklab.split import Split
from masklab.ui import state, words
from masklab.ui.project import Project
from masklab.ui.versions import split_changes
from masklab.ui.zoomed_picture import zoomed_picture
from masklab.words import plain

NOW, LAST = "Now, in use", "Before the last step"
CHANNELS_SHOWN = 4
_KEY = "masklab.difference"


@dataclass(frozen=True)
class State:
    """A recipe with its split, as one side of a comparison."""

    recipe: MaskRecipe
    split: Split


@st.dialog("What changed", width="large")
def compare(panel: Panel, version: str | None) -> None:
    """Show what changed from a version (None: from before the last step) to now, or others."""
    sides = sides_of(state.project())
    names = list(sides)
    before, after = st.columns(2)
    start = names.index(version) if version in names else names.index(LAST) if LAST in names else 0
    first = before.selectbox("From", names, index=start, key=f"{_KEY}.from.{version}")
    second = after.selectbox("To", names, index=names.index(NOW), key=f"{_KEY}.to.{version}")
    told(panel, sides[first], sides[second])


def sides_of(project: Project) -> dict[str, State]:
    """Return what can be compared, by name: now, the step before, and the versions."""
    sides = {NOW: State(project.recipe, project.split)}
    if project.can_undo:
        past = project.moved(-1)
        sides[LAST] = State(past.recipe, past.split)
    versions = {one.name: State(one.recipe, one.split) for one in reversed(project.versions)}
    return {**sides, **{name: side for name, side in versions.items() if name not in sides}}


def told(panel: Panel, before: State, after: State) -> None:
    """Draw the difference of two states: layers in words, cells in numbers, and the picture."""
    changes, notes = _changes(
        panel, before, after, panel.content_hash, _named(before), _named(after)
    )
    for note in notes:
        st.warning(plain(note))
    sentences = [
        *layer_changes(before.recipe, after.recipe),
        *split_changes(before.split, after.split),
    ]
    if not sentences:
        st.info("Both have the same layers and the same split.")
        return
    st.markdown("\n".join(f"- {plain(one)}" for one in sentences))
    counts = change_counts(panel, changes)
    st.markdown(_sentence(counts))
    if not _changed(counts).any():
        return
    _picture(panel, changes, counts, after.split)
    st.dataframe(shown_counts(counts), hide_index=True, width="stretch")


def shown_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts as a table of words, channels with most changes first."""
    order = _changed(counts).sort_values(ascending=False, kind="stable").index
    rows = counts.loc[order]
    return pd.DataFrame(
        {
            "Channel": rows["channel"],
            **{
                title: [
                    words.of(part, whole)
                    for part, whole in zip(rows[name], rows["cells"], strict=True)
                ]
                for title, name in (
                    ("Now hidden", "now_hidden"),
                    ("Visible again", "now_visible"),
                    ("Hidden in both", "hidden"),
                )
            },
        }
    )


def _changed(counts: pd.DataFrame) -> pd.Series:
    changed: pd.Series = counts["now_hidden"] + counts["now_visible"]
    return changed


def _sentence(counts: pd.DataFrame) -> str:
    total = int(counts["cells"].sum())
    hidden, visible = (int(counts[name].sum()) for name in ("now_hidden", "now_visible"))
    if not hidden and not visible:
        return "**No cell changed sides.**"
    return (
        f"**{words.of(hidden, total, 'cells')}** are now hidden; "
        f"**{words.of(visible, total, 'cells')}** are visible again."
    )


def _picture(
    panel: Panel, changes: UInt8[np.ndarray, "row channel"], counts: pd.DataFrame, split: Split
) -> None:
    series = 0
    if len(panel) > 1:
        most = [_count(changes[panel.rows_of(one)]) for one in range(len(panel))]
        series = st.selectbox(
            "Series", range(len(panel)), index=int(np.argmax(most)), key=f"{_KEY}.series",
            format_func=lambda one: f"{panel.names[one]} ({most[one]:,} cells changed)",
        )  # fmt: skip
    order = _changed(counts).sort_values(ascending=False, kind="stable")
    channels = [str(counts["channel"][at]) for at in order.index[:CHANNELS_SHOWN] if order[at]]
    kept = tuple(name for name in panel.channels if name in channels)
    parts = stretches(panel, split, series)
    zoomed_picture(
        panel, series,
        lambda window: difference_picture(panel, changes, View(series, kept, parts, window)),
        key=_KEY, alt=f"{', '.join(kept)} of {panel.names[series]} over time, with what changed",
    )  # fmt: skip
    if len(channels) < int((order > 0).sum()):
        st.caption(
            f"The {len(channels)} channels with the most changes. The table has all of them."
        )


def _count(changes: UInt8[np.ndarray, "row channel"]) -> int:
    return int(np.count_nonzero((changes == Change.NOW_HIDDEN) | (changes == Change.NOW_VISIBLE)))


def _named(side: State) -> str:
    return side.recipe.model_dump_json() + side.split.model_dump_json()


@st.cache_resource(show_spinner=False, max_entries=8)
def _changes(
    _panel: Panel, _before: State, _after: State, content: str, before: str, after: str
) -> tuple[UInt8[np.ndarray, "row channel"], tuple[str, ...]]:
    notes: list[str] = []
    masks = [_mask(_panel, side, notes) for side in (_before, _after)]
    return cell_changes(_panel, *masks), tuple(dict.fromkeys(notes))


def _mask(panel: Panel, side: State, notes: list[str]) -> Mask:
    """Return the mask of a state; note what of it doesn't fit the data."""
    recipe = fitted(side.recipe, panel)
    if recipe != side.recipe:
        notes.append("Layers that don't fit this data were left out of the count.")
    try:
        parts = side.split.parts(panel)
    except ExperimentError as error:
        notes.append(f"{error} Every layer was counted on all rows.")
        return recipe.apply(panel)
    return recipe.apply(panel, parts)
