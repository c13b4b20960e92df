"""What the runs of an experiment may see and are scored on, as a file: bits, a cell each."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Bool, Int8, Int64

from masklab.errors import StoreError

if TYPE_CHECKING:
    from masklab.training.prepare import Prepared

_KEY = "masklab"


@dataclass(frozen=True, eq=False)
class KeptMask:
    """The cells of an experiment, row by row; True is usable, native, scored.

    `parts`: training, validation or test, as in `split`. `common`: cells that every run is scored
    on, by target. `source`: the data's row of each; -1 for a masked step that was laid in between.
    """

    channels: tuple[str, ...]
    targets: tuple[str, ...]
    observed: Bool[np.ndarray, "row channel"]
    native: Bool[np.ndarray, "row channel"]
    common: Bool[np.ndarray, "row target"]
    parts: Int8[np.ndarray, "row"]
    source: Int64[np.ndarray, "row"]


def write(prepared: Prepared, path: Path) -> None:
    """Write the cells of an experiment as safetensors; raise `OSError` if the disk won't take it."""
    path.write_bytes(content(prepared))


def content(prepared: Prepared) -> bytes:
    """Return what `write` writes."""
    channels = prepared.channels
    names = {"channels": channels, "targets": [channels[one] for one in prepared.targets]}
    bits = {"observed": prepared.observed, "native": prepared.native, "common": prepared.common}
    arrays = {name: np.packbits(cells) for name, cells in bits.items()}
    arrays["parts"] = prepared.parts.astype(np.int8)
    if prepared.source is not None:
        arrays["source"] = prepared.source.astype(np.int64)
    told = {_KEY: json.dumps(names)}
    found: bytes = safetensors.numpy.save(arrays, metadata=told)
    return found


def read(path: Path) -> KeptMask:
    """Return the cells of a file; raise `StoreError` if it is damaged or none."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            names = json.loads((file.metadata() or {})[_KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        channels, targets = tuple(names["channels"]), tuple(names["targets"])
        rows = len(arrays["parts"])
        return KeptMask(
            channels=channels,
            targets=targets,
            observed=_unpacked(arrays["observed"], (rows, len(channels))),
            native=_unpacked(arrays["native"], (rows, len(channels))),
            common=_unpacked(arrays["common"], (rows, len(targets))),
            parts=arrays["parts"],
            source=arrays.get("source", np.arange(rows, dtype=np.int64)),
        )
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError) as error:
        raise StoreError(
            f"The mask {path.name} is damaged or none. `masklab store check` tells what else is."
        ) from error


def _unpacked(bits: np.ndarray, shape: tuple[int, int]) -> Bool[np.ndarray, "row column"]:
    count = math.prod(shape)
    if len(bits) != -(-count // 8):
        raise ValueError(f"{len(bits)} bytes for {count} cells")
    return np.unpackbits(bits, count=count).astype(bool).reshape(shape)
