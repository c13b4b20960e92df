"""Compare what a store holds, as a table, CSV or JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click
import pandas as pd

from masklab.cli.places import chosen, existing_store
from masklab.cli.tables import print_comparison
from masklab.compare.table import comparison
from masklab.runs.rows import ExperimentRow
from masklab.runs.store import Store


def compare(
    directory: Path | None,
    identity: str | None,
    form: str,
    baseline: str | None,
    choice: dict[str, Any],
) -> None:
    """Print the comparison of one experiment, or of every one in the store."""
    store = existing_store(directory)
    experiments = chosen(store, identity)
    options = {**choice, "baseline": baseline}
    if form == "table":
        for one in experiments:
            click.echo(f"{one.name} ({one.id})")
            print_comparison(store, one.id, **options)
        return
    found = pd.concat([_named(store, one, options) for one in experiments], ignore_index=True)
    click.echo(found.to_csv(index=False) if form == "csv" else _json(found), nl=form == "json")


def _named(store: Store, experiment: ExperimentRow, options: dict[str, Any]) -> pd.DataFrame:
    found = comparison(store, experiment.id, **options)
    extra = {name: options[name] for name in ("cells", "metric", "units")}
    for name, value in reversed(
        {"experiment": experiment.id, "name": experiment.name, **extra}.items()
    ):
        found.insert(0, name, value)
    return found


def _json(found: pd.DataFrame) -> str:
    records = [
        {
            str(name): None if pd.isna(value) or value in (math.inf, -math.inf) else value
            for name, value in record.items()
        }
        for record in found.to_dict("records")
    ]
    return json.dumps(records, indent=2, ensure_ascii=False)
