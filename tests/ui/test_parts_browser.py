"""Every part of the Compare page in a browser, on runs that were really trained, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from masklab.runs.executing import ensure_training
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.compare.parts import PARTS
from tests.conftest import wait_until
from tests.ui.test_sure_browser import EXPERIMENT

pytestmark = pytest.mark.browser

CHART = ".js-plotly-plot .main-svg"
SHOWN = {
    "runs": [".stDataFrame"],
    "sure": [CHART],
    "cells": [CHART],
    "where": [CHART],
    "masks": [],
    "audit": [".st-key-compare-audit-start, [class*=audit]"],
    "difference": [],
    "take": ["[class*=st-key-take-picture]"],
}
"""What a part shows beside its words."""


@pytest.fixture(autouse=True)
def supervised() -> None:
    """Let a supervisor be started: these are real runs."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_of_the_page_is_drawn(
    app: str, store_directory: Path, page: Page, theme: str
) -> None:
    store = Store.open(store_directory)
    experiment = store.add_experiment(parse_experiment(EXPERIMENT), ".")
    ensure_training(store)
    wait_until(lambda: all(run.status == "finished" for run in store.runs()), seconds=120)
    page.emulate_media(color_scheme=theme)
    page.goto(f"{app}/compare?experiment={experiment}")
    expect(page.locator(f".st-key-compare-curves {CHART}").first).to_be_visible(timeout=60_000)
    bar = page.locator(".st-key-compare-part")
    for name, title in PARTS.items():
        bar.get_by_role("radio", name=title).click()
        if name != "runs":
            page.wait_for_function(f"location.search.includes('part={name}')", timeout=60_000)
        page.locator("[data-test-script-state=notRunning]").first.wait_for()
        for selector in SHOWN[name]:
            expect(page.locator(selector).last).to_be_visible(timeout=60_000)
        below = bar.locator(
            "xpath=following::*[@data-testid='stMarkdown' or @data-testid='stCaptionContainer']"
        )
        assert below.first.inner_text(timeout=60_000).strip(), name
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
        if theme == "light":
            continue
        ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        assert max(map(int, ground.removeprefix("rgb(").removesuffix(")").split(","))) < 80
