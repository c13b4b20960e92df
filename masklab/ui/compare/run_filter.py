"""Which runs the table lists: by words, status, strategy and tag; archived ones where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from masklab.runs import labels
from masklab.runs.rows import STATUSES, RunRow
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.on_screen import archived_shown, show_archived

Tags = Mapping[str, Sequence[str]]
Notes = Mapping[str, str]

_WORDS = {
    "queued": "Waiting", "running": "Training", "paused": "Paused", "finished": "Finished",
    "stopped": "Stopped", "failed": "Failed",
}  # fmt: skip


def tags_of(context: Context) -> dict[str, list[str]]:
    """Return the tags of each run by its id; "archived" among them."""
    return {
        run_id: tags
        for row in context.experiments
        for run_id, tags in state.store().tags(row.id).items()
        if run_id is not None
    }


def notes_of(context: Context) -> dict[str, str]:
    """Return the notes of runs by their ids."""
    return {
        run_id: text
        for row in context.experiments
        for run_id, text in labels.notes(state.store(), row.id).items()
        if run_id is not None
    }


def filtered(context: Context) -> list[RunRow]:
    """Draw search and filters; return the runs that they leave. What is on screen they leave alone."""
    tags, notes = tags_of(context), notes_of(context)
    known_tags = dict.fromkeys(tag for run in context.runs for tag in tags.get(run.id, ()))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.text_input(
            "Search", key="compare.filter.words", placeholder="Strategy, setting, tag, note",
            width=200, persist_state="session",
        )  # fmt: skip
        statuses = _some(
            "Status", [one for one in STATUSES if any(run.status == one for run in context.runs)],
            "status", _WORDS,
        )  # fmt: skip
        strategies = _some(
            "Strategy", list(dict.fromkeys(run.strategy for run in context.runs)), "strategy"
        )
        chosen_tags = _some("Tag", list(known_tags), "tag")
        st.toggle(
            "Archived", value=archived_shown(), key="compare.filter.archived",
            help="Show what was put out of sight, experiments among the choices above too.",
            on_change=lambda: show_archived(bool(st.session_state["compare.filter.archived"])),
        )  # fmt: skip
    asked = words.lower().split()
    return [
        run
        for run in context.runs
        if (not statuses or run.status in statuses)
        and (not strategies or run.strategy in strategies)
        and (not chosen_tags or set(chosen_tags) & set(tags.get(run.id, ())))
        and _has(_text(context, run, tags, notes), asked)
    ]


def _text(context: Context, run: RunRow, tags: Tags, notes: Notes) -> str:
    parts = [
        run.strategy, f"seed {run.seed}", context.groups.get(run.id, ""), _WORDS[run.status], run.message,
        context.names[run.experiment_id], *tags.get(run.id, ()), notes.get(run.id, ""),
    ]  # fmt: skip
    return " ".join(parts).lower()


def _has(text: str, asked: Sequence[str]) -> bool:
    return all(word in text for word in asked)


def _some(
    title: str, options: list[str], name: str, words: Mapping[str, str] | None = None
) -> list[str]:
    key = f"compare.filter.{name}"
    kept = st.session_state.get(key, ())
    st.session_state[key] = [one for one in kept if one in options]
    chosen = st.multiselect(
        title, options, format_func=lambda one: (words or {}).get(one, one), key=key,
        placeholder="Any", width=160, disabled=not options, persist_state="session",
    )  # fmt: skip
    return list(chosen)
