"""Readings with every guess filled in: one way to read a file has one name, guessed or written out.

What was settled is remembered by the file's content, so that a file is read once to train on it.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from masklab.data.options import ReadOptions
from masklab.data.series import Panel

_MOST = 64
_KNOWN: OrderedDict[tuple[str, str, str], ReadOptions] = OrderedDict()


def complete(reading: ReadOptions) -> ReadOptions:
    """Return the options with every field counted as chosen, those at their default too."""
    return ReadOptions.model_validate(reading.model_dump())


def settled(path: Path, sha256: str, reading: ReadOptions) -> ReadOptions:
    """Return the options with every guess filled in; as they are if the file can't be read so."""
    known = _KNOWN.get(_key(path, sha256, reading))
    if known is not None:
        return known
    from masklab.data.read import load  # noqa: PLC0415 - imports pandas

    found = load(path, reading)
    if found.panel is None:
        return reading
    return remember(path, sha256, reading, found.options)


def read_and_settle(path: Path, sha256: str, reading: ReadOptions) -> Panel:
    """Read a file and remember what its guesses came to; raise `ReadError` if it can't be read."""
    from masklab.data.read import load, read_panel  # noqa: PLC0415 - imports pandas

    found = load(path, reading)
    if found.panel is None:
        return read_panel(path, reading)  # says why not
    remember(path, sha256, reading, found.options)
    return found.panel


def remember(path: Path, sha256: str, reading: ReadOptions, options: ReadOptions) -> ReadOptions:
    """Remember that `reading` of a file came to `options`, and that these come to themselves."""
    whole = complete(options)
    for one in (reading, whole):
        _KNOWN[_key(path, sha256, one)] = whole
    while len(_KNOWN) > _MOST:
        _KNOWN.popitem(last=False)
    return whole


def _key(path: Path, sha256: str, reading: ReadOptions) -> tuple[str, str, str]:
    return sha256, path.suffix.lower(), reading.model_dump_json()
