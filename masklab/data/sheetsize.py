"""How many cells an Excel sheet spans, told from its text before anything unfolds it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from posixpath import join
from xml.etree import ElementTree

CHUNK = 2**22
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*>"""
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def spanned_cells(data: bytes, sheet: str) -> int:
    """Return the cells between the first and the last filled cell of a sheet of an xlsx file.

    0 for a sheet without cells, and for files of another kind.
    """
    if data[:2] != b"PK":
        return 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = _parts(archive).get(sheet)
        if part is None or part not in archive.namelist():
            return 0
        rows: set[int] = set()
        columns: set[bytes] = set()
        for chunk in _chunks(archive, part):
            for match in _CELL.finditer(chunk):
                if not match.group().endswith(b"/>"):
                    columns.add(match.group(1))
                    rows.add(int(match.group(2)))
    if not rows:
        return 0
    numbers = [_column(letters) for letters in columns]
    return (max(rows) - min(rows) + 1) * (max(numbers) - min(numbers) + 1)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member of the archive that holds each sheet."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat is guarded
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = [one for one in book.iter() if one.tag.endswith("}sheet")]
    # A target starts at the folder xl, or with a slash at the archive's root.
    return {
        one.get("name", ""): join("/xl", targets.get(one.get(_RELATION), "")).removeprefix("/")
        for one in sheets
    }


def _chunks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a member piece by piece, cut before a tag."""
    kept = b""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            kept += piece
            cut = kept.rfind(b"<")
            yield kept[:cut]
            kept = kept[cut:]
    yield kept


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number
