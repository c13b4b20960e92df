"""An expression split into its words; whatever is no word of the language is refused here."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from masklab.masks.language.mistakes import LanguageError, shown

MAX_CHARACTERS, MAX_BRACKETS = 1000, 40

Sort = Literal["number", "name", "quoted", "unary", "sign", "binary", "open", "close", "comma"]

EXAMPLE = "`temp > 30 and hour < 6`"


@dataclass(frozen=True)
class Word:
    """One word: what sort it is, its text, and its first character in the expression."""

    sort: Sort
    text: str
    start: int

    @property
    def end(self) -> int:
        """The character after its last one."""
        return self.start + len(self.text)

    @property
    def channel(self) -> str:
        """The name between backticks; two backticks in it are one."""
        return self.text[1:-1].replace("``", "`")


# Digits are 0 to 9; letters of every script make names. A name gives nothing back (\\w*+), or half
# of one before a dot would do.
_KNOWN = re.compile(
    r"""
    (?P<space>   [ \t\r\n\u00a0]+ )
  | (?P<number>  (?: [0-9]+ (?:\.[0-9]*)? | \.[0-9]+ ) (?:[eE][+-]?[0-9]+)? (?![\w.]) )
  | (?P<quoted>  ` (?: [^`] | `` )+ ` (?!`) )
  | (?P<name>    [^\W\d]\w*+ (?! \s*\.\s*[^\W\d] ) )
  | (?P<binary>  \*\* | // | == (?!=) | != | <= | >= | < (?!>) | > | \* | / | % | & (?!&) | \| (?!\|) )
  | (?P<sign>    [+-] )
  | (?P<unary>   ~ )
  | (?P<open>    \( )
  | (?P<close>   \) )
  | (?P<comma>   , )
    """,
    re.VERBOSE,
)

_INSTEAD = {
    "===": "write == to compare",
    "=>": "write >=",
    "=": "write == to compare",
    "<>": "write !=",
    "&&": "write and",
    "||": "write or",
    "!": "write not",
    "^": "write ** for a power, such as temp ** 2",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "×": "write *",
    "·": "write *",
    "÷": "write /",
    "−": "write the minus sign of the keyboard, -",
    "–": "write the minus sign of the keyboard, -",
    "∧": "write and",
    "∨": "write or",
    "¬": "write not",
    "[": "for an earlier sample write lag(temp, 1)",
    "]": "for an earlier sample write lag(temp, 1)",
    "{": "there are no sets or dictionaries; for several values write temp == 1 or temp == 2",
    "}": "there are no sets or dictionaries; for several values write temp == 1 or temp == 2",
    ";": f"write one condition alone, such as {EXAMPLE}",
    ":": f"write one condition alone, such as {EXAMPLE}",
    "#": "leave comments out; the layer's name can hold them",
    "\\": "leave it out; an expression may go on in the next line without it",
    "@": "leave it out",
    "$": "leave it out; a channel's name stands without it",
    "?": "write and, or and not",
    ".": "nothing can be looked up inside a value; a channel's name with a dot goes in backticks",
}
_WRONG = re.compile("|".join(re.escape(one) for one in sorted(_INSTEAD, key=len, reverse=True)))
_TEXT = re.compile(r""""[^"]*"?|'[^']*'?|[“”„‘’«»]""")
_DOTTED = re.compile(r"[^\W\d]\w*(\s*\.\s*[^\W\d]\w*)+")
_DIGITS = re.compile(r"[0-9.][\w.]*")

_SHOUTED = {"AND": "and", "OR": "or", "NOT": "not", "XOR": "!="}
_STATEMENTS = frozenset(
    {"select", "from", "where", "insert", "update", "delete", "drop", "create", "alter", "attach",
     "pragma", "union", "exec", "execute", "print"}
)  # fmt: skip
_KEYWORDS = {
    "in": "write between(temp, 0, 5), or temp == 1 or temp == 2",
    "is": "write == to compare, or missing(temp)",
    "None": "for cells without a value write missing(temp)",
    "if": "write and, or and not",
    "else": "write and, or and not",
    "lambda": "only the functions of the list can be called",
}
_LOGIC: dict[str, Sort] = {"and": "binary", "or": "binary", "not": "unary"}


