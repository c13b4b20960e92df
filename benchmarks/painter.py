"""The painter on a million rows of eight channels, in a real Chromium.

    python benchmarks/painter.py [--rows 1000000] [--channels 8]

Prints milliseconds, and each as a share of its goal (below 1 is within it): from a pointer's move
to the stroke on screen, from its release to the stroke in the picture, from there to Python's
acknowledgement, from a zoom to the detail, from opening the page to the first picture; and how
many strokes of a burst of fifty arrive.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.conftest import chromium_path  # noqa: E402 - found only from here on

GOALS = {"overlay": 16, "stroke": 16, "acknowledged": 150, "detail": 200}
FIRST_PAINT_GOAL = 1500


def main() -> None:
    """Start the harness, paint, zoom, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--channels", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start(folder, given.rows, given.channels)
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.add_init_script("performance.mark('painter:measure')")
            report(page, address, Path(folder))
            browser.close()
        finally:
            server.terminate()
            server.wait()


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


def report(page: Page, address: str, folder: Path) -> None:
    """Measure on the page, and print a line for each number."""
    opened(page, f"{address}/?work=cold")  # makes the data and reads it for the first time
    first = opened(page, f"{address}/?work=bench")
    print(f"{'first picture':26}{first:9.0f} ms   {first / FIRST_PAINT_GOAL:5.2f} of the goal")
    for number in range(20):
        drag(page, 0.05 + 0.04 * number, 0.08 + 0.04 * number, number % 4)
        page.wait_for_timeout(350)
    for _ in range(8):
        page.locator('[data-do="in"]').click()
        page.wait_for_timeout(700)
    for name, goal in GOALS.items():
        line(name, measures(page, name), goal)
    page.locator('[data-do="fit"]').click()
    page.wait_for_timeout(800)
    before = len(strokes(folder))
    for number in range(50):
        drag(page, 0.01 + 0.009 * number, 0.013 + 0.009 * number, 4 + number % 4, moves=1)
    page.wait_for_timeout(3000)
    print(f"{'strokes of a burst of 50':26}{len(strokes(folder)) - before:9}")
    seconds = json.loads((folder / "bench.json").read_text())["seconds"]
    print(
        f"{'in Python: recipe, picture':26}{1000 * seconds[0]:9.0f} ms {1000 * seconds[1]:5.0f} ms"
    )


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


def line(name: str, values: list[float], goal: float) -> None:
    """Print median and 95th percentile of a measure with their goal."""
    values = sorted(values) or [float("nan")]
    median, high = statistics.median(values), values[int(0.95 * (len(values) - 1))]
    print(
        f"{name:26}{median:9.1f} ms   {median / goal:5.2f} of the goal   "
        f"95th percentile {high:.1f} ms, n = {len(values)}"
    )


if __name__ == "__main__":
    main()
