"""Open a zip that may come from anyone: bounded, of plain names, each member what it claims to be."""

from __future__ import annotations

import contextlib
import hashlib
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from masklab.errors import StoreError
from masklab.runs.archive.lines import in_words
from masklab.runs.archive.manifest import (
    FORMAT,
    MANIFEST,
    MOST_MEMBERS,
    VERSION,
    Manifest,
    Member,
    allowance,
)

_LONGEST_MANIFEST = 200_000_000
_LONGEST_NAME = 400
_CHUNK = 1 << 20
_END = struct.Struct("<4sHHHHIIH")
_END_64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_AN_ENTRY = 160
_NAME = re.compile(r"[\w.()+=@ /-]+")


class Zipped:
    """A verified archive: its manifest names every member, and each has the bytes it names."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive, self.manifest = archive, manifest

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Lend a member to read from."""
        with _in_words(name), self._archive.open(name) as file:
            yield file

    def member(self, name: str) -> Member | None:
        """Return size and SHA-256 of a member; None if there is none of that name."""
        return self.manifest.members.get(name)

    def read(self, name: str, most: int) -> bytes:
        """Return a member's bytes; raise `StoreError` if it has more than `most`."""
        if self.manifest.members[name].bytes > most:
            raise ArchiveError(f"{name} is longer than {most:,} bytes")
        with self.open(name) as file:
            return file.read()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Zipped]:
    """Open an archive and check all that can be checked without a look at its rows.

    Raises `StoreError`: it is no zip, is cut off, is no archive of ours or a newer one, names a
    member twice or one that could land elsewhere, or a member is not what the manifest says.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"{path} can't be read: {error.strerror or error}.") from None
    with file:
        size = file.seek(0, 2)
        _check_directory(file, size)
        with _in_words("its list of contents"):
            archive = zipfile.ZipFile(file)
        with archive:
            _check_members(archive.infolist(), size)
            manifest = _manifest(archive)
            _check_claims(archive, manifest)
            for name, member in manifest.members.items():
                _check_content(archive, name, member)
            yield Zipped(archive, manifest)


class ArchiveError(StoreError):
    """An archive won't do; `reason` says why, as half a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The archive can't be imported: {reason}. Nothing was changed. "
            "Export it again with `masklab store export`."
        )
        self.reason = reason


@contextlib.contextmanager
def _in_words(what: str) -> Iterator[None]:
    try:
        yield
    # An archive cut off or made up fails in any of these.
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
        RuntimeError,
        ValueError,
    ) as error:
        raise ArchiveError(f"{what} is damaged, cut off, or no zip ({error})") from error


def _check_directory(file: IO[bytes], size: int) -> None:
    """Refuse a list of contents that would fill the memory before anything of it is seen."""
    start = max(0, size - _END.size - 0xFFFF)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise ArchiveError("it is no zip, or is cut off")
    length = _END.unpack_from(tail, at)[5]
    locator = at - _LOCATOR.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\6\7":
        # Where it says that the long form of the length is, and where zipfile looks for it.
        places = (_LOCATOR.unpack_from(tail, locator)[2], start + locator - _END_64.size)
        length = max(_length_at(file, place) for place in places)
    if length > MOST_MEMBERS * _AN_ENTRY:
        raise ArchiveError(f"its list of contents takes {length:,} bytes")


def _length_at(file: IO[bytes], place: int) -> int:
    file.seek(max(0, min(place, 2**62)))
    end = file.read(_END_64.size)
    return int(_END_64.unpack(end)[8]) if len(end) == _END_64.size else 0


def _check_members(members: list[zipfile.ZipInfo], packed: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise ArchiveError(f"it has {len(members):,} members; at most {MOST_MEMBERS:,} are read")
    seen: set[str] = set()
    for one in members:
        _check_name(one)
        alike = unicodedata.normalize("NFKC", one.filename).casefold()
        if alike in seen:
            raise ArchiveError(f"it holds {_shown(one.filename)} twice")
        seen.add(alike)
    total, most = sum(one.file_size for one in members), allowance(packed)
    if total > most:
        raise ArchiveError(
            f"its {packed:,} bytes would unpack to {total:,}; at most {most:,} are unpacked"
        )


def _check_name(member: zipfile.ZipInfo) -> None:
    # orig_filename: zipfile cuts a name at its first NUL, and turns separators around.
    name, kind = member.orig_filename, stat.S_IFMT(member.external_attr >> 16)
    parts = name.split("/")
    if (
        name != member.filename
        or len(name) > _LONGEST_NAME
        or not _NAME.fullmatch(name)
        or any(part != part.strip(" .") or not part for part in parts)
        or PurePosixPath(name).is_absolute()
    ):
        raise ArchiveError(f"the name {_shown(name)} is not one that `masklab store export` gives")
    if kind not in {0, stat.S_IFREG}:
        raise ArchiveError(f"{_shown(name)} is a link or no file")
    plain = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if member.flag_bits & 0x1 or not plain:
        raise ArchiveError(f"{_shown(name)} is encrypted, or packed in a way that is not read")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
    except KeyError:
        raise ArchiveError(f"it has no {MANIFEST}, so it is no export of a store") from None
    if info.file_size > _LONGEST_MANIFEST:
        raise ArchiveError(f"its {MANIFEST} is longer than {_LONGEST_MANIFEST:,} bytes")
    with _in_words(MANIFEST), archive.open(info) as file:
        text = file.read(info.file_size)
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ArchiveError(f"{MANIFEST} says what it may not ({in_words(error)})") from None
    if manifest.format != FORMAT:
        raise ArchiveError(f"{MANIFEST} says that it is {_shown(manifest.format)}, not {FORMAT}")
    if manifest.version > VERSION:
        raise StoreError(
            f"The archive has format version {manifest.version}, from MaskLab "
            f"{_shown(manifest.masklab)}; this MaskLab reads versions up to {VERSION}. Update MaskLab."
        )
    return manifest


def _check_claims(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    there = {one.filename: one.file_size for one in archive.infolist()}
    del there[MANIFEST]
    claimed = {name: one.bytes for name, one in manifest.members.items()}
    for name in sorted(there.keys() ^ claimed.keys()):
        where = "is not in the archive" if name in claimed else f"is not in its {MANIFEST}"
        raise ArchiveError(f"the member {_shown(name)} {where}")
    for name, size in there.items():
        if size != claimed[name]:
            raise ArchiveError(f"{_shown(name)} has {size:,} bytes, not {claimed[name]:,}")


def _check_content(archive: zipfile.ZipFile, name: str, member: Member) -> None:
    digest, size = hashlib.sha256(), 0
    with _in_words(_shown(name)), archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > member.bytes:
                raise ArchiveError(
                    f"{_shown(name)} unpacks to more than the {member.bytes:,} it claims"
                )
    if size != member.bytes or digest.hexdigest() != member.sha256:
        raise ArchiveError(f"{_shown(name)} is not as it was exported: its sha256 differs")


def _shown(text: str) -> str:
    return ascii(text[:80])
