"""Rows of the painter in a real Chromium: collapsed, moved, hidden, resized, and kept over a reload."""

from __future__ import annotations

import pytest

from tests.conftest import wait_until
from tests.painter.canvas import arrives

pytestmark = pytest.mark.browser


def heads(canvas) -> list[str]:
    """Return the channels on screen, from top to bottom."""
    return canvas.page.locator(".head").evaluate_all(
        "all => all.map(one => [parseFloat(one.style.top), one.dataset.channel]).sort((a, b) => a[0] - b[0]).map(one => one[1])"
    )


def head(canvas, channel: int):
    return canvas.page.locator(f'.head[data-channel="channel {channel}"]')


def bottom(canvas) -> float:
    return canvas.box()["height"]


def test_a_row_collapses_to_its_mask_and_opens_again(canvas):
    tall = bottom(canvas)
    head(canvas, 1).get_by_role("button", name="Collapse channel 1").click()
    wait_until(lambda: bottom(canvas) != tall)
    head(canvas, 1).get_by_role("button", name="Open channel 1").wait_for()
    canvas.press("ArrowUp")
    canvas.press("c")
    head(canvas, 0).get_by_role("button", name="Open channel 0").wait_for()
    canvas.press("c")
    head(canvas, 0).get_by_role("button", name="Collapse channel 0").wait_for()
    head(canvas, 1).get_by_role("button", name="Open channel 1").click()
    wait_until(lambda: bottom(canvas) == tall)


def test_rows_change_places_by_buttons_keys_and_dragging(canvas):
    head(canvas, 0).hover()
    head(canvas, 0).get_by_role("button", name="Move down").click()
    wait_until(lambda: heads(canvas) == ["channel 1", "channel 0", "channel 2"])
    canvas.press("Alt+ArrowDown")
    wait_until(lambda: heads(canvas) == ["channel 1", "channel 2", "channel 0"])
    name, target = head(canvas, 0).locator(".name"), head(canvas, 1).locator(".name")
    start, end = name.bounding_box(), target.bounding_box()
    canvas.page.mouse.move(start["x"] + 10, start["y"] + 8)
    canvas.page.mouse.down()
    canvas.page.mouse.move(start["x"] + 10, start["y"] - 40, steps=3)
    canvas.page.mouse.move(end["x"] + 10, end["y"] - 4, steps=6)
    canvas.page.mouse.up()
    wait_until(lambda: heads(canvas) == ["channel 0", "channel 1", "channel 2"])
    canvas.drag(0.2, 0.3, row=1)
    arrives(canvas, operations=1)
    assert canvas.strokes()[0]["channels"] == ["channel 1"]


def test_the_brush_paints_the_channel_that_stands_under_it(canvas):
    canvas.press("Alt+ArrowDown")
    canvas.drag(0.2, 0.3, row=0)
    arrives(canvas, operations=1)
    assert canvas.strokes()[0]["channels"] == ["channel 1"]


def test_a_hidden_row_can_be_brought_back_and_is_masked_meanwhile(canvas):
    head(canvas, 0).hover()
    head(canvas, 0).locator(".hide").click()
    wait_until(lambda: heads(canvas) == ["channel 1", "channel 2"])
    canvas.press("a")
    canvas.drag(0.2, 0.3)
    arrives(canvas, operations=1)
    assert min(canvas.hidden()) > 0
    canvas.page.get_by_role("button", name="1 row off the screen. Show all").click()
    wait_until(lambda: len(heads(canvas)) == 3)


def test_the_last_row_cannot_be_hidden(canvas):
    for channel in (0, 1):
        head(canvas, channel).hover()
        head(canvas, channel).locator(".hide").click()
    wait_until(lambda: heads(canvas) == ["channel 2"])
    assert head(canvas, 2).locator(".hide").is_disabled()


def test_rows_are_resized_by_dragging_and_by_keys_and_stay_so_after_a_reload(canvas):
    tall = bottom(canvas)
    grip = head(canvas, 0).locator(".grip")
    box = grip.bounding_box()
    canvas.page.mouse.move(box["x"] + 100, box["y"] + 3)
    canvas.page.mouse.down()
    canvas.page.mouse.move(box["x"] + 100, box["y"] + 63, steps=4)
    canvas.page.mouse.up()
    wait_until(lambda: bottom(canvas) == pytest.approx(tall + 60, abs=1))
    grip.focus()
    canvas.page.keyboard.press("ArrowUp")
    wait_until(lambda: bottom(canvas) == pytest.approx(tall + 50, abs=1))
    head(canvas, 1).get_by_role("button", name="Collapse channel 1").click()
    before = heads(canvas)
    head(canvas, 2).hover()
    head(canvas, 2).get_by_role("button", name="Move up").click()
    wait_until(lambda: heads(canvas) != before)
    order, size = heads(canvas), bottom(canvas)
    canvas.open()
    wait_until(lambda: heads(canvas) == order)
    wait_until(lambda: bottom(canvas) == pytest.approx(size, abs=1))
    head(canvas, 0).locator(".grip").dblclick()
    wait_until(lambda: bottom(canvas) != pytest.approx(size, abs=1))


def test_every_row_names_its_channel_with_the_unit_if_it_has_one(canvas):
    assert head(canvas, 0).locator(".name").inner_text() == "channel 0 (°C)"
    assert head(canvas, 1).locator(".name").inner_text() == "channel 1"
