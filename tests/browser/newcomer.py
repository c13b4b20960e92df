"""What a newcomer does: nights, a stuck stretch in March and a tenth of the rest, in training only.

The test times it and checks every cell; `make pictures` takes the README's picture of it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page

STUCK = slice("2024-03-12 06:00", "2024-03-15 17:00")
"""When the thermometer of the newcomer's file repeats one value."""

LAYERS = ("Calendar", "Flat line", "Random cells")


def hall_file(folder: Path) -> Path:
    """Write half a year of a hall's temperature and load by the hour; the thermometer sticks once."""
    random = np.random.default_rng(0)
    time = pd.date_range("2024-01-01", periods=182 * 24, freq="h", name="time")
    day = 2 * np.pi * np.arange(len(time)) / 24
    drift = np.cumsum(random.normal(0, 0.15, len(time)))
    table = pd.DataFrame(
        {
            "temp": 18 + 6 * np.sin(day - 2.4) + drift + random.normal(0, 0.4, len(time)),
            "load": 50 + 15 * np.sin(day - 1.8) + random.normal(0, 2, len(time)),
        },
        index=time,
    ).round(2)
    table.loc[STUCK, "temp"] = table.loc[STUCK, "temp"].iloc[0]
    path = folder / "hall.csv"
    table.to_csv(path)
    return path


def settle(page: Page) -> None:
    """Wait until the script has run to its end, and nothing follows at once."""
    for _ in range(2):
        page.locator('[data-test-script-state="notRunning"]').first.wait_for()
        page.wait_for_timeout(300)


def open_file(page: Page, app: str, file: Path) -> None:
    """Load the file and go to the Mask page."""
    page.goto(app)
    page.get_by_role("button", name="Open my file").click()
    page.locator("input[type=file]").first.set_input_files(file)
    accept = page.get_by_role("button", name="Use this data")
    accept.wait_for()
    settle(page)
    accept.click()
    page.get_by_role("button", name="Mask it").click()
    page.locator("canvas.top").wait_for()
    settle(page)


def mask_it(page: Page) -> None:
    """Add the three layers, each for training alone: nights and a tenth are what a menu begins with."""
    for title in LAYERS:
        page.get_by_role("button", name="Add layer").click()
        page.get_by_role("menuitem", name=title, exact=True).click()
        settle(page)
        page.get_by_role("radio", name="Training").click()
        settle(page)
