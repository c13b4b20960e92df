"""Logging in and out as a person does, by keyboard, by link, in light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from masklab.access.users import Users
from tests.conftest import running_app
from tests.security.conftest import ALICE, BOB

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("login") / "store"


@pytest.fixture(scope="module")
def guarded(folder: Path) -> Iterator[str]:
    for user in (ALICE, BOB):
        Users(folder).add(*user)
    with running_app(folder, "--login") as address:
        yield address


def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the form by keyboard alone: the first field has the focus."""
    page.get_by_label("Name").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_a_person_logs_in_works_and_leaves_and_the_next_sees_nothing_of_it(
    guarded: str, page: Page
):
    page.goto(f"{guarded}/data?work=shared")
    expect(page.get_by_role("heading", name="Log in to MaskLab")).to_be_visible()
    log_in(page, "alice", "wrong one")
    expect(page.get_by_role("alert")).to_contain_text("don't belong together")
    expect(page.get_by_label("Name")).to_have_value("alice")
    page.get_by_label("Password").fill(ALICE[1])
    page.keyboard.press("Enter")
    page.locator(".st-key-data-card-seattle_weather").get_by_role("button", name="Use this").click()
    expect(page.get_by_role("heading", name="Seattle, 2012 to 2015")).to_be_visible()
    assert "work=shared" in page.url
    expect(page.get_by_text("Logged in as alice")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    log_in(page, *BOB)
    page.get_by_text("Logged in as bob").wait_for()
    page.goto(f"{guarded}/?work=shared")
    page.get_by_text("Logged in as bob").wait_for()
    expect(page.get_by_role("heading", name="See what a mask does to an LSTM")).to_be_visible()
    expect(page.get_by_text("Seattle, 2012 to 2015", exact=True)).to_have_count(
        1
    )  # the gallery's card


def test_a_link_with_a_token_logs_in_and_leaves_no_trace_in_the_address(
    guarded: str, folder: Path, page: Page
):
    command = [
        sys.executable,
        "-m",
        "masklab",
        "users",
        "add",
        "carol",
        "--token",
        "--url",
        guarded,
    ]
    done = subprocess.run(
        [*command, "--store", str(folder)], capture_output=True, text=True, check=True
    )
    link = re.search(r"http\S+", done.stdout)[0]
    token = link.rpartition("=")[2]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    page.get_by_text("Logged in as carol").wait_for()
    assert token not in page.url
    assert not any(token in url for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_can_be_read_in_both_themes(guarded: str, browser: Browser, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(guarded)
    log_in(page, "nobody", "wrong one")
    page.get_by_role("alert").wait_for()
    for place in ("h1", "label", ".problem", "button"):
        assert page.evaluate(CONTRAST, place) >= 4.5, place
    context.close()


CONTRAST = """place => {
  const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const element = document.querySelector(place);
  let ground = element;
  while (/rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  const both = [light(getComputedStyle(element).color), light(getComputedStyle(ground).backgroundColor)];
  return (Math.max(...both) + .05) / (Math.min(...both) + .05);
}"""
