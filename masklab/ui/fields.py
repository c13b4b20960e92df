"""Widgets bound to the project: the project sets what they show, each change is saved at once."""

from __future__ import annotations

from typing import Any

import streamlit as st

from masklab.ui import guard
from masklab.ui.project import Project


def bound(name: str, value: Any) -> dict[str, Any]:
    """Return the arguments that bind a widget to a field of the Train form.

    The value is put into the widget before it is drawn: a reload, another page or another tab
    then shows what was saved, and only the field that a user touches is saved again.
    """
    key = f"train.{name}"
    st.session_state[key] = value
    return {"key": key, "on_change": _keep, "args": (name, key)}


def bound_member(name: str, member: str, chosen: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments that bind a checkbox to one member of a tuple field.

    `chosen`: the members as drawn; they count only while the project has none of its own.
    """
    key = f"train.{name}.{member}"
    st.session_state[key] = member in chosen
    return {"key": key, "on_change": _keep_member, "args": (name, member, key, chosen)}


def save(**fields: Any) -> None:
    """Save fields of the Train form, the others as they are."""

    def step(present: Project) -> Project:
        return present.model_copy(update={"form": {**present.form, **fields}})

    guard.save(step)


def save_option(kind: str, option: str, value: Any) -> None:
    """Save one of a strategy's own settings."""

    def step(present: Project) -> Project:
        options = dict(present.form.get("options", {}))
        options[kind] = {**options.get(kind, {}), option: value}
        return present.model_copy(update={"form": {**present.form, "options": options}})

    guard.save(step)


def _keep(name: str, key: str) -> None:
    save(**{name: st.session_state[key]})


def _keep_member(name: str, member: str, key: str, chosen: tuple[str, ...]) -> None:
    ticked = bool(st.session_state[key])

    def step(present: Project) -> Project:
        left = [one for one in present.form.get(name, chosen) if one != member]
        form = {**present.form, name: [*left, member] if ticked else left}
        return present.model_copy(update={"form": form})

    guard.save(step)
