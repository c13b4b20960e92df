"""The shared cells as files: a list, arrays, and a recipe that hides just these cells."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa

from masklab.compare.common import Shared
from masklab.masks.clocktext import written
from masklab.masks.csvtext import to_csv
from masklab.masks.flags import time_name
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe
from masklab.masks.rules.imported import Imported


def as_csv(shared: Shared) -> bytes:
    """Return a line for each cell: time (or step), series, channel; by time within a channel."""
    panel = shared.panel
    column, row = np.nonzero(shared.cells.T)
    series = panel.series_of_row[row]
    return to_csv(
        {
            time_name(panel): written(panel.clock.astype(np.int64)[row], panel),
            "series": pa.array(panel.names, pa.string()).take(pa.array(series)),
            "channel": pa.array(panel.channels, pa.string()).take(pa.array(column)),
        }
    )


def as_npz(shared: Shared) -> bytes:
    """Return the arrays of a mask's NPZ, with `scored` (row, channel), True where a cell is scored."""
    panel, out = shared.panel, io.BytesIO()
    np.savez_compressed(
        out,
        scored=np.ascontiguousarray(shared.cells),
        clock=panel.clock.astype("datetime64[us]"),
        channels=np.array(panel.channels, dtype=np.str_),
        series=np.array(panel.names, dtype=np.str_),
        offsets=panel.offsets,
    )
    return out.getvalue()


def as_recipe(shared: Shared) -> bytes:
    """Return a recipe of one layer that hides these cells and no other, for the Mask page."""
    rule = Imported.of(shared.panel, shared.cells)
    recipe = MaskRecipe(layers=(Layer(name="Scored cells shared by all runs", rule=rule),))
    return dump_recipe(recipe).encode()