def words(text: str) -> tuple[Word, ...]:
    """Return the words of an expression in order, which alternate as those of an expression do.

    Raises `LanguageError` at the first thing that is no word of the language or stands where it
    can't, and for a text of more than 1,000 characters or brackets more than 40 deep.
    """
    if len(text) > MAX_CHARACTERS:
        raise LanguageError(
            f"the expression has {len(text):,} characters, and {MAX_CHARACTERS:,} is the most",
            "shorten it, or spread it over several layers",
        )
    found = tuple(_split(text))
    if not found:
        raise LanguageError("the expression is empty", f"write a condition, such as {EXAMPLE}")
    _check_order(found)
    return found


def _split(text: str) -> Iterator[Word]:
    at = 0
    while at < len(text):
        match = _KNOWN.match(text, at)
        if match is None:
            _refuse(text, at)
        sort, word = match.lastgroup, match.group()
        if sort == "name":
            yield _named(word, at)
        elif sort != "space":
            yield Word(sort, word, at)  # type: ignore[arg-type]
        at = match.end()


def _named(word: str, at: int) -> Word:
    if word in _LOGIC:
        return Word(_LOGIC[word], word, at)
    if not word.isidentifier():
        raise LanguageError(
            f"{shown(word)} at character {at + 1} is no name by itself",
            "put a channel's name with signs in it between backticks, such as `temp °C`",
            at, at + len(word),
        )  # fmt: skip
    if word.startswith("__"):
        raise LanguageError(
            f"{shown(word)} at character {at + 1} is no word of the language",
            "a channel whose name begins so goes in backticks",
            at, at + len(word),
        )  # fmt: skip
    if keyword.iskeyword(word) and word not in ("True", "False"):
        advice = _KEYWORDS.get(word, f"write one condition, such as {EXAMPLE}")
        raise LanguageError(
            f"{shown(word)} at character {at + 1} is no word of the language",
            f"{advice} (a channel of that name goes in backticks)",
            at, at + len(word),
        )  # fmt: skip
    return Word("name", word, at)


def _refuse(text: str, at: int) -> NoReturn:
    """Raise what is wrong with the character at which no word begins."""
    where = f"at character {at + 1}"
    if text[at] == "`":
        raise LanguageError(
            f"the backtick at character {at + 1} has no name and partner after it",
            "a channel's name stands between two of them, such as `temp °C`", at,
        )  # fmt: skip
    if match := _TEXT.match(text, at):
        raise LanguageError(
            f"text in quotes, {shown(match.group())} {where}, is no part of the language",
            "values are numbers, and a channel's name with blanks goes in backticks, such as "
            "`temp °C`",
            at, match.end(),
        )  # fmt: skip
    if match := _DOTTED.match(text, at):
        name = re.sub(r"\s", "", match.group())
        raise LanguageError(
            f"{shown(match.group())} {where} has a dot, and nothing can be looked up inside a name",
            f"if it is a channel's name, put it in backticks: `{name[:40]}`",
            at, match.end(),
        )  # fmt: skip
    if match := _WRONG.match(text, at):
        raise LanguageError(
            f"{shown(match.group())} {where} is no sign of the language",
            _INSTEAD[match.group()],
            at, match.end(),
        )  # fmt: skip
    if (match := _DIGITS.match(text, at)) and len(match.group()) > 1:
        raise LanguageError(
            f"{shown(match.group())} {where} is no number",
            "write numbers as 12.5 or 1e3, names that begin with a digit in backticks, and * "
            "between a number and a name",
            at, match.end(),
        )  # fmt: skip
    sign = text[at] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
    raise LanguageError(
        f"{shown(sign)} {where} is no sign of the language",
        "leave it out, or put a channel's name that holds it in backticks, such as `temp °C`",
        at,
    )


