"""`python -m masklab.ui.door APP.py --store DIR`: Streamlit's server behind MaskLab's door."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp
from streamlit.runtime.pages_manager import PagesManager

from masklab.access.gate import Gate
from masklab.access.origin import LOOPBACK, is_loopback
from masklab.access.users import OnePassword, Users
from masklab.ui import visitor
from masklab.ui.door import Door


def main(arguments: list[str] | None = None) -> None:
    """Serve the app until it is stopped. `masklab app` checks what it is given, and starts this."""
    parser = argparse.ArgumentParser(prog="masklab.ui.door")
    parser.add_argument("script", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--login", action="store_true")
    parser.add_argument("--behind-tls", action="store_true")
    given = parser.parse_args(arguments)
    # Taken out, so that the processes that train don't inherit it.
    password = os.environ.pop("MASKLAB_PASSWORD", "")
    gate = None
    if given.login or given.behind_tls or password or not is_loopback(given.address):
        keys = OnePassword(given.store, password) if password else Users(given.store)
        gate = Gate(given.store, keys, secure=given.behind_tls)
    visitor.keep(gate)
    settings = {
        "server.address": given.address,
        "server.port": given.port,
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "browser.gatherUsageStats": False,
        # A whole collection after every run keeps its answer waiting; Python collects by itself.
        "runner.postScriptGC": False,
    }
    if gate is not None:  # what failed and where is for the log, not for whoever logs in
        settings["client.showErrorDetails"] = "none"
    # Else the first link opened after a start shows its page alone: Streamlit learns only from
    # app.py that pages/ is not a menu of its own.
    PagesManager.uses_pages_directory = False
    door = Middleware(_door, gate=gate, address=given.address)
    st.App(given.script.absolute(), middleware=[door]).run(config=settings)


def _door(app: ASGIApp, gate: Gate | None, address: str) -> Door:
    """Return the door, made when Streamlit has read its settings."""
    hosts = frozenset(st.get_option("server.allowedHosts") or ())
    if gate is None:
        hosts |= LOOPBACK | {address}
    # Behind a login any name will do: no other gets the cookie.
    origins = frozenset(st.get_option("server.corsAllowedOrigins") or ())
    return Door(app, gate, hosts or None, origins)


if __name__ == "__main__":
    main()
