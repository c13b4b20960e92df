"""The list of layers in a real Chromium: dragged, renamed, locked; one history with the painter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from masklab.masks.layers import MaskRecipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.conftest import running_app, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORK = "0a0b0c0d0e0f"
RECIPE = {
    "layers": [
        {"name": "nights", "rule": {"kind": "calendar", "hour_from": 22, "hour_to": 6}},
        {"name": "noise", "rule": {"kind": "mcar", "rate": 0.1, "seed": 1}},
        {"name": "held", "rule": {"kind": "mcar", "rate": 0.05, "seed": 2}, "locked": True},
    ]
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a small file: 500 hours of two channels in each of two series."""
    folder = tmp_path_factory.mktemp("layers")
    hours = pd.date_range("2024-01-01", periods=500, freq="h")
    frames = [
        pd.DataFrame(
            {"time": hours, "site": site, "a": np.arange(500.0), "b": np.arange(500) % 24.0}
        )
        for site in ("north", "south")
    ]
    pd.concat(frames).to_csv(folder / "sites.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with running_app(folder / "store") as address:
        yield address


@pytest.fixture
def project(folder):
    """Save the project anew; return what reads it."""
    store = Store.open(folder / "store")
    data = DataSource(path=str(folder / "sites.csv"))
    recipe = MaskRecipe.model_validate(RECIPE)
    store.save_project(WORK, Project(data=data, history=(recipe,)).model_dump_json())
    return lambda: Project.model_validate_json(store.load_project(WORK)[0])


@pytest.fixture
def mask_page(page: Page, address, project) -> Page:
    page.goto(f"{address}/mask?work={WORK}")
    page.locator("canvas.top").wait_for()
    page.locator(".row").first.wait_for()
    quiet(page)
    return page


def quiet(page: Page) -> None:
    """Wait until the page is drawn."""
    page.locator('[data-test-script-state="notRunning"]').first.wait_for(state="attached")


def names(project) -> list[str]:
    return [layer.name for layer in project().recipe.layers]


def row(page: Page, name: str):
    return page.locator(".row", has=page.locator(".name", has_text=name))


def box(found) -> dict[str, float]:
    """Return where something stands; rows are made anew when they change."""
    boxes: list = [None]

    def stands() -> bool:
        quiet(found.page)
        boxes[0] = found.bounding_box()
        return boxes[0] is not None

    wait_until(stands)
    return boxes[0]


def drag(page: Page, name: str, onto: str, steps: int = 6) -> None:
    """Drag a row by its handle to the far end of another row."""
    start, end = box(row(page, name).locator(".handle")), box(row(page, onto))
    down = end["y"] > start["y"]
    page.mouse.move(start["x"] + 8, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] + (30 if down else -10), steps=3)
    page.mouse.move(end["x"] + 30, end["y"] + (end["height"] - 4 if down else 4), steps=steps)
    page.mouse.up()


def test_a_row_is_dragged_to_another_place(mask_page, project):
    drag(mask_page, "nights", "noise")
    wait_until(lambda: names(project) == ["noise", "nights", "held"])
    expect(mask_page.locator(".row .name").first).to_have_text("noise", timeout=30_000)
    drag(mask_page, "nights", "noise")
    wait_until(lambda: names(project) == ["nights", "noise", "held"])
    assert len(project().history) == 3


def test_a_row_is_moved_by_keys_and_keeps_the_focus(mask_page, project):
    row(mask_page, "nights").locator(".name").focus()
    mask_page.keyboard.press("Alt+ArrowDown")
    mask_page.keyboard.press("Alt+ArrowDown")
    wait_until(lambda: names(project) == ["noise", "held", "nights"])
    mask_page.keyboard.press("Alt+ArrowUp")
    wait_until(lambda: names(project) == ["noise", "nights", "held"])
    expect(mask_page.locator(".list .status")).to_have_text("“nights” is now layer 2 of 3.")
    mask_page.keyboard.press("Control+z")
    wait_until(lambda: names(project) == ["noise", "held", "nights"])


def test_a_layer_is_renamed_in_its_row(mask_page, project):
    row(mask_page, "noise").locator(".name").dblclick()
    mask_page.locator("input.rename").fill("dropouts")
    mask_page.keyboard.press("Enter")
    wait_until(lambda: names(project) == ["nights", "dropouts", "held"])
    row(mask_page, "dropouts").locator(".name").focus()
    mask_page.keyboard.press("F2")
    mask_page.locator("input.rename").fill("never mind")
    mask_page.keyboard.press("Escape")
    expect(row(mask_page, "dropouts")).to_be_visible()
    assert names(project) == ["nights", "dropouts", "held"]


def test_a_locked_layer_stays_put_and_says_how_to_unlock_it(mask_page, project):
    said = mask_page.locator(".list .status")
    drag(mask_page, "held", "nights")
    expect(said).to_contain_text("“held” is locked, so it can't be moved. Unlock it first")
    row(mask_page, "held").locator(".name").focus()
    mask_page.keyboard.press("Delete")
    expect(said).to_contain_text("so it can't be deleted")
    assert names(project) == ["nights", "noise", "held"]
    row(mask_page, "held").locator(".lock").click()
    wait_until(lambda: not project().recipe.layers[2].locked)
    row(mask_page, "held").locator(".name").focus()
    mask_page.keyboard.press("Delete")
    wait_until(lambda: names(project) == ["nights", "noise"])


