"""The Compare page with 200 runs of 500 epochs: how soon it is there, and how fast it follows.

In a real Chromium: the server's part and the browser's are both waited for.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.app_server import started
from benchmarks.long_lists import fill
from benchmarks.painter import chromium
from benchmarks.report import Progress, Report, Row
from masklab.masks.layers import MaskRecipe
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.report import Scores
from masklab.ui.compare.curve_choice import BANDS
from masklab.ui.project import Project

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

READY, READY_AGAIN, INSIDE, SWITCH = (
    "opening to picture, cold server",
    "opening to picture",
    "in the chart",
    "a control to the next picture",
)
STRATEGIES = (
    "zero_fill", "mean_fill", "forward_fill", "interpolate", "indicator", "interval", "carry", "reset", "decay",
    "ignore",
)  # fmt: skip
_CHART = "document.querySelector('.st-key-compare-curves .js-plotly-plot')"
_DRAWN = f"{_CHART}?._fullLayout?.meta && {_CHART}.querySelectorAll('.trace').length > 0"
_STAMP = f"{_CHART}._fullLayout.meta"
_WATCH = f"""() => {{
  const before = {_STAMP};
  window.masklabTook = null;
  addEventListener('pointerdown', () => {{
    const begun = performance.now();
    const look = () => {{
      const chart = {_CHART};
      if (chart?._fullLayout?.meta && chart._fullLayout.meta !== before && chart.querySelectorAll('.trace').length)
        requestAnimationFrame(() => {{ window.masklabTook = performance.now() - begun; }});
      else requestAnimationFrame(look);
    }};
    look();
  }}, {{ once: true, capture: true }});
}}"""

_RANGE = f"[...{_CHART}._fullLayout.xaxis.range, ...{_CHART}._fullLayout.yaxis.range].join()"
_POINT = f"""() => {{
  const box = [...{_CHART}.querySelectorAll('.points path')].at(-1).getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}}"""
_TIMED = """([event, done]) => {
  window.masklabTook = null;
  addEventListener(event, () => {
    const begun = performance.now();
    const look = () => {
      if (eval(done)) requestAnimationFrame(() => { window.masklabTook = performance.now() - begun; });
      else requestAnimationFrame(look);
    };
    look();
  }, { once: true, capture: true });
}"""


def run(quick: bool, tell: Progress) -> Report:
    """Open the page with 200 runs x 500 epochs in a real Chromium; `quick`: 20 x 50, one turn."""
    seeds, epochs, turns = (2, 50, 1) if quick else (20, 500, 5)
    title = f"The Compare page with {len(STRATEGIES) * seeds:,} runs x {epochs:,} epochs x 8 metrics, ms"
    path = chromium()
    if path is None:
        return Report(title, (), ("No Chromium is installed: left out. `make browser` gets one.",))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (may be missing)

    with tempfile.TemporaryDirectory(prefix="masklab-compare-") as folder:
        tell(f"writing {len(STRATEGIES) * seeds:,} runs x {epochs:,} epochs")
        plant(Path(folder), seeds, epochs)
        server, address = started(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=path, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport={"width": 1280, "height": 1000})
                rows = list(_measured(page, f"{address}/compare?work=work", turns, tell))
                browser.close()
        finally:
            server.terminate()
            server.wait()
    return Report(
        title,
        tuple(rows),
        (
            "In a real browser, server and browser on the same machine: from the address to the picture of curves, "
            "from a move or the end of a drag in the chart to what it shows then, and from a press on a control to the "
            "next picture, for which the server works out and the browser draws every line anew. Medians of "
            f"{turns} and the worst.",
        ),
    )


def _measured(page: Page, address: str, turns: int, tell: Progress) -> Iterator[Row]:
    tell("opening")
    yield _row(READY, "", [_opened(page, address)])
    yield _row(READY_AGAIN, "", [_opened(page, address) for _ in range(turns)])
    for name, act in IN_THE_CHART.items():
        tell(f"{name} in the chart")
        yield _row(INSIDE, name, [act(page) for _ in range(turns)])
    for name, press in CONTROLS.items():
        tell(f"pressing {name}")
        page.wait_for_timeout(1500)
        taken = []
        for turn in range(turns):
            press(page, turn)
            taken.append(float(page.evaluate("window.masklabTook")))
            page.wait_for_timeout(700)
        yield _row(SWITCH, name, taken)


def _opened(page: Page, address: str) -> float:
    page.goto("about:blank")
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(_DRAWN, timeout=120_000)
    took = 1000 * (time.perf_counter() - begun)
    page.wait_for_timeout(2500)
    return took


def _hover(page: Page) -> float:
    """Go onto the best epoch of a run; return the ms until the chart tells what is there."""
    box = _plot(page)
    page.mouse.move(box["x"] + 5, box["y"] - 40)
    page.wait_for_timeout(400)
    x, y = page.evaluate(_POINT)
    page.evaluate(_TIMED, ["pointermove", f"{_CHART}.querySelector('.hoverlayer .hovertext')"])
    page.mouse.move(x, y)
    return _took(page)


def _zoom(page: Page) -> float:
    """Drag over the chart's middle; return the ms from letting go to the part that was dragged over."""
    box = _plot(page)
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.3 * width, y + 0.3 * height)
    page.mouse.down()
    page.mouse.move(x + 0.7 * width, y + 0.8 * height, steps=5)
    before = page.evaluate(_RANGE)
    page.evaluate(_TIMED, ["pointerup", f"({_RANGE}) !== '{before}'"])
    page.mouse.up()
    took = _took(page)
    page.wait_for_timeout(900)
    page.mouse.dblclick(x + 0.5 * width, y + 0.5 * height)
    page.wait_for_function(f"({_RANGE}) === '{before}'", timeout=60_000)
    page.wait_for_timeout(700)
    return took


