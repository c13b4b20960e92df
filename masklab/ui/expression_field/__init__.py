"""A text field for expressions: names completed, examples at hand, and at once what they select.

The text is looked at while it is typed; the layer changes when it is left, or with Enter.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from masklab.data.series import Panel
from masklab.masks.language.words import MAX_CHARACTERS
from masklab.ui import guard, in_order
from masklab.ui.expression_field.look import offered, verdict
from masklab.ui.forms import Slot

_SEEN = "masklab.expression.seen"


def expression_field(panel: Panel, slot: Slot, value: Any) -> None:
    """Draw the field of one rule. What is typed is handed on once it is an expression for the data."""
    st.fragment(guard.in_fragment(_field))(panel, slot, str(value))


def _field(panel: Panel, slot: Slot, value: str) -> None:
    kept = _receive(panel, slot, value)
    if st.session_state.pop(f"{_SEEN}.kept.{slot.key}", False) or kept:
        st.rerun()  # the page around shows the layer
    draft = _state(slot.key).get("draft")
    draft = draft if isinstance(draft, dict) else {}
    text = draft.get("text")
    # What was typed counts as long as the layer is the one for which it was typed.
    typed = isinstance(text, str) and draft.get("of") == value
    shown = str(text)[: MAX_CHARACTERS + 1] if typed else value
    _component()(
        key=slot.key,
        data=in_order.numbered(
            slot.key,
            {
                "label": slot.label,
                "help": slot.help or "",
                "text": value,
                "checked": shown,
                "disabled": slot.manner.disabled,
                "most": MAX_CHARACTERS,
                "data": panel.content_hash,
                **verdict(panel, shown),
                **offered(panel),
            },
        ),
        on_draft_change=lambda: None,
        on_text_change=lambda: _note(panel, slot, value),
    )


def _note(panel: Panel, slot: Slot, value: str) -> None:
    """Take what was entered, in a callback; the field then has the page drawn again."""
    if _receive(panel, slot, value):
        st.session_state[f"{_SEEN}.kept.{slot.key}"] = True


def _receive(panel: Panel, slot: Slot, value: str) -> bool:
    """Hand on what was entered since the last look, if it is an expression for the data."""
    entered = _state(slot.key).get("text")
    if not isinstance(entered, dict) or slot.manner.disabled:
        return False
    text, number = entered.get("text"), entered.get("number")
    seen = f"{_SEEN}.{slot.key}"
    if not isinstance(text, str) or number == st.session_state.get(seen):
        return False
    st.session_state[seen] = number
    if text == value or verdict(panel, text[: MAX_CHARACTERS + 1])["problem"]:
        return False
    slot.keep(slot.name, text)
    return True


def assets() -> tuple[str, str, str]:
    """Return the field's HTML, CSS and script."""
    folder = files("masklab.ui.expression_field")
    html, css, script = (
        folder.joinpath(f"field.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return html, css, f"{in_order.script()}\n{script}"


@cache
def _component() -> Any:
    html, css, script = assets()
    return st.components.v2.component("masklab_expression", html=html, css=css, js=script)


def _state(key: str) -> dict[str, Any]:
    found = st.session_state.get(key)
    return dict(found) if found else {}
