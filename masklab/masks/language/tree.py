"""An expression parsed, with every node held against what the language allows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from masklab.masks.language.functions import FUNCTIONS, MAX_LAG, Function, Kind, Takes
from masklab.masks.language.mistakes import LanguageError, either, nearest, shown
from masklab.masks.language.stretches import MAX_WINDOW
from masklab.masks.language.words import Word, words

MAX_NODES, MAX_DEPTH, MAX_ROLLING, MAX_POWER = 200, 40, 10, 100

CALENDAR = ("hour", "minute", "weekday", "month", "day", "year")
"""Words for the clock of the data's own zone; data that counts steps has none."""
OWN_NAMES = (*CALENDAR, "row", "value", "observed")
"""The names that the language itself gives a meaning; a channel called so goes in backticks."""
BY_CELL = frozenset({"value", "observed"})

_STANDS_FOR = "\ua78f"  # a letter that nobody types; a backticked name is as long with it
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, eq=False)
class Expression:
    """A checked expression: its text, its tree, and what the names in the tree stand for.

    `channels`: the channel that each name of the tree means, if any; `bare` are those written
    without backticks. `by_cell`: the nodes whose result depends on the channel in hand. Trees
    hold `ast.Name`, `Constant`, `UnaryOp`, `BinOp`, `BoolOp`, `Compare` and `Call` alone.
    """

    text: str
    tree: ast.expr
    channels: dict[str, str]
    bare: frozenset[str]
    own: frozenset[str]
    by_cell: frozenset[int]

    @property
    def is_by_cell(self) -> bool:
        """Whether each channel has a result of its own; otherwise one serves them all."""
        return id(self.tree) in self.by_cell


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Return the expression that a text holds; it is not computed, and needs no data.

    Raises `LanguageError` with the first thing that is wrong. At most 1,000 characters, 200 nodes,
    40 levels, 10 rolling functions; powers up to 100.
    """
    found = words(text)
    source, quoted = _source(text, found)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = max((getattr(error, "offset", None) or 1) - 1, 0)
        raise LanguageError(
            f"the expression can't be understood at character {min(at, len(text)) + 1}",
            "put what belongs together in brackets, such as temp > 30 and (not observed)",
            min(at, len(text)),
        ) from None
    return _Check(text, source, quoted).expression(tree)


def _source(text: str, found: tuple[Word, ...]) -> tuple[str, dict[str, str]]:
    """Return Python's spelling of the words, each at its place, and the quoted names by stand-in."""
    letters = [" "] * len(text)
    quoted: dict[str, str] = {}
    for word in found:
        spelt = word.text
        if word.sort == "quoted":
            number = len(quoted)
            tail = f"{_DIGITS[number // 36]}{_DIGITS[number % 36]}"
            spelt = tail.rjust(len(word.text), _STANDS_FOR)
            quoted[spelt] = word.channel
        elif word.sort == "number" and word.text.isdecimal():
            spelt = (word.text.lstrip("0") or "0").rjust(len(word.text))  # Python refuses 06
        letters[word.start : word.end] = spelt
    return "".join(letters), quoted


