"""Start the app: this process becomes Streamlit's server."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click

import masklab
from masklab.errors import MaskLabError
from masklab.runs.store import Store

_FIRST_PORT = 8501
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(directory: Path | None, port: int | None, host: str) -> None:
    """Replace this process by the server, after saying where it will answer.

    Raises `StoreError` if the store can't be used, `MaskLabError` if the port is taken.
    """
    script = app_script()
    store = Store.open(directory)
    chosen = _free_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"MaskLab: http://{shown}:{chosen}  (runs are kept in {store.directory})")
    if host not in LOOPBACK:
        click.echo("Whoever can reach this address can see the data and start runs.", err=True)
    sys.stdout.flush()
    os.chdir(script.parent)  # Streamlit reads .streamlit/config.toml here
    os.environ["MASKLAB_STORE"] = str(store.directory)
    os.environ["PYTHONPATH"] = _path()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.address", host, "--server.port", str(chosen)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


def app_script() -> Path:
    """Return app.py, packaged or of a source tree; raise `MaskLabError` if neither is there."""
    package = Path(masklab.__file__).parent
    for script in (package / "_app" / "app.py", package.parent / "app.py"):
        if script.is_file():
            return script
    raise MaskLabError(f"The app's pages are missing beside {package}. Install masklab again.")


def _free_port(host: str, port: int | None) -> int:
    for candidate in [port] if port else range(_FIRST_PORT, _FIRST_PORT + 100):
        if _is_free(host, candidate):
            return candidate
    taken = str(port) if port else f"{_FIRST_PORT} to {_FIRST_PORT + 99}"
    raise MaskLabError(
        f"Port {taken} of {host} can't be used: another program has it, or it isn't this "
        "machine's address. Choose another with --port or --host."
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _path() -> str:
    """Return a module path on which the server, started elsewhere, finds this masklab."""
    home, known = str(Path(masklab.__file__).parent.parent), os.environ.get("PYTHONPATH")
    return f"{home}{os.pathsep}{known}" if known else home
