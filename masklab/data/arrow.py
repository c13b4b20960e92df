"""Arrow tables as pandas frames, whatever the notes of pandas in them say."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return a table as a frame; by its columns alone where the notes of pandas are damaged.

    The notes say which columns were the index. Anybody can write them: they may be no JSON at all.
    Raises `pyarrow.ArrowException` if a column can't be had as pandas has it.
    """
    try:
        frame: pd.DataFrame = table.to_pandas()
    except (ValueError, LookupError, TypeError, AttributeError):
        bare = pa.schema([field.remove_metadata() for field in table.schema])
        frame = pa.Table.from_arrays(table.columns, schema=bare).to_pandas()
    return frame
