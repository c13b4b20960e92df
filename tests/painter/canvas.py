"""The painter on a page of the harness app, as tests use it."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.conftest import wait_until

ROWS = 4000


class Canvas:
    """The painter on a page, and what Python says that it did."""

    def __init__(self, page, address: str, report: Path) -> None:
        self.page, self.address, self.report = page, address, report
        self.open()

    def open(self) -> None:
        self.page.goto(self.address)
        self.top = self.page.locator("canvas.top")
        self.top.wait_for()
        wait_until(lambda: self.box()["height"] > 200)

    def box(self):
        return self.top.bounding_box() or {"height": 0}

    def state(self):
        return (
            json.loads(self.report.read_text())
            if self.report.exists()
            else {"strokes": [], "served": 0}
        )

    def strokes(self):
        return self.state()["strokes"]

    def place(self, share: float, row: int = 0) -> tuple[float, float]:
        """Return where a share of the plot's width lies in a channel's row, on the page."""
        box = self.box()
        return box["x"] + 62 + share * (box["width"] - 76), box["y"] + 70 + row * 150

    def drag(self, start: float, end: float, row: int = 0) -> None:
        """Drag from one share of the plot's width to another, in a channel's row."""
        (left, y), (right, _) = self.place(start, row), self.place(end, row)
        self.page.mouse.move(left, y)
        self.page.mouse.down()
        self.page.mouse.move((left + right) / 2, y + 3)
        self.page.mouse.move(right, y)
        self.page.mouse.up()

    def tap(self, share: float, row: int = 0) -> None:
        """Click at a share of the plot's width, in a channel's row."""
        self.page.mouse.click(*self.place(share, row))

    def hidden(self) -> list[int]:
        """Return how many cells of each channel Python hides."""
        return self.state().get("hidden", [0, 0, 0])

    def status(self) -> str:
        return self.page.locator(".status").inner_text()

    def says(self, words: str) -> None:
        """Wait until the line below the picture says so."""
        wait_until(lambda: words in self.status(), seconds=20)

    def pressed(self, name: str) -> bool:
        """Return whether a button of the bar is on."""
        return self.page.locator(f'[data-do="{name}"]').get_attribute("aria-pressed") == "true"

    def redraw(self) -> None:
        """Have Python send the picture once more, without mouse or keyboard."""
        runs = self.state()["runs"]
        self.page.get_by_role("button", name="Send again").dispatch_event("click")
        wait_until(lambda: self.state()["runs"] > runs)

    def press(self, keys: str) -> None:
        self.top.focus()
        self.page.keyboard.press(keys)

    def click(self, name: str) -> None:
        self.page.locator(f'[data-do="{name}"]').click()


def arrives(canvas: Canvas, operations: int, seconds: float = 20) -> None:
    """Wait until Python has carried out so many operations; else tell which are on their way."""
    deadline = time.monotonic() + seconds
    while canvas.state()["served"] < operations and time.monotonic() < deadline:
        time.sleep(0.05)
    found = canvas.state()
    waiting = canvas.page.evaluate("Object.entries(sessionStorage).join(' ')")
    assert found["served"] == operations, (
        f"The canvas drew {operations} operations, Python carried out {found['served']}: "
        f"{found['painted']}. Waiting in the browser: {waiting or 'none, so it never sent them'}"
    )
