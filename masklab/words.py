"""Words that every layer writes with: counts with their thing, lists, a user's own text inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#~$:|])")


def counted(count: float, thing: str) -> str:
    """Return a count with its thing, in the plural unless it is one: "8 runs"."""
    said = f"{int(count):,}" if float(count).is_integer() else f"{count:,g}"
    return f"{said} {thing}" if count == 1 else f"{said} {thing}s"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def plain(text: str) -> str:
    """Return a user's own text so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
