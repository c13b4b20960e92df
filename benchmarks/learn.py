"""The Learn page's inspector in a real Chromium: opening to first picture, click to updated picture.

Window 50, hidden 16, two strategies. The server is warm: it has loaded torch and trained the small
networks once; what a cold one takes is a row of its own.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.app_server import started
from benchmarks.painter import chromium
from benchmarks.report import Progress, Report, Row
from masklab.lessons.lesson import lessons

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
COLD, FIRST, FRESH, CLICK = (
    "cold server: opening to first picture",
    "opening to first picture",
    "opening to first picture, networks not trained yet",
    "click to updated picture",
)
LESSON = "opening a lesson to its first picture"
GOALS = {FIRST: 2000, FRESH: 2000, CLICK: 100, LESSON: 2000}
_SHOWN = ".js-plotly-plot .main-svg, [data-testid=stTable], [data-testid=stDataFrame]"


def run(quick: bool, tell: Progress) -> Report:
    """Start the app, open the page, click steps; nothing where there is no browser."""
    title = "Learn: the inspector at window 50, hidden 16, and lessons"
    path = chromium()
    if path is None:
        return Report(title, (), ("No Chromium is installed: left out. `make browser` gets one.",))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (may be missing)

    tell("starting the app")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = started(folder)
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.add_init_script("performance.mark('inspector:measure')")
            found = _measure(
                page, f"{address}/learn?view=inspector&work=bench", 5 if quick else 40, tell
            )
            tell("opening lessons")
            found.append(_lessons(page, address, quick=quick))
            browser.close()
        finally:
            server.terminate()
            server.wait()
    return Report(
        title, tuple(found), ("Median ms, 95th percentile and the median's share of the goal.",)
    )


def _measure(page: Page, address: str, clicks: int, tell: Progress) -> list[Row]:
    found = [_row(COLD, [_opened(page, address)])]
    _trained(page)
    tell("opening again")
    found.append(_row(FIRST, [_opened(page, address) for _ in range(3)]))
    tell("other seeds, to be trained")
    fresh = []
    for seed in range(1, 4):
        fresh.append(_opened(page, f"{address}&seed={seed}"))
        _trained(page)
    found.append(_row(FRESH, fresh))
    tell(f"{clicks} clicks on steps")
    _opened(page, address)
    _trained(page)
    for number in range(clicks):
        x, y = page.evaluate(_PLACE, [7 * number % 50, number % 2])
        page.mouse.click(x, y)
        page.wait_for_function(_answered(number + 1))
        page.wait_for_timeout(120)
    return [
        *found,
        _row(CLICK, _measures(page, "toggle")),
        _row("of it drawing", _measures(page, "drawn")),
    ]


def _lessons(page: Page, address: str, *, quick: bool) -> Row:
    """Open every lesson with its prediction made; return how long the first picture took."""
    taken = {}
    for kind in list(lessons())[: 2 if quick else None]:
        page.goto("about:blank")
        begun = time.perf_counter()
        page.goto(f"{address}/learn?lesson={kind}&answer=1&work=bench")
        page.locator(_SHOWN).first.wait_for(timeout=120_000)
        taken[kind] = 1000 * (time.perf_counter() - begun)
    slowest = max(taken, key=lambda kind: taken[kind])
    return {**_row(LESSON, list(taken.values())), "slowest": f"{slowest}, {taken[slowest]:.0f}"}


def _measures(page: Page, name: str) -> list[float]:
    script = f"performance.getEntriesByName('inspector:{name}').map((one) => one.duration)"
    found: list[float] = page.evaluate(script)
    return found


_ROOT = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.inspector')).find(Boolean)"
_PLACE = f"""([step, panel]) => {{
  const canvas = ({_ROOT} ?? document.querySelector('.inspector')).querySelector('canvas');
  const box = canvas.getBoundingClientRect(), place = JSON.parse(canvas.dataset.places)[panel];
  return [box.left + place.x + (step + 0.5) * place.column, box.top + place.y];
}}"""


def _answered(count: int) -> str:
    return f"performance.getEntriesByName('inspector:toggle').length >= {count}"


def _opened(page: Page, address: str) -> float:
    """Open the page; return the ms until the inspector shows its picture."""
    page.goto("about:blank")
    begun = time.perf_counter()
    page.goto(address)
    page.locator(".inspector canvas[aria-label]").wait_for(timeout=120_000)
    return 1000 * (time.perf_counter() - begun)


def _trained(page: Page) -> None:
    page.locator(".inspector[data-trained=true]").wait_for(timeout=120_000)
    page.wait_for_timeout(1000)


def _row(name: str, values: list[float]) -> Row:
    values = sorted(values) or [float("nan")]
    high = values[int(0.95 * (len(values) - 1))]
    row: Row = {"measure": name, "median": median(values), "95 %": high, "count": len(values)}
    goal = GOALS.get(name)
    return row if goal is None else {**row, "goal": goal, "of the goal": median(values) / goal}
