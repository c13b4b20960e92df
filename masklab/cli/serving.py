"""Start the app: this process becomes Streamlit's server, behind MaskLab's door."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import click

import masklab
from masklab.access.origin import is_loopback
from masklab.access.passwords import hashed
from masklab.access.users import Users
from masklab.errors import AccessError, MaskLabError
from masklab.runs.store import Store

_FIRST_PORT = 8501
_VARIABLE = "MASKLAB_PASSWORD"
IN_THE_CLEAR = (
    "There is no TLS here: whoever shares the network can read passwords and data. Put a proxy with "
    "TLS in front and add --behind-tls, or stay in a network that you trust (SECURITY.md)."
)


@dataclass(frozen=True)
class Door:
    """How visitors get in: by a login or not, with one password for all or as users."""

    login: bool = False
    behind_tls: bool = False
    password_file: Path | None = None


def serve(directory: Path | None, port: int | None, host: str, door: Door) -> None:
    """Replace this process by the server, after saying where it will answer.

    Raises `StoreError` if the store can't be used, `AccessError` if nobody could log in, `MaskLabError`
    if the port is taken.
    """
    script = app_script()
    store = Store.open(directory)
    password = _password(door.password_file)
    login = door.login or door.behind_tls or bool(password) or not is_loopback(host)
    if login:
        _check_keys(store.directory, host, password)
    chosen = _free_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"MaskLab: http://{shown}:{chosen}  (runs are kept in {store.directory})")
    if not (is_loopback(host) or door.behind_tls):
        click.echo(IN_THE_CLEAR, err=True)
    sys.stdout.flush()
    os.chdir(script.parent)  # Streamlit reads .streamlit/config.toml here
    os.environ["MASKLAB_STORE"] = str(store.directory)
    os.environ["PYTHONPATH"] = _path()
    os.environ[_VARIABLE] = password
    command = [sys.executable, "-m", "masklab.ui.door", str(script)]
    command += ["--store", str(store.directory), "--address", host, "--port", str(chosen)]
    command += [*(["--login"] if login else []), *(["--behind-tls"] if door.behind_tls else [])]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


def _password(file: Path | None) -> str:
    """Return the one password for all, from a file's first line or the environment; "" for none."""
    if file is None:
        return os.environ.get(_VARIABLE, "")
    try:
        found = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"The password file {file} can't be read ({error}).") from error
    if not found or not found[0]:
        raise AccessError(f"The first line of {file} is empty; it should be the password.")
    return found[0]


def _check_keys(directory: Path, host: str, password: str) -> None:
    """Raise `AccessError` if nobody could log in, or it isn't clear how."""
    users = Users(directory)
    if password and len(users):
        raise AccessError(
            f"The store has {len(users)} users, and a password for all is given too. Unset "
            f"{_VARIABLE} or leave out --password-file, or remove the users."
        )
    if password:
        hashed(password)  # says what is wrong with it here, before the server starts
    elif not len(users):
        raise AccessError(
            f"To be reached at {host}, MaskLab asks who comes, and there is nobody yet. Add users "
            f"with `masklab users add NAME --store {directory}`, or set one password for all with "
            f"{_VARIABLE} or --password-file."
        )


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
