"""What reading a file has to say: problems that stop it, with ways to mend them, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from masklab.errors import ReadError


@dataclass(frozen=True)
class Fix:
    """One way to mend a problem: the words of a button, and the `ReadOptions` fields it sets."""

    label: str
    change: dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Something that stands between the file and its series: what is, and what to do."""

    text: str
    fixes: tuple[Fix, ...] = ()


@dataclass
class Log:
    """Problems and notes of one reading, in the order in which they were met."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep something that was done to the data, or that is worth knowing."""
        self.notes.append(text)

    def problem(self, text: str, *fixes: Fix) -> None:
        """Keep a problem and go on looking for others."""
        self.problems.append(Problem(text, fixes))

    def stop(self, text: str, *fixes: Fix) -> NoReturn:
        """Keep a problem after which nothing more can be read; raises `ReadError`."""
        self.problem(text, *fixes)
        raise ReadError(text)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with thousands marked and its noun: '1 row', '1,203 rows'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: list[str] | tuple[str, ...], most: int = 8) -> str:
    """Return names in quotes with commas, the later ones as a number: "'a', 'b' and 3 more"."""
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
