"""The Learn page's inspector in a real browser, on the example."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page

from tests.conftest import running_app


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running app with an empty store; its networks stay trained from test to test."""
    with running_app(tmp_path_factory.mktemp("inspector") / "store") as address:
        yield address


class Inspector:
    """What a reader sees and does."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.server}/learn?view=inspector&work=learn&{query}")
        self.settle()

    def settle(self) -> None:
        """Wait until both networks are trained and every message is answered."""
        self.page.locator(".inspector[data-trained=true]").wait_for(timeout=120_000)
        self.page.wait_for_function(_SETTLED, timeout=60_000)

    @property
    def root(self) -> Locator:
        return self.page.locator(".inspector")

    @property
    def canvas(self) -> Locator:
        return self.root.locator("canvas")

    @property
    def revision(self) -> str:
        return self.root.get_attribute("data-revision") or ""

    def press(self, *keys: str) -> None:
        self.canvas.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def number(self, row: str, column: int = 0) -> str:
        """Return a number of the step's tables."""
        line = self.root.locator("tr", has=self.page.get_by_role("rowheader", name=row))
        return line.locator("td").nth(column).inner_text()

    def click_step(self, step: int, panel: int = 0, *, wait: bool = True) -> None:
        """Click a step, from 0, in the upper rows."""
        x, y = self.page.evaluate(_PLACE, [step, panel])
        self.page.mouse.click(x, y)
        if wait:
            self.settle()

    def pixels(self) -> str:
        return str(self.page.evaluate(_PIXELS))


_ROOT = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.inspector')).find(Boolean)"
_SETTLED = f"""() => {{
  const root = {_ROOT} ?? document.querySelector('.inspector');
  return root && root.dataset.waiting === 'false';
}}"""
_PLACE = f"""([step, panel]) => {{
  const root = {_ROOT} ?? document.querySelector('.inspector');
  const canvas = root.querySelector('canvas'), box = canvas.getBoundingClientRect();
  const place = JSON.parse(canvas.dataset.places)[panel];
  return [box.left + place.x + (step + 0.5) * place.column, box.top + place.y];
}}"""
_PIXELS = f"""() => ({_ROOT} ?? document.querySelector('.inspector')).querySelector('canvas').toDataURL()"""


@pytest.fixture
def shown(page: Page, server: str) -> Inspector:
    return Inspector(page, server)
