"""Step, play, toggle and link: what only a real browser shows of the inspector."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import wait_until
from tests.inspector.conftest import Inspector

pytestmark = pytest.mark.browser


def test_buttons_and_keys_go_from_step_to_step(shown: Inspector) -> None:
    shown.open()
    where = shown.root.locator(".where")
    expect(where).to_contain_text("Step 1 of 50")
    shown.root.get_by_role("button", name="Forward one step").click()
    expect(where).to_contain_text("Step 2 of 50")
    shown.press("End")
    expect(where).to_contain_text("Step 50 of 50")
    assert shown.root.get_by_role("button", name="Last step").is_disabled()
    shown.press("ArrowLeft", "ArrowLeft")
    expect(where).to_contain_text("Step 48 of 50")
    expect(shown.page.get_by_text("step 48, unit 1").first).to_be_visible()
    shown.press("Home")
    expect(where).to_contain_text("Step 1 of 50")
    assert "step=1&" in shown.page.url


def test_play_runs_and_stops(shown: Inspector) -> None:
    shown.open("step=10")
    shown.canvas.focus()
    shown.page.keyboard.press("Space")
    expect(shown.root.locator(".where")).to_contain_text(re.compile("Step 1[3-9]"))
    shown.root.get_by_role("button", name="Pause").click()
    shown.settle()
    stood = shown.root.locator(".where").inner_text()
    shown.page.wait_for_timeout(1200)
    assert shown.root.locator(".where").inner_text() == stood


def test_a_click_masks_a_step_and_h_follows(shown: Inspector) -> None:
    shown.open("step=24")
    before = [shown.number("h, hidden", panel) for panel in (0, 1)]
    revision = shown.revision
    shown.click_step(23)
    assert shown.revision != revision
    expect(shown.root.locator(".said")).to_contain_text("carry: h of unit 1 stays at")
    assert shown.number("i, input gate", 0) == "not computed"
    assert shown.number("gradient by temperature", 0) == "0"
    after = [shown.number("h, hidden", panel) for panel in (0, 1)]
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert "flip=24" in shown.page.url
    shown.press("m")
    assert shown.revision == revision
    assert [shown.number("h, hidden", panel) for panel in (0, 1)] == before
    assert "flip" not in shown.page.url


def test_many_clicks_at_once_all_count(shown: Inspector) -> None:
    shown.open()
    for step in (2, 20, 21, 22, 30):
        shown.click_step(step, panel=step % 2, wait=False)
    shown.settle()
    assert "flip=3.21-23.31" in shown.page.url
    shown.root.get_by_role("button", name="Restore 5 steps").click()
    shown.settle()
    assert "flip" not in shown.page.url


def test_a_copied_link_opens_the_same_picture(shown: Inspector, browser: Browser) -> None:
    shown.open("a=decay&b=indicator&seed=3&head=attention&ahead=2&step=31&unit=5")
    shown.click_step(30)
    shown.press("ArrowRight", "ArrowDown")
    expect(shown.page).to_have_url(re.compile("step=32&.*unit=6|unit=6&.*step=32"))
    shown.page.mouse.move(5, 5)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        other = Inspector(context.new_page(), shown.server)
        other.page.goto(shown.page.url)
        other.settle()
        assert other.revision == shown.revision
        tables = [one.root.locator(".tables") for one in (other, shown)]
        # Numbers are filled in after the picture, and words drawn anew once the page's font is there.
        wait_until(lambda: tables[0].inner_text() == tables[1].inner_text())
        wait_until(lambda: other.pixels() == shown.pixels())
    finally:
        context.close()


def test_keys_do_not_reach_streamlit(shown: Inspector) -> None:
    shown.open()
    shown.press("r", "c")
    expect(shown.page.get_by_text("Clear caches")).to_have_count(0)


FIRST_CALL_LAST = """
    const late = `
        const afterwards = (order) => (call) => {
            const ordered = order(call);
            let held = null;
            return (component) => {
                if (!held) return void (held = component);
                const leave = ordered(component);
                if (held !== true) { ordered(held); window.heldBack = true; held = true; }
                return leave;
            };
        };
        export default afterwards(inOrder)(`;
    window.Blob = class extends Blob {
        constructor(parts, options) {
            const changed = (part) => typeof part === "string" && part.includes("class Inspector ")
                ? part.replace("export default inOrder(", late) : part;
            super(parts?.map(changed), options);
        }
    };
"""
"""Calls the inspector with the picture before training after the one that is trained."""


def test_a_call_that_comes_late_does_not_take_the_trained_picture_away(
    app: str, page: Page
) -> None:
    page.add_init_script(FIRST_CALL_LAST)
    page.goto(f"{app}/learn?view=inspector&work=late&seed=77")
    page.locator(".inspector[data-trained]").wait_for(timeout=60_000)
    page.wait_for_function("window.heldBack")
    expect(page.locator(".inspector")).to_have_attribute("data-trained", "true")
