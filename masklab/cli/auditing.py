"""Audit finished runs for leaks, as a table or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from masklab.cli.places import chosen, existing_store
from masklab.cli.tables import console
from masklab.compare import jobs
from masklab.compare.leakage import results
from masklab.compare.leakage.about import CHECKS
from masklab.compare.leakage.finding import ORDER, Audit
from masklab.errors import StoreError
from masklab.runs.rows import RunRow
from masklab.runs.store import Store

_STYLES = {"failed": "bold red", "note": "yellow", "passed": "", "not applicable": "dim"}


def audit(directory: Path | None, what: str, form: str, *, again: bool) -> int:
    """Print the audits of a run, or of an experiment's finished runs; return 1 if a check failed."""
    store = existing_store(directory)
    found = [_audit(store, run, again=again) for run in _runs(store, what)]
    if form == "json":
        click.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
    else:
        _print(found)
    return int(any(one.failed for one in found))


def _runs(store: Store, what: str) -> list[RunRow]:
    """Return the run of that id, or the finished ones of an experiment."""
    for run in store.runs():
        if run.id == what:
            return [run]
    experiment = chosen(store, what)[0]
    finished = [run for run in store.runs(experiment.id) if run.status == "finished"]
    if not finished:
        raise StoreError(
            f"No run of the experiment {experiment.id} has finished, so that there is nothing to audit. "
            "Let one train to its end, as with `masklab resume`."
        )
    return finished


def _audit(store: Store, run: RunRow, *, again: bool) -> Audit:
    known = None if again else results.audit_of(store, run.experiment_id, run.id)
    if known is not None:
        return known
    jobs.run(store, run.experiment_id, results.KIND, {"run": run.id})
    found = results.audit_of(store, run.experiment_id, run.id)
    if found is None:
        raise StoreError(f"The experiment of the run {run.id} was deleted meanwhile.")
    return found


def _print(found: Sequence[Audit]) -> None:
    table = _table(
        f"Leakage audit of {len(found):,} runs", "run", "strategy", "seed", "result", "failed"
    )
    for one in sorted(found, key=lambda audit: not audit.failed):
        titles = "; ".join(CHECKS[check.name].title for check in one.failed)
        style = _STYLES["failed" if one.failed else "passed"]
        table.add_row(one.run, escape(one.strategy), str(one.seed), one.badge, titles, style=style)
    out = console()
    if len(found) > 1:
        out.print(table)
    if len(found) == 1:
        out.print(_checks(found[0]))
    told: set[tuple[str, str]] = set()
    for one in found:
        for check in one.failed:
            if (one.strategy, check.name) not in told:
                told.add((one.strategy, check.name))
                _explain(one, check.name)


def _checks(one: Audit) -> Table:
    title = f"Leakage audit of {one.strategy}, seed {one.seed} ({one.run}): {one.badge}"
    table = _table(title, "check", "result", "what was found")
    for check in sorted(one.checks, key=lambda check: ORDER.index(check.status)):
        style = _STYLES[check.status]
        table.add_row(CHECKS[check.name].title, check.status, escape(check.said), style=style)
    return table


def _explain(one: Audit, name: str) -> None:
    """Print evidence and repair of a failed check."""
    check = one.check(name)
    click.echo(f"{one.strategy}, seed {one.seed}: {check.said}")
    for what, value in check.evidence.items():
        shown = f"{value:,}" if isinstance(value, int | float) else value
        click.echo(f"  {what}: {shown}")
    click.echo(f"  To repair: {CHECKS[name].repair}\n")


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=escape(title), title_justify="left", title_style="", box=SIMPLE_HEAD, pad_edge=False
    )
    for name in columns:
        table.add_column(name)
    return table