def test_the_menu_and_the_palette_of_a_row(mask_page, project):
    row(mask_page, "noise").locator(".more").click()
    mask_page.get_by_role("menuitem", name="Duplicate").click()
    wait_until(lambda: names(project) == ["nights", "noise", "noise, copy", "held"])
    expect(mask_page.locator(".row")).to_have_count(4, timeout=30_000)
    quiet(mask_page)
    row(mask_page, "noise, copy").locator(".swatch").click()
    mask_page.get_by_role("menuitemradio", name="Sky").click()
    wait_until(lambda: project().recipe.layers[2].colour == "sky")


def test_undo_goes_through_panel_and_painter_alike(mask_page, project):
    row(mask_page, "nights").locator(".on").uncheck()
    wait_until(lambda: not project().recipe.layers[0].enabled)
    box = mask_page.locator("canvas.top").bounding_box()
    mask_page.mouse.move(box["x"] + 200, box["y"] + 90)
    mask_page.mouse.down()
    mask_page.mouse.move(box["x"] + 300, box["y"] + 92, steps=3)
    mask_page.mouse.up()
    wait_until(lambda: len(project().recipe.layers) == 4)
    expect(mask_page.locator(".row")).to_have_count(4, timeout=30_000)
    row(mask_page, "noise").locator(".name").focus()
    mask_page.keyboard.press("Control+z")  # from the list, what was painted
    wait_until(lambda: len(project().recipe.layers) == 3)
    mask_page.locator("canvas.top").focus()
    mask_page.keyboard.press("Control+z")  # from the painter, what was switched off
    wait_until(lambda: project().recipe.layers[0].enabled)
    mask_page.keyboard.press("Control+Shift+Z")
    mask_page.keyboard.press("Control+Shift+Z")
    wait_until(lambda: len(project().recipe.layers) == 4)


def test_count_and_share_follow_a_drag_and_letting_go_is_one_step(mask_page, project):
    row(mask_page, "noise").locator(".name").click()
    slider = mask_page.get_by_role("slider", name="Rate")
    slider.wait_for()
    quiet(mask_page)
    told = row(mask_page, "noise").locator(".told")
    before = told.inner_text()
    box = slider.bounding_box()
    mask_page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    mask_page.mouse.down()
    said = {before}
    canvas = mask_page.locator("canvas.base")
    painted = canvas.evaluate("canvas => canvas.toDataURL()")
    for share in (0.2, 0.4, 0.6):
        for step in range(5):
            x = box["x"] + (share + step / 100) * box["width"]
            mask_page.mouse.move(x, box["y"] + box["height"] / 2)
        wait_until(lambda: told.inner_text() not in said)
        said.add(told.inner_text())
    wait_until(lambda: canvas.evaluate("canvas => canvas.toDataURL()") != painted)
    assert len(project().history) == 1
    mask_page.mouse.up()
    wait_until(lambda: project().recipe.layers[1].rule.rate > 0.5)
    assert len(project().history) == 2
    rate = 100 * project().recipe.layers[1].rule.rate
    expect(mask_page.get_by_text(f"Asked: {rate:g} %.")).to_be_visible(timeout=30_000)
    mask_page.locator("canvas.top").focus()
    mask_page.keyboard.press("Control+z")
    wait_until(lambda: project().recipe.layers[1].rule.rate == 0.1)
    expect(told).to_have_text(before, timeout=30_000)  # once painting has paused


def test_keys_move_a_slider_in_one_step_and_escape_takes_a_drag_back(mask_page, project):
    row(mask_page, "noise").locator(".name").click()
    slider = mask_page.get_by_role("slider", name="Rate")
    slider.focus()
    for _ in range(4):
        mask_page.keyboard.press("PageUp")
    wait_until(lambda: project().recipe.layers[1].rule.rate == 0.14)
    assert len(project().history) == 2
    quiet(mask_page)
    box = slider.bounding_box()
    mask_page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    mask_page.mouse.down()
    mask_page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, steps=4)
    mask_page.keyboard.press("Escape")
    mask_page.mouse.up()
    mask_page.wait_for_timeout(500)  # a value let go would have been sent by then
    expect(slider).to_have_attribute("aria-valuetext", "14 %")
    assert project().recipe.layers[1].rule.rate == 0.14


def test_versions_and_history_outlast_a_restart(page, folder, project):
    store = folder / "store"
    with running_app(store) as address:
        page.goto(f"{address}/mask?work={WORK}")
        page.locator(".row").first.wait_for()
        page.get_by_text("Versions", exact=True).click()
        page.get_by_role("textbox", name="Name", exact=True).fill("before")
        page.get_by_role("button", name="Keep this version").click()
        wait_until(lambda: [one.name for one in project().versions] == ["before"])
        row(page, "nights").locator(".on").uncheck()
        wait_until(lambda: not project().recipe.layers[0].enabled)
    with running_app(store) as address:
        page.goto(f"{address}/mask?work={WORK}")
        page.locator(".row").first.wait_for()
        quiet(page)
        page.get_by_text("Versions", exact=True).click()
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name="Compare with now").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Changed “nights”: switched off.")).to_be_visible(timeout=30_000)
        dialog.locator(".js-plotly-plot .main-svg").first.wait_for()
        expect(dialog.get_by_text("visible again.")).to_be_visible(timeout=30_000)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0, timeout=30_000)
        row(page, "nights").locator(".name").focus()
        page.keyboard.press("Control+z")
        wait_until(lambda: project().recipe.layers[0].enabled)
