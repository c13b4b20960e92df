"""An experiment's data as arrays, once it was read: each of its workers would parse the file anew.

Kept under a name made of the file's bytes, the way of reading and the code that reads. A file that
is damaged or can't be kept costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import masklab.data
from masklab.data.series import Panel
from masklab.errors import SeriesError

if TYPE_CHECKING:
    from masklab.runs.spec import DataSource, Experiment

FOLDER = "panels"
_MOST = 8
_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, SeriesError)

_TOLD = ("names", "channels", "units", "timezone", "clock_kind")
_ARRAYS = ("offsets", "clock", "values")


def panel_of(directory: Path, experiment: Experiment) -> Panel:
    """Return the data of an experiment of the store, read or as it was read before.

    Raises `ExperimentError` or `ReadError` as `Experiment.load_panel` does: for a file that is gone
    or has changed too.
    """
    source = experiment.data
    file = source.located(directory)
    if source.sha256 != _sha256(file):
        return experiment.load_panel(directory)  # says what is wrong
    path = directory / FOLDER / f"{_name(file, source)}.npz"
    with contextlib.suppress(*_DAMAGED):
        return _read(path)
    panel = experiment.load_panel(directory)
    with contextlib.suppress(OSError):
        _keep(panel, path)
    return panel


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(path: Path, source: DataSource) -> str:
    """Return a name for what comes of a file: of its bytes, the options, and the modules that read."""
    code = [
        (one.name, one.stat().st_mtime_ns, one.stat().st_size)
        for one in sorted(Path(masklab.data.__file__).parent.glob("*.py"))
    ]
    told = json.dumps([path.name, source.sha256, source.filled().model_dump_json(), code])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _read(path: Path) -> Panel:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        told: dict[str, Any] = json.loads(str(kept["told"]))
        arrays = {name: kept[name] for name in _ARRAYS}
    told |= {name: tuple(told[name]) for name in ("names", "channels")}
    return Panel(**told, **arrays)


def _keep(panel: Panel, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    told = {name: getattr(panel, name) for name in _TOLD}
    told["units"] = dict(panel.units)
    part = path.with_name(f".part-{uuid.uuid4().hex}")
    try:
        with part.open("wb") as file:
            arrays = {name: getattr(panel, name) for name in _ARRAYS}
            np.savez(file, told=np.array(json.dumps(told)), **arrays)
            os.fsync(file.fileno())
        part.replace(path)
        for older in sorted(path.parent.glob("*.npz"), key=_changed)[:-_MOST]:
            older.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)


def _changed(path: Path) -> float:
    return path.stat().st_mtime
