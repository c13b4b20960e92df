"""Export of the mask: a format, what it is for, and the file, made when it is asked for."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from masklab.data.options import ReadOptions
from masklab.masks.exchange import FORMATS, write_mask
from masklab.masks.format import Masked
from masklab.masks.formats.python_code import code
from masklab.ui import state
from masklab.ui.mask_page import Scene
from masklab.words import plain

_KEY = "masklab.export"
_SHOWN = 20_000
"""Characters of code that are shown; longer code is for the file."""


def export(now: Scene) -> None:
    """Draw the choice of a format and the button that makes the file."""
    masked = masked_now(now)
    order = sorted(FORMATS, key=lambda one: (not FORMATS[one].reads, FORMATS[one].holds == "mask"))
    kind = st.selectbox(
        "Format", order, format_func=lambda one: FORMATS[one].title, key=f"{_KEY}.kind",
        persist_state="session",
    )  # fmt: skip
    form = FORMATS[kind]
    st.caption(plain(form.explanation))
    problem = "" if masked.recipe.layers else "There is no layer to export yet."
    if problem:
        st.caption(problem)
    elif problem := form.refuses(masked):
        st.warning(plain(problem))
    st.download_button(
        "Export", partial(write_mask, masked, kind), file_name=file_name(masked.name, form.ending),
        mime=form.mime, icon=":material/download:", on_click="ignore", disabled=bool(problem),
        key=f"{_KEY}.save", width="stretch",
    )  # fmt: skip
    if kind == "python_code" and not problem:
        _shown_code(masked)


def masked_now(now: Scene) -> Masked:
    """Return what is exported: the recipe in use on its data, and how both came about."""
    project = state.project()
    return Masked(
        panel=now.panel,
        recipe=project.recipe,
        parts=now.parts,
        name=project.name or "mask",
        path=project.data.path if project.data else "",
        reading=project.data.reading if project.data else ReadOptions(),
        split=project.split,
        made=None if now.problems else now.mask,
    )


_OF_DATA = re.compile(r"(\.(csv|tsv|txt|dat|parquet|feather|arrow|xlsx?|ods|npz|tsf?|gz))+$", re.I)


def file_name(name: str, ending: str) -> str:
    """Return a file's name made of the data's, safe everywhere."""
    stem = re.sub(r"[^\w.-]+", "-", _OF_DATA.sub("", name)).strip("-.")[:60]
    return f"{stem or 'mask'}{ending}"


def _shown_code(masked: Masked) -> None:
    text = code(masked)
    if len(text) > _SHOWN:
        st.caption(f"The code has {len(text):,} characters, too many to copy from here.")
        return
    st.code(text, language="python", height=240)
