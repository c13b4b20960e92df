"""The settings of each run under dotted names, to search and to sort by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from masklab.runs.spec import Experiment

_GROUPS = ("task", "model", "training", "split")


def keep_parameters(db: sqlite3.Connection, experiment_id: str, experiment: Experiment) -> None:
    """Write the settings of an experiment's runs, in place of what was known of them."""
    content = experiment.model_dump(mode="json", include=set(_GROUPS))
    shared = dict(_flat({name: content[name] for name in _GROUPS}))
    rows = db.execute("SELECT position, id FROM runs WHERE experiment_id = ?", (experiment_id,))
    known = {row["position"]: row["id"] for row in rows}
    for position, (strategy, seed) in enumerate(experiment.runs()):
        own = dict(_flat({"strategy": strategy.model_dump(mode="json"), "seed": seed}))
        db.executemany(
            "INSERT OR REPLACE INTO parameters VALUES (?, ?, ?)",
            [(known[position], name, json.dumps(value)) for name, value in (shared | own).items()],
        )


def _flat(content: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
