"""Hostile expressions are refused in time, say what to do, and nothing of them is carried out."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import simpleeval
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.language import LanguageError, evaluate, misfits, parse
from masklab.masks.language.evaluation import _Evaluator
from masklab.masks.recipe_file import load_recipe
from masklab.masks.rule import Scene
from masklab.masks.rules.around_events import AroundEvents
from masklab.masks.rules.expression import ExpressionRule
from tests.in_time import in_time, refusal

ROWS = 200_000
MARK = "stolen.txt"

ATTRIBUTES = [
    "temp.to_csv('stolen.txt')",
    "temp.tofile('stolen.txt')",
    "temp.dump('stolen.txt')",
    "temp . tofile ( 'stolen.txt' )",
    "temp.__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "temp.__class__.__mro__[1].__subclasses__()",
    "(temp).base > 3",
    "(1).real > 0",
    "1 .real > 0",
    "abs.__globals__",
    "rolling_mean.__code__",
    "value.ctypes > 0",
    "max(temp, 3).tofile(1)",
    "`temp`.tofile(3)",
    "temp\n.tofile(3)",
    "getattr(temp, tofile)",
    "vars() > 3",
    "dir(temp) == 1",
]
IMPORTS = [
    "__import__('os').system('touch stolen.txt')",
    "import os",
    "from os import system",
    "import os; os.system('touch stolen.txt')",
    "__builtins__",
    "__builtins__['open']('stolen.txt', 'w')",
    "eval('1')",
    "exec('x = 1')",
    "compile('1', '', 'eval')",
    "globals()",
    "locals()",
    "breakpoint()",
    "exit()",
    "type(temp)",
    "help()",
    "input()",
]
FILES = [
    "open('stolen.txt', 'w')",
    "open(`stolen.txt`)",
    "open(temp)",
    "read_csv('http://example.org/x.csv')",
    "print('x', file=open('stolen.txt', 'w'))",
    "http://example.org/",
    "file:///etc/passwd",
    "../../etc/passwd",
    "@/etc/passwd",
    "`../../etc/passwd` > 3",
    "urlopen('http://127.0.0.1/')",
    "$(touch stolen.txt)",
    "`touch stolen.txt`",
    "{{7*7}}",
    "<script>alert(1)</script>",
]
LOOPS = [
    "9**9**9 > 1",
    "9**9**9**9**9 == temp",
    "temp ** temp ** temp > 0",
    "2 ** 1000 > 1",
    "temp ** (row) > 1",
    "[x for x in temp]",
    "(x for x in temp)",
    "{x: x for x in temp}",
    "while True: pass",
    "for x in temp: pass",
    "lambda: 0",
    "(lambda f: f(f))(lambda f: f(f))",
    "(yield 3)",
    "await temp",
    "(x := 3) > 2",
    "rolling_median(" * 30 + "temp" + ", 9999)" * 30 + " > 0",
    "rolling_mean(temp, 1e9) > 0",
    "lag(temp, 10 ** 9) > 0",
    "rolling_max(temp, row) > 0",
    " and ".join(["rolling_median(temp, 9999) > 0"] * 20),
]
BOMBS = [
    "'a' * 10 ** 10 == temp",
    "[0] * 10 ** 10",
    "(0,) * 10 ** 10",
    "1 << 10 ** 10 > 0",
    "temp > 1" + "0" * 900,
    "temp > 1e999",
    "f'{temp:>99999999999}' == 1",
    "'%99999999999d' % 3",
    "b'x' * 9999999999",
    "(" * 500 + "temp" + ")" * 500 + " > 0",
    "(" * 990,
    "-" * 900 + "temp > 0",
    "not " * 240 + "observed",
    "~" * 900 + "observed",
    "1+" * 490 + "1 > 0",
    " or ".join(["a>1"] * 150),
    "abs(" * 200 + "temp" + ")" * 200 + " > 0",
    "[" * 900,
    "{" * 900,
    "`" * 999,
    "\\" * 999,
    "\x00" * 99,
    "temp > 0 #" + "x" * 500,
    "temp > " + "9" * 5000,
    "temp > 0" + " " * 10_000_000,
    "x" * 10_000_000,
    "(" * 10_000_000,
    "\u202e" + "temp > 3",
]
STATEMENTS = [
    "SELECT * FROM runs",
    "temp > 3; DROP TABLE runs",
    "temp > 3 UNION SELECT password FROM users",
    "1 OR 1=1 --",
    "' OR '1'='1",
    "DROP TABLE runs",
    "ATTACH DATABASE 'stolen.txt' AS x",
    "COPY (SELECT 1) TO 'stolen.txt'",
    "lpad('x', 2000000000) == temp",
    "temp = 3",
    "temp += 3",
    "del temp",
    "raise temp",
    "assert temp",
    "def f(): pass",
    "class X: pass",
    "temp if temp else temp",
    "temp is None",
    "abs(x=3) > 1",
    "abs(*temp) > 1",
    "abs(**temp) > 1",
    "temp[0] > 1",
    "temp @ temp > 1",
]
HOSTILE = [*ATTRIBUTES, *IMPORTS, *FILES, *LOOPS, *BOMBS, *STATEMENTS]


def panel() -> Panel:
    clock = np.datetime64("2024-01-01", "us") + np.arange(ROWS) * np.timedelta64(1, "m")
    return Panel(("one",), np.array([0, ROWS]), clock, np.ones((ROWS, 2)), ("temp", "wind"))


PANEL = panel()


def refused(text: str) -> str:
    """Return why a text is refused: as no expression, or for the names that it asks for."""
    try:
        expression = parse(text)
    except LanguageError as error:
        return error.sentence
    problems = misfits(expression, PANEL)
    assert problems, f"{text[:60]!r} was taken as an expression"
    return problems[0]


def test_there_are_plenty_of_them():
    assert len(HOSTILE) == len(set(HOSTILE)) >= 100


@pytest.mark.parametrize("text", HOSTILE, ids=[f"{text[:40]!r}" for text in HOSTILE])
def test_a_hostile_expression_is_refused_in_time_with_a_way_out(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = in_time(lambda: refused(text))
    assert len(message) < 420
    assert message.endswith(".")
    assert "\n" not in message
    assert "; " in message  # what is wrong; what to write instead
    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.parametrize("text", HOSTILE[::4], ids=[f"{text[:40]!r}" for text in HOSTILE[::4]])
def test_a_recipe_with_a_hostile_expression_is_refused_in_time(text):
    for kind, field in (("expression", "expression"), ("around_events", "condition")):
        recipe = json.dumps({"layers": [{"rule": {"kind": kind, field: text}}]})
        message = refusal(lambda recipe=recipe: load_recipe(recipe).apply(PANEL), MaskError)
        assert len(message) < 600


def test_a_rule_cannot_be_built_around_the_check():
    with pytest.raises(ValidationError, match="has a dot"):
        ExpressionRule(expression="temp.tofile(3)")
    with pytest.raises(ValidationError, match="has a dot"):
        AroundEvents(condition="temp.tofile(3)")
    smuggled = ExpressionRule.model_construct(expression="temp.tofile('stolen.txt')")
    with pytest.raises(LanguageError, match="has a dot"):
        smuggled.select(Scene(PANEL, PANEL.native, PANEL.native))


def test_the_evaluator_has_no_handler_for_anything_else():
    scene = Scene(PANEL, PANEL.native, PANEL.native)
    evaluator = _Evaluator(parse("temp > 3"), scene)
    for text in ("temp.tofile", "temp[0]", "[temp]", "lambda: 3", "f'{temp}'", "3 if temp else 4"):
        with pytest.raises(simpleeval.FeatureNotAvailable):
            evaluator.eval(text)
    assert evaluator.functions == {}
    assert evaluator.names == {}


def test_the_largest_expressions_that_are_allowed_end():
    scene = Scene(PANEL, PANEL.native, np.ones(PANEL.values.shape, bool))
    nested = "rolling_median(" * 10 + "value" + ", 10000)" * 10 + " > 0"
    many = " and ".join(["abs(value - 3) < 2 ** 3"] * 22)
    for text in (nested, many, "abs(" * 37 + "value" + ")" * 37 + " > 0"):
        start = time.process_time()
        evaluate(parse(text), scene)
        assert time.process_time() - start < 60


@settings(deadline=None, max_examples=400)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                ["temp", "value", "3", ".", "(", ")", "`", " ", "and", "not", "*", "**", "-", "=",
                 "<", ",", "lag", "max", "'", "[", "06", "0x1", "\n", "ﬁ", "°", "~", "&", "hour"]
            ),
            max_size=14,
        ).map("".join),
    )
)  # fmt: skip
def test_whatever_is_typed_is_an_expression_or_a_sentence(text):
    try:
        expression = parse(text)
    except LanguageError as error:
        assert len(error.sentence) < 420  # noqa: PT017
        assert 0 <= error.start <= error.end <= max(len(text), 1)  # noqa: PT017
        return
    if not misfits(expression, SMALL):
        found = evaluate(expression, Scene(SMALL, SMALL.native, np.ones((9, 2), bool)))
        assert found.shape == (9, 2)
        assert found.dtype == bool


SMALL = Panel(
    ("one",), np.array([0, 9]), PANEL.clock[:9], np.arange(18.0).reshape(9, 2), ("temp", "wind")
)
