"""Whether the members of a zip file unpack to what its list of contents claims."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from masklab.data.log import Log

_LOCAL = struct.Struct("<4s22xHH")
_CHUNK = 2**20


def check_claims(data: bytes, log: Log) -> None:
    """Stop unless each member of a zip file unpacks to as many bytes as it claims; pass other files.

    Limits are held against the claims, and a reader that trusts the members instead would unpack a
    bomb whose claims are small.
    """
    if data[:2] != b"PK":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                _check(data, member, log)
    except (zipfile.BadZipFile, zlib.error, struct.error) as error:
        log.stop(f"The file is damaged or cut off ({error}). Open it in Excel and save it again.")


def _check(data: bytes, member: zipfile.ZipInfo, log: Log) -> None:
    """Unpack a member piece by piece, to just above its claim."""
    mark, name, extra = _LOCAL.unpack_from(data, member.header_offset)
    start = member.header_offset + _LOCAL.size + name + extra
    packed = memoryview(data)[start : start + member.compress_size]
    stored = member.compress_type == zipfile.ZIP_STORED
    if member.flag_bits & 1 or not (stored or member.compress_type == zipfile.ZIP_DEFLATED):
        log.stop(
            f"The part {member.filename!r} of the file is encrypted, or packed in a way that is "
            "not read. Open it in Excel and save it again without a password."
        )
    size = len(packed) if stored else _unpacked(packed, member.file_size)
    if mark != b"PK\x03\x04" or size != member.file_size:
        log.stop(
            f"The part {member.filename!r} of the file does not unpack to the "
            f"{member.file_size:,} bytes that it claims: the file is damaged, or made to harm. "
            "Open it in Excel and save it again."
        )


def _unpacked(packed: memoryview, most: int) -> int:
    """Return how many bytes there are to unpack, counting no further than `most` and one more."""
    inflating = zlib.decompressobj(wbits=-15)
    size = 0
    for start in range(0, len(packed), _CHUNK):
        rest = bytes(packed[start : start + _CHUNK])
        while rest and not inflating.eof and size <= most:
            size += len(inflating.decompress(rest, min(_CHUNK, most - size + 1)))
            rest = inflating.unconsumed_tail
    return size
