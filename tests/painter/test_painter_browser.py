"""The painter in a real Chromium, on the harness app: what is drawn there changes the mask here."""

from __future__ import annotations

import pytest

from tests.conftest import wait_until
from tests.painter.canvas import ROWS, arrives

pytestmark = pytest.mark.browser

CLEANS_UP_EARLY = """
    window.cleanedUpEarly = 0;
    const early = `
        export default function (component) {
            const leaving = Promise.resolve(paintOn(component));
            leaving.then((leave) => { window.cleanedUpEarly += 1; leave(); });
            return leaving;
        }
        function paintOn(component)`;
    window.Blob = class extends Blob {
        constructor(parts, options) {
            const ours = (part) => typeof part === "string" && part.includes("masklabPainter");
            const changed = (part) => part.replace("export default function (component)", early);
            super(parts?.map((part) => (ours(part) ? changed(part) : part)), options);
        }
    };
"""
"""Streamlit makes a module of boot.js by way of a `Blob`."""


def test_a_stroke_hides_cells_in_python_and_undo_and_redo_take_turns(canvas):
    canvas.drag(0.2, 0.4)
    wait_until(lambda: len(canvas.strokes()) == 1)
    (stroke,) = canvas.strokes()
    assert stroke["channels"] == ["channel 0"]
    assert stroke["series"] == "s0"
    assert canvas.state()["hidden"][0] == pytest.approx(0.2 * 1.33 * ROWS, rel=0.4)
    assert canvas.state()["hidden"][1] == 0

    canvas.press("Control+z")
    wait_until(lambda: canvas.strokes() == [])
    canvas.press("Control+Shift+Z")
    wait_until(lambda: canvas.strokes() == [stroke])
    canvas.click("undo")
    wait_until(lambda: canvas.strokes() == [])
    canvas.click("redo")
    wait_until(lambda: canvas.strokes() == [stroke])


def test_the_eraser_takes_painted_cells_back(canvas):
    canvas.drag(0.5, 0.8, row=1)
    wait_until(lambda: len(canvas.strokes()) == 1)
    painted = canvas.state()["hidden"][1]
    canvas.press("e")
    canvas.drag(0.6, 0.7, row=1)
    wait_until(lambda: len(canvas.strokes()) == 2)
    assert 0 < canvas.state()["hidden"][1] < painted


def test_all_channels_at_once(canvas):
    canvas.press("a")
    canvas.drag(0.1, 0.2, row=2)
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert canvas.strokes()[0]["channels"] is None
    assert min(canvas.state()["hidden"]) > 0


def test_after_zooming_in_a_stroke_is_finer(canvas):
    box = canvas.box()
    canvas.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    for _ in range(10):
        canvas.page.mouse.wheel(0, -300)
    canvas.drag(0.4, 0.6)
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert 0 < canvas.state()["hidden"][0] < 0.1 * ROWS

    canvas.press("0")
    canvas.drag(0.7, 0.9)
    wait_until(lambda: len(canvas.strokes()) == 2)
    assert canvas.state()["hidden"][0] > 0.1 * ROWS, canvas.state()


def test_panning_does_not_paint(canvas):
    canvas.press("+")
    canvas.page.keyboard.down("Shift")
    canvas.drag(0.6, 0.4)
    canvas.page.keyboard.up("Shift")
    canvas.press("ArrowRight")
    canvas.drag(0.5, 0.52)
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert len(canvas.strokes()) == 1


def test_a_burst_of_fifty_strokes_arrives_whole(canvas):
    for number in range(50):
        canvas.drag(0.01 + number * 0.009, 0.012 + number * 0.009, row=number % 3)
    arrives(canvas, operations=50)
    assert len(canvas.strokes()) == 50
    assert canvas.state()["steps"] == 51
    starts = [stroke["start"] for stroke in canvas.strokes()]
    late = [at for at in range(1, 50) if starts[at] <= starts[at - 1]]
    assert late == [], [starts[max(at - 2, 0) : at + 3] for at in late]


def test_streamlit_cleaning_up_early_drops_no_stroke_and_no_tool(canvas):
    """Streamlit may clean up after a call that a newer one overtook; here it does after each."""
    canvas.page.add_init_script(CLEANS_UP_EARLY)
    canvas.open()
    canvas.press("a")
    canvas.drag(0.1, 0.2)
    arrives(canvas, operations=1)
    canvas.page.mouse.move(canvas.box()["x"] + 500, canvas.box()["y"] + 80)
    canvas.page.mouse.down()
    before = canvas.page.evaluate("window.cleanedUpEarly")
    canvas.redraw()
    wait_until(lambda: canvas.page.evaluate("window.cleanedUpEarly") > before)
    canvas.page.mouse.move(canvas.box()["x"] + 600, canvas.box()["y"] + 80)
    canvas.page.mouse.up()
    arrives(canvas, operations=2)
    assert [stroke["channels"] for stroke in canvas.strokes()] == [None, None]


def test_a_reload_keeps_all_and_loses_no_stroke_on_its_way(canvas):
    canvas.drag(0.1, 0.2)
    wait_until(lambda: len(canvas.strokes()) == 1)
    canvas.drag(0.3, 0.4)
    canvas.open()
    wait_until(lambda: len(canvas.strokes()) == 2)
    canvas.drag(0.5, 0.6)
    wait_until(lambda: len(canvas.strokes()) == 3)
    assert canvas.state()["steps"] == 4


def test_other_series_are_painted_apart(canvas):
    canvas.press(".")
    label = "canvas.top[aria-label^='Series s1']"
    canvas.page.locator(label).wait_for()
    canvas.drag(0.3, 0.5)
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert canvas.strokes()[0]["series"] == "s1"


def test_keys_alone_paint_a_stretch_and_help_opens(canvas):
    canvas.press("?")
    assert canvas.page.locator(".help").is_visible()
    canvas.press("Escape")
    assert not canvas.page.locator(".help").is_visible()
    canvas.press("+")
    canvas.press("+")
    canvas.press("ArrowDown")
    canvas.press(" ")
    canvas.press("ArrowRight")
    canvas.press(" ")
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert canvas.strokes()[0]["channels"] == ["channel 1"]


def test_escape_drops_a_stroke_and_streamlit_keys_stay_with_the_canvas(canvas):
    box = canvas.box()
    canvas.page.mouse.move(box["x"] + 200, box["y"] + 80)
    canvas.page.mouse.down()
    canvas.page.mouse.move(box["x"] + 300, box["y"] + 80)
    canvas.page.keyboard.press("Escape")
    canvas.page.mouse.up()
    for key in ("r", "c", "c"):  # c collapses a row here, and opens it again
        canvas.press(key)
    assert canvas.page.get_by_role("dialog", name="Clear cache").count() == 0
    canvas.drag(0.6, 0.7)
    wait_until(lambda: len(canvas.strokes()) == 1)
    assert canvas.strokes()[0]["start"] > 0


def test_a_lost_connection_loses_no_stroke(canvas):
    canvas.page.context.set_offline(True)
    canvas.drag(0.2, 0.3)
    canvas.drag(0.4, 0.5)
    canvas.page.context.set_offline(False)
    wait_until(lambda: len(canvas.strokes()) == 2, seconds=30)
