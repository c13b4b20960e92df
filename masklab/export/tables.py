"""What a comparison's numbers are as CSV: every epoch, the curves of strategies, the table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from masklab.errors import StoreError
from masklab.export.compared import Compared
from masklab.export.score import Score


def epochs_csv(found: Compared) -> str:
    """Return every epoch of every run, with all of its scores, as CSV."""
    whole = pd.concat([found.store.reports(row.id) for row in found.rows], ignore_index=True)
    mine = whole[whole["run_id"].isin([run.id for run in found.runs])]
    return str(mine.to_csv(index=False))


def curves_csv(found: Compared) -> str:
    """Return mean, std, min, max and n of each strategy by epoch, over finished runs, as CSV."""
    return str(told(found.curves(), found.score).to_csv(index=False))


def table_csv(found: Compared) -> str:
    """Return the comparison at best epochs, naive baselines below, as CSV."""
    return str(told(found.whole_table(), found.score).to_csv(index=False))


def write_tables(found: Compared, folder: Path) -> list[Path]:
    """Write table.csv, curves.csv and epochs.csv into a folder; return their paths.

    Raises `StoreError` if the folder can't be written.
    """
    texts = {
        "table.csv": table_csv(found),
        "curves.csv": curves_csv(found),
        "epochs.csv": epochs_csv(found),
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
    said = {"metric": score.metric, "cells": score.cells, "units": score.unit or score.units}
    return frame.assign(**said)[[*said, *frame.columns]]
