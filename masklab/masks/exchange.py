"""Masks to files and back, in every format there is: `read_mask` and `write_mask`."""

from __future__ import annotations

import os
from pathlib import Path

from masklab.catalogue import members
from masklab.data.series import Panel, TimeSeries, as_panel
from masklab.errors import DataError, MaskError
from masklab.masks.format import MAX_BYTES, Head, Incoming, Masked, MaskFormat

FORMATS: dict[str, MaskFormat] = {
    kind: found(kind=kind) for kind, found in members("masklab.masks.formats", MaskFormat).items()
}
"""Every format by its kind."""


def write_mask(masked: Masked, kind: str, path: str | Path | None = None) -> bytes:
    """Return a mask, or its recipe, as a file of a format; write it too if a path is given.

    Raises `MaskError` if there is no such format, or it can't hold this mask.
    """
    data = _format(kind).write(masked)
    if len(data) > MAX_BYTES:
        raise MaskError(
            f"The file would have {len(data) / 2**20:,.0f} MB; MaskLab reads masks up to "
            f"{MAX_BYTES / 2**20:,.0f} MB. Choose Parquet or NPZ, which are smaller."
        )
    if path is not None:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise MaskError(f"{path} can't be written: {error.strerror or error}.") from None
    return data


def read_mask(
    source: str | Path | bytes,
    series: TimeSeries | Panel,
    kind: str | None = None,
    name: str = "Imported",
) -> Incoming:
    """Return what a mask's file holds for a series: layers to put in a recipe, and notes.

    The format is told by the content unless `kind` names it. Nothing in a file is ever run or
    unpickled. Raises `MaskError` with one sentence if the file can't be read or nothing fits.
    """
    data = source if isinstance(source, bytes) else _content(source)
    if len(data) > MAX_BYTES:
        raise MaskError(
            f"The file has {len(data) / 2**20:,.0f} MB; MaskLab reads masks up to "
            f"{MAX_BYTES / 2**20:,.0f} MB. Save it as Parquet or NPZ, which are smaller."
        )
    if not data.strip():
        raise MaskError("The file is empty. Choose a file with a mask or a recipe.")
    form = _format(kind) if kind else told(data)
    if not form.reads:
        raise MaskError(f"{form.title} can't be imported. Choose a file of {_titles()}.")
    try:
        return form.read(data, as_panel(series), name)
    except DataError as error:
        raise MaskError(f"The file can't be read as {form.title}: {error}") from error


def told(data: bytes) -> MaskFormat:
    """Return the format of a file by its content; raise `MaskError` if it is of none."""
    head = Head(data)
    for form in FORMATS.values():
        if form.reads and form.claims(head):
            return form
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise MaskError(f"This is {what}. Choose a file of {_titles()}.")
    raise MaskError(f"This is no file of a mask that MaskLab knows. Choose one of {_titles()}.")


def _format(kind: str) -> MaskFormat:
    if kind not in FORMATS:
        raise MaskError(f"There is no format {kind!r}; there are {', '.join(FORMATS)}.")
    return FORMATS[kind]


def _titles() -> str:
    return ", ".join(form.title for form in FORMATS.values() if form.reads)


_FOREIGN = {
    b"\x1f\x8b": "a gzipped file; unpack it first",
    b"\x80": "a Python pickle, which can run code when opened",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save the sheet as CSV",
    b"\x89HDF": "an HDF5 file",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\xfd7zXZ": "an xz archive; unpack it first",
}


def _content(path: str | Path) -> bytes:
    place = Path(path).expanduser()
    try:
        if (size := os.stat(place).st_size) > MAX_BYTES:
            raise MaskError(
                f"{place} has {size / 2**20:,.0f} MB; MaskLab reads masks up to "
                f"{MAX_BYTES / 2**20:,.0f} MB."
            )
        return place.read_bytes()
    except OSError as error:
        raise MaskError(f"{place} can't be read: {error.strerror or error}.") from None
