"""What can be done with runs of the table: tag, note, archive, delete."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from masklab.runs import labels
from masklab.runs.rows import RunRow
from masklab.ui import guard, state
from masklab.ui.compare.context import Context
from masklab.ui.compare.management import Done, put_away
from masklab.ui.compare.run_filter import notes_of, tags_of
from masklab.words import counted

_CHOSEN = "compare.acted"


def run_actions(context: Context, listed: Sequence[RunRow]) -> None:
    """Draw a choice of runs, and behind a button what can be done with them."""
    runs = {run.id: run for run in context.runs}
    kept = st.session_state.get(_CHOSEN, ())
    st.session_state[_CHOSEN] = [one for one in kept if one in runs]
    chosen = st.multiselect(
        "Tag, note, archive or delete",
        list(runs),
        format_func=lambda one: _name(context, runs[one]),
        key=_CHOSEN,
        placeholder="Choose runs",
        width=420,
    )
    st.button(
        f"Take the {len(listed):,} listed", key="compare.acted.listed", type="tertiary",
        on_click=_take, args=([run.id for run in listed],), disabled=not listed,
    )  # fmt: skip
    with st.popover(
        f"With {counted(len(chosen), 'run')}", icon=":material/label:", disabled=not chosen
    ):
        _actions(context, [runs[one] for one in chosen])


def _actions(context: Context, runs: Sequence[RunRow]) -> None:
    if not runs:
        return
    own = {one for one in tags_of(context).get(runs[0].id, ()) if one != labels.ARCHIVED}
    every = {one for tags in tags_of(context).values() for one in tags} - {labels.ARCHIVED}
    key = f"compare.tags.{runs[0].id}.{len(runs)}"
    if len(runs) == 1:
        st.multiselect(
            "Tags", sorted(every), sorted(own), key=key, accept_new_options=True,
            placeholder="Choose, or write a new one", on_change=_tag, args=(runs, key),
        )  # fmt: skip
        note = f"compare.note.{runs[0].id}"
        st.text_area(
            "Note", notes_of(context).get(runs[0].id, ""), key=note, height=90,
            max_chars=labels.LONGEST_NOTE, on_change=_note, args=(runs[0], note),
        )  # fmt: skip
    else:
        st.text_input(
            "Add a tag to them",
            key=key,
            max_chars=labels.LONGEST_TAG,
            on_change=_tag,
            args=(runs, key),
        )
    away = {row.id: labels.archived(state.store(), row.id) for row in context.experiments}
    archived = all(run.id in away[run.experiment_id] for run in runs)
    st.button(
        "Take out of the archive" if archived else "Archive", icon=":material/inventory_2:",
        key="compare.runs.archive", width="stretch",
        on_click=partial(_back, runs) if archived else partial(_put_away, runs, archived=True),
        help="Out of sight and of every number, until “Archived” is switched on.",
    )  # fmt: skip
    st.button(
        "Delete", icon=":material/delete:", key="compare.runs.delete", width="stretch",
        on_click=partial(_put_away, runs, archived=False),
        help=f"It can be taken back for {round(labels.KEPT / 86_400)} days. A run that trains is stopped.",
    )  # fmt: skip


def _name(context: Context, run: RunRow) -> str:
    where = f", {context.names[run.experiment_id]}" if len(context.experiments) > 1 else ""
    return f"{context.groups.get(run.id, run.strategy)}, seed {run.seed}{where}"


def _take(ids: list[str]) -> None:
    st.session_state[_CHOSEN] = ids


def _tag(runs: Sequence[RunRow], key: str) -> None:
    with guard.told():
        said = st.session_state[key]
        if len(runs) == 1:
            labels.tag(state.store(), runs[0].experiment_id, runs[0].id, said)
            return
        for experiment_id, ids in _by_experiment(runs).items():
            labels.add_tag(state.store(), experiment_id, ids, said)
        st.session_state[key] = ""


def _note(run: RunRow, key: str) -> None:
    with guard.told():
        labels.note(state.store(), run.experiment_id, run.id, st.session_state[key])


def _put_away(runs: Sequence[RunRow], *, archived: bool) -> None:
    are = "is" if len(runs) == 1 else "are"
    said = f"{counted(len(runs), 'run')} {are} {'archived' if archived else 'deleted'}."
    put_away(Done(said, _by_experiment(runs), archived))


def _back(runs: Sequence[RunRow]) -> None:
    with guard.told():
        for experiment_id, ids in _by_experiment(runs).items():
            labels.archive(state.store(), experiment_id, ids, back=True)


def _by_experiment(runs: Sequence[RunRow]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for run in runs:
        found.setdefault(run.experiment_id, []).append(run.id)
    return found
