"""What the field for expressions says of a text, and what it offers to write."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from masklab.data.series import Panel
from masklab.masks.language import LanguageError, evaluate, misfits, parse
from masklab.masks.language.evaluation import spelt
from masklab.masks.language.examples import examples
from masklab.masks.language.functions import FUNCTIONS
from masklab.masks.language.tree import CALENDAR
from masklab.masks.rule import Scene
from masklab.ui import words

_MEANS = {
    "value": "the value of each channel in turn",
    "observed": "whether the cell is there and not hidden above",
    "row": "number of the row in its series, from 0",
    "hour": "0 to 23",
    "minute": "0 to 59",
    "weekday": "0 is Monday, 6 is Sunday",
    "month": "1 to 12",
    "day": "1 to 31",
    "year": "such as 2024",
    "and": "both hold",
    "or": "at least one holds",
    "not": "does not hold",
}


def verdict(panel: Panel, text: str) -> dict[str, Any]:
    """Return what to say of a text: `told`, whether that is a `problem`, and where it lies."""
    return _verdict(panel, panel.content_hash, text)


def offered(panel: Panel) -> dict[str, Any]:
    """Return the words that can complete what is typed, and worked examples for the data."""
    return _offered(panel, panel.content_hash)


@st.cache_resource(show_spinner=False, max_entries=256)
def _verdict(_panel: Panel, content: str, text: str) -> dict[str, Any]:
    try:
        expression = parse(text)
    except LanguageError as error:
        return _said(error.sentence, problem=True, start=error.start, end=error.end)
    for problem in misfits(expression, _panel):
        return _said(problem, problem=True)
    everywhere = np.ones(_panel.values.shape, dtype=bool, order="F")
    found = evaluate(expression, Scene(_panel, _panel.native, everywhere))
    if expression.is_by_cell:
        return _said(f"Holds in {words.of(int(found.sum()), found.size, 'cells')} of the data.")
    held = int(found[:, 0].sum())
    return _said(f"Holds in {words.of(held, _panel.rows, 'rows')}, whole rows.")


def _said(told: str, *, problem: bool = False, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {"told": told, "problem": problem, "start": start, "end": end}


@st.cache_resource(show_spinner=False, max_entries=8)
def _offered(_panel: Panel, content: str) -> dict[str, Any]:
    channels = [
        {"kind": "channel", "show": name, "write": spelt(name), "means": _panel.units.get(name, "")}
        for name in _panel.channels
    ]
    timeless = () if _panel.clock_kind == "time" else CALENDAR
    own = [
        {"kind": "word", "show": name, "write": name, "means": means}
        for name, means in _MEANS.items()
        if name not in timeless
    ]
    functions = [
        {
            "kind": "function",
            "show": one.signature,
            "write": f"{one.name}(",
            "means": one.explanation,
        }
        for one in FUNCTIONS.values()
    ]
    return {
        "words": [*channels, *own, *functions],
        "examples": [{"title": one.title, "text": one.text} for one in examples(_panel)],
    }
