"""Read data and mask."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

# %% The data and its mask
FOLDER = Path(__file__).parent if "__file__" in globals() else Path()
TRAINING, VALIDATION = "training", "validation"


class Data(NamedTuple):
    """The rows of data.csv and mask.csv."""

    values: np.ndarray  # (row, channel), in the file's units; NaN where the file lacks a cell
    native: np.ndarray  # (row, channel), True: the file has the cell
    observed: np.ndarray  # (row, channel), True: the model may use the cell
    clock: np.ndarray  # (row), microseconds
    part: np.ndarray  # (row), training, validation or test
    segment: np.ndarray  # (row), a number that rises at each gap and each new series
    series: np.ndarray  # (row), 0 for the first series, 1 for the second


def read_data() -> Data:
    """Read the data, and the mask: 1 where the model may use a cell, 0 where it is hidden."""
    # As text: Python's float is exact, while pandas may read a last digit beside what was written.
    frame = pd.read_csv(FOLDER / "data.csv", dtype=str, keep_default_na=False)
    series, segment, part, time, *columns = (
        frame.iloc[:, at].tolist() for at in range(frame.shape[1])
    )
    values = np.array([[float(cell or "nan") for cell in column] for column in columns]).T
    native = np.isfinite(values)
    mask = pd.read_csv(FOLDER / "mask.csv").to_numpy() == 1
    clock = np.array(time, dtype="datetime64[us]").astype(np.int64)
    numbers = (np.array(one, dtype=np.int64) for one in (segment, series))
    return Data(values, native, mask & native, clock, np.array(part), *numbers)
