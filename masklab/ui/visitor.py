"""Who is on the page, and which workspace is theirs: asked anew on every run of a page."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from masklab.access.gate import Gate, Session
from masklab.access.origin import is_loopback
from masklab.data.samples import PREFIX
from masklab.errors import AccessError
from masklab.runs.store import default_directory

_WHOSE = "masklab.visitor"
_gate: Gate | None = None


def keep(gate: Gate | None) -> None:
    """Set the gate of this server, once, before it starts."""
    global _gate  # noqa: PLW0603 - one process, one server, one gate
    _gate = gate


def is_confined() -> bool:
    """Whether visitors log in, and so reach no file but those of their workspace and the samples."""
    return _gate is not None


def session() -> Session | None:
    """Return the visitor's session; None on a server without a login.

    Raises `AccessError` if it has ended since the page was opened, and on a server that others can
    reach without a login. What the cookie says counts, and nothing else that a browser sends.
    """
    if _gate is None:
        address = st.get_option("server.address")
        if address and not is_loopback(address):
            raise AccessError(
                f"This server can be reached from elsewhere ({address}) and asks for no password, so "
                "MaskLab stays shut. Start it with `masklab app --host`, which does."
            )
        return None
    found = _gate.session(st.context.cookies.get(_gate.cookie))
    if found is None:
        raise AccessError("You are logged out. Load the page again to log in.")
    _check_tab(found.name)
    return found


def _check_tab(name: str) -> None:
    """Empty a tab that somebody else's login takes over: it reconnects with the browser's cookie."""
    if st.session_state.setdefault(_WHOSE, name) == name:
        return
    for key in list(st.session_state):
        del st.session_state[key]
    raise AccessError("Another user has logged in with this browser. Load the page again.")


def workspace() -> Path:
    """Return the folder of the visitor's store; raises `AccessError` as `session`."""
    found = session()
    if _gate is not None and found is not None:
        return _gate.keys.workspace(found.name)
    directory = os.environ.get("MASKLAB_STORE")
    return Path(directory) if directory else default_directory()


def name() -> str:
    """Return the name that the visitor logged in with, empty if none is asked for."""
    found = session()
    return found.name if found is not None and _gate is not None and _gate.keys.asks_name else ""


def check_path(path: str) -> None:
    """Raise `AccessError` if data lies neither in the visitor's workspace nor among the samples.

    Without a login the one who sits at this machine may name any of its files, as on the command
    line.
    """
    if not is_confined() or path.startswith(PREFIX):
        return
    own = (workspace() / "data").resolve()
    try:
        found = Path(path).resolve()
    except (OSError, ValueError, RuntimeError):
        found = Path("/")
    if not Path(path).is_absolute() or not found.is_relative_to(own):
        raise AccessError(
            "This project's data lies outside your workspace, and is not opened. Open the file again "
            "on the Data page, or take a sample."
        )
