"""Take the pictures of README and docs from the running app: `make pictures`.

Starts the app on a store of its own, walks the way of the README's tour with a sample, trains,
masks a file as tests/browser/newcomer.py does, and writes docs/images/*.png in light and dark.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.newcomer import hall_file, mask_it, open_file  # noqa: E402
from tests.conftest import chromium_path, running_app  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 860}
TWELVE_MINUTES = 720_000


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "store") as address,
        sync_playwright() as playwright,
    ):
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=quiet)
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        work_through(page, address)
        sample = project_on(page)
        open_file(page, f"{address}/?work=new", hall_file(Path(folder)))
        mask_it(page)
        projects = {"mask": project_on(page), "": sample}
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport=SIZE, color_scheme=scheme)
            take_all(context.new_page(), address, projects, scheme)
        browser.close()


def work_through(page: Page, address: str) -> None:
    """Load a sample, hide parts of it by rule and by brush, train, and wait for the end."""
    page.goto(f"{address}/?work=new")
    card = page.locator(".st-key-data-card-seattle_weather")
    card.get_by_role("button", name="Use this sample").click()
    page.get_by_role("button", name="Mask it").click()
    for rule in ("Value range",):
        page.get_by_role("button", name="Add layer").click()
        page.get_by_role("menuitem", name=rule).click()
        settle(page)
    box = page.locator("canvas.top").bounding_box()
    if box is None:
        raise RuntimeError("The painter has no size.")
    page.mouse.move(box["x"] + 180, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 230, box["y"] + 92, steps=4)
    page.mouse.move(box["x"] + 260, box["y"] + 90, steps=4)
    page.mouse.up()
    settle(page)
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name=re.compile("Train 8 runs")).click()
    page.get_by_text("8 of 8 runs finished").first.wait_for(timeout=TWELVE_MINUTES)


def project_on(page: Page) -> str:
    """Return what in the address names the project on screen."""
    found = re.search(r"work=\w+", page.url)
    if found is None:
        raise RuntimeError(f"No project is named in {page.url}.")
    return found[0]


def take_all(page: Page, address: str, projects: dict[str, str], scheme: str) -> None:
    """Write one picture of each page in one colour scheme; "" is the project of most pages."""
    for name in ("data", "mask", "train", "compare"):
        project = projects.get(name, projects[""])
        page.goto(f"{address}/{'' if name == 'data' else name}?{project}")
        settle(page)
        if name == "mask":
            zoom_in(page, share=0.42)
        page.screenshot(path=IMAGES / f"{name}-{scheme}.png")


def zoom_in(page: Page, share: float) -> None:
    """Turn the wheel over the painter until some weeks about a share of the time fill it."""
    box = page.locator("canvas.top").bounding_box()
    if box is None:
        raise RuntimeError("The painter has no size.")
    page.mouse.move(box["x"] + share * box["width"], box["y"] + 60)
    for _ in range(4):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(200)
    page.mouse.move(0, 0)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the script has run to its end and what it drew has settled."""
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()
    page.wait_for_timeout(2500)
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()


if __name__ == "__main__":
    main()
