"""The drawer of runs in a real browser, with real runs: pause, reload, a second tab, turns, stop, go on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from masklab.runs.rows import RunRow
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.browser.newcomer import settle
from tests.conftest import running_app, wait_until
from tests.ui.conftest import settings

pytestmark = pytest.mark.browser

LONG = 100_000
SLOW = 60_000
_HEADER, _ROW, _BOX = 35, 35, 16


@pytest.fixture
def supervised() -> None:
    """Let pages start a supervisor, as users' do: these are real runs."""


@pytest.fixture
def training(store: Store, project: Project, store_directory: Path) -> Iterator[str]:
    """An app whose store trains one run at once, of four that take for ever."""
    store.set_setting("executor", {"kind": "local", "slots": 1, "idle_seconds": 300.0})
    strategies = [{"kind": "carry"}, {"kind": "zero_fill"}]
    endless = {"epochs": LONG, "patience": None}
    store.add_experiment(
        parse_experiment(settings(project, strategies=strategies, training=endless)), "."
    )
    with running_app(store_directory) as address:
        yield address


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog")


def open_drawer(page: Page, address: str) -> None:
    page.goto(f"{address}/?work=demo")
    page.get_by_role("button", name="Mask it").wait_for()
    settle(page)
    page.get_by_role("button", name="Runs", exact=True).click()
    table(page).wait_for(timeout=SLOW)


def table(page: Page) -> Locator:
    return drawer(page).get_by_test_id("stDataFrame").first


def tick(page: Page, row: int) -> None:
    """Click the box of a row of the table."""
    settle(page)
    table(page).scroll_into_view_if_needed()
    box = table(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + _BOX, box["y"] + _HEADER + _ROW * (row + 0.5))


def untick(page: Page, row: int) -> None:
    """Click the box of a chosen row; a table that was left takes the first click to come back."""
    for _ in range(3):
        tick(page, row)
        settle(page)
        if table(page).locator("[role=row][aria-selected=true]").count() == 0:
            return


def cell(page: Page, row: int) -> Locator:
    """Return a row's words, as a screen reader finds them."""
    return table(page).locator(f"[role=row][aria-rowindex='{row + 2}']")


def press(page: Page, name: str, *, exact: bool = True) -> None:
    drawer(page).get_by_role("button", name=name, exact=exact).click()


def one(store: Store, run_id: str) -> RunRow:
    return next(run for run in store.runs() if run.id == run_id)


def trains(store: Store, run_id: str, epoch: int = 3) -> bool:
    run = one(store, run_id)
    return run.status == "running" and run.epoch >= epoch


@pytest.mark.timeout(600)
def test_runs_are_paused_moved_stopped_and_go_on_in_every_tab(
    training: str, store: Store, page: Page, browser: Browser
) -> None:
    first, second, third, last = (run.id for run in store.runs())
    open_drawer(page, training)
    wait_until(lambda: trains(store, first), 120)
    expect(cell(page, 0)).to_contain_text("of 100,000", timeout=SLOW)
    expect(cell(page, 1)).to_contain_text("waiting, 1st in turn")

    # Paused, and so after a reload; the next in turn trains meanwhile.
    tick(page, 0)
    press(page, "Pause")
    wait_until(lambda: one(store, first).status == "paused", 60)
    done = one(store, first).epoch
    wait_until(lambda: trains(store, second), 120)
    page.reload()
    table(page).wait_for(timeout=SLOW)
    expect(cell(page, 3)).to_contain_text("paused after", timeout=SLOW)

    # Resumed in a second tab, and seen in the first.
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    other = context.new_page()
    other.set_default_timeout(SLOW)
    other.goto(page.url)
    table(other).wait_for()
    tick(other, 3)
    press(other, "Resume")
    # Its turn was before those of the two that wait.
    wait_until(lambda: one(store, first).turn == 1, 60)
    context.close()
    expect(cell(page, 1)).to_contain_text("goes on after epoch", timeout=SLOW)

    # The last one is moved to the front, and starts when the one that trains is stopped.
    tick(page, 3)
    press(page, "First")
    wait_until(lambda: one(store, last).turn == 1, 60)
    expect(cell(page, 1)).to_contain_text("waiting, 1st in turn", timeout=SLOW)
    drawer(page).get_by_role("radio", name="High").click()
    wait_until(lambda: one(store, last).priority == 1, 60)
    untick(page, 1)
    tick(page, 0)
    press(page, "Stop")
    wait_until(lambda: one(store, second).status == "stopped", 60)
    stopped_at = one(store, second).epoch
    wait_until(lambda: trains(store, last), 120)
    assert one(store, third).status == "queued"

    # Started again, it goes on from its epoch.
    expect(cell(page, 3)).to_contain_text("stopped after", timeout=SLOW)
    press(page, "Start again: 1 run")
    wait_until(lambda: one(store, second).status == "queued", 60)
    store.prioritise([second], 2)
    store.stop(last)
    wait_until(lambda: trains(store, second, stopped_at + 1), 120)
    assert 1 <= one(store, second).resumed_from <= stopped_at
    assert one(store, first).epoch == done

    press(page, "Stop all")
    wait_until(lambda: {run.status for run in store.runs()} == {"stopped"}, 60)
    expect(drawer(page).get_by_text("Nothing trains now")).to_be_visible(timeout=SLOW)
    press(page, "Close")
    expect(drawer(page)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("panel="), timeout=SLOW)  # what waits hears the browser


@pytest.mark.timeout(300)
def test_a_failure_says_what_to_do_and_the_store_s_folder_is_shown(
    store: Store, project: Project, app: str, page: Page
) -> None:
    wild = {"epochs": 3, "learning_rate": 10.0, "clip_norm": 1e30, "schedule": "constant"}
    strategies = [{"kind": "carry"}]
    lone = settings(project, strategies=strategies, seeds=[0], training=wild)
    experiment_id = store.add_experiment(parse_experiment(lone), ".")
    run_id = store.runs(experiment_id)[0].id
    data = next(one for one in (store.directory / "data").rglob("*") if one.is_file())
    data.chmod(0o644)
    data.write_bytes(b"time,a,b\n")  # as another program's mistake would
    page.goto(f"{app}/mask?work=demo")
    wait_until(lambda: one(store, run_id).status == "failed", 120)
    expect(page.get_by_text("1 failed")).to_be_visible(timeout=SLOW)
    settle(page)
    page.get_by_role("button", name="Runs", exact=True).click()
    expect(drawer(page).get_by_text("has changed since the experiment was made")).to_be_visible()
    expect(drawer(page).get_by_text("Restore the file")).to_be_visible()
    tick(page, 0)
    expect(drawer(page).get_by_test_id("stCode")).to_contain_text("Failed: ", timeout=SLOW)
    press(page, "Close")
    expect(drawer(page)).to_have_count(0)
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(drawer(page).get_by_text(str(store.directory))).to_be_visible()
    every = drawer(page).get_by_role("spinbutton", name="or every (s)")
    expect(every).to_have_value("5", timeout=SLOW)


def test_the_drawer_can_be_read_in_the_dark(store: Store, app: str, browser: Browser) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{app}/?panel=settings")
        caption = drawer(page).get_by_test_id("stCaptionContainer").first
        caption.wait_for(timeout=SLOW)
        settle(page)
        colour = caption.evaluate("one => getComputedStyle(one).color")
        grounds[scheme] = sum(int(part) for part in colour.strip("rgb()").split(",")) / 3
        context.close()
    assert grounds["light"] < 110
    assert grounds["dark"] > 160
    assert not math.isclose(*grounds.values())
