"""The Compare page in a browser: zoom, legend, ticks, links, and what is deleted comes back."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Browser, Page, expect

from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.conftest import wait_until
from tests.ui.conftest import report, settings

pytestmark = pytest.mark.browser

CHART = ".st-key-compare-curves .js-plotly-plot"
RANGE = f"(() => {{ const l = document.querySelector('{CHART}')?._fullLayout; return l?.xaxis ? [...l.xaxis.range, ...l.yaxis.range] : [] }})()"
OTHERS = f"(document.querySelector('{CHART}')?.calcdata || []).filter(c => c[0].trace.hovertemplate?.includes('not in the mean')).reduce((n, c) => n + c.length, 0)"
COLOURS = f"(document.querySelector('{CHART}')?.data || []).filter(t => t.name).map(t => [t.name, t.line.color, t.line.dash, t.visible ?? true])"


def opened(page: Page, app: str, query: str = "") -> Page:
    page.goto(f"{app}/compare?work=demo{query}")
    page.locator(f"{CHART} .main-svg").first.wait_for()
    settled(page)
    return page


def address(page: Page) -> str:
    """Return the address as the page has it: `page.url` is told late of what scripts change."""
    return str(page.evaluate("location.href"))


def first_name(page: Page) -> str:
    """Return the first name in the legend, "" while no chart stands there."""
    found = page.evaluate(COLOURS)
    return str(found[0][0]) if found else ""


def settled(page: Page) -> None:
    page.locator("[data-test-script-state=notRunning]").first.wait_for()
    page.wait_for_timeout(700)


def drag(page: Page) -> None:
    """Zoom into the middle of the chart."""
    box = page.locator(f"{CHART} .nsewdrag").first.bounding_box()
    assert box is not None
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.3 * width, y + 0.3 * height)
    page.mouse.down()
    page.mouse.move(x + 0.7 * width, y + 0.8 * height, steps=8)
    page.mouse.up()


def close(one: list[float], other: list[float]) -> bool:
    return len(one) == len(other) == 4 and all(
        math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-4) for a, b in zip(one, other, strict=True)
    )


def test_zoom_and_legend_survive_new_epochs_and_are_in_the_link(
    store: Store, project: Project, app: str, page: Page, browser: Browser
) -> None:
    plan = settings(project, seeds=[0], training={"epochs": 20})
    ledger, runs = Ledger(store), []
    identity = store.add_experiment(parse_experiment(plan), ".")
    runs = store.runs(identity)
    claims = {run.id: ledger.claim(run.id) for run in runs}

    def train(run: int, first: int, last: int) -> None:
        one = runs[run]
        for epoch in range(first, last):
            score = 0.3 + 0.1 * run + math.exp(-epoch / 5)
            ledger.record(claims[one.id], report(one.strategy, 0, epoch, 20, score))

    for place in (0, 1):
        train(place, 1, 15)
        ledger.end(runs[place].id, claims[runs[place].id].process, "finished", "")
    train(2, 1, 6)
    opened(page, app)
    whole, before = page.evaluate(RANGE), page.evaluate(COLOURS)
    drag(page)
    wait_until(lambda: not close(page.evaluate(RANGE), whole))
    wait_until(lambda: "zoom=" in address(page))
    zoomed = page.evaluate(RANGE)
    page.locator(f"{CHART} .legendtoggle").first.click()
    wait_until(lambda: "hidden=ignore" in address(page))
    points = page.evaluate(OTHERS)
    train(2, 6, 9)
    wait_until(lambda: page.evaluate(OTHERS) > points)
    settled(page)
    assert close(page.evaluate(RANGE), zoomed)
    after = page.evaluate(COLOURS)
    assert [one[:3] for one in after] == [one[:3] for one in before]
    assert {one[0].partition(" ")[0]: one[3] for one in after}["ignore"] == "legendonly"

    link, other = address(page), browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        again = other.new_page()
        again.goto(link)
        again.locator(f"{CHART} .main-svg").first.wait_for()
        settled(again)
        assert close(again.evaluate(RANGE), zoomed)
        assert again.evaluate(COLOURS)[0][3] == "legendonly"
    finally:
        other.close()

    page.get_by_role("button", name="Fit", exact=True).click()
    wait_until(lambda: close(page.evaluate(RANGE), whole))
    wait_until(lambda: "zoom=" not in address(page))


def test_a_double_click_fits_what_began_zoomed(experiment: str, app: str, page: Page) -> None:
    opened(page, app)
    whole = page.evaluate(RANGE)
    opened(page, app, "&zoom=1_2_0.3_0.5")
    assert close(page.evaluate(RANGE), [1, 2, 0.3, 0.5])
    page.locator(f"{CHART} .nsewdrag").first.dblclick()
    wait_until(lambda: close(page.evaluate(RANGE), whole))


def test_a_tick_takes_a_run_off_the_screen(experiment: str, app: str, page: Page) -> None:
    opened(page, app)
    assert page.evaluate(COLOURS)[0][0] == "ignore (n = 2)"
    table = page.get_by_test_id("stDataFrame").nth(1)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 36 + 17)
    wait_until(lambda: "off=0%3A0" in address(page) or "off=0:0" in address(page))
    wait_until(lambda: first_name(page) == "ignore (n = 1)")
    expect(page.get_by_text("5 of 6 are ticked")).to_be_visible()
    page.get_by_role("button", name="Tick all listed", exact=True).click()
    wait_until(lambda: first_name(page) == "ignore (n = 2)")
    wait_until(lambda: "off=" not in address(page))


def test_a_deleted_experiment_is_brought_back(experiment: str, app: str, page: Page) -> None:
    opened(page, app)
    page.get_by_role("button", name="Manage").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Comparing needs runs")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.locator(f"{CHART} .main-svg").first.wait_for()
    expect(page.get_by_text("is deleted")).to_have_count(0)


def test_a_frozen_picture_waits(store: Store, project: Project, app: str, page: Page) -> None:
    plan = settings(project, strategies=[{"kind": "carry"}], seeds=[0], training={"epochs": 20})
    identity = store.add_experiment(parse_experiment(plan), ".")
    ledger, run = Ledger(store), store.runs(identity)[0]
    claim = ledger.claim(run.id)

    def train(first: int, last: int) -> None:
        for epoch in range(first, last):
            ledger.record(claim, report("carry", 0, epoch, 20, math.exp(-epoch / 5)))

    train(1, 6)
    opened(page, app)
    assert page.evaluate(OTHERS) == 5
    page.get_by_text("Freeze", exact=True).click()
    wait_until(lambda: "freeze=1" in address(page))
    train(6, 9)
    page.wait_for_timeout(4500)
    assert page.evaluate(OTHERS) == 5
    page.get_by_text("Freeze", exact=True).click()
    wait_until(lambda: page.evaluate(OTHERS) == 8)
