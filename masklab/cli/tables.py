"""Print a comparison for people: best scores, differences, naive baselines."""

from __future__ import annotations

import math
import sys
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
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
    scale = "" if metric == "MASE" else f" ({units})"
    on = {"observed": "all target", "hidden": "hidden"}.get(cells, cells)
    title = f"Validation {metric}{scale} on {on} cells, mean ± std at best epochs"
    table = Table(
        title=title,
        title_justify="left",
        title_style="",
        caption=f"Difference: seed by seed from {reference}; below 0 is better.",
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("strategy", no_wrap=True)
    for name in ("runs", "epoch", metric, "difference", "cells"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = [{str(name): value for name, value in one.items()} for one in found.to_dict("records")]
    decimals = _decimals([row["mean"] for row in rows])
    for kind, style in (("strategy", None), ("naive", "dim")):
        for row in rows:
            if row["kind"] == kind:
                table.add_row(*_cells(row, reference, decimals), style=style)
        table.add_section()
    return table


def _cells(row: dict[str, Any], reference: str, decimals: int) -> tuple[str, ...]:
    scored = f"{row['scored']:,.0f}" if row["scored"] else ""
    mark = "" if row["causal"] else " (not causal)"
    if row["kind"] == "naive":
        name = row["strategy"].replace("_", " ") + mark
        return name, "naive", "", _score(row, decimals), "", scored
    difference = _number(row["difference"], row["difference_std"], f"+.{decimals}f")
    return (
        row["strategy"] + mark,
        f"{row['n']:.0f} of {row['runs']:.0f}",
        _number(row["best_epoch"], math.nan, ".3g"),
        _score(row, decimals),
        "baseline" if row["strategy"] == reference else difference,
        scored,
    )


def _score(row: dict[str, Any], decimals: int) -> str:
    if math.isnan(row["mean"]):  # relative to a truth that is 0, say
        return "—" if row["scored"] else ""
    return _number(row["mean"], row["std"], f".{decimals}f")


def _decimals(values: list[float]) -> int:
    """Return how many decimals show four digits of the smallest value, the same for all rows."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    return max(0, min(8, 3 - math.floor(math.log10(min(sizes))))) if sizes else 4


def _number(value: float, spread: float, form: str) -> str:
    if math.isnan(value):
        return ""
    return f"{value:{form}}" + ("" if math.isnan(spread) else f" ± {spread:{form.lstrip('+')}}")
