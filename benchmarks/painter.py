"""The painter on 1M x 8 cells in a real Chromium, against goals: below 1 is within the goal.

From a pointer's move to the stroke on screen, from its release to the stroke in the picture, from
there to Python's acknowledgement, from a zoom to the detail, from opening the page to the first
picture; and how many strokes of a burst arrive.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.report import Progress, Report, Row

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"overlay": 16, "stroke": 16, "acknowledged": 150, "detail": 200}
FIRST_PAINT_GOAL = 1500


def run(quick: bool, tell: Progress) -> Report:
    """Start the harness, paint, zoom; nothing where there is no browser."""
    rows = 20_000 if quick else 1_000_000
    title = f"Painter on {rows:,} x 8 cells"
    path = chromium()
    if path is None:
        return Report(title, (), ("No Chromium is installed: left out. `make browser` gets one.",))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (may be missing)

    tell("starting the harness")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start(folder, rows, 8)
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.add_init_script("performance.mark('painter:measure')")
            found = measure(page, address, Path(folder), 5 if quick else 20, tell)
            browser.close()
        finally:
            server.terminate()
            server.wait()
    return Report(title, tuple(found), ("Median ms and its share of the goal.",))


def chromium() -> str | None:
    """Return the Chromium that the browser tests use, or None."""
    if find_spec("playwright") is None or find_spec("pytest") is None:
        return None
    from tests.conftest import chromium_path  # noqa: PLC0415 (needs both)

    return chromium_path()


def start(folder: str, rows: int, channels: int) -> tuple[subprocess.Popen[bytes], str]:
    """Run the harness app; return its process and address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "tests/painter/harness.py")]
    process = subprocess.Popen(
        [*command, *options, "--", folder, str(rows), str(channels), "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(4)
    return process, f"http://127.0.0.1:{port}"


def measure(page: Page, address: str, folder: Path, drags: int, tell: Progress) -> list[Row]:
    """Measure on the page; return a row for each number."""
    opened(page, f"{address}/?work=cold")  # makes the data and reads it for the first time
    found = [_row("first picture", [opened(page, f"{address}/?work=bench")], FIRST_PAINT_GOAL)]
    tell(f"{drags} strokes, then zooming")
    for number in range(drags):
        drag(page, 0.05 + 0.04 * number, 0.08 + 0.04 * number, number % 4)
        page.wait_for_timeout(350)
    for _ in range(8):
        page.locator('[data-do="in"]').click()
        page.wait_for_timeout(700)
    found += [_row(name, measures(page, name), goal) for name, goal in GOALS.items()]
    page.locator('[data-do="fit"]').click()
    page.wait_for_timeout(800)
    before, burst = len(strokes(folder)), 50
    tell(f"a burst of {burst} strokes")
    for number in range(burst):
        drag(page, 0.01 + 0.009 * number, 0.013 + 0.009 * number, 4 + number % 4, moves=1)
    page.wait_for_timeout(3000)
    lost = burst - (len(strokes(folder)) - before)
    return [*found, {"measure": f"strokes lost of a burst of {burst}", "count": lost}]


def opened(page: Page, address: str) -> float:
    """Open the page; return the ms until the painter shows its picture."""
    begun = time.perf_counter()
    page.goto(address)
    page.locator("canvas.top[aria-label]").wait_for(timeout=120_000)
    return 1000 * (time.perf_counter() - begun)


def drag(page: Page, start: float, end: float, row: int, moves: int = 12) -> None:
    """Drag over a share of the plot's width in a row."""
    box = page.locator("canvas.top").bounding_box()
    assert box is not None
    left, width, y = box["x"] + 62, box["width"] - 76, box["y"] + 60 + row * 83
    page.mouse.move(left + start * width, y)
    page.mouse.down()
    page.mouse.move(left + end * width, y, steps=moves)
    page.mouse.up()


def measures(page: Page, name: str) -> list[float]:
    """Return what the painter measured under a name, ms."""
    script = f"performance.getEntriesByName('painter:{name}').map((one) => one.duration)"
    found: list[float] = page.evaluate(script)
    return found


def strokes(folder: Path) -> list[Any]:
    """Return the strokes that Python holds."""
    return list(json.loads((folder / "bench.json").read_text())["strokes"])


def _row(name: str, values: list[float], goal: float) -> Row:
    """Return median and 95th percentile of a measure, and the median's share of its goal."""
    values = sorted(values) or [float("nan")]
    high = values[int(0.95 * (len(values) - 1))]
    shown = median(values)
    row: Row = {"measure": name, "median": shown, "95 %": high, "goal": goal}
    return {**row, "of the goal": shown / goal, "count": len(values)}
