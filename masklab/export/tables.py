"""What a comparison's numbers are as CSV: every epoch, the curves of strategies, the table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from masklab.compare.scores import columns, curves
from masklab.compare.table import comparison
from masklab.errors import StoreError
from masklab.export.score import Score
from masklab.runs.store import Store


def epochs_csv(store: Store, experiment_id: str) -> str:
    """Return every epoch of every run, with all scores, as CSV."""
    return str(store.reports(experiment_id).to_csv(index=False))


def curves_csv(store: Store, experiment_id: str, score: Score) -> str:
    """Return mean, std, min, max and n of each strategy by epoch, over finished runs, as CSV."""
    finished = {run.id for run in store.runs(experiment_id) if run.status == "finished"}
    read = columns(score.cells, score.metric, score.units)
    reports = store.reports(experiment_id, read)
    found = curves(
        reports[reports["run_id"].isin(finished)], score.cells, score.metric, score.units
    )
    return str(told(found, score).to_csv(index=False))


def table_csv(store: Store, experiment_id: str, score: Score, baseline: str | None = None) -> str:
    """Return the comparison at best epochs, naive baselines below, as CSV."""
    found = comparison(
        store, experiment_id, cells=score.cells, metric=score.metric, units=score.units,
        baseline=baseline,
    )  # fmt: skip
    return str(told(found, score).to_csv(index=False))


def write_tables(store: Store, experiment_id: str, score: Score, folder: Path) -> list[Path]:
    """Write epochs.csv, curves.csv and table.csv into a folder; return their paths.

    Raises `StoreError` if the folder can't be written.
    """
    texts = {
        "epochs.csv": epochs_csv(store, experiment_id),
        "curves.csv": curves_csv(store, experiment_id, score),
        "table.csv": table_csv(store, experiment_id, score),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"The tables can't be written into {folder}: {error.strerror or error}. Name another folder."
        ) from error
    return [folder / name for name in texts]


def told(frame: pd.DataFrame, score: Score) -> pd.DataFrame:
    """Return a frame whose first columns say what its scores are."""
    said = {
        "metric": score.metric, "cells": score.cells, "units": score.unit or score.units,
    }  # fmt: skip
    whole = frame.assign(**said)
    return whole[[*said, *frame.columns]]
