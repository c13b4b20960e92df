"""The inspector's choices: strategies, output, window, head and seed, each kept in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from masklab.charts.palette import in_order
from masklab.data.series import Panel
from masklab.inspector.excerpt import MOST_CHANNELS, Excerpt
from masklab.inspector.window import SERVED
from masklab.split import PART_NAMES
from masklab.ui.inspector.address import View, present, put
from masklab.words import counted

_HEADS = {"last": "Last usable step", "mean": "Mean of usable steps", "attention": "Attention"}


class Controls:
    """Widgets that show a view and put a changed one into the address."""

    def __init__(self, key: str, view: View, prefix: str) -> None:
        self._key, self._view, self._prefix = key, view, prefix

    def strategies(self) -> None:
        """Draw the two strategies."""
        left, right = st.columns(2)
        kinds = in_order(SERVED)
        with left:
            self._select("a", "Strategy", kinds, str)
        with right:
            self._select("b", "Beside it", ["", *kinds], lambda one: one or "none")

    def output(self, channels: Sequence[str], horizon: int) -> None:
        """Draw which number of the forecast gradients are of."""
        left, right = st.columns([0.6, 0.4])
        with left:
            self._select("target", "Gradient of", list(channels), str)
        with right:
            self._select("ahead", "Steps ahead", list(range(horizon)), lambda one: str(one + 1))

    def window(self, excerpt: Excerpt, start: int) -> None:
        """Draw where the window lies among those that can be looked into."""
        starts = excerpt.starts
        place = int(abs(starts - start).argmin())
        part = PART_NAMES[excerpt.part(start)]
        st.slider(
            f"Window, in {part}",
            1, max(2, len(starts)),
            **self._widget("start", place + 1, lambda one: int(starts[min(one, len(starts)) - 1])),
            disabled=len(starts) < 2,
            help=f"Which {excerpt.window} steps are looked into, of {counted(len(starts), 'place')}. "
            "What you masked or unmasked goes with the window.",
        )  # fmt: skip

    def more(self, panel: Panel, chosen: Sequence[str]) -> None:
        """Draw what is rarely changed: head, seed, channels, series."""
        with st.popover("More", width="stretch"):
            self._select("head", "The head reads", list(_HEADS), lambda one: _HEADS[one])
            st.number_input(
                "Seed", 0, 9999, step=1, **self._widget("seed", self._view.seed, int),
                help="Draws initial weights and the order of windows anew; the same for both.",
            )  # fmt: skip
            if len(panel.channels) > 1:
                st.multiselect(
                    f"Channels (at most {MOST_CHANNELS})", panel.channels,
                    max_selections=MOST_CHANNELS,
                    **self._widget("channels", list(chosen), tuple),
                )  # fmt: skip
            if len(panel) > 1:
                self._select(
                    "series", "Series", list(range(len(panel))), lambda one: panel.names[one]
                )

    def _select(
        self, name: str, label: str, choices: list[Any], words: Callable[[Any], str]
    ) -> None:
        value = getattr(self._view, name)
        st.selectbox(
            label, choices, format_func=words,
            **self._widget(name, value if value in choices else choices[0], lambda one: one),
        )  # fmt: skip

    def _widget(self, name: str, value: Any, read: Callable[[Any], Any]) -> dict[str, Any]:
        key = f"{self._key}.{name}"
        st.session_state[key] = value

        def changed() -> None:
            now = present(self._prefix, self._view)
            put(self._prefix, changed_view(now, name, read(st.session_state[key])))

        return {"key": key, "on_change": changed}


def changed_view(view: View, name: str, value: Any) -> View:
    """Return a view with one choice changed; what belonged to other data is left behind."""
    if name in {"series", "data"}:
        view = replace(view, start=None, flip=(), channels=() if name == "data" else view.channels)
    return replace(view, **{name: value})
