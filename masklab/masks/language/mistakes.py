"""What is wrong with an expression, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LanguageError(ValueError):
    """A text is no expression of the language.

    Its message is one sentence without capital and full stop, as validators word theirs; `start`
    and `end` are the characters of the text that are at fault, from 0, the end not included.
    """

    def __init__(self, what: str, advice: str, start: int = 0, end: int | None = None) -> None:
        super().__init__(f"{what}; {advice}")
        self.what = what
        self.advice = advice
        self.start = start
        self.end = start + 1 if end is None else end

    @property
    def sentence(self) -> str:
        """The message as a sentence of its own."""
        text = str(self)
        return f"{text[0].upper()}{text[1:]}."


def shown(text: str, most: int = 30) -> str:
    """Return a bit of an expression as a message quotes it."""
    text = " ".join(text.split())
    return f"`{text if len(text) <= most else f'{text[: most - 1]}…'}`"


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known names that resemble a name most, whatever their case; best first."""
    by_case = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold()[:100], list(by_case), n=most, cutoff=0.6)
    return [by_case[one] for one in found]


def either(names: Iterable[str]) -> str:
    """Return names as a choice: 'a, b or c'."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
