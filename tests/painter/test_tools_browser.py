"""Each tool, scope and key of the painter in a real Chromium: what it does to the mask in Python."""

from __future__ import annotations

import re

import pytest

from tests.conftest import wait_until
from tests.painter.canvas import ROWS, arrives

pytestmark = pytest.mark.browser

WIDE = 1.03 * ROWS
"""Rows that the whole clock would have without its gap."""
HOUR = 3_600_000_000


def painted(canvas, *strokes) -> list[int]:
    """Paint with the brush, wait for Python, and return the cells hidden of each channel."""
    for stroke in strokes:
        canvas.drag(*stroke)
    arrives(canvas, operations=len(strokes))
    return canvas.hidden()


@pytest.mark.parametrize(
    ("key", "name"),
    [("e", "erase"), ("v", "select"), ("p", "point"), ("h", "hand"), ("b", "brush")],
)
def test_each_tool_has_a_key_and_a_button_that_names_it(canvas, key, name):
    button = canvas.page.locator(f'[data-do="{name}"]')
    assert f"({key.upper()}" in button.get_attribute("title")
    canvas.press("e" if key == "b" else "b")
    assert not canvas.pressed(name)
    canvas.press(key)
    assert canvas.pressed(name)
    canvas.press("b")
    canvas.click(name)
    assert canvas.pressed(name)


def test_select_moves_resizes_and_erases_a_painted_stretch(canvas):
    before = painted(canvas, (0.25, 0.3))[0]
    canvas.press("v")
    canvas.tap(0.27)
    canvas.says("Selected: channel 0")

    canvas.drag(0.3, 0.4)  # its right end
    wait_until(lambda: canvas.hidden()[0] > 2 * before)
    canvas.says("Selected: channel 0")
    wide = canvas.hidden()[0]
    canvas.drag(0.25, 0.27)  # its left end
    wait_until(lambda: canvas.hidden()[0] < wide)
    narrow = canvas.hidden()[0]
    canvas.says("Selected: channel 0")
    place = canvas.strokes()[0]["start"]

    canvas.drag(0.33, 0.7)  # its middle
    arrives(canvas, operations=4)
    assert canvas.hidden()[0] == pytest.approx(narrow, abs=2)
    assert canvas.strokes()[-1]["start"] > place + 0.3 * WIDE * HOUR
    canvas.press("Delete")
    wait_until(lambda: canvas.hidden()[0] == 0)


def test_undo_is_one_history_across_tools(canvas):
    painted(canvas, (0.25, 0.3))
    seen = [0, canvas.hidden()[0]]

    def changed() -> None:
        wait_until(lambda: canvas.hidden()[0] != seen[-1])
        seen.append(canvas.hidden()[0])

    canvas.press("p")
    canvas.tap(0.7)
    changed()
    canvas.press("e")
    canvas.drag(0.26, 0.27)
    changed()
    canvas.press("v")
    canvas.tap(0.29)
    canvas.says("Selected: channel 0")
    canvas.drag(0.3, 0.35)
    changed()
    canvas.press("Escape")
    canvas.press("i")
    changed()
    for expected in reversed(seen[:-1]):
        canvas.press("Control+z")
        wait_until(lambda expected=expected: canvas.hidden()[0] == expected)
    for expected in seen[1:]:
        canvas.press("Control+Shift+Z")
        wait_until(lambda expected=expected: canvas.hidden()[0] == expected)


def test_a_point_switches_one_cell_at_any_zoom(canvas):
    canvas.press("p")
    canvas.tap(0.7)
    wait_until(lambda: canvas.hidden() == [1, 0, 0])
    for _ in range(8):
        canvas.press("+")
    canvas.page.wait_for_timeout(600)
    canvas.tap(0.5, row=1)
    wait_until(lambda: canvas.hidden() == [1, 1, 0])
    canvas.tap(0.5, row=1)
    wait_until(lambda: canvas.hidden() == [1, 0, 0])


def test_invert_takes_the_selection_else_the_view_of_the_scope(canvas):
    canvas.press("i")
    wait_until(lambda: canvas.hidden()[0] > 0.9 * ROWS)
    assert canvas.hidden()[1:] == [0, 0]
    canvas.press("Control+z")
    wait_until(lambda: canvas.hidden()[0] == 0)
    canvas.press("v")
    canvas.drag(0.6, 0.7, row=1)
    canvas.says("Selected: channel 1")
    canvas.press("i")
    wait_until(lambda: canvas.hidden()[1] > 0)
    assert canvas.hidden()[1] == pytest.approx(0.1 * WIDE, rel=0.1)
    assert canvas.hidden()[0] == 0


def test_a_range_is_erased_by_delete_and_outside_it_nothing(canvas):
    before = painted(canvas, (0.25, 0.3), (0.6, 0.65))[0]
    canvas.press("v")
    canvas.drag(0.58, 0.7)
    canvas.press("Backspace")
    wait_until(lambda: canvas.hidden()[0] < before)
    assert canvas.hidden()[0] == pytest.approx(before / 2, rel=0.2)


def test_without_a_selection_delete_says_how_to_get_one(canvas):
    canvas.press("Delete")
    canvas.says("Click a masked stretch with Select (V)")
    assert canvas.state()["served"] == 0


