"""The bytes of a file, and what kind of file they are: told by content, never by extension."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

from masklab.data.log import Log

MAX_FILE_BYTES = 200 * 2**20
"""The largest file that is read: what the app's upload takes too."""
MAX_UNPACKED_BYTES = 2**30
"""The largest content that a compressed file may unpack to."""
MAX_UNPACKED_RATIO = 50
"""How many times its own size a compressed file may unpack to, beyond what is read unpacked too."""

Kind = Literal["text", "parquet", "feather", "excel", "npz"]
Source = str | Path | bytes | BinaryIO


def file_bytes(source: Source, log: Log) -> bytes:
    """Return the content, unpacked if gzipped; stop if it is absent, empty or too large."""
    data = _stored_bytes(source, log)
    if not data:
        log.stop("The file is empty (0 bytes). Choose a file with a header and rows.")
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, log)
        if not data.strip():
            log.stop("The gzipped file holds nothing. Choose a file with a header and rows.")
    return data


def _stored_bytes(source: Source, log: Log) -> bytes:
    if isinstance(source, bytes):
        _check_size(len(source), log)
        return source
    if not isinstance(source, str | Path):
        source.seek(0, io.SEEK_END)
        _check_size(source.tell(), log)
        source.seek(0)
        return source.read()
    # Those of `os` take any text for a path; those of `Path` raise for some.
    path = Path(os.path.expanduser(source))
    if os.path.isdir(path):
        log.stop(f"{path} is a folder. Choose one file in it.")
    try:
        _check_size(path.stat().st_size, log)
        return path.read_bytes()
    except FileNotFoundError:
        log.stop(f"There is no file {path}. Check its name and folder.")
    except ValueError:
        log.stop(f"{str(path)[:200]!r} can't be a path. Check it.")
    except OSError as error:
        log.stop(
            f"{str(path)[:200]} can't be opened: {error.strerror}. Check path and permissions."
        )


def _check_size(size: int, log: Log, limit: int | None = None) -> None:
    limit = MAX_FILE_BYTES if limit is None else limit
    if size > limit:
        log.stop(
            f"The file has {size / 2**20:,.0f} MB; MaskLab reads up to {limit / 2**20:,.0f} MB. "
            "Keep fewer rows or columns, or save it as Parquet, which is smaller."
        )


def _unzipped(data: bytes, log: Log) -> bytes:
    """Unpack gzip members one after the other, never past the limit."""
    parts: list[bytes] = []
    size, most = 0, _most_unpacked(data)
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, most - size + 1)
        except zlib.error as error:
            log.stop(f"The gzipped file is damaged ({error}). Fetch or pack it again.")
        size += len(part)
        if size > most:
            log.stop(
                f"The gzipped file unpacks to more than {most / 2**20:,.0f} MB. "
                "Keep fewer rows or columns."
            )
        if not member.eof:
            log.stop("The gzipped file ends too early: it is cut off. Fetch or pack it again.")
        parts.append(part)
        data = member.unused_data
    return b"".join(parts)


def _most_unpacked(data: bytes) -> int:
    """Return how many bytes a compressed file may unpack to: a bomb is known by what it would give."""
    return min(MAX_UNPACKED_BYTES, max(MAX_FILE_BYTES, MAX_UNPACKED_RATIO * len(data)))


def kind_of(data: bytes, log: Log) -> Kind:
    """Return what the bytes are; stop if they are a kind that MaskLab doesn't read."""
    if data[:4] == b"PAR1":
        return "parquet"
    if data[:6] == b"ARROW1" or data[:4] == b"FEA1":
        return "feather"
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "excel"
    if data[:2] == b"PK":
        return _kind_of_zip(data, log)
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            log.stop(f"This is {what}, not a table. {_ADVICE}")
    return "text"


_ADVICE = (
    "MaskLab reads CSV and other separated text (also gzipped), Parquet, Feather, Excel and NPZ."
)

_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x89HDF": "an HDF5 or NetCDF file",
    b"CDF\x01": "a NetCDF file",
    b"CDF\x02": "a NetCDF file",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a single NumPy array (.npy; save it with its times as .npz)",
    b"BZh": "a bzip2 archive (unpack it first)",
    b"\xfd7zXZ": "an xz archive (unpack it first)",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive (unpack it first)",
    b"7z\xbc\xaf": "a 7z archive (unpack it first)",
    b"\x80\x04": "a Python pickle, which can run code when opened",
    b"\x80\x05": "a Python pickle, which can run code when opened",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}


def _kind_of_zip(data: bytes, log: Log) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        log.stop(
            "The file starts like an Excel, NPZ or zip file but can't be opened: it is damaged or "
            "cut off. Fetch or save it again."
        )
    size, most = sum(member.file_size for member in members), _most_unpacked(data)
    if size > most:
        log.stop(
            f"The file unpacks to {size / 2**20:,.0f} MB; MaskLab reads up to {most / 2**20:,.0f} MB "
            "of a file of this size. Keep fewer rows or columns, or save it as Parquet."
        )
    names = [member.filename for member in members]
    if any(name.startswith("xl/") or name == "content.xml" for name in names):
        return "excel"
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    return log.stop(
        f"This is a zip archive of {len(names)} files. Unpack it and choose one table. {_ADVICE}"
    )
