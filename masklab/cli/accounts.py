"""Users of a store on the command line."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import click

from masklab.access.passwords import random_token
from masklab.access.users import Users
from masklab.runs.store import Store


def add(directory: Path | None, name: str, address: str | None) -> None:
    """Add a user with a typed password; with an address, with a random one in a link."""
    known = _users(directory)
    if address is None:
        password = click.prompt(
            f"Password for {name}", hide_input=True, confirmation_prompt="Once more", err=True
        )
        known.add(name, password)
        click.echo(f"{name} can log in now.")
        return
    token = random_token()
    known.add(name, token)
    click.echo(f"{name} logs in with this link. It is shown this once, and works as a password:")
    # What stands after # stays in the browser: no server and no proxy writes it down.
    click.echo(f"{address.rstrip('/')}/#{urlencode({'name': name, 'token': token})}")


def show(directory: Path | None) -> None:
    """Print the names, one a line."""
    known = _users(directory)
    for name in known.names():
        click.echo(name)
    if not known.names():
        click.echo("There is nobody yet. See `masklab users add`.", err=True)


def remove(directory: Path | None, name: str) -> None:
    """Remove a user and say where the workspace is."""
    known = _users(directory)
    place = known.workspace(name)
    known.remove(name)
    click.echo(f"{name} is out. What was kept in {place} stays; a new {name} would find it.")


def _users(directory: Path | None) -> Users:
    return Users(Store.open(directory).directory)
