"""What the LSTM will see in a real Chromium: the tab, its charts, a warning's button, the address."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from masklab.masks.layers import MaskRecipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.conftest import running_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORK = "0a0b0c0d0e0f"
RECIPE = {
    "layers": [
        {
            "name": "days",
            "rule": {"kind": "calendar", "hour_from": 8, "hour_to": 20},
            "scope": "training",
        }
    ]
}


def test_from_the_tab_to_a_mended_mask(page: Page, tmp_path):
    hours = pd.date_range("2024-01-01", periods=500, freq="h")
    frame = pd.DataFrame({"time": hours, "a": np.sin(np.arange(500.0)), "b": np.arange(500) % 24})
    frame.to_csv(tmp_path / "hours.csv", index=False)
    store = Store.open(tmp_path / "seen")
    project = Project(
        data=DataSource(path=str(tmp_path / "hours.csv")),
        history=(MaskRecipe.model_validate(RECIPE),),
        form={"window": 24, "horizon": 2},
    )
    store.save_project(WORK, project.model_dump_json())
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with running_app(tmp_path / "seen") as address:
        page.set_viewport_size({"width": 1280, "height": 2400})  # all of it, without scrolling
        page.goto(f"{address}/mask?work={WORK}")
        page.get_by_role("tab", name="What the LSTM will see").click()
        page.wait_for_url("**under=*LSTM*")
        strip = page.locator(".st-key-masklab-seen-strip")
        strip.locator(".nsewdrag").wait_for()  # Plotly itself comes with the first chart
        expect(strip.locator(".heatmaplayer image")).to_have_count(1)
        expect(strip.locator(".legendtext")).to_have_text(
            ["nothing scored", "no room for a window"]
        )
        page.get_by_role("tab", name="Step by step").click()
        steps = page.locator(".st-key-masklab-seen-steps")
        steps.locator(".nsewdrag").wait_for()
        page.locator('[data-test-script-state="notRunning"]').first.wait_for()
        page.wait_for_timeout(2000)
        box = steps.locator(".nsewdrag").bounding_box()
        said = set()
        for at in range(24):
            page.mouse.move(box["x"] + (at + 0.5) / 26 * box["width"], box["y"] + 4, steps=3)
            page.wait_for_timeout(200)
            said |= set(steps.locator(".hoverlayer").all_text_contents())
        assert any("skipped" in one for one in said)
        assert any(": shown" in one for one in said)
        page.get_by_role("button", name="Let “days” act on both parts").click()
        expect(page.get_by_text("is hidden differently in validation")).to_have_count(
            0, timeout=20_000
        )
        saved = Project.model_validate_json(store.load_project(WORK)[0])
        assert saved.recipe.layers[0].scope == "both"
        page.reload()
        expect(page.get_by_role("tab", name="Along the clock")).to_be_visible()
    assert errors == []
