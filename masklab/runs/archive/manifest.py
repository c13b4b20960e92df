"""The table of contents of an archive: what wrote it, and size and SHA-256 of each member."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from masklab.runs.archive.lines import LINES, Count, Sha256

MANIFEST = "manifest.json"
FORMAT = "masklab-store"
VERSION = 1

MOST_MEMBERS = 200_000
MOST_BYTES = 64 * 2**30
"""Of all members, unpacked."""


class Member(BaseModel):
    """A file of an archive, unpacked."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    bytes: Count
    sha256: Sha256


class Manifest(BaseModel):
    """What an archive holds. `lost`: sentences on what a damaged store could not give."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: str = FORMAT
    version: int = VERSION
    masklab: Annotated[str, Field(max_length=100)]
    lost: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=10_000)
    members: dict[Annotated[str, Field(max_length=400)], Member]


def member_of(table: str) -> str:
    """Return the name of the member that holds a table's lines."""
    return f"{table}.jsonl"


TABLES = tuple(map(member_of, LINES))


def allowance(packed: int) -> int:
    """Return how many bytes an archive of `packed` bytes may unpack to: more is a bomb."""
    return min(MOST_BYTES, 2**28 + 100 * packed)
