"""Take it away in a browser: saved files open again, the link restores the view."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.export.reading import Read

pytestmark = pytest.mark.browser


def test_report_tables_and_pictures_are_saved(
    experiment: str, app: str, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{app}/compare?work=demo&experiment={experiment}&metric=mae&part=take")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Report (HTML)").click()
    assert saved.value.suggested_filename == "masklab-tiny-report.html"
    found = Read(saved.value.path().read_text())
    assert "MAE (scaled), mean ± std (n)" in found.text
    assert "has the lowest MAE" in found.text
    assert f"/compare?experiment={experiment}&metric=mae" in found.text
    with page.expect_download() as saved:
        page.get_by_role("button", name="Curves", exact=True).click()
    assert saved.value.path().read_text().startswith("metric,cells,units,strategy,epoch")
    row = page.locator(".st-key-take-picture")
    with page.expect_download() as saved:
        row.get_by_role("button", name="SVG").click()
    assert saved.value.path().read_text().startswith("<svg")


def test_the_copied_link_opens_the_same_view(experiment: str, app: str, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{app}/compare?work=demo&experiment={experiment}&metric=mae&part=take")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    context.close()
    fresh = browser.new_context()
    page = fresh.new_page()
    page.goto(address)
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("radio", name="MAE")).to_be_checked()
    fresh.close()
