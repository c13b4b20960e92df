"""Train an experiment through the store and its supervisor, as the app does, and follow it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

from masklab.cli.places import chosen, existing_store
from masklab.cli.progress import follower
from masklab.cli.tables import print_comparison
from masklab.errors import ExperimentError
from masklab.runs.executing import EXECUTORS, choose_executor, ensure_training
from masklab.runs.executors.dask import DaskExecutor
from masklab.runs.executors.executor import Executor
from masklab.runs.halving import is_halved
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.prepare import prepare

_TICK = 0.2
_ENSURE = 2.0
_UNTIL_STOPPED = 20.0
_UNFINISHED = ("stopped", "failed", "paused")


Wish = tuple[str | None, str | None]
"""Kind and scheduler of the executor that trains the store's runs from now on; None: as before."""


def run(file: Path, directory: Path | None, detach: bool, wish: Wish = (None, None)) -> int:
    """Queue an experiment's runs and follow them; return the exit code.

    Raises `MaskLabError` before anything is queued if the file, its data or its windows won't do.
    """
    executor = _executor(*wish)
    experiment = parse_experiment(_text(file))
    base = file.absolute().parent
    for note in prepare(experiment, experiment.load_panel(base)).notes:
        click.echo(f"Note: {note}")
    store = Store.open(directory)
    if executor is not None:
        choose_executor(store, executor)
    experiment_id = store.add_experiment(experiment, base)
    ensure_training(store)
    click.echo(_opening(experiment, experiment_id, store.runs(experiment_id)))
    if detach:
        click.echo(f"Compare later: masklab compare --store {store.directory}")
        return 0
    code = _follow(store, [experiment_id])
    print_comparison(store, experiment_id)
    click.echo(f"Store: {store.directory}\nExperiment: {experiment_id}")
    return code


def resume(
    directory: Path | None, identity: str | None, detach: bool, wish: Wish = (None, None)
) -> int:
    """Queue again what has not finished, in one experiment or in all; return the exit code.

    Raises `MaskLabError` if there is no such store or experiment, or its executor can't train.
    """
    executor, store = _executor(*wish), existing_store(directory)
    experiments = [row.id for row in chosen(store, identity)]
    if executor is not None:
        choose_executor(store, executor)
    runs = [run for one in experiments for run in store.runs(one)]
    again = [run.id for run in runs if run.status in _UNFINISHED and not is_halved(run)]
    store.retry(*again)
    open_ = [run.id for run in runs if run.is_open]
    click.echo(f"{len(again)} runs go on, {len(open_)} were open.")
    if not again and not open_:
        return 0
    ensure_training(store)
    return 0 if detach else _follow(store, experiments)


def _executor(kind: str | None, scheduler: str | None) -> Executor | None:
    """Return the executor that was named; an address alone names a cluster."""
    if kind is not None and kind not in EXECUTORS:
        raise ExperimentError(
            f"There is no executor {kind!r}. Choose one of {', '.join(EXECUTORS)}."
        )
    if scheduler is None:
        return None if kind is None else EXECUTORS[kind]()
    if kind not in (None, "dask"):
        raise ExperimentError(f"--scheduler {scheduler} is for --executor dask, not {kind}.")
    return DaskExecutor.at(scheduler)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ExperimentError(
            f"{file} is not a text in UTF-8, so it can't be an experiment. Save it as UTF-8."
        ) from None
    except OSError as error:
        raise ExperimentError(f"{file} can't be read: {error.strerror or error}.") from None


def _opening(experiment: Experiment, experiment_id: str, runs: list[RunRow]) -> str:
    done = sum(one.status == "finished" for one in runs)
    known = f", {done} of them finished before" if done else ""
    strategies, seeds = len(experiment.strategies), len(experiment.seeds)
    return (
        f"{experiment.name} ({experiment_id}): {len(runs)} runs, "
        f"{strategies} strategies x {seeds} seeds{known}."
    )


def _follow(store: Store, experiments: list[str]) -> int:
    """Show progress until no run is open; Ctrl-C stops them and waits for their end."""
    with follower() as show:
        try:
            runs = _until_ended(store, experiments, show)
        except KeyboardInterrupt:
            click.echo("Stopping.", err=True)
            for experiment_id in experiments:
                store.stop_all(experiment_id)
            _until_ended(store, experiments, show, _UNTIL_STOPPED)
            return 130
    return 0 if all(run.status == "finished" or is_halved(run) for run in runs) else 1


def _until_ended(
    store: Store,
    experiments: list[str],
    show: Callable[[list[RunRow]], None],
    patience: float = float("inf"),
) -> list[RunRow]:
    began = ensured = time.monotonic()
    while True:
        runs = [run for one in experiments for run in store.runs(one)]
        now = time.monotonic()
        show(runs)
        if not any(run.is_open for run in runs) or now - began > patience:
            return runs
        if now - ensured > _ENSURE:
            ensure_training(store)
            ensured = now
        time.sleep(_TICK)
