"""The drawer of settings: where the store is, who trains its runs, how often they are secured."""

from __future__ import annotations

import shutil
from typing import Any

import streamlit as st
from pydantic import BaseModel, Field, ValidationError

from masklab.errors import AccessError, StoreError
from masklab.runs.executing import EXECUTORS, choose_executor
from masklab.runs.executing import SETTING as EXECUTOR
from masklab.ui import guard, state, visitor
from masklab.ui.forms import drawable, field_inputs
from masklab.ui.run_words import size
from masklab.ui.words import of
from masklab.words import plain

CHECKPOINTS = "checkpoints"
"""Name of the store's setting; where workers read it, torch is imported."""

_DRAFT = "settings.executor"


class Checkpoints(BaseModel):
    """When a run keeps a checkpoint: after so many epochs or seconds, the sooner of the two."""

    epochs: int | None = Field(
        default=None, ge=1, title="Checkpoint every", json_schema_extra={"unit": "epochs"},
        description="None: only the time counts. Keeping checkpoints takes at most a twentieth of a "
        "run's time when only the time counts.",
    )  # fmt: skip
    seconds: float = Field(
        default=5.0, ge=1, le=86_400, title="or every",
        json_schema_extra={"unit": "s", "step": 1.0},
        description="So much of a run is computed again at most where its process or the machine is "
        "ended.",
    )  # fmt: skip


def settings_panel() -> None:
    """Draw the drawer's content."""
    st.fragment(guard.in_fragment(_panel))()


def _panel() -> None:
    st.subheader("Where everything is kept", anchor=False)
    _folder()
    st.subheader("Who trains", anchor=False)
    _executor()
    st.subheader("Checkpoints", anchor=False)
    st.caption("A run that is paused, stopped or cut off goes on from its last checkpoint.")
    known = state.store().setting(CHECKPOINTS) or {}
    field_inputs(
        Checkpoints.model_fields, dict(Checkpoints(**known)), key="settings.checkpoints",
        keep=_keep_checkpoints,
    )  # fmt: skip
    st.caption("Counts for runs that start from now on.")


def _folder() -> None:
    directory = state.store().directory
    # Who comes from elsewhere, or logs in, has no use for a path of this machine.
    here = state._is_local() and not visitor.is_confined()
    st.code(str(directory) if here else directory.name, language=None, wrap_lines=True)
    disk = shutil.disk_usage(directory)
    share = of(round(disk.free / 1e6), round(disk.total / 1e6)).rpartition(", ")[2]
    st.caption(f"{size(disk.free)} of {size(disk.total)} free on its disk, {share}.")


def _executor() -> None:
    kinds, draft = EXECUTORS, _draft()
    kind = draft["kind"]
    if visitor.is_confined():
        st.markdown(kinds[kind].title)
        st.caption("Who runs this server chooses that.")
        return
    if len(kinds) > 1:
        st.session_state["settings.kind"] = kind
        st.selectbox(
            "Runs are trained by", list(kinds), format_func=lambda one: kinds[one].title,
            key="settings.kind", on_change=_choose,
        )  # fmt: skip
    else:
        st.markdown(kinds[kind].title)
    fields = {
        name: field
        for name, field in kinds[kind].model_fields.items()
        if field.title and drawable(field)
    }
    values = {
        name: draft.get(
            name, "" if field.is_required() else field.get_default(call_default_factory=True)
        )
        for name, field in fields.items()
    }
    field_inputs(fields, values, key=f"settings.executor.{kind}", keep=_keep_executor)
    if st.session_state.get(_DRAFT):
        st.caption(f":material/info: {plain(_problem(draft))} Until then the one before trains.")


def _draft() -> dict[str, Any]:
    """Return the executor that is being chosen, else the one in use."""
    found = st.session_state.get(_DRAFT) or state.store().setting(EXECUTOR) or {}
    return found if found.get("kind") in EXECUTORS else {"kind": "local"}


def _choose() -> None:
    _take({"kind": st.session_state["settings.kind"]})


def _keep_executor(name: str, value: Any) -> None:
    _take({**_draft(), name: value})


def _take(draft: dict[str, Any]) -> None:
    """Put an executor in use, or keep it in this tab until nothing in it is missing or wrong.

    Never for visitors who log in: a process of the server's own account obeys a scheduler's word.
    """
    with guard.told():
        if visitor.is_confined():
            raise AccessError("Who runs this server chooses who trains. Ask them.")
        if _problem(draft):
            st.session_state[_DRAFT] = draft
            return
        st.session_state.pop(_DRAFT, None)
        choose_executor(state.store(), EXECUTORS[draft["kind"]].model_validate(draft))


def _problem(draft: dict[str, Any]) -> str:
    """Return what an executor still lacks, in a sentence; empty if nothing."""
    try:
        EXECUTORS[draft["kind"]].model_validate(draft)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])).replace("_", " ").capitalize()
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        if first["type"] == "string_pattern_mismatch":
            said = f"{first['input']!r} is not written as it should be; its help says how"
        return f"{where}: {said}." if where else f"{said}."
    return ""


def _keep_checkpoints(name: str, value: Any) -> None:
    with guard.told():
        known = state.store().setting(CHECKPOINTS) or {}
        try:
            changed = Checkpoints(**{**known, name: value})
        except ValidationError as error:
            raise StoreError(f"Checkpoints: {error.errors()[0]['msg']}.") from None
        state.store().set_setting(CHECKPOINTS, changed.model_dump())