class _Check:
    """Goes through a tree once and refuses what the language doesn't have."""

    def __init__(self, text: str, source: str, quoted: dict[str, str]) -> None:
        self.text = text
        self.source = source.encode()
        self.channels = dict(quoted)
        self.bare: set[str] = set()
        self.own: set[str] = set()
        self.by_cell: set[int] = set()
        self.nodes = self.rolling = 0

    def expression(self, tree: ast.expr) -> Expression:
        """Return the expression of a tree that passes; raise `LanguageError` otherwise."""
        if self.kind(tree, 1) != "condition":
            bit = shown(self._text(tree))
            self._refuse(
                tree, f"{bit} gives numbers, not yes or no", f"compare it, such as {bit} > 0"
            )
        return Expression(
            self.text, tree, self.channels, frozenset(self.bare), frozenset(self.own),
            frozenset(self.by_cell),
        )  # fmt: skip

    def kind(self, node: ast.expr, depth: int) -> Kind:  # noqa: PLR0912 - a case for each node
        """Return what a node gives, after all below it passed."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            limit = f"{MAX_NODES} parts" if self.nodes > MAX_NODES else f"{MAX_DEPTH} levels"
            raise LanguageError(
                f"the expression has more than {limit}",
                "make it simpler, or spread it over several layers",
            )
        match node:
            case ast.Constant():
                kind = self._constant(node)
            case ast.Name():
                kind = self._name(node)
            case ast.Call():
                kind = self._call(node, depth)
            case ast.UnaryOp(op=ast.Not() | ast.Invert()):
                self._condition(node.operand, depth, "`not`")
                kind = "condition"
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                self.kind(node.operand, depth + 1)
                kind = "number"
            case ast.BinOp():
                kind = self._operation(node, depth)
            case ast.BoolOp():
                word = "`and`" if isinstance(node.op, ast.And) else "`or`"
                for one in node.values:
                    self._condition(one, depth, word)
                kind = "condition"
            case ast.Compare(ops=ops) if all(isinstance(one, COMPARISONS) for one in ops):
                for one in (node.left, *node.comparators):
                    self.kind(one, depth + 1)
                kind = "condition"
            case _:
                self._refuse(
                    node, f"{shown(self._text(node))} is no part of the language",
                    "compare channels with numbers and join that by and, or and not",
                )  # fmt: skip
        if any(id(one) in self.by_cell for one in ast.iter_child_nodes(node)):
            self.by_cell.add(id(node))
        return kind

    def _condition(self, node: ast.expr, depth: int, word: str) -> None:
        if self.kind(node, depth + 1) != "condition":
            bit = shown(self._text(node))
            advice = f"compare it, such as {bit} > 0"
            if word in _SIGNS:
                advice = f"write {_SIGNS[word]}, or put each comparison in brackets"
            self._refuse(node, f"{word} joins conditions, but {bit} gives numbers", advice)

    def _constant(self, node: ast.Constant) -> Kind:
        if isinstance(node.value, bool):
            return "condition"
        bit = shown(self._text(node))
        if not isinstance(node.value, int | float):
            self._refuse(node, f"{bit} is no number", "write numbers as 12.5 or 1e3")
        try:
            is_finite = abs(float(node.value)) < float("inf")
        except OverflowError:
            is_finite = False
        if not is_finite:
            self._refuse(node, f"the number {bit} is too large", "the largest is about 1e308")
        return "number"

    def _name(self, node: ast.Name) -> Kind:
        name = node.id
        if name in self.channels and name not in self.bare:
            return "number"
        if name in OWN_NAMES:
            self.own.add(name)
            if name in BY_CELL:
                self.by_cell.add(id(node))
            return "condition" if name == "observed" else "number"
        self.channels[name] = name
        self.bare.add(name)
        return "number"

    def _operation(self, node: ast.BinOp, depth: int) -> Kind:
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            word = "`&`" if isinstance(node.op, ast.BitAnd) else "`|`"
            for one in (node.left, node.right):
                self._condition(one, depth, word)
            return "condition"
        if not isinstance(node.op, ARITHMETIC):
            self._refuse(
                node, f"{shown(self._text(node))} uses a sign that the language lacks",
                "calculate by +, -, *, /, //, % and **",
            )  # fmt: skip
        if isinstance(node.op, ast.Pow):
            power = written_number(node.right)
            if power is None or abs(power) > MAX_POWER:
                self._refuse(
                    node.right, f"the power {shown(self._text(node.right))} is not allowed",
                    f"write a number from -{MAX_POWER} to {MAX_POWER}, such as temp ** 2; exp(x) "
                    "and log(x) do the rest",
                )  # fmt: skip
        self.kind(node.left, depth + 1)
        self.kind(node.right, depth + 1)
        return "number"

    def _call(self, node: ast.Call, depth: int) -> Kind:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(called)
        if function is None:
            near = nearest(called, FUNCTIONS)
            known = either(near) if near else f"one of {', '.join(FUNCTIONS)}"
            bit = shown(self._text(node.func))
            self._refuse(node.func, f"there is no function {bit}", f"write {known}")
        given = len(node.args)
        starred = any(isinstance(one, ast.Starred) for one in node.args)
        too_many = function.most is not None and given > function.most
        if node.keywords or starred or given < function.least or too_many:
            wants = "1 value" if function.most == 1 else f"{function.least} values"
            more = " or more" if function.more else ""
            self._refuse(
                node, f"`{called}` takes {wants}{more}, and here are {given}",
                f"write {function.signature}{_elsewhere(function)}",
            )  # fmt: skip
        self.rolling += function.rolls
        if self.rolling > MAX_ROLLING:
            raise LanguageError(
                f"the expression has more than {MAX_ROLLING} rolling functions",
                "spread it over several layers",
            )
        takes = (*function.takes, *[function.takes[-1]] * given)
        for one, what in zip(node.args, takes, strict=False):
            self._argument(function, one, what, depth)
        return function.gives

    def _argument(self, function: Function, node: ast.expr, takes: Takes, depth: int) -> None:
        if takes == "values":
            self.kind(node, depth + 1)
            return
        number = written_number(node)
        low, high, whole = _WRITTEN[takes]
        fits = number is not None and low <= number <= high and (not whole or number == int(number))
        if not fits:
            what = "a whole number" if whole else "a number"
            self._refuse(
                node, f"`{function.signature}` can't go with {shown(self._text(node))}",
                f"write {what} from {low:,} to {high:,} as its last value",
            )  # fmt: skip
        self.nodes += 1

    def _text(self, node: ast.AST) -> str:
        start, end = self._place(node)
        return self.text[start:end]

    def _place(self, node: ast.AST) -> tuple[int, int]:
        """Return the characters of a node; Python counts bytes."""
        start, end = (getattr(node, name) for name in ("col_offset", "end_col_offset"))
        return len(self.source[:start].decode()), len(self.source[:end].decode())

    def _refuse(self, node: ast.AST, what: str, advice: str) -> NoReturn:
        start, end = self._place(node)
        raise LanguageError(what, advice, start, end)


_SIGNS = {"`&`": "and", "`|`": "or"}
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_WRITTEN: dict[Takes, tuple[int, int, bool]] = {
    "window": (1, MAX_WINDOW, True),
    "steps": (-MAX_LAG, MAX_LAG, True),
    "share": (0, 1, False),
}


def written_number(node: ast.expr) -> float | None:
    """Return the number that stands in the text itself, with its sign; None if none does."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            sign = -1
        case ast.Constant(value=int() | float() as number):
            sign = 1
        case _:
            return None
    if isinstance(number, bool):
        return None
    try:
        return sign * float(number)
    except OverflowError:
        return None


def whole_parts(expression: Expression) -> Iterator[ast.expr]:
    """Yield the largest parts of a by-cell expression that are the same for every channel."""
    waiting: list[ast.AST] = [expression.tree]
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if id(child) in expression.by_cell:
                waiting.append(child)
            elif isinstance(child, ast.expr) and not (
                isinstance(node, ast.Call) and child is node.func
            ):
                yield child


def _elsewhere(function: Function) -> str:
    """Return where to find what someone may have looked for in a function."""
    if f"rolling_{function.name}" in FUNCTIONS:
        return f", or rolling_{function.name}(x, n) for the last n rows"
    return ""
