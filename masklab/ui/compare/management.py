"""What can be done with an experiment as a whole: rename, use again, archive, delete, and undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from masklab.runs import labels
from masklab.runs.rows import ExperimentRow
from masklab.ui import guard, state
from masklab.ui.compare.duplicate import new_project_like
from masklab.words import counted, plain

_UNDO = "compare.undo"
_PURGED = "compare.purged"


@dataclass(frozen=True)
class Done:
    """Something that was put away and can be brought back: what is said, and runs by experiment."""

    said: str
    what: Mapping[str, Collection[str | None]]
    archived: bool = False


def put_away(done: Done) -> None:
    """Archive or delete, from a callback, and offer to take it back."""
    with guard.told():
        for experiment_id, run_ids in done.what.items():
            put = labels.archive if done.archived else labels.delete
            put(state.store(), experiment_id, run_ids)
        st.session_state[_UNDO] = done


def undo_of_experiments() -> None:
    """Say which experiment was put away last, with a button that brings it back."""
    if not st.session_state.setdefault(_PURGED, False):
        st.session_state[_PURGED] = True
        labels.purge(state.store())
    _undo_notice(whole=True)


def undo_of_runs() -> None:
    """Say which runs were put away last, with a button that brings them back."""
    _undo_notice(whole=False)


def _undo_notice(*, whole: bool) -> None:
    """Draw what was put away; it stays until it is closed."""
    done: Done | None = st.session_state.get(_UNDO)
    if done is None or whole != any(None in ids for ids in done.what.values()):
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="compare-undo"
    ):
        kept = "" if done.archived else f" It is kept for {round(labels.KEPT / 86_400)} days."
        st.markdown(f"{done.said}{kept}", width="stretch")
        st.button(
            "Undo", icon=":material/undo:", key="compare.undo.do", on_click=_undo, args=(done,)
        )
        st.button(
            "Close", icon=":material/close:", key="compare.undo.close", type="tertiary",
            on_click=partial(st.session_state.pop, _UNDO, None),
        )  # fmt: skip


def experiment_menu(row: ExperimentRow) -> None:
    """Draw what can be done with the experiment."""
    with st.popover("Manage", icon=":material/more_horiz:", width="stretch"):
        name = f"compare.rename.{row.id}"
        st.text_input(
            "Name", row.name, key=name, max_chars=labels.LONGEST_NAME, on_change=_rename,
            args=(row.id, name),
        )  # fmt: skip
        note = f"compare.note.{row.id}"
        st.text_area(
            "Note", labels.notes(state.store(), row.id).get(None, ""), key=note, height=90,
            max_chars=labels.LONGEST_NOTE, on_change=_note, args=(row.id, note),
        )  # fmt: skip
        if st.button(
            "Use its settings in a new project", icon=":material/content_copy:", width="stretch",
            key="compare.duplicate",
            help="Opens the Train page with this data, mask, split, task, strategies, seeds and "
            "network, to change some and train. The project on screen stays in the store.",
        ):  # fmt: skip
            new_project_like(row.id)
            st.switch_page("pages/train.py")
        is_archived = None in labels.archived(state.store(), row.id)
        word = "Take out of the archive" if is_archived else "Archive"
        st.button(
            word, icon=":material/inventory_2:", key="compare.archive", width="stretch",
            on_click=partial(_unarchive, row) if is_archived else partial(_put_away, row, archived=True),
            help="Out of sight until archived experiments are asked for.",
        )  # fmt: skip
        st.button(
            "Delete", icon=":material/delete:", key="compare.delete", width="stretch",
            on_click=partial(_put_away, row, archived=False),
            help=f"{counted(row.total, 'run')} with all their epochs. It can be taken back for "
            f"{round(labels.KEPT / 86_400)} days; the data stays.",
        )  # fmt: skip


def _put_away(row: ExperimentRow, *, archived: bool) -> None:
    verb = "archived" if archived else "deleted"
    put_away(Done(f"“{plain(row.name)}” is {verb}.", {row.id: (None,)}, archived))
    if state.project().experiment_id == row.id:
        guard.save(lambda present: present.model_copy(update={"experiment_id": None}))
    st.query_params.pop("experiment", None)


def _undo(done: Done) -> None:
    with guard.told():
        for experiment_id, run_ids in done.what.items():
            if done.archived:
                labels.archive(state.store(), experiment_id, run_ids, back=True)
            else:
                labels.restore(state.store(), experiment_id, run_ids)
            if None in run_ids:
                st.query_params["experiment"] = experiment_id
        st.session_state.pop(_UNDO, None)


def _unarchive(row: ExperimentRow) -> None:
    with guard.told():
        labels.archive(state.store(), row.id, (None,), back=True)


def _rename(experiment_id: str, key: str) -> None:
    with guard.told():
        labels.rename(state.store(), experiment_id, st.session_state[key])


def _note(experiment_id: str, key: str) -> None:
    with guard.told():
        labels.note(state.store(), experiment_id, None, st.session_state[key])
