"""Check, compact, export and import stores."""

from __future__ import annotations

from pathlib import Path

import click

from masklab.cli.places import existing_store, named
from masklab.errors import StoreError
from masklab.runs import check as checks
from masklab.runs import compact as compacting
from masklab.runs.archive.exporting import export_all, export_experiment
from masklab.runs.archive.importing import Arrived, arriving, bring
from masklab.runs.archive.rescue import rescue
from masklab.runs.database import FILE_NAME
from masklab.runs.store import Store, default_directory


def check(directory: Path | None) -> int:
    """Print what is wrong with a store; return the exit code."""
    place = (directory or default_directory()).expanduser().absolute()
    found = checks.check(place)
    for one in found:
        click.echo(_plain(one))
    if not found:
        click.echo(f"The store {place} is whole.")
    return 1 if found else 0


def compact(directory: Path | None, dry: bool) -> None:
    """Remove what nothing needs, and say what went."""
    freed = compacting.compact(existing_store(directory), dry=dry)
    went = "would go" if dry else "removed"
    click.echo(
        f"Files of finished runs that others have taken the place of: {freed.superseded} {went}. "
        f"Files of nothing: {freed.orphans} {went}. {_size(freed.bytes)} in all."
    )
    if freed.waits:
        click.echo("Runs train: their files and the store's own file are left as they are.")
    elif not dry:
        click.echo(f"The store's own file is {_size(freed.file)} smaller.")


def export(what: tuple[str, ...], directory: Path | None, rescued: bool) -> None:
    """Write a zip of what was named, or of all; `rescued`: of what can be read."""
    *names, out = what
    if len(names) > 1 or (rescued and names):
        raise StoreError(
            "Name at most one experiment or run, then the file to write; none with --rescue, which "
            "exports all that can be read."
        )
    if rescued:
        lost = rescue(_there(directory), out)
        for one in lost:
            click.echo(_plain(one))
        click.echo(f"{out}: {'what could be read' if lost else 'all could be read'}.")
        return
    store = existing_store(directory)
    if not names:
        export_all(store, out)
        click.echo(f"{out}: {_count(len(store.experiments()), 'experiment')}.")
        return
    experiment_id, run_id = named(store, names[0])
    export_experiment(store, experiment_id, out, run_id)
    click.echo(f"{out}: {run_id or experiment_id}.")


def bring_in(file: Path, directory: Path | None) -> None:
    """Bring what a zip holds into a store, made if needed, and say what came."""
    with arriving(file.expanduser()) as content:
        store = Store.open(directory)
        arrived = bring(store, content)
    for one in arrived.lost:
        click.echo(f"Lost before it was exported: {_plain(one)}")
    click.echo(f"{_told(arrived)}\nStore: {store.directory}")


def _told(arrived: Arrived) -> str:
    said = [
        f"{_count(len(arrived.experiments), 'experiment')} and {_count(len(arrived.runs), 'run')} imported."
    ]
    if arrived.paused:
        said.append(
            f"{_count(arrived.paused, 'run')} of these had not ended, and wait paused; resume them in "
            "the app, or start the experiment with `masklab run`."
        )
    if arrived.known:
        said.append(
            f"{_count(len(arrived.known), 'run')} known before: left as the store had them."
        )
    return " ".join(said)


def _there(directory: Path | None) -> Path:
    place = (directory or default_directory()).expanduser().absolute()
    if not (place / FILE_NAME).exists():
        raise StoreError(f"There is no run store in {place}. Name its folder with --store.")
    return place


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _plain(text: str) -> str:
    """Return a text that may come from anyone without what would move a terminal's cursor."""
    return "".join(one if one.isprintable() else "?" for one in text)
