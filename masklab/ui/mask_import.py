"""Import of a mask or recipe: a file, a look at what it would do, and only then the layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.exchange import FORMATS, read_mask
from masklab.masks.format import MAX_BYTES, Incoming
from masklab.masks.layers import Layer, MaskRecipe
from masklab.ui import guard, state, words
from masklab.ui.mask_page import Scene, revision
from masklab.ui.project import Project
from masklab.words import counted, plain

_KEY = "masklab.import"
_CANDIDATE, _TURN, _TOLD = f"{_KEY}.candidate", f"{_KEY}.turn", f"{_KEY}.told"
_TYPES = ["csv", "tsv", "txt", "json", "yaml", "yml", "npz", "parquet", "py"]
_NOTES_MOST = 12
MAX_LAYERS = 500


@dataclass(frozen=True)
class Candidate:
    """A file that was uploaded for some data: what it holds, or why it can't be used."""

    name: str
    content: str
    """The hash of the data it was read for."""
    incoming: Incoming | None = None
    problem: str = ""


def importing(now: Scene) -> None:
    """Draw the upload; after it, a look at what the file would do, with the choice what to do."""
    candidate: Candidate | None = st.session_state.get(_CANDIDATE)
    if candidate and candidate.content != now.panel.content_hash:
        candidate = st.session_state[_CANDIDATE] = None
    if candidate and candidate.incoming:
        _look(candidate, candidate.incoming, now)
        return
    if candidate:
        st.error(f"{plain(candidate.name)}: {plain(candidate.problem)} The layers are unchanged.")
    key = f"{_KEY}.upload.{st.session_state.get(_TURN, 0)}"
    st.file_uploader(
        "Mask or recipe", type=_TYPES, key=key, on_change=_read, args=(key, now.panel),
        max_upload_size=MAX_BYTES // 2**20,
        help="Any format that can be exported here but Python code, which is never run; the file's "
        "content tells which. Nothing changes until you have seen what it does.",
    )  # fmt: skip


def tell_imported(now: Scene) -> None:
    """Say what was taken from a file, until the mask changes: outside any box that could be shut."""
    text, at = st.session_state.get(_TOLD, ("", ""))
    if at == now.revision:
        st.success(text)


def candidate_of(data: bytes, name: str, panel: Panel) -> Candidate:
    """Return what a file holds for a panel, or its problem in a sentence."""
    stem = name.rsplit("/", 1)[-1].split(".", maxsplit=1)[0][:100] or "Imported"
    try:
        return Candidate(name, panel.content_hash, read_mask(data, panel, name=stem))
    except MaskError as error:
        return Candidate(name, panel.content_hash, problem=str(error))


def _read(key: str, panel: Panel) -> None:
    file = st.session_state[key]
    if file is not None:
        st.session_state[_CANDIDATE] = candidate_of(file.getvalue(), file.name, panel)
        # A new uploader takes the place of this one: a file is read once, not at every run.
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _look(candidate: Candidate, incoming: Incoming, now: Scene) -> None:
    st.markdown(f"**{plain(candidate.name)}**, read as {plain(FORMATS[incoming.kind].title)}")
    count = counted(len(incoming.layers), "layer")
    layers = incoming.layers
    observed = MaskRecipe(layers=layers).apply(now.panel, now.parts).observed
    hidden = now.panel.native & ~observed
    newly = hidden & now.mask.observed
    st.write(
        f"{count[0].upper()}{count[1:]}, alone hiding "
        f"{words.of(int(np.count_nonzero(hidden)), hidden.size, 'cells')}; "
        f"{np.count_nonzero(newly):,} of them are visible now."
    )
    if len(now.panel.channels) > 1:
        _by_channel(now.panel, hidden, newly)
    _notes(incoming)
    with st.container(horizontal=True, gap="small"):
        st.button(
            f"Add {count}", type="primary", key=f"{_KEY}.add", disabled=not layers,
            on_click=_take, args=(candidate, _appended, f"Added {count}"),
            help="After the layers in use. Undo takes them back.",
        )  # fmt: skip
        st.button(
            "Replace all layers", key=f"{_KEY}.replace", on_click=_take,
            args=(candidate, _instead, f"Replaced the layers by {count}"),
            help="In place of the layers in use. Undo brings them back.",
        )  # fmt: skip
        st.button("Discard", key=f"{_KEY}.discard", on_click=_discard)


def _by_channel(panel: Panel, hidden: np.ndarray, newly: np.ndarray) -> None:
    table = pd.DataFrame(
        {
            "channel": panel.channels,
            "hides": np.count_nonzero(hidden, axis=0),
            "newly": np.count_nonzero(newly, axis=0),
        }
    )
    column = st.column_config
    st.dataframe(
        table, hide_index=True, height=min(38 + 35 * len(table), 220),
        column_config={
            "channel": column.TextColumn("Channel"),
            "hides": column.NumberColumn("Hides", format="localized", help="Cells it hides."),
            "newly": column.NumberColumn(
                "Newly", format="localized", help="Those of them that are visible now."
            ),
        },
    )  # fmt: skip


def _notes(incoming: Incoming) -> None:
    if not incoming.notes:
        return
    shown = [f"- {plain(note)}" for note in incoming.notes[:_NOTES_MOST]]
    more = len(incoming.notes) - len(shown)
    st.warning("\n".join([*shown, *([f"- And {more:,} more."] if more > 0 else [])]))


def _take(
    candidate: Candidate,
    join: Callable[[tuple[Layer, ...], tuple[Layer, ...]], tuple[Layer, ...]],
    said: str,
) -> None:
    incoming = candidate.incoming
    if incoming is None:
        return

    def step(project: Project) -> Project:
        layers = join(project.recipe.layers, incoming.layers)
        if len(layers) > MAX_LAYERS:
            raise MaskError(
                f"A recipe has up to {MAX_LAYERS} layers; these would be {len(layers):,}. "
                "Delete some, or replace them all."
            )
        return project.with_recipe(MaskRecipe(layers=layers))

    guard.save(step)
    _discard()
    project = state.project()
    if (
        project.recipe.layers[len(project.recipe.layers) - len(incoming.layers) :]
        == incoming.layers
    ):
        st.session_state[_TOLD] = (f"{said} from {plain(candidate.name)}.", revision(project))


def _appended(present: tuple[Layer, ...], new: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return (*present, *new)


def _instead(present: tuple[Layer, ...], new: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return new


def _discard() -> None:
    st.session_state[_CANDIDATE] = None
