"""An expression computed over the rows of a panel, by simpleeval cut down to the language's nodes."""

from __future__ import annotations

import ast
import keyword
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float64, Int64
from simpleeval import SimpleEval

from masklab.data.series import Panel
from masklab.masks.language.functions import FUNCTIONS, outside
from masklab.masks.language.mistakes import either, nearest, shown
from masklab.masks.language.stretches import Stretches
from masklab.masks.language.tree import (
    CALENDAR,
    OWN_NAMES,
    Expression,
    whole_parts,
    written_number,
)
from masklab.masks.rule import Scene
from masklab.masks.rules.calendar import local_clock

if TYPE_CHECKING:
    import pandas as pd


def _power(base: Any, power: Any) -> Any:
    """Return the power; that of a missing value is missing, the zeroth too."""
    return np.power(base, power) if power else base * 0.0 + 1.0


_ARITHMETIC: dict[type[ast.operator], Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: _power,
}
_COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: lambda a, b: np.not_equal(a, b) & ~np.isnan(a) & ~np.isnan(b),
}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def evaluate(expression: Expression, scene: Scene) -> Bool[np.ndarray, "row channel"]:
    """Return the cells that meet an expression: whole rows, or single cells if it names `value`.

    Values that the scene can't read are missing. No comparison with a missing value holds, and
    neither does its `not`. Only channels in the scene's domain are computed. The names must be
    known: see `misfits`.
    """
    evaluator = _Evaluator(expression, scene)
    with np.errstate(all="ignore"):
        if not expression.is_by_cell:
            rows = evaluator.rows()
            return np.asfortranarray(np.broadcast_to(rows[:, None], scene.domain.shape))
        cells = np.zeros(scene.domain.shape, dtype=bool, order="F")
        for channel in np.flatnonzero(scene.domain.any(axis=0)).tolist():
            cells[:, channel] = evaluator.rows(channel)
        return cells


def misfits(expression: Expression, panel: Panel) -> tuple[str, ...]:
    """Return a sentence for each name in an expression that means nothing for a panel."""
    problems = []
    for name, channel in expression.channels.items():
        if _channel(expression, name, panel) is None:
            problems.append(_unknown(channel, panel))
    times = [name for name in CALENDAR if name in expression.own]
    if times and panel.clock_kind == "step":
        problems.append(
            f"{shown(times[0])} needs times and dates, but this data counts steps; choose a time "
            "column on the Data page, or write row, which counts from 0."
        )
    return tuple(problems)


def _unknown(name: str, panel: Panel) -> str:
    if name.casefold() in ("nan", "null", "na", "none"):
        return f"There is no {shown(name)} to compare with; write missing(x), or not missing(x)."
    spellings = {one: spelt(one) for one in panel.channels}
    near = nearest(name, [*panel.channels, *OWN_NAMES])
    if near:
        known = either([spellings.get(one, one) for one in near])
        return f"There is no channel {shown(name)}; write {known}."
    listed = ", ".join(list(spellings.values())[:8])
    more = f" and {len(panel.channels) - 8} more" if len(panel.channels) > 8 else ""
    if name in FUNCTIONS:
        return f"{shown(name)} is a function; write {FUNCTIONS[name].signature}."
    return f"There is no channel {shown(name)}; there are {listed}{more}."


def spelt(channel: str) -> str:
    """Return a channel's name as an expression spells it: in backticks unless it can stand alone."""
    stands_alone = (
        channel.isidentifier()
        and channel not in OWN_NAMES
        and not keyword.iskeyword(channel)
        and not channel.startswith("__")
        and unicodedata.normalize("NFKC", channel) == channel
    )
    return channel if stands_alone else f"`{channel.replace('`', '``')}`"


