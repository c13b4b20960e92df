"""The errors that MaskLab raises for a user's input.

MaskLabError
├── DataError          a file or table that can't become a time series
│   ├── ReadError      the file itself: format, encoding, columns, clock
│   └── SeriesError    arrays that don't form a series
├── MaskError          a layer, rule, stroke or recipe that can't be applied
├── WindowError        windows that the series can't give
├── ExperimentError    a specification that contradicts itself or its data
├── TrainingError      a run that can't go on: no scored cell, a loss that isn't finite
├── StoreError         a run store that can't be opened, read or written
└── AccessError        a login, a user or a workspace that some request has no right to

Each message says what was asked, what arrived and what to do. Pages and the command line show
the message alone; a traceback is for MaskLab's own mistakes.
"""


class MaskLabError(Exception):
    """Base of every error that a user can cause and mend."""


class DataError(MaskLabError):
    """A file or table can't become a time series."""


class ReadError(DataError):
    """A file can't be read as a table with a clock."""


class SeriesError(DataError):
    """Arrays don't form a time series."""


class MaskError(MaskLabError):
    """A layer, rule, stroke or recipe can't be applied."""


class WindowError(MaskLabError):
    """The series can't give the windows that were asked for."""


class ExperimentError(MaskLabError):
    """An experiment contradicts itself or its data."""


class TrainingError(MaskLabError):
    """A run can't start or go on."""


class StoreError(MaskLabError):
    """A run store can't be opened, read or written."""


class AccessError(MaskLabError):
    """Somebody may not do this: no login, no such user, a file outside the workspace."""
