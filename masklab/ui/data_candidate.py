"""The file that is looked at on the Data page before it is accepted, and how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from masklab.data.preview import Preview, preview
from masklab.data.read import ReadOptions
from masklab.data.samples import resolve_path
from masklab.runs.spec import DataSource
from masklab.ui import state

_KEY = "data.candidate"
_NOTES = "data.notes"
_SHAPE = {"layout", "separator", "decimal", "encoding", "header", "skip", "sheet"}
_ROLES = (
    "clock",
    "time",
    "time_parts",
    "series",
    "channels",
    "variable",
    "value",
    "epoch",
    "day_first",
)
NOTES_UP_TO = 20 * 2**20
"""Files larger than this are not read once more only to say again what was noted."""


@dataclass(frozen=True)
class Candidate:
    """A file (`path` as in a `DataSource`), its title, and the reading options set so far, as JSON."""

    path: str
    title: str
    sha256: str | None
    options: dict[str, Any]

    def seen(self) -> Preview:
        """Return the look at the file under these options; read once for the same ones."""
        reading = ReadOptions.model_validate(self.options)
        return _seen(self.path, self.sha256, reading.model_dump_json(), self.title)


def candidate() -> Candidate | None:
    """Return the file that waits to be accepted, if any."""
    held = st.session_state.get(_KEY)
    return None if held is None else Candidate(**held)


def propose(path: str, title: str, sha256: str | None, options: ReadOptions | None = None) -> None:
    """Put a file up for a look."""
    given = options.model_dump(mode="json", exclude_defaults=True) if options else {}
    st.session_state[_KEY] = {"path": path, "title": title, "sha256": sha256, "options": given}


def correct(**changes: Any) -> None:
    """Read the candidate with other options; what followed from a guess now changed is guessed anew."""
    held = st.session_state[_KEY]
    options = {**held["options"], **changes}
    if _SHAPE & set(changes):
        options = {name: value for name, value in options.items() if name not in _ROLES}
        options |= {name: value for name, value in changes.items() if name in _ROLES}
    taken = {changes.get("time"), changes.get("series")} - {None}
    if taken and "channels" not in changes and options.get("channels"):
        options["channels"] = [name for name in options["channels"] if name not in taken] or None
    options = {name: value for name, value in options.items() if value is not None}
    reading = ReadOptions.model_validate(options)
    st.session_state[_KEY] = {
        **held,
        "options": reading.model_dump(mode="json", exclude_unset=True),
    }


def drop() -> None:
    """Look at no file any more; the data in use stays."""
    st.session_state.pop(_KEY, None)


def accept() -> list[str]:
    """Take the candidate as the project's data; return what of the mask and split did not fit."""
    held = candidate()
    if held is None:
        return []
    seen = held.seen()
    source = DataSource(path=held.path, reading=seen.options, sha256=held.sha256)
    remember_notes(source, seen.warnings)
    left_out = state.set_data(source, held.title, seen.panel)
    drop()
    return left_out


def remember_notes(source: DataSource, notes: tuple[str, ...]) -> None:
    """Keep what reading a source had to say, for as long as the tab lives."""
    st.session_state[_NOTES] = (source.model_dump_json(), notes)


def notes_of(source: DataSource) -> tuple[str, ...]:
    """Return what reading a source had to say; () for a large file read before this tab opened.

    Also () for a file that is gone: its panel may still be at hand.
    """
    kept = st.session_state.get(_NOTES)
    if kept is not None and kept[0] == source.model_dump_json():
        return tuple(kept[1])
    try:
        size = resolve_path(source.path, Path.cwd()).stat().st_size
    except OSError:
        return ()
    if size > NOTES_UP_TO:
        return ()
    return _seen(source.path, source.sha256, source.reading.model_dump_json(), "").warnings


@st.cache_resource(show_spinner="Reading the file", max_entries=6)
def _seen(path: str, sha256: str | None, reading: str, title: str) -> Preview:
    file = resolve_path(path, Path.cwd())
    return preview(file, title or file.name, ReadOptions.model_validate_json(reading))
