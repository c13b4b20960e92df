"""Recipes and experiments made to harm are refused in time, with a way out and without a trace."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.recipe_file import MAX_BYTES, load_recipe
from masklab.runs.document import load_document
from masklab.ui.mask_export import file_name
from masklab.ui.mask_import import candidate_of
from tests.in_time import refusal


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../recipe.json", b" " * 50_000_000)
    return buffer.getvalue()


def rule(**fields: object) -> str:
    return json.dumps({"layers": [{"rule": fields}]})


RECIPES: dict[str, Callable[[], str | bytes]] = {
    "a zip bomb": zipped,
    "a gzip bomb": lambda: gzip.compress(b" " * 50_000_000),
    "10 MB of one letter": lambda: "x" * 10_000_000,
    "10 MB of digits": lambda: "9" * 10_000_000,
    "10 MB of quotes": lambda: '"' * 10_000_000,
    "10 MB of brackets": lambda: "[" * 10_000_000,
    "10 MB of lists in lists": lambda: "[" * 5_000_000 + "]" * 5_000_000,
    "10 MB of escapes": lambda: '{"layers": "' + "\\u0041" * 1_600_000 + '"}',
    "10 MB in an expression": lambda: rule(kind="expression", expression="x" * 10_000_000),
    "10 MB in a condition": lambda: rule(kind="around_events", condition="(" * 10_000_000),
    "10 MB in a name": lambda: '{"layers": [{"name": "' + "x" * 10_000_000 + '"}]}',
    "10 MB in a kind": lambda: rule(kind="x" * 10_000_000),
    "10 MB of channels": lambda: json.dumps(
        {"layers": [{"rule": {"kind": "mcar"}, "channels": ["x" * 100] * 100_000}]}
    ),
    "the largest that is read": lambda: "[" + "1," * (MAX_BYTES // 2 - 2) + "1]",
    "a number of many digits": lambda: rule(kind="mcar", seed=int("9" * 4000)),
    "an infinite rate": lambda: '{"layers": [{"rule": {"kind": "mcar", "rate": 1e999}}]}',
    "a huge window": lambda: rule(kind="around_events", condition="a > 1", after=10**12),
    "SQL": lambda: "SELECT * FROM runs; DROP TABLE runs",
    "SQL in an expression": lambda: rule(kind="expression", expression="a > 1; DROP TABLE runs"),
    "Python": lambda: "__import__('os').system('touch stolen.txt')",
    "Python in an expression": lambda: rule(kind="expression", expression="open('stolen.txt','w')"),
    "a pickle": lambda: b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
    "YAML with a tag": lambda: "!!python/object/apply:os.system ['touch stolen.txt']",
    "YAML aliases": lambda: "a: &a [x, x]\nb: &b [*a, *a]\n",
    "a page": lambda: "<script>alert(1)</script>",
    "null bytes": lambda: b"\x00" * 10_000_000,
    "a class": lambda: rule(kind="mcar", __class__="os"),
    "a module as a kind": lambda: rule(kind="masklab.masks.rules.expression"),
    "a path as a kind": lambda: rule(kind="../../etc/passwd"),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_hostile_recipe_is_refused_in_time(name, tmp_path: Path, monkeypatch):
    content = RECIPES[name]()
    monkeypatch.chdir(tmp_path)
    message = refusal(lambda: load_recipe(content), MaskLabError)
    assert len(message) < 700
    assert message.endswith((".", ")"))
    assert list(tmp_path.iterdir()) == []


EXPERIMENTS: dict[str, Callable[[], str]] = {
    "10 MB of one letter": lambda: "x" * 10_000_000,
    "nearly 5 MB of brackets": lambda: "[" * 4_900_000,
    "nearly 5 MB of keys in keys": lambda: "{a: " * 1_200_000,
    "nearly 5 MB of open quotes": lambda: "a: '" + "x" * 4_900_000,
    "aliases of aliases": lambda: "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a tag that calls": lambda: "a: !!python/object/apply:os.system ['touch stolen.txt']",
    "a tag that makes": lambda: "a: !!python/name:os.system",
    "an alias of itself": lambda: "a: &a [*a]",
    "a number of 5,000 digits": lambda: "a: " + "9" * 5000,
    "SQL": lambda: "SELECT * FROM runs; DROP TABLE runs",
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_hostile_experiment_is_refused_in_time(name, tmp_path: Path, monkeypatch):
    text = EXPERIMENTS[name]()
    monkeypatch.chdir(tmp_path)
    assert len(refusal(lambda: load_document(text), MaskLabError)) < 500
    assert list(tmp_path.iterdir()) == []


NAMES = ("../../etc/passwd", "..", "a/b\\c:d", "\x00\n", "x" * 500, "nul\u202etxt.exe", "-rf")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_leaves_its_folder(name):
    found = file_name(name, ".mask.json")
    assert found == Path(found).name
    assert ".." not in found
    assert not found.startswith(("-", "."))
    assert 0 < len(found) <= 70


@pytest.mark.parametrize("name", NAMES)
def test_names_in_a_recipe_are_names_and_nothing_else(name):
    recipe = MaskRecipe(layers=(Layer(rule=Mcar(), name=name[:200], channels=(name[:200],)),))
    loaded = candidate_of(recipe.model_dump_json().encode(), name, panel())
    assert loaded.incoming is None
    assert "Nothing in it fits this data" in loaded.problem


def panel() -> Panel:
    return Panel(("one",), [0, 1], ["2024-01-01"], [[1.0]], ("a",))