def _plot(page: Page) -> FloatRect:
    area = page.locator(".st-key-compare-curves .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    if box is None:
        raise RuntimeError("The chart has no plot.")
    return box


def _took(page: Page) -> float:
    page.wait_for_function("window.masklabTook !== null", timeout=60_000)
    return float(page.evaluate("window.masklabTook"))


IN_THE_CHART: dict[str, Callable[[Page], float]] = {"hover": _hover, "zoom": _zoom}


def _press(page: Page, control: Locator) -> None:
    """Press a control, and wait until the picture is another one."""
    control.scroll_into_view_if_needed()
    page.evaluate(_WATCH)
    control.click()
    page.wait_for_function("window.masklabTook !== null", timeout=60_000)


def _segment(key: str, names: tuple[str, str]) -> Callable[[Page, int], None]:
    def press(page: Page, turn: int) -> None:
        box = page.locator(f".st-key-compare-{key}")
        _press(page, box.get_by_role("radio", name=names[turn % 2], exact=True))

    return press


def _switch(key: str) -> Callable[[Page, int], None]:
    def press(page: Page, _turn: int) -> None:
        _press(page, page.locator(f".st-key-compare-{key} label").first)

    return press


def _option(key: str, names: tuple[str, str]) -> Callable[[Page, int], None]:
    def press(page: Page, turn: int) -> None:
        page.locator(f".st-key-compare-{key} input").click()
        _press(page, page.get_by_role("option", name=names[turn % 2], exact=True))

    return press


CONTROLS: dict[str, Callable[[Page, int], None]] = {
    "metric": _segment("metric", ("MAE", "RMSE")),
    "x axis": _segment("x", ("Seconds", "Epoch")),
    "log y": _switch("logy"),
    "band": _option("band", (BANDS["std"], BANDS["range"])),
    "every run": _option("band", (BANDS["members"], BANDS["range"])),
}


def plant(directory: Path, seeds: int, epochs: int) -> str:
    """Fill a store with finished runs and their epochs; return the experiment's id."""
    store = Store.open(directory)
    identity = store.add_experiment(plan(seeds, epochs))
    fill(store, epochs)
    one = vars(Scores(mse=0.5, mae=0.5, rmse=0.5, mre=0.5, mase=0.5, count=1234))
    store.set_fact(identity, "naive", {"last_value": [one, one], "mean": [one, one]})
    store.set_fact(identity, "steps_per_epoch", 17)
    project = Project(
        name="Waves", data=plan(seeds, epochs).data, history=(MaskRecipe(),), experiment_id=identity
    )
    store.save_project("work", project.model_dump_json(), 0)
    return identity


def plan(seeds: int, epochs: int) -> Experiment:
    """Return an experiment of ten strategies."""
    return parse_experiment(
        {
            "name": "many",
            "data": {"path": "sample:mauna_loa_co2"},
            "strategies": [{"kind": kind} for kind in STRATEGIES],
            "seeds": list(range(seeds)),
            "training": {"epochs": epochs},
        }
    )


def _row(what: str, control: str, values: list[float]) -> Row:
    return {
        "what": what,
        "control": control,
        "median": median(values),
        "worst": max(values),
        "count": len(values),
    }
