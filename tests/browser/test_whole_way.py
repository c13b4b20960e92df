"""The whole way in a real Chromium: load, mask by rule and brush, train in the background, compare."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.browser.newcomer import settle
from tests.conftest import wait_until

pytestmark = pytest.mark.browser


def use_sample(page, app: str, name: str) -> None:
    page.goto(app)
    page.locator(f".st-key-data-card-{name}").get_by_role("button", name="Use this sample").click()
    page.get_by_role("button", name="Mask it").wait_for()


def paint(page, start: float, end: float) -> None:
    """Drag over the first channel from one share of the canvas' width to another."""
    canvas = page.locator("canvas.top")
    canvas.wait_for()
    wait_until(lambda: (canvas.bounding_box() or {"height": 0})["height"] > 200)
    settle(page)
    box = canvas.bounding_box()
    x, y = (lambda share: box["x"] + share * box["width"]), box["y"] + 90
    page.mouse.move(x(start), y)
    page.mouse.down()
    page.mouse.move(x((start + end) / 2), y + 2)
    page.mouse.move(x(end), y)
    page.mouse.up()


def recipe_of(store: Path) -> dict:
    """Return the mask recipe that Python holds for the one project in the store."""
    opened = Store.open(store)
    (row,) = opened.projects()
    text, _ = opened.load_project(row.id)
    return Project.model_validate_json(text).recipe.model_dump(mode="json")


def hidden_words(page) -> str:
    return page.get_by_text("Hidden by the mask:").locator("..").inner_text()


def test_from_a_sample_to_a_comparison_and_the_same_by_command_line(page, app, store_directory):
    use_sample(page, app, "seattle_weather")
    page.get_by_role("button", name="Mask it").click()

    page.get_by_role("button", name="Add layer").click()
    page.get_by_role("menuitem", name="Random cells").click()
    wait_until(lambda: len(recipe_of(store_directory)["layers"]) == 2)
    before = hidden_words(page)
    paint(page, 0.3, 0.4)
    wait_until(lambda: len(recipe_of(store_directory)["layers"]) == 3)
    painted = recipe_of(store_directory)["layers"][2]["rule"]
    assert painted["kind"] == "painted"
    assert len(painted["strokes"]) == 1
    wait_until(lambda: hidden_words(page) != before)

    page.get_by_role("link", name="Train").click()
    start = page.get_by_role("button", name=re.compile("Train 8 runs"))
    start.wait_for()
    settle(page)
    start.click()
    page.get_by_text(re.compile(r"\d of 8 runs finished")).first.wait_for()
    page.locator("[data-testid='stVegaLiteChart']").first.wait_for()
    address = page.url
    page.reload()
    page.get_by_text(re.compile(r"\d of 8 runs finished|8 runs finished")).first.wait_for()
    wait_until(lambda: all_finished(store_directory), seconds=240)

    page.get_by_role("link", name="Compare").click()
    page.get_by_text("has the lowest").wait_for()
    page.get_by_text("n = 2").first.wait_for()
    assert "work=" in address
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as CSV").click()
    table = pd.read_csv(download.value.path())
    assert {"zero_fill", "mean_fill", "indicator", "carry"} <= set(table["strategy"])

    ours = scores(store_directory)
    assert len(ours) > 8
    pd.testing.assert_frame_equal(scores(by_command_line(store_directory)), ours, check_exact=True)


def all_finished(store: Path) -> bool:
    opened = Store.open(store)
    runs = opened.runs()
    assert not [run.message for run in runs if run.status == "failed"]
    return len(runs) == 8 and all(run.status == "finished" for run in runs)


def scores(store: Path) -> pd.DataFrame:
    """Return the validation scores of every run and epoch, without what a clock measured."""
    opened = Store.open(store)
    (experiment,) = opened.experiments()
    reports = opened.reports(experiment.id)
    timed = [column for column in reports.columns if "seconds" in column]
    order = ["strategy", "seed", "epoch"]
    return reports.drop(columns=timed).sort_values(order, ignore_index=True)


def by_command_line(store: Path) -> Path:
    """Run the store's experiment as a file, in a store of its own; return that store."""
    other = store.parent / "other"
    opened = Store.open(store)
    (experiment,) = opened.experiments()
    spec = opened.experiment(experiment.id).to_yaml()
    file = store.parent / "same.experiment.yaml"
    file.write_text(spec)
    command = [sys.executable, "-m", "masklab", "run", str(file), "--store", str(other)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    assert "carry" in done.stdout
    return other


MESSY = """\ufeffMesszeit;Ort;Temp (°C);Druck\r
01.02.2024 00:00;Nord;3,5;1013,2\r
01.02.2024 01:00;Nord;-999;1013,1\r
{rows}"""


def messy_file(folder: Path) -> Path:
    """Write a file as loggers do: semicolons, decimal commas, a BOM, day before month, -999, gaps."""
    lines = []
    for hour in range(2, 700):
        if hour % 97 == 0:
            continue
        day, clock = 1 + hour // 24, hour % 24
        month, day = (2, day) if day <= 29 else (3, day - 29)
        temp = "-999" if hour % 41 == 0 else f"{5 + 4 * np.sin(hour / 4):.1f}".replace(".", ",")
        pressure = "n/a" if hour % 53 == 0 else f"{1013 + hour % 7},5"
        lines.append(f"{day:02d}.{month:02d}.2024 {clock:02d}:00;Nord;{temp};{pressure}\r\n")
    path = folder / "messwerte.csv"
    path.write_text(MESSY.format(rows="".join(lines)), encoding="utf-8", newline="")
    return path


def test_a_messy_file_of_ones_own_is_previewed_read_and_its_sentinel_treated(
    page, app, store_directory, tmp_path
):
    page.goto(app)
    page.get_by_role("button", name="Open my file").click()
    page.locator("input[type=file]").first.set_input_files(messy_file(tmp_path))
    accept = page.get_by_role("button", name="Use this data")
    accept.wait_for()
    settle(page)
    accept.click()
    page.get_by_role("button", name="Mask it").wait_for()
    treat = page.get_by_role("button", name=re.compile("Treat -999 as missing"))
    treat.first.wait_for()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    settle(page)  # a button that still moves can be missed
    treat.first.click()
    page.get_by_role("button", name="Undo").first.wait_for()
    opened = Store.open(store_directory)
    (row,) = opened.projects()
    reading = json.loads(opened.load_project(row.id)[0])["data"]["reading"]
    assert [-999.0] in reading["sentinels"].values()
    assert reading["decimal"] == ","
    assert reading["day_first"] is True
