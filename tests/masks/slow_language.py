"""The slow, obvious twin of the expression language: one cell at a time, None for what is missing."""
# ruff: noqa: PLR0911 - a return for each kind of node

from __future__ import annotations

import ast
import math
import statistics
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np

from masklab.data.clock import segments
from masklab.data.series import Panel

Number = float | None
Cell = tuple[int, int]


class SlowLanguage:
    """Computes an expression at a row of a channel; conditions are True, False or None (unknown)."""

    def __init__(self, panel: Panel, readable: set[Cell], observed: set[Cell]) -> None:
        self.panel, self.readable, self.observed = panel, readable, observed
        self.segment = segments(panel)

    def selects(self, text: str, cell: Cell) -> bool:
        return self.of(ast.parse(text.strip(), mode="eval").body, *cell) is True

    def of(self, node: ast.expr, row: int, channel: int):
        def here(one: ast.expr):
            return self.of(one, row, channel)

        match node:
            case ast.Constant():
                return node.value if isinstance(node.value, bool) else float(node.value)
            case ast.Name():
                return self.name(node.id, row, channel)
            case ast.UnaryOp(op=ast.Not()):
                value = here(node.operand)
                return None if value is None else not value
            case ast.UnaryOp():
                value = number(here(node.operand))
                return None if value is None else -value
            case ast.BinOp():
                return arithmetic(node.op, number(here(node.left)), number(here(node.right)))
            case ast.BoolOp():
                return joined([here(one) for one in node.values], isinstance(node.op, ast.And))
            case ast.Compare():
                sides = [number(here(one)) for one in (node.left, *node.comparators)]
                pairs = zip(node.ops, sides, sides[1:], strict=False)
                return joined([compared(*one) for one in pairs], True)
            case ast.Call():
                return self.call(node, row, channel)
        raise TypeError(ast.dump(node))

    def name(self, name: str, row: int, channel: int):
        moment = self.panel.clock[row].astype("datetime64[us]").item()
        if self.panel.timezone:
            moment = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.panel.timezone))
        match name:
            case "value":
                return self.value(row, channel)
            case "observed":
                return (row, channel) in self.observed
            case "row":
                return float(row - self.panel.offsets[self.panel.series_of_row[row]])
            case "weekday":
                return float(moment.weekday())
            case "hour" | "minute" | "month" | "day" | "year":
                return float(getattr(moment, name))
        return self.value(row, self.panel.channels.index(name))

    def value(self, row: int, channel: int) -> Number:
        return float(self.panel.values[row, channel]) if (row, channel) in self.readable else None

    def call(self, node: ast.Call, row: int, channel: int):
        name = node.func.id
        if name.startswith("rolling_"):
            return self.rolling(name, node.args[0], written(node.args[1]), row, channel)
        if name in ("lag", "diff"):
            steps = written(node.args[1]) if len(node.args) > 1 else 1
            before = self.at(node.args[0], row - steps, row, channel)
            if name == "lag":
                return before
            now = self.at(node.args[0], row, row, channel)
            return None if now is None or before is None else now - before
        if name in ("mean", "median", "std", "quantile"):
            every = [number(self.of(node.args[0], r, channel)) for r in range(self.panel.rows)]
            held = [one for one in every if one is not None]
            q = node.args[1].value if name == "quantile" else None
            return over(name, held, q) if held else None
        values = [number(self.of(one, row, channel)) for one in node.args]
        if name in ("missing", "isnan"):
            return values[0] is None
        if name == "between":
            low, high = compared(ast.GtE(), *values[:2]), compared(ast.LtE(), values[0], values[2])
            return joined([low, high], True)
        return None if None in values else finite(ELEMENTWISE[name](*values))

    def at(self, node: ast.expr, row: int, home: int, channel: int) -> Number:
        """The value at a row, None beyond the stretch of the row at home."""
        if not 0 <= row < self.panel.rows or self.segment[row] != self.segment[home]:
            return None
        return number(self.of(node, row, channel))

    def rolling(self, name: str, node: ast.expr, window: int, row: int, channel: int) -> Number:
        rows = range(row - window + 1, row + 1)
        if name == "rolling_mad":
            held = []
            for one in rows:
                value = self.at(node, one, row, channel)
                inside = 0 <= one < self.panel.rows and self.segment[one] == self.segment[row]
                middle = (
                    self.rolling("rolling_median", node, window, one, channel) if inside else None
                )
                if value is not None and middle is not None:
                    held.append(abs(value - middle))
            name = "rolling_median"
        else:
            every = [self.at(node, one, row, channel) for one in rows]
            held = [one for one in every if one is not None]
        if len(held) < math.ceil(window / 2):
            return None
        return over(name.removeprefix("rolling_"), held, None)


def written(node: ast.expr) -> int:
    return -node.operand.value if isinstance(node, ast.UnaryOp) else node.value


def over(name: str, held: list[float], q: float | None) -> float:
    functions = {"median": statistics.median, "min": min, "max": max, "std": statistics.pstdev}
    if name == "mean":
        return sum(held) / len(held)
    return float(np.quantile(held, q)) if name == "quantile" else float(functions[name](held))


ELEMENTWISE = {
    "abs": abs,
    "min": min,
    "max": max,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else None,
    "log": lambda x: math.log(x) if x > 0 else None,
    "exp": lambda x: math.exp(x) if x < 700 else None,
    "sign": lambda x: float((x > 0) - (x < 0)),
}


def number(value) -> Number:
    """A condition counts 1 where it holds, 0 elsewhere."""
    return float(value) if isinstance(value, bool) else value


def finite(value: Number) -> Number:
    return value if value is not None and math.isfinite(value) else None


def joined(values: list, every: bool):
    """Three-valued and, or."""
    decides = not every
    if decides in values:
        return decides
    return None if None in values else every


def compared(sign: ast.cmpop, left: Number, right: Number):
    if left is None or right is None:
        return None
    match sign:
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
        case ast.GtE():
            return left >= right
        case ast.Eq():
            return left == right
        case _:
            return left != right


def arithmetic(sign: ast.operator, left: Number, right: Number) -> Number:
    if left is None or right is None:
        return None
    match sign:
        case ast.Add():
            return finite(left + right)
        case ast.Sub():
            return finite(left - right)
        case ast.Mult():
            return finite(left * right)
        case ast.Div():
            return finite(left / right) if right else None
        case ast.FloorDiv():
            return finite(left // right) if right else None
        case ast.Mod():
            return finite(left % right) if right else None
        case _:
            try:
                power = left**right
            except (ZeroDivisionError, OverflowError):
                return None
            return None if isinstance(power, complex) else finite(power)