def _channel(expression: Expression, name: str, panel: Panel) -> int | None:
    """Return the column of a name of the tree; Python spells bare names in one way (NFKC)."""
    channel = expression.channels[name]
    if channel in panel.channels:
        return panel.channels.index(channel)
    if name not in expression.bare:
        return None
    same = [
        index
        for index, one in enumerate(panel.channels)
        if unicodedata.normalize("NFKC", one) == channel
    ]
    return same[0] if len(same) == 1 else None


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """SimpleEval without attributes, subscripts, strings, keywords and names but those given.

    A tree that comes here has passed `tree.parse`; nodes of any other kind have no handler.
    """

    def __init__(self, expression: Expression, scene: Scene) -> None:
        super().__init__(operators=dict(_ARITHMETIC), functions={}, names={})
        self.nodes = {
            ast.Name: self._eval_name,
            ast.Constant: self._eval_constant,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._condition,
            ast.Compare: self._condition,
            ast.Call: self._eval_call,
        }
        self.expression = expression
        self.scene = scene
        self.stretches = Stretches(scene.panel)
        self.channel = 0
        self.same_for_all = (
            {id(node) for node in whole_parts(expression)} if expression.is_by_cell else set()
        )
        self.kept: dict[int, Any] = {}
        self.columns: dict[int, Float64[np.ndarray, "row"]] = {}

    def rows(self, channel: int = 0) -> Bool[np.ndarray, "row"]:
        """Return the rows that the expression selects, of the channel in hand."""
        self.channel = channel
        result = np.asarray(self._eval(self.expression.tree), dtype=bool)
        self.stretches.forget()
        self.columns = {}
        return result if result.ndim else np.full(self.scene.panel.rows, bool(result))

    def _eval(self, node: ast.AST) -> Any:
        if id(node) not in self.same_for_all:
            return super()._eval(node)
        if id(node) not in self.kept:
            self.kept[id(node)] = super()._eval(node)
        return self.kept[id(node)]

    def _eval_name(self, node: ast.Name) -> Any:
        name = node.id
        if name not in self.expression.channels:
            return self._own(name)
        index = _channel(self.expression, name, self.scene.panel)
        assert index is not None  # noqa: S101 - misfits were told before
        return self._values(index)

    def _own(self, name: str) -> Any:
        match name:
            case "value":
                return self._values(self.channel)
            case "observed":
                return self.scene.observed[:, self.channel]
            case "row":
                return self._row
            case _:
                clock = self._clock
                number = clock.day_of_week if name == "weekday" else getattr(clock, name)
                return np.asarray(number, dtype=np.float64)

    def _values(self, index: int) -> Float64[np.ndarray, "row"]:
        """Return a channel, NaN where nothing can be read; the same array if asked again."""
        if index not in self.columns:
            scene = self.scene
            readable = scene.readable[:, index]
            self.columns[index] = np.where(readable, scene.panel.values[:, index], np.nan)
        return self.columns[index]

    @cached_property
    def _clock(self) -> pd.DatetimeIndex:
        return local_clock(self.scene.panel)

    @cached_property
    def _row(self) -> Float64[np.ndarray, "row"]:
        panel = self.scene.panel
        starts: Int64[np.ndarray, "row"] = np.repeat(panel.offsets[:-1], np.diff(panel.offsets))
        return np.asarray(np.arange(panel.rows) - starts, dtype=np.float64)

    def _eval_constant(self, node: ast.Constant) -> Any:
        value = node.value
        assert isinstance(value, int | float)  # noqa: S101 - tree.parse saw to it
        return value if isinstance(value, bool) else np.float64(value)

    def _eval_unaryop(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not | ast.Invert):
            return self._condition(node)
        number = _numbers(self._eval(node.operand))
        return -number if isinstance(node.op, ast.USub) else number

    def _eval_binop(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            return self._condition(node)
        operate = self.operators[type(node.op)]
        left, right = _numbers(self._eval(node.left)), _numbers(self._eval(node.right))
        return _finite(operate(left, right))

    def _eval_call(self, node: ast.Call) -> Any:
        name, arguments = self._called(node)
        return _finite(FUNCTIONS[name].run(self.stretches, *arguments))

    def _called(self, node: ast.Call) -> tuple[str, list[Any]]:
        assert isinstance(node.func, ast.Name)  # noqa: S101 - tree.parse saw to it
        function = FUNCTIONS[node.func.id]
        takes = (*function.takes, *["values"] * len(node.args))
        arguments = [
            _numbers(self._eval(one)) if what == "values" else _written(one, what)
            for one, what in zip(node.args, takes, strict=False)
        ]
        return function.name, arguments

    def _condition(self, node: ast.expr, positive: bool = True) -> Any:
        """Return where a condition holds, or where its opposite does.

        `not` goes down to the comparisons, which it turns round. So a missing value, of which
        neither is known, is selected by neither.
        """
        match node:
            case ast.UnaryOp(op=ast.Not() | ast.Invert()):
                return self._condition(node.operand, not positive)
            case ast.BoolOp():
                return self._joined(node.values, isinstance(node.op, ast.And) == positive, positive)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                both = isinstance(node.op, ast.BitAnd) == positive
                return self._joined([node.left, node.right], both, positive)
            case ast.Compare():
                return self._compared(node, positive)
            case ast.Call(func=ast.Name(id="between")) if not positive:
                return outside(*self._called(node)[1])
            case _:
                found = self._eval(node)
                return found if positive else np.logical_not(found)

    def _joined(self, nodes: list[ast.expr], every: bool, positive: bool) -> Any:
        join = np.logical_and if every else np.logical_or
        found = self._part(nodes[0], positive)
        for node in nodes[1:]:
            found = join(found, self._part(node, positive))
        return found

    def _part(self, node: ast.expr, positive: bool) -> Any:
        # A part that is the same for every channel is kept as it stands: `_eval` sees to that.
        if positive and id(node) in self.same_for_all:
            return self._eval(node)
        return self._condition(node, positive)

    def _compared(self, node: ast.Compare, positive: bool) -> Any:
        found: Any = None
        left = _numbers(self._eval(node.left))
        for sign, comparator in zip(node.ops, node.comparators, strict=True):
            right = _numbers(self._eval(comparator))
            kind = type(sign) if positive else _OPPOSITE[type(sign)]
            holds = _COMPARISONS[kind](left, right)
            join = np.logical_and if positive else np.logical_or
            found = holds if found is None else join(found, holds)
            left = right
        return found


def _numbers(values: Any) -> Any:
    """Return numbers; a condition counts 1 where it holds and 0 elsewhere."""
    is_condition = isinstance(values, bool) or getattr(values, "dtype", None) == np.bool_
    return np.asarray(values).astype(np.float64)[()] if is_condition else values


def _written(node: ast.expr, what: str) -> float:
    number = written_number(node)
    assert number is not None  # noqa: S101 - tree.parse saw to it
    return number if what == "share" else int(number)


def _finite(values: Any) -> Any:
    """Return numbers with what has no finite value (a division by zero, say) as missing."""
    if getattr(values, "dtype", None) == np.bool_ or not np.isinf(values).any():
        return values
    return np.where(np.isinf(values), np.nan, values)[()]
