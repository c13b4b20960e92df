"""The themes: contrast of 4.5:1, an accent that isn't red, nothing from the network."""

from __future__ import annotations

import tomllib

import pytest

from masklab.charts.palette import INK
from tests.ui.conftest import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
THEMES = ("light", "dark")


def luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_words_can_be_read_on_every_ground(name: str) -> None:
    theme = CONFIG["theme"][name]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    grounds += [theme["sidebar"]["backgroundColor"], theme["sidebar"]["secondaryBackgroundColor"]]
    words = [theme["textColor"], theme["linkColor"], theme["grayTextColor"], INK[name]]
    words += [theme["redTextColor"], theme["orangeTextColor"], theme["greenTextColor"]]
    for ground in grounds:
        for word in words:
            assert contrast(word, ground) >= 4.5, (word, ground)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("colour", ["red", "orange", "yellow", "blue", "green", "gray"])
def test_boxes_can_be_read(name: str, colour: str) -> None:
    theme = CONFIG["theme"][name]
    assert contrast(theme[f"{colour}TextColor"], theme[f"{colour}BackgroundColor"]) >= 4.5


@pytest.mark.parametrize(("name", "on_accent"), [("light", "#FFFFFF"), ("dark", "#15171C")])
def test_the_accent_carries_words_and_stands_on_the_page(name: str, on_accent: str) -> None:
    theme = CONFIG["theme"][name]
    assert contrast(on_accent, theme["primaryColor"]) >= 4.5
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 4.5
    red, green, blue = (int(theme["primaryColor"][at : at + 2], 16) for at in (1, 3, 5))
    assert blue > red > 0
    assert blue > green


def test_the_server_is_private_and_quiet() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"]
    assert CONFIG["server"]["maxUploadSize"] == 200
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_nothing_comes_from_the_network() -> None:
    for path in (".streamlit/config.toml", "masklab/ui/style.css", "app.py"):
        assert "http" not in (ROOT / path).read_text()
