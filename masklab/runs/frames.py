"""Epoch reports as one table for comparisons and charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from masklab.errors import StoreError
from masklab.runs import columns
from masklab.runs.database import Database

_FROM_RUN = {"run_id": "str", "strategy": "str", "seed": "int64"}
_STORED = {"q": np.dtype("int64"), "d": np.dtype("float64")}


def reports(
    database: Database, experiment_id: str, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return every epoch of an experiment's runs; see `Store.reports`."""
    wanted = tuple(columns.KINDS) if names is None else ("epoch", *_checked(names))
    with database.read() as db:
        runs = db.execute(
            "SELECT id, strategy, seed FROM runs WHERE experiment_id = ? ORDER BY position",
            (experiment_id,),
        ).fetchall()
        known = columns.of_experiment(db, experiment_id, wanted)
        found = [known.get(run["id"]) or columns.of_rows(db, run["id"], wanted) for run in runs]
    counts = [len(one["epoch"]) // _STORED["q"].itemsize for one in found]
    owner = np.repeat(np.arange(len(runs)), counts)
    of_run = pd.DataFrame([tuple(run) for run in runs], columns=list(_FROM_RUN)).astype(_FROM_RUN)
    frame = {name: of_run[name].array.take(owner) for name in _FROM_RUN}
    for name in wanted:
        values = np.frombuffer(b"".join(one[name] for one in found), _STORED[columns.KINDS[name]])
        frame[name] = values.astype(bool) if name == "is_best" else values.copy()
    return pd.DataFrame(frame)


def _checked(names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if name not in columns.KINDS]
    if unknown:
        raise StoreError(
            f"Epoch reports have no column {', '.join(map(repr, unknown))}; "
            f"they have {', '.join(columns.KINDS)}."
        )
    return [name for name in dict.fromkeys(names) if name != "epoch"]
