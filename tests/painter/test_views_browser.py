"""Views of the painter in a real Chromium: wheel, pinch, minimap, touch and pen, two tabs."""

from __future__ import annotations

import pytest

from tests.conftest import wait_until
from tests.painter.canvas import ROWS, Canvas, arrives

pytestmark = pytest.mark.browser


def width(canvas) -> int:
    """Return how many rows a stroke over a tenth of the plot takes; undone at once."""
    served = canvas.state()["served"]
    canvas.drag(0.45, 0.55, row=1)
    arrives(canvas, operations=served + 1)
    found = canvas.hidden()[1]
    canvas.press("Control+z")
    arrives(canvas, operations=served + 2)
    return found


class Fingers:
    """Touches of a canvas' page, sent as a touch screen sends them."""

    def __init__(self, canvas) -> None:
        self.canvas = canvas
        self.session = canvas.page.context.new_cdp_session(canvas.page)

    def __call__(self, kind: str, *shares: float, row: int = 0) -> None:
        """Send a touch by fingers at these shares of the plot's width."""
        points = []
        for number, share in enumerate(shares):
            x, y = self.canvas.place(share, row)
            points.append({"x": x, "y": y, "id": number})
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_pinch_on_a_touchpad_zooms_about_the_pointer_and_not_the_page(canvas):
    canvas.page.mouse.move(*canvas.place(0.3))
    canvas.page.keyboard.down("Control")
    for _ in range(4):
        canvas.page.mouse.wheel(0, -40)
    canvas.page.keyboard.up("Control")
    assert width(canvas) < 0.05 * ROWS
    assert canvas.page.evaluate("devicePixelRatio") == 1


def test_the_wheel_zooms_about_the_pointer(canvas):
    canvas.page.mouse.move(*canvas.place(0.2))
    for _ in range(12):
        canvas.page.mouse.wheel(0, -300)
    canvas.page.wait_for_timeout(600)
    canvas.drag(0.19, 0.21)
    arrives(canvas, operations=1)
    middle = (canvas.strokes()[0]["start"] + canvas.strokes()[0]["end"]) / 2
    canvas.press("0")
    canvas.drag(0.2, 0.2, row=1)
    arrives(canvas, operations=2)
    assert canvas.strokes()[1]["start"] < middle < canvas.strokes()[1]["end"]


