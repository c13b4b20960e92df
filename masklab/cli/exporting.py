"""Take experiments and runs elsewhere: a report, tables, the specification, code, other trackers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from masklab.cli.places import existing_store, named
from masklab.errors import StoreError
from masklab.export.score import Score
from masklab.runs.store import Store
from masklab.words import counted


@dataclass(frozen=True)
class Wanted:
    """What is exported: experiments, each with the run that was named of it, or None; where to."""

    store: Store
    found: tuple[tuple[str, str | None], ...]
    target: str
    score: Score

    @property
    def place(self) -> Path:
        """The target as a path."""
        return Path(self.target).expanduser()

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments named, each once."""
        return tuple(dict.fromkeys(one for one, _ in self.found))

    @property
    def only(self) -> frozenset[str]:
        """The ids of the runs named, by themselves or with their experiment."""
        return frozenset(
            run
            for one in self.experiments
            for run in self.runs_of(one) or (each.id for each in self.store.runs(one))
        )

    def runs_of(self, experiment_id: str) -> tuple[str, ...] | None:
        """Return the runs that were named of an experiment; None if it was named as a whole."""
        mine = [run for one, run in self.found if one == experiment_id]
        return None if None in mine else tuple(run for run in mine if run)


def export(
    directory: Path | None, what: tuple[str, ...], kind: str, choice: dict[str, Any]
) -> None:
    """Export what was named, and say what was written."""
    *names, target = what
    if not names:
        raise StoreError(
            f"Only {target!r} is named. Name an experiment or a run, then where to write it."
        )
    store = existing_store(directory)
    found = tuple(named(store, one) for one in names)
    score = Score(**{name: choice[name] for name in ("cells", "metric", "units")})
    for line in KINDS[kind](Wanted(store, found, target, score)):
        click.echo(line)


def _report(wanted: Wanted) -> list[str]:
    from masklab.export.compared import compared  # noqa: PLC0415
    from masklab.export.report.told import Told  # noqa: PLC0415
    from masklab.export.report.writing import write_report  # noqa: PLC0415 - imports Plotly

    link = f"compare?experiment={wanted.experiments[0]}"
    found = compared(wanted.store, wanted.experiments, wanted.score, only=wanted.only)
    write_report(found, wanted.place, Told(link=link))
    return [f"{wanted.target}: a page that opens offline."]


def _csv(wanted: Wanted) -> list[str]:
    from masklab.export.compared import compared  # noqa: PLC0415
    from masklab.export.tables import write_tables  # noqa: PLC0415

    found = compared(wanted.store, wanted.experiments, wanted.score, only=wanted.only)
    return list(map(str, write_tables(found, wanted.place)))


def _yaml(wanted: Wanted) -> list[str]:
    text = wanted.store.portable(_one(wanted, "The specification")).to_yaml()
    try:
        wanted.place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"The specification can't be written to {wanted.target}: {error.strerror or error}. "
            "Name another file."
        ) from error
    return [f"{wanted.target}: for `masklab run`."]


def _code(kind: str) -> Callable[[Wanted], list[str]]:
    def write(wanted: Wanted) -> list[str]:
        code = import_module("masklab.export.code")
        return list(map(str, code.write(wanted.store, _run(wanted), wanted.place, kind)))

    return write


def _tensorboard(wanted: Wanted) -> list[str]:
    from masklab.export.trackers import runs, tensorboard  # noqa: PLC0415

    written = [
        place
        for one in wanted.experiments
        for place in tensorboard.write(
            runs.tracked(wanted.store, one, wanted.runs_of(one)), wanted.place
        )
    ]
    return [
        f"{wanted.target}: {counted(len(written), 'run')}. Look at them with "
        f"`tensorboard --logdir {wanted.target}`."
    ]


def _mlflow(wanted: Wanted) -> list[str]:
    from masklab.export.trackers import mlflow, runs  # noqa: PLC0415

    asked = written = 0
    for one in wanted.experiments:
        found = runs.tracked(wanted.store, one, wanted.runs_of(one))
        spec = wanted.store.portable(one).to_yaml()
        asked += len(found)
        written += len(mlflow.write(found, wanted.target, spec))
    known = f" {counted(asked - written, 'run')} were there before." if asked > written else ""
    return [f"{wanted.target}: {counted(written, 'run')} written.{known}"]


KINDS: dict[str, Callable[[Wanted], list[str]]] = {
    "report": _report,
    "csv": _csv,
    "yaml": _yaml,
    "script": _code("script"),
    "notebook": _code("notebook"),
    "keras": _code("keras"),
    "tensorboard": _tensorboard,
    "mlflow": _mlflow,
}
"""What can be written; each returns lines to print."""


def _one(wanted: Wanted, what: str) -> str:
    if len(wanted.found) > 1:
        raise StoreError(f"{what} of one experiment at a time are written. Name one.")
    return wanted.experiments[0]


def _run(wanted: Wanted) -> str:
    """Return the one run that code is written of."""
    (experiment_id, run_id), *more = wanted.found
    if more:
        raise StoreError("Code is written of one run at a time. Name one.")
    if run_id is not None:
        return run_id
    runs = wanted.store.runs(experiment_id)
    if len(runs) == 1:
        return runs[0].id
    listed = ", ".join(f"{run.id} ({run.strategy}, seed {run.seed})" for run in runs[:6])
    raise StoreError(
        f"Code is written of one run, and the experiment {experiment_id} has {len(runs)}: {listed}"
        f"{' and others' if len(runs) > 6 else ''}. Name one."
    )
