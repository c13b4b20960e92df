"""Export and import in a real Chromium: a file of each format goes out and comes in again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from masklab.data.read import read_panel
from masklab.masks.exchange import FORMATS
from masklab.masks.format import Masked
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.split import Split
from masklab.ui.project import Project
from tests.browser.newcomer import settle
from tests.conftest import running_app, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORK = "0a0b0c0d0e0f"
READ = [kind for kind, form in FORMATS.items() if form.reads]
RECIPE = MaskRecipe(
    layers=(
        Layer(rule=Mcar(rate=0.1), name="noise"),
        Layer(rule=Mcar(rate=0.5, seed=4), channels=("b",), scope="training"),
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a small file: 300 hours of two channels in each of two series."""
    folder = tmp_path_factory.mktemp("exchange")
    hours = pd.date_range("2024-01-01", periods=300, freq="h")
    frames = [
        pd.DataFrame({"time": hours, "site": site, "a": np.arange(300.0), "b": 1.0})
        for site in ("north", "south")
    ]
    frame = pd.concat(frames)
    frame.iloc[20:40, 3] = np.nan
    frame.to_csv(folder / "sites.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with running_app(folder / "store") as address:
        yield address


def project(folder: Path) -> Project:
    return Project.model_validate_json(Store.open(folder / "store").load_project(WORK)[0])


def save(folder: Path, recipe: MaskRecipe) -> None:
    data = DataSource(path=str(folder / "sites.csv"))
    kept = Project(data=data, name="sites", history=(recipe,)).model_dump_json()
    Store.open(folder / "store").save_project(WORK, kept)


def open_exchange(page: Page, address: str, tab: str) -> None:
    page.goto(f"{address}/mask?work={WORK}")
    page.locator("canvas.top").wait_for(timeout=90_000)
    settle(page)  # a list that opens while the page is drawn closes again
    page.get_by_text("Export or import").click()
    settle(page)
    page.get_by_role("tab", name=tab).click()
    settle(page)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind in {"wide_csv", "recipe_json"} else pytest.mark.long)
        for kind in READ
    ],
)
def test_a_file_goes_out_and_comes_in_again(page: Page, address, folder, tmp_path, kind):
    save(folder, RECIPE)
    open_exchange(page, address, "Export")
    page.get_by_label("Format").click()
    option = page.get_by_role("option", name=FORMATS[kind].title)
    for _ in range(2 * len(FORMATS)):  # the list draws only those options that fit into it
        page.wait_for_timeout(200)
        if option.count():
            break
        page.keyboard.press("ArrowDown")
    option.click()
    page.get_by_text(FORMATS[kind].explanation[:40]).first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    file = tmp_path / download.value.suggested_filename
    assert file.name == f"sites{FORMATS[kind].ending}"
    download.value.save_as(file)

    save(folder, MaskRecipe())
    open_exchange(page, address, "Import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("of them are visible now").wait_for()
    assert project(folder).recipe == MaskRecipe()
    page.get_by_role("button", name=re.compile(r"^Add \d+ layer")).click()
    wait_until(lambda: project(folder).recipe.layers)
    page.get_by_text(f"from {file.name}").wait_for()

    panel = read_panel(folder / "sites.csv")
    parts = Split().parts(panel)
    expected = Masked(panel, RECIPE, parts).mask
    assert project(folder).recipe.apply(panel, parts) == expected
    page.get_by_role("button", name="Undo").first.click()
    wait_until(lambda: project(folder).recipe == MaskRecipe())


def test_a_file_that_is_no_mask_is_refused_with_the_reason(page: Page, address, folder):
    save(folder, RECIPE)
    open_exchange(page, address, "Import")
    page.locator("input[type=file]").set_input_files(
        {"name": "bad.yaml", "mimeType": "text/plain", "buffer": b"layers: &a [*a]\n"}
    )
    page.get_by_text("anchor or alias").wait_for()
    assert project(folder).recipe == RECIPE