def _check_order(found: tuple[Word, ...]) -> None:  # noqa: PLR0912 - a case for each sort of word
    """Refuse words that stand where they can't: missing operators, values and brackets."""
    brackets: list[tuple[Word, bool]] = []  # whether each holds the values of a function
    before: Word | None = None
    for word in found:
        wants_value = _wants_value(before)
        match word.sort:
            case "number" | "name" | "quoted":
                if before and not wants_value:
                    _refuse_pair(before, word)
            case "open":
                calls = before is not None and before.sort == "name"
                if before and not wants_value and not calls:
                    _refuse_pair(before, word)
                brackets.append((word, calls))
                if len(brackets) > MAX_BRACKETS:
                    raise LanguageError(
                        f"the brackets are more than {MAX_BRACKETS} deep",
                        "make it simpler, or spread it over several layers",
                        word.start,
                    )
            case "close" | "comma":
                _check_inside(word, before, brackets)
                if word.sort == "close":
                    brackets.pop()
            case "unary":
                if before and not wants_value:
                    _refuse_pair(before, word)
            case "binary":
                if wants_value:
                    _refuse_gap(before, word)
            case "sign":
                pass
        before = word
    if _wants_value(before):
        _refuse_gap(before, None)
    if brackets:
        start = brackets[-1][0].start
        raise LanguageError(
            f"the bracket at character {start + 1} is never closed", "write ) where it ends", start
        )


def _wants_value(before: Word | None) -> bool:
    """Whether a value must come after this word."""
    return before is None or before.sort in ("unary", "sign", "binary", "open", "comma")


def _check_inside(word: Word, before: Word | None, brackets: list[tuple[Word, bool]]) -> None:
    if not brackets and word.sort == "close":
        raise LanguageError(
            f"the bracket at character {word.start + 1} closes none", "leave it out", word.start
        )
    if word.sort == "comma" and not (brackets and brackets[-1][1]):
        raise LanguageError(
            f"the comma at character {word.start + 1} stands outside a function's brackets",
            "write decimals with a point, such as 0.5, and join conditions by and",
            word.start,
        )
    is_empty_call = word.sort == "close" and before is not None and before.sort == "open"
    if _wants_value(before) and not (is_empty_call and brackets[-1][1]):
        _refuse_gap(before, word)


def _refuse_pair(before: Word, word: Word) -> NoReturn:
    """Raise what stands between two values without an operator."""
    for one in (before, word):
        if one.text in _SHOUTED:
            raise LanguageError(
                f"{shown(one.text)} at character {one.start + 1} is in capitals",
                f"write {_SHOUTED[one.text]}", one.start, one.end,
            )  # fmt: skip
        if one.sort == "name" and one.text.casefold() in _STATEMENTS:
            raise LanguageError(
                f"{shown(one.text)} at character {one.start + 1} begins no expression: there are no "
                "statements here",
                f"write one condition, such as {EXAMPLE}", one.start, one.end,
            )  # fmt: skip
    if "between" in (before.text, word.text):
        raise LanguageError(
            f"`between` at character {word.start + 1} is a function",
            "write between(temp, 0, 5)", word.start, word.end,
        )  # fmt: skip
    raise LanguageError(
        f"between {shown(before.text)} and {shown(word.text)} at character {word.start + 1} an "
        "operator is missing",
        "write one there, such as and, > or *; a channel's name with blanks goes in backticks",
        before.start, word.end,
    )  # fmt: skip


def _refuse_gap(before: Word | None, word: Word | None) -> NoReturn:
    """Raise where a value is missing."""
    if word is None and before is not None:
        raise LanguageError(
            f"the expression ends after {shown(before.text)}", "write what belongs there",
            before.start, before.end,
        )  # fmt: skip
    if before is None and word is not None:
        raise LanguageError(
            f"the expression begins with {shown(word.text)}",
            f"write what belongs before it, such as value {word.text} …"
            if word.sort == "binary" else "write a condition first",
            word.start, word.end,
        )  # fmt: skip
    assert before is not None  # noqa: S101 - one of the two is there
    assert word is not None  # noqa: S101
    raise LanguageError(
        f"between {shown(before.text)} and {shown(word.text)} at character {word.start + 1} a "
        "value is missing",
        "write it there, or leave one of the two out", before.start, word.end,
    )  # fmt: skip