def test_n_goes_through_masked_stretches_and_back(canvas):
    painted(canvas, (0.25, 0.3), (0.6, 0.65))
    canvas.press("n")
    canvas.says("Selected: channel 0")
    first = canvas.status()
    canvas.press("n")
    wait_until(lambda: canvas.status() not in (first, ""))
    second = canvas.status()
    assert second.startswith("Selected: channel 0")
    canvas.press("n")
    canvas.says("No masked stretch after this one")
    canvas.press("Shift+N")
    wait_until(lambda: canvas.status() == first)
    canvas.click("next")
    wait_until(lambda: canvas.status() == second)
    canvas.click("previous")
    wait_until(lambda: canvas.status() == first)
    canvas.press("Delete")
    wait_until(lambda: len(canvas.strokes()) == 1)


def test_the_scope_is_this_channel_selected_ones_or_all(canvas):
    names = canvas.page.locator(".head .name")
    names.nth(0).click()
    names.nth(2).click(modifiers=["Control"])
    assert canvas.pressed("chosen")
    canvas.drag(0.1, 0.15, row=0)
    arrives(canvas, operations=1)
    assert canvas.strokes()[-1]["channels"] == ["channel 0", "channel 2"]
    canvas.press("a")
    canvas.drag(0.3, 0.32, row=1)
    arrives(canvas, operations=2)
    assert canvas.strokes()[-1]["channels"] is None
    canvas.press("a")
    canvas.drag(0.4, 0.42, row=1)
    arrives(canvas, operations=3)
    assert canvas.strokes()[-1]["channels"] == ["channel 1"]
    canvas.press("s")
    canvas.drag(0.5, 0.52, row=1)
    arrives(canvas, operations=4)
    assert canvas.strokes()[-1]["channels"] == ["channel 0", "channel 2"]


def test_rows_are_selected_by_keys_too(canvas):
    canvas.press("ArrowDown")
    canvas.press("Shift+ArrowDown")
    assert canvas.pressed("chosen")
    canvas.drag(0.5, 0.52, row=0)
    arrives(canvas, operations=1)
    assert canvas.strokes()[-1]["channels"] == ["channel 1", "channel 2"]


def test_brackets_set_the_width_of_the_brush(canvas):
    said = canvas.page.locator("[data-width-said]")
    assert said.inner_text() == "8 px"
    canvas.press("]")
    canvas.press("]")
    assert said.inner_text() == "12 px"
    canvas.press("[")
    assert said.inner_text() == "10 px"
    canvas.tap(0.7)
    arrives(canvas, operations=1)
    narrow = canvas.hidden()[0]
    for _ in range(20):
        canvas.press("]")
    canvas.tap(0.9)
    wait_until(lambda: canvas.hidden()[0] > narrow * 2)


def test_the_hand_and_shift_pan_and_paint_nothing(canvas):
    canvas.press("+")
    canvas.press("h")
    canvas.drag(0.6, 0.4)
    canvas.press("b")
    canvas.page.keyboard.down("Shift")
    canvas.drag(0.6, 0.4)
    canvas.page.keyboard.up("Shift")
    canvas.drag(0.5, 0.52)
    arrives(canvas, operations=1)
    middle = canvas.strokes()[0]["start"]
    canvas.press("0")
    canvas.drag(0.5, 0.52)
    arrives(canvas, operations=2)
    assert middle > canvas.strokes()[1]["start"]


def test_a_locked_layer_refuses_every_tool_and_says_so(canvas):
    for key in ("b", "e", "p"):
        canvas.press(key)
        canvas.drag(0.6, 0.7)
        canvas.says("The layer 'Kept' is locked. Unlock it in the list of layers")
        canvas.press("ArrowDown")
        canvas.says("Channel")
    canvas.press("i")
    canvas.says("The layer 'Kept' is locked")
    assert canvas.state()["served"] == 0


def test_keys_zoom_pan_and_change_the_series(canvas):
    starts, lengths = [], []
    for number, keys in enumerate(("+ +", "ArrowRight", "ArrowLeft ArrowLeft", "-", "0"), start=1):
        for key in keys.split():
            canvas.press(key)
        canvas.drag(0.75, 0.85)
        arrives(canvas, operations=2 * number - 1)
        stroke = canvas.strokes()[-1]
        starts.append(stroke["start"])
        lengths.append(stroke["end"] - stroke["start"])
        canvas.press("Control+z")
        arrives(canvas, operations=2 * number)
    assert starts[2] < starts[0] < starts[1]
    assert lengths[0] < lengths[3] < lengths[4]
    for key, series in ((".", "s1"), (",", "s0")):
        canvas.press(key)
        canvas.page.locator(f"canvas.top[aria-label^='Series {series}']").wait_for()


def test_what_is_told_of_a_stroke_are_steps_of_the_clock(canvas):
    """Zoomed out, the rows under a stroke are not on screen; its ends lie between them."""
    canvas.drag(0.1, 0.2)
    canvas.says("Hidden: channel 0")
    times = re.findall(r"\d\d:\d\d", canvas.status())
    assert len(times) == 2
    assert all(one.endswith(":00") for one in times)