def test_the_minimap_moves_and_stretches_the_window(canvas):
    canvas.press("+")
    canvas.press("+")
    box = canvas.box()
    left, wide = box["x"] + 62, box["width"] - 76
    y = box["y"] + box["height"] - 20
    quarter = width(canvas)
    canvas.page.mouse.move(left + 0.5 * wide, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(left + 0.8 * wide, y, steps=4)
    canvas.page.mouse.up()
    canvas.drag(0.45, 0.55)
    wait_until(lambda: len(canvas.strokes()) == 1)
    late = canvas.strokes()[-1]["start"]
    canvas.page.mouse.click(left + 0.15 * wide, y)  # jumps there
    canvas.drag(0.45, 0.55, row=2)
    wait_until(lambda: len(canvas.strokes()) == 2)
    assert canvas.strokes()[-1]["start"] < late
    right = left + (0.15 + 0.127) * wide
    canvas.page.mouse.move(right, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(left + 0.7 * wide, y, steps=4)
    canvas.page.mouse.up()
    assert width(canvas) > 1.5 * quarter


def test_one_finger_paints_and_two_zoom_without_painting(browser, server, request):
    address, folder = server
    name = request.node.originalname
    context = browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=True)
    canvas = Canvas(context.new_page(), f"{address}/?work={name}", folder / f"{name}.json")
    touch = Fingers(canvas)
    touch("touchStart", 0.2)
    touch("touchMove", 0.25)
    touch("touchMove", 0.3)
    touch("touchEnd")
    arrives(canvas, operations=1)
    wide = canvas.hidden()[0]
    touch("touchStart", 0.45, row=1)
    touch("touchStart", 0.45, 0.55, row=1)
    for spread in (0.1, 0.2, 0.35):
        touch("touchMove", 0.5 - spread, 0.5 + spread, row=1)
    touch("touchEnd")
    canvas.page.wait_for_timeout(600)
    assert canvas.state()["served"] == 1
    touch("touchStart", 0.6, row=1)
    touch("touchMove", 0.65, row=1)
    touch("touchMove", 0.7, row=1)
    touch("touchEnd")
    arrives(canvas, operations=2)
    assert 0 < canvas.hidden()[1] < wide / 2
    context.close()


def pen(canvas, start: float, end: float, button: int, buttons: int) -> None:
    """Draw with a pen from one share of the width to another."""
    for kind, share in (("pointerdown", start), ("pointermove", end), ("pointerup", end)):
        x, y = canvas.place(share)
        where = {"clientX": x, "clientY": y, "button": button, "buttons": buttons}
        who = {"pointerType": "pen", "pointerId": 1, "bubbles": True}
        canvas.top.dispatch_event(kind, {**who, **where})


def test_a_pen_paints_and_its_other_end_erases(canvas):
    pen(canvas, 0.2, 0.4, button=0, buttons=1)
    arrives(canvas, operations=1)
    painted = canvas.hidden()[0]
    pen(canvas, 0.25, 0.3, button=5, buttons=32)
    arrives(canvas, operations=2)
    assert [one["erase"] for one in canvas.strokes()] == [False, True]
    assert 0 < canvas.hidden()[0] < painted


def test_two_tabs_paint_on_one_mask_and_see_each_other(canvas):
    other = Canvas(canvas.page.context.new_page(), canvas.address, canvas.report)
    canvas.page.bring_to_front()
    canvas.drag(0.1, 0.15)
    arrives(canvas, operations=1)
    other.page.bring_to_front()
    other.drag(0.3, 0.35)
    arrives(other, operations=2)
    assert len(other.strokes()) == 2
    canvas.page.bring_to_front()
    runs = canvas.state()["runs"]
    canvas.page.evaluate("window.dispatchEvent(new Event('focus'))")
    wait_until(lambda: canvas.state()["runs"] > runs)
    canvas.press("v")
    canvas.tap(0.32)
    canvas.says("Selected: channel 0")
    canvas.press("Delete")
    wait_until(lambda: canvas.state()["served"] == 3)
    canvas.press("Control+z")
    wait_until(lambda: canvas.state()["served"] == 4)
    assert canvas.hidden()[0] > 0


def test_reload_in_mid_work_keeps_mask_its_history(canvas):
    canvas.press("+")
    canvas.drag(0.2, 0.3)
    canvas.press("p")
    canvas.tap(0.6)
    canvas.open()  # the point may still be on its way
    arrives(canvas, operations=2)
    both = canvas.hidden()[0]
    canvas.press("Control+z")
    wait_until(lambda: canvas.hidden()[0] == both - 1)
    canvas.press("Control+z")
    wait_until(lambda: canvas.hidden()[0] == 0)
    canvas.press("Control+Shift+Z")
    canvas.press("Control+Shift+Z")
    wait_until(lambda: canvas.hidden()[0] == both)


def test_a_stroke_is_answered_without_the_script_and_the_lines(canvas):
    sizes: list[int] = []

    def listen(socket) -> None:
        socket.on("framereceived", lambda frame: sizes.append(len(frame)))

    canvas.page.on("websocket", listen)
    canvas.open()
    wait_until(lambda: max(sizes, default=0) > 60_000)
    canvas.page.wait_for_timeout(500)
    sizes.clear()
    canvas.drag(0.2, 0.3)
    arrives(canvas, operations=1)
    canvas.page.wait_for_timeout(500)
    assert 1_000 < max(sizes) < 30_000


def test_a_canvas_that_lacks_the_lines_asks_for_them(canvas):
    canvas.page.evaluate("masklabPainter.shelf.clear()")
    canvas.drag(0.2, 0.3)
    wait_until(lambda: canvas.page.evaluate("masklabPainter.shelf.size") == 1)
    canvas.drag(0.5, 0.6)
    arrives(canvas, operations=2)
