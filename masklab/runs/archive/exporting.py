"""Export experiments of a store as one zip, to be opened elsewhere bit for bit."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.errors import StoreError
from masklab.runs import files
from masklab.runs.archive.lines import LINES, ArtifactLine, ExperimentLine, Line
from masklab.runs.archive.packing import Packer, pack
from masklab.runs.archive.tables import Choice, Rows

if TYPE_CHECKING:
    from masklab.runs.store import Store

_TRIES = 5


class _Vanished(Exception):  # noqa: N818 - a worker's checkpoint gave way to the next one
    """A file that the store named is gone."""


def export_experiment(
    store: Store, experiment_id: str, path: str | os.PathLike[str], run_id: str | None = None
) -> None:
    """Write an experiment, or one run of it, as a zip; raise `StoreError` if that can't be done.

    It holds rows, artifacts and the data, and nothing that tells of this machine: no paths, names
    of hosts or users, processes. Runs that wait or train are in it as paused. Logs stay here.
    """
    export(store, Choice((experiment_id,), run_id), path)


def export_all(store: Store, path: str | os.PathLike[str]) -> None:
    """Write every experiment of a store, the oldest first, as `export_experiment` does."""
    known = tuple(one.id for one in store.experiments()[::-1])
    if not known:
        raise StoreError(f"The store {store.directory} holds no experiment to export.")
    export(store, Choice(known), path)


def export(
    store: Store,
    choice: Choice,
    path: str | os.PathLike[str],
    lost: Sequence[str] = (),
    directory: Path | None = None,
) -> None:
    """Write what was chosen; `directory`: where the files lie, if not in the store's folder."""
    place = directory or store.directory

    def fill(packer: Packer) -> None:
        _fill(packer, store, choice, place)
        packer.manifest(lost)

    for left in reversed(range(_TRIES)):
        try:
            pack(Path(path).expanduser().absolute(), fill)
            return
        except _Vanished as error:
            if not left:
                raise StoreError(
                    f"{error} is not as the store wrote it. `masklab store check` tells what else "
                    "is; `masklab store export --rescue OUT.zip` leaves it out."
                ) from error


def _fill(packer: Packer, store: Store, choice: Choice, directory: Path) -> None:
    named: dict[str, str] = {}
    with store.database.read() as db:
        rows = Rows(db, choice, directory)
        for table in LINES:
            packer.lines(table, (_noted(one, named) for one in rows.lines(table)))
    for name, sha256 in sorted(named.items()):
        try:
            member = packer.file(name, files.inside(directory, name))
        except FileNotFoundError as error:
            raise _Vanished(f"The file {name}") from error
        if member.sha256 != sha256:
            raise _Vanished(f"The file {name}")


def _noted(line: Line, named: dict[str, str]) -> Line:
    """Note the files that a line names."""
    if isinstance(line, ArtifactLine):
        named[line.path] = line.sha256
    if isinstance(line, ExperimentLine):
        data = json.loads(line.spec)["data"]
        named[data["path"]] = data["sha256"]
    return line
