"""What only a real browser can show: links into a fresh server, zoom that stays, saved pictures."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from masklab.masks.layers import MaskRecipe
from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.conftest import wait_until
from tests.ui.conftest import add_trained, report, settings

pytestmark = pytest.mark.browser

LABELS = "[...document.querySelectorAll('[data-testid=stVegaLiteChart] svg text')].map(t => t.textContent)"
POINTS = (
    "document.querySelectorAll('[data-testid=stVegaLiteChart] svg path[aria-roledescription=circle], "
    "[data-testid=stVegaLiteChart] svg .mark-symbol.role-mark path').length"
)


def test_a_link_to_a_page_of_a_fresh_server_opens_the_app(app: str, page: Page) -> None:
    page.goto(f"{app}/compare")
    page.get_by_role("heading", name="Compare").wait_for()
    page.get_by_role("link", name="Data").wait_for()
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)


def test_nothing_is_asked_of_other_machines(app: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/train", "/compare"):
        page.goto(app + path)
        page.get_by_role("link", name="Compare").wait_for()
    strangers = [url for url in asked if not url.startswith((app, "data:", "blob:"))]
    assert strangers == []


def test_more_stays_open_where_a_number_in_it_is_refused(
    store: Store, project: Project, app: str, page: Page
) -> None:
    # Without a mask there is a remark above, which an error takes the place of.
    store.save_project("demo", project.with_recipe(MaskRecipe()).model_dump_json())
    page.goto(f"{app}/train?work=demo")
    page.get_by_text("More", exact=True).click()
    size = page.get_by_role("spinbutton", name="Hidden size")
    size.fill("0")
    size.press("Enter")
    expect(page.get_by_text("model.hidden_size is 0; it should be at least 1.")).to_be_visible()
    expect(size).to_be_visible()
    size.fill("5")
    size.press("Enter")
    expect(page.get_by_text("should be at least")).to_have_count(0)
    expect(size).to_be_visible()


def test_zoom_survives_new_epochs(store: Store, project: Project, app: str, page: Page) -> None:
    identity = store.add_experiment(
        parse_experiment(
            settings(project, strategies=[{"kind": "ignore"}], seeds=[0], training={"epochs": 20})
        ),
        ".",
    )
    ledger, run = Ledger(store), store.runs(identity)[0]
    claim = ledger.claim(run.id)

    def train(first: int, last: int) -> None:
        for epoch in range(first, last):
            ledger.record(claim, report("ignore", 0, epoch, 20, math.exp(-epoch / 5)))

    train(1, 8)
    chosen = project.model_copy(update={"experiment_id": identity})
    store.save_project("demo", chosen.model_dump_json())
    page.goto(f"{app}/train?work=demo")
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.locator("svg").first.wait_for()
    page.wait_for_timeout(1500)
    whole = page.evaluate(LABELS)
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 200)
    page.mouse.wheel(0, -600)
    wait_until(lambda: page.evaluate(LABELS) != whole)
    page.wait_for_timeout(1000)
    zoomed, points = page.evaluate(LABELS), page.evaluate(POINTS)
    train(8, 12)
    wait_until(lambda: page.evaluate(POINTS) > points)
    page.wait_for_timeout(2500)
    assert page.evaluate(LABELS) == zoomed


def test_the_chart_is_saved_as_png_and_svg(
    store: Store, project: Project, app: str, page: Page, tmp_path: Path
) -> None:
    add_trained(store, parse_experiment(settings(project)))
    page.goto(f"{app}/compare?work=demo")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    starts = {"PNG": b"\x89PNG", "SVG": b"<svg"}
    for kind, start in starts.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == f"masklab-tiny-common-rmse.{kind.lower()}"
        assert path.read_bytes().startswith(start)
