"""MaskLab: see what a mask does to an LSTM. Names load on first use, so importing it is quick."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from masklab.data.read import read, read_panel
    from masklab.data.series import Panel, TimeSeries
    from masklab.masks.exchange import read_mask, write_mask
    from masklab.masks.format import Masked
    from masklab.masks.layers import MaskRecipe
    from masklab.masks.mask import Mask
    from masklab.runs.spec import Experiment
    from masklab.training.report import EpochReport
    from masklab.training.train import train

    __version__: str

_HOMES = {
    "read": "masklab.data.read",
    "read_panel": "masklab.data.read",
    "TimeSeries": "masklab.data.series",
    "Panel": "masklab.data.series",
    "Mask": "masklab.masks.mask",
    "Masked": "masklab.masks.format",
    "MaskRecipe": "masklab.masks.layers",
    "read_mask": "masklab.masks.exchange",
    "write_mask": "masklab.masks.exchange",
    "Experiment": "masklab.runs.spec",
    "EpochReport": "masklab.training.report",
    "train": "masklab.training.train",
}

__all__ = [
    "EpochReport",
    "Experiment",
    "Mask",
    "MaskRecipe",
    "Masked",
    "Panel",
    "TimeSeries",
    "__version__",
    "read",
    "read_mask",
    "read_panel",
    "train",
    "write_mask",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'masklab' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - reads files

    try:
        return version("masklab")
    except PackageNotFoundError:  # run from a source tree that nobody installed
        return "0+source"


def __dir__() -> list[str]:
    return sorted(__all__)
