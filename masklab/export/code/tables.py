"""What a script reads: the data as MaskLab read it, and its mask, as two tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from masklab.data.series import Panel
from masklab.runs.spec import Experiment
from masklab.split import PART_NAMES
from masklab.training.laid_out import lay_out
from masklab.training.prepare import Prepared

FIXED = ("series", "segment", "part", "time")
"""Columns of the data before the channels'."""


@dataclass(frozen=True)
class DataFacts:
    """What a script is told of its data: the channels, and the median step in microseconds.

    `padded`: whether rows were laid in that only fill up the window of a short stretch.
    """

    channels: tuple[str, ...]
    interval: int
    padded: bool = False

    @classmethod
    def of(cls, panel: Panel, prepared: Prepared) -> DataFacts:
        """Return those of an experiment."""
        return cls(panel.channels, prepared.interval, prepared.padding is not None)


def write_tables(experiment: Experiment, panel: Panel, prepared: Prepared, folder: Path) -> None:
    """Write `data.csv` and `mask.csv` of an experiment; raise `OSError` if the disk won't take them.

    A row of both is a step: the panel's, and those that `training.longest_gap` and
    `training.shortest` lay in between, which have no value. `series` counts from 0; `segment` rises
    at each gap and each new series; `time` is UTC where the data has a time zone. Values are in the
    file's units, written so that reading them gives the same bits, and empty where the file lacks
    the cell. The mask has 1 where the model may use a cell.
    """
    data, mask = frames(experiment, panel, prepared)
    data.to_csv(folder / "data.csv", index=False, lineterminator="\n")
    mask.to_csv(folder / "mask.csv", index=False, lineterminator="\n")


def frames(
    experiment: Experiment, panel: Panel, prepared: Prepared
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the two tables; a channel may have the name of one of the `FIXED` columns."""
    parts = experiment.split.parts(panel)
    laid = lay_out(panel, parts, experiment.task, experiment.training)
    values = np.where(np.isfinite(panel.values), panel.values, np.nan)
    if laid.source is not None:
        values = np.where(laid.source[:, None] >= 0, values[laid.source], np.nan)
    layout = laid.layout
    clock = laid.clock.astype("datetime64[us]")
    whole = not (laid.clock % 1_000_000).any()
    fixed = pd.DataFrame(
        {
            "series": layout.series,
            "segment": layout.segments,
            "part": np.array(PART_NAMES)[layout.parts],
            "time": np.datetime_as_string(clock, unit="s" if whole else "us"),
        }
    )
    told = pd.DataFrame(values, columns=list(panel.channels))
    # What a reconstruction hides on top in validation, the script draws itself.
    fresh = prepared.fresh
    usable = prepared.observed if fresh is None else prepared.observed | fresh
    mask = pd.DataFrame(usable.astype(np.int8), columns=list(panel.channels))
    return pd.concat([fixed, told], axis=1), mask
