"""The mask as NumPy arrays in one file."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Int64

from masklab.data.log import listed
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.landing import Rows, known_channels, land_rows

MAX_CELLS = 100_000_000
MAX_ARRAYS = 100
_KINDS = {"observed": "biuf", "clock": "Mi", "channels": "U", "series": "U", "offsets": "iu"}
"""The arrays that are read, and the kinds of NumPy dtype that each may have."""


class Npz(MaskFormat):
    """Arrays `observed` (row, channel) bool, `clock` (row) datetime64[us], `channels`, `series`, `offsets`.

    `clock` is UTC where the data have a time zone. Rows of series `i` are
    `offsets[i]:offsets[i + 1]`. To be read, a file needs `observed` alone, if it has the data's
    shape; `series` and `offsets` go together.
    """

    title: ClassVar[str] = "NumPy arrays (NPZ)"
    explanation: ClassVar[str] = (
        "`observed` (row, channel), True where usable, with clock, channels and series; for Python."
    )
    ending: ClassVar[str] = ".mask.npz"
    mime: ClassVar[str] = "application/zip"

    kind: Literal["npz"] = "npz"

    def write(self, masked: Masked) -> bytes:
        """Return the arrays, compressed, without pickles."""
        panel = masked.panel
        out = io.BytesIO()
        np.savez_compressed(
            out,
            observed=np.ascontiguousarray(masked.mask.observed),
            clock=panel.clock.astype("datetime64[us]"),
            channels=np.array(panel.channels, dtype=np.str_),
            series=np.array(panel.names, dtype=np.str_),
            offsets=panel.offsets,
        )
        return out.getvalue()

    def claims(self, head: Head) -> bool:
        """Return whether it is a zip archive."""
        return head.data[:2] == b"PK"

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the cells that are not observed as an imported layer."""
        arrays = _arrays(data)
        hidden = _hidden(arrays)
        notes: list[str] = []
        if "clock" not in arrays:
            layers, more = land_rows([_by_position(arrays, hidden, panel, notes)], panel, name)
            return Incoming(self.kind, layers, (*notes, *more))
        clock = arrays["clock"]
        if clock.shape != hidden.shape[:1]:
            raise MaskError(
                f"`clock` should have a time for each of the {len(hidden):,} rows of `observed`; "
                f"it instead has shape {clock.shape}."
            )
        clock = clock.astype("datetime64[us]") if clock.dtype.kind == "M" else clock
        series, codes = _series(arrays, len(hidden))
        channels, hidden = _channels(arrays, hidden, panel, notes)
        rows = Rows(series, codes, clock.astype(np.int64), hidden, channels)
        layers, more = land_rows([rows], panel, name)
        return Incoming(self.kind, layers, (*notes, *more))


