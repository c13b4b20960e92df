"""Print a comparison for people: best scores, differences, naive baselines."""

from __future__ import annotations

import math
import sys
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from masklab.compare.table import comparison
from masklab.runs.store import Store

_WIDE = 160


def console() -> Console:
    """Return a console on stdout that cuts nothing off when it isn't a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDE)


def print_comparison(store: Store, experiment_id: str, **choice: Any) -> None:
    """Print the table of one experiment."""
    found = comparison(store, experiment_id, **choice)
    console().print(_table(found, **choice))


def _table(found: pd.DataFrame, **choice: Any) -> Table:
    metric, units = choice.get("metric", "rmse").upper(), choice.get("units", "scaled")
    cells, baseline = choice.get("cells", "common"), choice.get("baseline")
    reference = baseline or next(iter(found["strategy"]), "")
    table = Table(title=f"Validation {metric} ({units}) on {cells} cells, at the best epoch")
    table.add_column("strategy")
    for title in ("runs", "best epoch", f"{metric} (mean ± std)", f"difference from {reference}"):
        table.add_column(title, justify="right")
    table.add_column("cells", justify="right")
    rows = [{str(name): value for name, value in one.items()} for one in found.to_dict("records")]
    for kind, style in (("strategy", None), ("naive", "dim")):
        for row in rows:
            if row["kind"] == kind:
                table.add_row(*_cells(row, reference), style=style)
        table.add_section()
    return table


def _cells(row: dict[str, Any], reference: str) -> tuple[str, ...]:
    if row["kind"] == "naive":
        name = f"{row['strategy'].replace('_', ' ')} (no network)"
        return name, "", "", _number(row["mean"]), "", f"{row['scored']:,.0f}"
    return (
        row["strategy"] + ("" if row["causal"] else " (not causal)"),
        f"{row['n']:.0f} of {row['runs']:.0f}",
        _number(row["best_epoch"]),
        _number(row["mean"], row["std"]),
        "baseline"
        if row["strategy"] == reference
        else _number(row["difference"], row["difference_std"], sign="+"),
        f"{row['scored']:,.0f}" if row["scored"] else "",
    )


def _number(value: float, spread: float = math.nan, sign: str = "") -> str:
    if math.isnan(value):
        return ""
    return f"{value:{sign}.4g}" + ("" if math.isnan(spread) else f" ± {spread:.2g}")
