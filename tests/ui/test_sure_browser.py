"""In a browser: more seeds are trained from the page and join the comparison on screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from masklab.runs.executing import ensure_training
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from tests.conftest import wait_until

pytestmark = pytest.mark.browser

EXPERIMENT = {
    "name": "snow",
    "data": {"path": "sample:nyc_weather"},
    "recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.4, "seed": 1}}]},
    "task": {"kind": "forecast", "window": 8, "horizon": 2},
    "strategies": [{"kind": "zero_fill"}, {"kind": "carry"}],
    "seeds": [0, 1],
    "model": {"hidden_size": 4},
    "training": {"epochs": 1, "training_windows": 64},
}


@pytest.fixture(autouse=True)
def supervised() -> None:
    """Let a supervisor be started: these are real runs."""


def test_more_seeds_are_trained_and_join(app: str, store_directory: Path, page: Page) -> None:
    store = Store.open(store_directory)
    experiment = store.add_experiment(parse_experiment(EXPERIMENT), ".")
    ensure_training(store)
    wait_until(lambda: all(run.status == "finished" for run in store.runs()), seconds=120)
    page.goto(f"{app}/compare?experiment={experiment}&part=sure")
    rows = page.locator(".js-plotly-plot .ytick").filter(has_text="n = 2")
    expect(rows.first).to_be_visible(timeout=30_000)  # Plotly is fetched when it is needed
    expect(page.get_by_text("Not enough seeds to tell").first).to_be_visible()
    page.get_by_role("button", name="Train 3 more seeds (6 runs, about").click()
    wait_until(lambda: len(store.experiments()) == 2)
    added = store.experiments()[0].id
    page.wait_for_url(f"**with={added}**")
    wait_until(lambda: all(run.status == "finished" for run in store.runs()), seconds=120)
    page.reload()
    rows = page.locator(".js-plotly-plot .ytick").filter(has_text="n = 5")
    expect(rows.first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("are taken together").first).to_be_visible()
