"""Learn in a real browser: by keyboard, presented, by a copied link."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

LESSON = "learn?lesson=multiplying_is_not_skipping"


def test_a_lesson_by_keyboard_and_its_link_in_a_fresh_browser(
    app: str, page: Page, browser: Browser
) -> None:
    page.goto(f"{app}/{LESSON}")
    first = page.get_by_role("radio").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_text("Right.", exact=False).first.wait_for()
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=60_000)
    gap = page.get_by_role("spinbutton", name="Length of the gap")
    gap.fill("20")
    gap.press("Enter")
    expect(page.get_by_text("Over a gap of 20 steps", exact=False)).to_be_visible(timeout=60_000)
    page.wait_for_url("**gap=20**")
    said = page.get_by_text("Over a gap of 20 steps", exact=False).inner_text()
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_text("Over a gap of 20 steps", exact=False)).to_have_text(
        said, timeout=60_000
    )
    other.context.close()


def test_presenting_leaves_nothing_around_the_lesson(app: str, page: Page) -> None:
    page.goto(f"{app}/{LESSON}&answer=2")
    page.get_by_test_id("stSidebar").wait_for()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stToolbar")).to_be_hidden()
    page.wait_for_url("**present=1**")
    page.reload()
    page.get_by_role("button", name="End presenting").wait_for()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    page.get_by_role("button", name="End presenting").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_a_presenter_goes_on_and_back_and_ends_by_keys(app: str, page: Page) -> None:
    page.goto(f"{app}/{LESSON}&answer=2&present=1")
    page.get_by_role("button", name="Next: ").wait_for(timeout=60_000)
    page.locator("body").press("n")
    expect(page.get_by_role("heading", name="3. ")).to_be_visible(timeout=60_000)
    page.wait_for_url("**present=1**")
    page.get_by_role("button", name="Show me").click()
    page.get_by_role("button", name="Back: ").wait_for(timeout=60_000)
    page.locator("body").press("p")
    expect(page.get_by_role("heading", name="2. ")).to_be_visible(timeout=60_000)
    page.locator("body").press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=60_000)


def test_the_link_is_copied(app: str, page: Page) -> None:
    page.goto(f"{app}/{LESSON}&answer=2")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