def _arrays(data: bytes) -> dict[str, Any]:
    """Return the known arrays of an archive; none is unfolded before its size is known."""
    found: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [entry.filename for entry in archive.infolist()]
            _check_names(names)
            for name in names:
                if name.removesuffix(".npy") in _KINDS:
                    found[name.removesuffix(".npy")] = _array(archive, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:  # fmt: skip
        raise MaskError(
            f"The NPZ file is damaged or cut off ({str(error)[:80]}). Save it again."
        ) from error
    if "observed" not in found:
        raise MaskError(
            f"The NPZ file has the arrays {listed([n.removesuffix('.npy') for n in names], 5)}; a "
            "mask needs `observed` (row, channel), 1 where a cell is usable."
        )
    return found


def _check_names(names: list[str]) -> None:
    if len(names) > MAX_ARRAYS:
        raise MaskError(f"The archive holds {len(names):,} files; a mask has a handful of arrays.")
    strange = [one for one in names if not one.endswith(".npy") or "/" in one or "\\" in one]
    if strange:
        raise MaskError(
            f"The archive holds {strange[0][:60]!r}, which is no array of an NPZ file. Choose a file "
            "that NumPy's savez or MaskLab wrote."
        )


def _array(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as file:
        try:
            shape, fortran, dtype = _header(file)
        except (ValueError, TypeError, SyntaxError) as error:
            raise MaskError(f"{name} is no NumPy array ({str(error)[:80]}).") from error
        if dtype.hasobject:
            raise MaskError(
                f"{name} holds Python objects, which can run code when opened; MaskLab reads plain "
                "arrays alone. Save it as numbers or text."
            )
        if dtype.kind not in _KINDS[name.removesuffix(".npy")]:
            raise MaskError(f"{name} holds {dtype}, which is nothing that this array can hold.")
        size = math.prod(shape) * dtype.itemsize
        if size > 8 * MAX_CELLS or math.prod(shape) > MAX_CELLS:
            raise MaskError(
                f"{name} says that it has the shape {shape} of {dtype}; MaskLab reads up to "
                f"{MAX_CELLS:,} cells."
            )
        content = file.read(size + 1)
    if len(content) != size:
        raise MaskError(
            f"{name} should hold {size:,} bytes for its shape {shape}; it does not. Save it again."
        )
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    return np.lib.format.read_array_header_2_0(file)


def _hidden(arrays: dict[str, Any]) -> Bool[np.ndarray, "row channel"]:
    observed = arrays["observed"]
    if observed.ndim == 1:
        observed = observed[:, None]
    if observed.ndim != 2 or not observed.size:
        raise MaskError(
            f"`observed` should have the shape (row, channel); it instead has {observed.shape}."
        )
    if observed.dtype != bool and not np.isin(observed, (0, 1)).all():
        wrong = observed[~np.isin(observed, (0, 1))].flat[0]
        raise MaskError(
            f"`observed` holds {wrong}; it should hold 1 where a cell is usable and 0 where not."
        )
    return np.asarray(observed == 0)


def _by_position(
    arrays: dict[str, Any], hidden: Bool[np.ndarray, "row channel"], panel: Panel, notes: list[str]
) -> Rows:
    if len(hidden) != panel.rows:
        raise MaskError(
            f"`observed` has {len(hidden):,} rows and no `clock` beside it; this data has "
            f"{panel.rows:,} rows. Add the array `clock`, µs or datetime64, or use the same rows."
        )
    notes.append("It has no clock; its rows were taken in the order of the data's.")
    channels, hidden = _channels(arrays, hidden, panel, notes)
    clock = panel.clock.astype(np.int64)
    return Rows(tuple(panel.names), panel.series_of_row, clock, hidden, channels)


def _channels(
    arrays: dict[str, Any], hidden: Bool[np.ndarray, "row channel"], panel: Panel, notes: list[str]
) -> tuple[tuple[str, ...], Bool[np.ndarray, "row channel"]]:
    width = hidden.shape[1]
    if "channels" not in arrays and width == len(panel.channels):
        notes.append("It names no channels; they were taken in the order of the data's.")
        return panel.channels, hidden
    names = [str(one) for one in arrays.get("channels", np.array([])).flat]
    if len(names) != width or len(set(names)) < width:
        raise MaskError(
            f"`observed` has {width:,} channels and `channels` has {len(set(names)):,} different "
            f"names; this data has {len(panel.channels):,} channels. Give one name to each."
        )
    known = known_channels(names, panel, notes)
    return known, hidden[:, [names.index(one) for one in known]]


def _series(
    arrays: dict[str, Any], rows: int
) -> tuple[tuple[str | None, ...], Int64[np.ndarray, "row"]]:
    names = [str(one) for one in arrays.get("series", np.array([])).flat]
    if len(names) <= 1 or "offsets" not in arrays:
        return (names[0] if len(names) == 1 else None,), np.zeros(rows, dtype=np.int64)
    lengths = np.diff(arrays["offsets"].astype(np.int64).ravel())
    if len(lengths) != len(names) or (lengths < 0).any() or lengths.sum() != rows:
        raise MaskError(
            f"`offsets` should divide {rows:,} rows among {len(names):,} series; it does not."
        )
    return tuple(names), np.repeat(np.arange(len(names)), lengths)
