"""The report opened from the disk: it draws, asks nobody for anything, in both themes and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from masklab.export.compared import compared
from masklab.export.report.told import Told
from masklab.export.report.writing import write_report
from masklab.runs.store import Store

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_opens_from_the_disk(
    store: Store, experiment: str, browser: Browser, tmp_path: Path, theme: str
) -> None:
    path = tmp_path / "a report.html"
    write_report(compared(store, [experiment]), path, Told("**carry** has the lowest RMSE."))
    context = browser.new_context(color_scheme=theme, offline=True, accept_downloads=True)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text))
    page.goto(path.as_uri())
    expect(page.locator("#chart .scatterlayer .trace").first).to_be_visible()
    lines = page.locator("#chart .scatterlayer path.js-line").count()
    assert lines >= 3
    expect(page.get_by_role("heading", name="tiny", exact=True)).to_be_visible()
    expect(page.get_by_text("carry has the lowest RMSE.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="zero_fill").first
    expect(row).to_contain_text("2 of 2")
    assert page.locator("figure svg path.series").count() == 2
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.querySelector('#chart .xtick text')).fill")
    assert (brightness(ground) > 128) == (theme == "light")
    assert abs(brightness(ground) - brightness(ink)) > 120
    page.locator("#chart .legend .traces").first.click()
    expect(page.locator("#chart .legend .traces").first).to_have_css("opacity", "0.5")
    with page.expect_download() as saved:
        page.get_by_role("link", name="experiment.yaml").click()
    assert "zero_fill" in saved.value.path().read_text()
    page.emulate_media(media="print")
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) == 255
    assert wrong == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def brightness(colour: str) -> float:
    numbers = colour.partition("(")[2].rstrip(")").split(",")[:3]
    return sum(float(one) for one in numbers) / 3
