"""Keys and tools of the painter: the same in the code, in its help and in the documentation."""

from __future__ import annotations

import re

from masklab.ui.painter import assets
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "masks.md").read_text(encoding="utf-8")
PAINTER = TEXT.split("## The painter")[1].split("\n## ")[0]
SAID = {
    "del": {"delete", "backspace"}, "esc": {"escape"}, "space": {" "}, "+": {"+", "="},
    "↑": {"arrowup"}, "↓": {"arrowdown"}, "←": {"arrowleft"}, "→": {"arrowright"},
}  # fmt: skip
"""Keys by other names than a browser's."""
CHORDS = {"ctrl", "z"}


def keys_of_the_code() -> set[str]:
    table = re.search(r"const KEYS = \{(.*?)\n\};", assets()["script"], re.DOTALL)
    assert table is not None
    return {
        key.strip('"') for key in re.findall(r'^  ("[^"]+"|\w+):', table.group(1), re.MULTILINE)
    }


def by_a_browsers_names(shown: list[str]) -> set[str]:
    keys = {key.lower() for key in shown} - CHORDS
    return {name for key in keys for name in SAID.get(key, {key})}


def test_the_table_of_keys_is_that_of_the_code():
    rows = [row for row in PAINTER.splitlines() if row.startswith("|")]
    cells = " ".join(cell for row in rows for cell in row.split("|")[1:-2])
    assert by_a_browsers_names(re.findall(r"`([^`]+)`", cells)) == keys_of_the_code()


def test_the_help_on_the_canvas_names_every_key():
    shown = re.findall(r"<kbd>(.*?)</kbd>", assets()["html"])
    assert by_a_browsers_names(shown) == keys_of_the_code()


def test_every_tool_and_button_has_words_on_hover():
    buttons = re.findall(r"<button[^>]*data-do=\"(\w+)\"[^>]*>", assets()["html"])
    titled = re.findall(r"<button[^>]*data-do=\"(\w+)\"[^>]*title=\"[^\"]+\"", assets()["html"])
    assert buttons == titled
    for tool in ("Brush", "Eraser", "Select", "Point", "Pan"):
        assert f"| {tool} |" in PAINTER
