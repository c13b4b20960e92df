"""The field for expressions in a real Chromium: typed, completed by keys, clicked together."""

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

WORK = "0a0b0c0d0e0e"
BEGINNING = "temp > 30"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("expressions")
    hours = pd.date_range("2024-01-01", periods=400, freq="h")
    frame = pd.DataFrame({"time": hours, "temp": np.arange(400) % 40, "wind speed": 1.0})
    frame.to_csv(folder / "weather.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with running_app(folder / "store") as address:
        yield address


@pytest.fixture
def rule(folder):
    """Save the project anew; return what reads its rule."""
    store = Store.open(folder / "store")
    recipe = MaskRecipe.model_validate(
        {"layers": [{"rule": {"kind": "expression", "expression": BEGINNING}}]}
    )
    data = DataSource(path=str(folder / "weather.csv"))
    store.save_project(WORK, Project(data=data, history=(recipe,)).model_dump_json())
    return lambda: Project.model_validate_json(store.load_project(WORK)[0]).recipe.layers[0].rule


@pytest.fixture
def text(page: Page, address, rule):
    page.goto(f"{address}/mask?work={WORK}")
    page.locator(".row .name").first.click()
    text = page.get_by_label("Expression")
    expect(text).to_have_value(BEGINNING)
    told(page, "Holds in 90 of 400 rows, 22.5 %, whole rows.")
    return text


def told(page: Page, sentence: str) -> None:
    expect(page.locator("#told")).to_contain_text(sentence)
    expect(page.locator(".told.old")).to_have_count(0)


def retype(text, what: str) -> None:
    text.press("ControlOrMeta+a")
    text.press_sequentially(what, delay=5)


def test_what_is_typed_is_told_at_once_and_used_with_enter(page: Page, text, rule):
    retype(text, "temp > 38")
    told(page, "Holds in 10 of 400 rows")
    assert rule().expression == BEGINNING
    text.press("Enter")
    wait_until(lambda: rule().expression == "temp > 38")
    expect(page.locator(".row .told")).to_contain_text("Hides 20 of 800 cells")
    expect(text).to_be_focused()
    expect(text).to_have_value("temp > 38")


def test_leaving_the_field_uses_the_expression(page: Page, text, rule):
    retype(text, "temp > 37")
    page.get_by_role("heading", name="Layers").click()
    wait_until(lambda: rule().expression == "temp > 37")


def test_a_mistake_is_shown_where_it_is_and_the_layer_stays(page: Page, text, rule):
    retype(text, "temp = 3 ")
    told(page, "write == to compare.")
    expect(text).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Show where").click()
    chosen = text.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert chosen == "="
    text.press("Enter")
    page.wait_for_timeout(1000)
    assert rule().expression == BEGINNING
    expect(text).to_have_value("temp = 3 ")


def test_names_are_completed_by_keys_alone(page: Page, text, rule):
    retype(text, "win")
    choices = page.locator(".choice")
    expect(choices).to_have_count(1)
    text.press("Tab")
    expect(text).to_have_value("`wind speed`")
    text.press("ControlOrMeta+z")
    expect(text).to_have_value("win")
    text.press("Tab")
    expect(text).to_have_value("`wind speed`")
    text.press_sequentially(" > 0 and rolling_m")
    expect(choices).to_have_count(5)
    text.press("ArrowDown")
    text.press("ArrowDown")
    expect(choices.nth(1)).to_have_attribute("aria-selected", "true")
    expect(text).to_have_attribute("aria-activedescendant", "choice-1")
    text.press("Enter")
    expect(text).to_have_value("`wind speed` > 0 and rolling_median(")
    text.press_sequentially("temp, 3) > 38")
    text.press("Escape")
    expect(page.locator(".choices")).to_be_hidden()
    text.press("Enter")
    wait_until(lambda: rule().expression == "`wind speed` > 0 and rolling_median(temp, 3) > 38")


def test_all_names_are_listed_on_demand(page: Page, text):
    text.press("ControlOrMeta+a")
    text.press("Delete")
    text.press("Control+Space")
    assert page.locator(".choice").count() > 20
    text.press("Escape")


def test_an_expression_is_clicked_together(page: Page, text, rule):
    page.get_by_text("Channels, words and functions").click()
    text.press("ControlOrMeta+a")
    text.press("Delete")
    page.get_by_role("group", name="Functions").get_by_text("abs(x)").click()
    page.get_by_role("group", name="Channels").get_by_text("temp").click()
    expect(text).to_have_value("abs(temp")
    text.press_sequentially(") > 38")
    text.press("Enter")
    wait_until(lambda: rule().expression == "abs(temp) > 38")


def test_a_worked_example_is_used_and_undone(page: Page, text, rule):
    page.get_by_label("Worked examples").select_option("Every 24th row")
    wait_until(lambda: rule().expression == "row % 24 == 0")
    told(page, "Holds in 17 of 400 rows")
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_until(lambda: rule().expression == BEGINNING)
    expect(text).to_have_value(BEGINNING)


def test_letters_typed_are_no_shortcuts_of_the_page(page: Page, text):
    retype(text, "row > 3 and c")
    expect(text).to_have_value("row > 3 and c")
    expect(page.get_by_role("dialog")).to_have_count(0)
