"""Find what a command names: a store that is there, an experiment by its first digits."""

from __future__ import annotations

from pathlib import Path

from masklab.errors import StoreError
from masklab.runs.database import FILE_NAME
from masklab.runs.rows import ExperimentRow
from masklab.runs.store import Store, default_directory


def existing_store(directory: Path | None) -> Store:
    """Open a store; raise `StoreError` if there is none, instead of making one."""
    place = directory or default_directory()
    if not (place.expanduser() / FILE_NAME).exists():
        raise StoreError(
            f"There is no run store in {place}. Name its folder with --store, or make one with "
            "`masklab run` or `masklab app`."
        )
    return Store.open(place)


def chosen(store: Store, identity: str | None) -> list[ExperimentRow]:
    """Return the experiments whose id starts with `identity`; all, the oldest first, for None.

    Raises `StoreError` if there is none, or `identity` fits several.
    """
    known = store.experiments()[::-1]
    if not known:
        raise StoreError(f"The store {store.directory} holds no experiment yet. See `masklab run`.")
    if identity is None:
        return known
    found = [one for one in known if one.id.startswith(identity)]
    if len(found) == 1:
        return found
    names = ", ".join(one.id for one in (found or known)[-8:])
    if found:
        raise StoreError(f"{len(found)} experiments start with {identity!r}: {names}. Name one.")
    raise StoreError(
        f"There is no experiment {identity!r} in {store.directory}; there are {names}."
    )


def named(store: Store, identity: str) -> tuple[str, str | None]:
    """Return the experiment, and the run if it names one: "356eb1" or "356eb140fd75-0003"."""
    start, dash, number = identity.partition("-")
    (experiment,) = chosen(store, start)
    if not dash:
        return experiment.id, None
    known = [run.id for run in store.runs(experiment.id)]
    found = [one for one in known if one.endswith(f"-{number.zfill(4)}")]
    if not found:
        raise StoreError(
            f"The experiment {experiment.id} has no run {identity!r}; its runs go from {known[0]} to "
            f"{known[-1]}."
        )
    return experiment.id, found[0]
