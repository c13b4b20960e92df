"""Write an archive: the same content gives the same bytes, and nothing is there before all is."""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import masklab
from masklab.errors import StoreError
from masklab.runs.archive.lines import Line
from masklab.runs.archive.manifest import (
    MANIFEST,
    MOST_BYTES,
    MOST_MEMBERS,
    Manifest,
    Member,
    allowance,
    member_of,
)

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
_PACKED = (".gz", ".zip", ".xlsx", ".parquet", ".feather", ".npz", ".safetensors", ".xls")
"""Endings of files that would not get smaller."""
_CHUNK = 1 << 20


class Packer:
    """Fills one zip file, and keeps count of what went into it.

    `deflate`: whether to make members smaller; some would get so small that they look like bombs.
    """

    def __init__(self, archive: zipfile.ZipFile, *, deflate: bool) -> None:
        self._archive, self._deflate = archive, deflate
        self.members: dict[str, Member] = {}

    def lines(self, table: str, lines: Iterator[Line]) -> None:
        """Add a table, a line each."""
        self._add(member_of(table), (f"{one.model_dump_json()}\n".encode() for one in lines))

    def file(self, name: str, path: Path) -> Member:
        """Add a copy of a file; raise `OSError` if it can't be read."""
        with path.open("rb") as file:
            return self._add(name, iter(lambda: file.read(_CHUNK), b""))

    def manifest(self, lost: Sequence[str]) -> None:
        """Add the table of contents, as the last member."""
        content = Manifest(
            masklab=masklab.__version__, lost=list(lost), members=dict(sorted(self.members.items()))
        )
        self._add(MANIFEST, iter([content.model_dump_json(indent=1).encode()]))

    def _add(self, name: str, chunks: Iterator[bytes]) -> Member:
        digest, size = hashlib.sha256(), 0
        with self._archive.open(self._info(name), "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self.members[name] = Member(bytes=size, sha256=digest.hexdigest())
        return self.members[name]

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, _LONG_AGO)
        small = self._deflate and not name.endswith(_PACKED)
        info.compress_type = zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED
        info.create_system, info.external_attr = 3, 0o644 << 16
        return info


def pack(out: Path, fill: Callable[[Packer], None]) -> None:
    """Write an archive that `fill` fills; raise `StoreError` if `out` is there or can't be written."""
    if out.exists():
        raise StoreError(f"{out} is there already, and was left as it is. Name another file.")
    part = out.with_name(f".part-{uuid.uuid4().hex[:8]}-{out.name}")
    try:
        with part.open("xb") as file:
            _write(file, fill)
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise StoreError(
            f"{out} can't be written ({error.strerror or error}). Free some space, or name another file."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _write(file: IO[bytes], fill: Callable[[Packer], None]) -> None:
    for deflate in (True, False):
        file.seek(0)
        file.truncate()
        with zipfile.ZipFile(file, "w", compresslevel=_LEVEL) as archive:
            packer = Packer(archive, deflate=deflate)
            fill(packer)
        total = sum(one.bytes for one in packer.members.values())
        if len(packer.members) > MOST_MEMBERS or total > MOST_BYTES:
            raise StoreError(
                f"The archive would hold {len(packer.members):,} files of {total / 1e9:,.0f} GB; at most "
                f"{MOST_MEMBERS:,} of {MOST_BYTES / 1e9:,.0f} GB can be imported. Export one "
                "experiment, or one run, at a time."
            )
        if total <= allowance(file.tell()):
            return
