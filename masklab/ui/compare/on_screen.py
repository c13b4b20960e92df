"""Which runs are on screen: all but those put away or unticked; what is unticked is in the address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import streamlit as st

from masklab.runs import labels
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.ui import state
from masklab.ui.compare.address import keep

_OFF, _READ, _ARCHIVED = "compare.off", "compare.off.read", "compare.archived"
_NAME = "off"


def runs_of(experiments: Sequence[ExperimentRow]) -> tuple[RunRow, ...]:
    """Return the runs of experiments that are neither archived nor deleted.

    Archived ones are there too while the page is asked to show them.
    """
    store = state.store()
    found: list[RunRow] = []
    for row in experiments:
        away = labels.deleted(store, row.id)
        if not archived_shown():
            away |= labels.archived(store, row.id)
        found += [run for run in store.runs(row.id) if run.id not in away]
    return tuple(found)


def archived_shown() -> bool:
    """Whether archived runs are in sight."""
    st.session_state.setdefault(_ARCHIVED, st.query_params.get("archived") == "1")
    shown = bool(st.session_state[_ARCHIVED])
    keep("archived", "1" if shown else "")
    return shown


def show_archived(shown: bool) -> None:
    """Bring archived runs in sight, or out of it."""
    st.session_state[_ARCHIVED] = shown


def shown(experiments: Sequence[ExperimentRow], runs: Sequence[RunRow]) -> frozenset[str]:
    """Return the ids of the runs that are ticked, and keep those that aren't in the address."""
    places = {row.id: place for place, row in enumerate(experiments)}
    if _READ not in st.session_state:
        st.session_state[_READ] = True
        st.session_state[_OFF] = set(_read(st.query_params.get(_NAME, ""), experiments))
    off = st.session_state[_OFF]
    unticked: dict[int, list[int]] = {}
    for run in runs:
        if run.id in off:
            unticked.setdefault(places[run.experiment_id], []).append(_position(run.id))
    keep(_NAME, _written(unticked))
    return frozenset(run.id for run in runs if run.id not in off)


def tick(runs: Iterable[str], *, on: bool) -> None:
    """Put runs on screen, or take them off it."""
    off = set(st.session_state.get(_OFF, ()))
    st.session_state[_OFF] = off - set(runs) if on else off | set(runs)


def _position(run_id: str) -> int:
    return int(run_id.rpartition("-")[2])


def _written(unticked: dict[int, list[int]]) -> str:
    """Return positions by the experiment's place as "0:1-3.7_1:2"."""
    said = []
    for place, positions in sorted(unticked.items()):
        stretches = ".".join(_stretches(sorted(positions)))
        said.append(f"{place}:{stretches}")
    return "_".join(said)


def _stretches(positions: list[int]) -> Iterator[str]:
    first = last = positions[0]
    for one in [*positions[1:], -1]:
        if one == last + 1:
            last = one
            continue
        yield str(first) if first == last else f"{first}-{last}"
        first = last = one


def _read(text: str, experiments: Sequence[ExperimentRow]) -> Iterator[str]:
    """Return the ids of what `_written` wrote; what can't be read is passed over."""
    for part in text.split("_"):
        place, _, stretches = part.partition(":")
        if not (place.isdecimal() and int(place) < len(experiments)):
            continue
        row = experiments[int(place)]
        for stretch in stretches.split("."):
            first, _, last = stretch.partition("-")
            if first.isdecimal() and (last or first).isdecimal():
                stop = min(int(last or first), row.total + 10_000)
                yield from (f"{row.id}-{one:04d}" for one in range(int(first), stop + 1))
