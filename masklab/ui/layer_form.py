"""The settings of one layer: its rule's fields, and where and how it acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer
from masklab.masks.recipe_file import explained
from masklab.ui.forms import Manner, Slot, extra, form
from masklab.ui.layer_edits import Change, with_fields
from masklab.ui.live_slider import Preview, Reach, live_slider
from masklab.ui.rule_reach import reach_of, read, shown
from masklab.ui.rule_widgets import rule_widgets
from masklab.words import plain

Save = Callable[[Change], None]
"""Takes what is to be done to the layer, whatever it is by then."""

Would = Callable[[Change], Preview]
"""Says what a change would do."""

_DRAFT = "masklab.layers.draft"
_SCOPES = {"both": "Both", "training": "Training", "validation": "Validation"}
_OPACITY = Reach(10, 100, 5, " %")
_COMBINES = {
    "hide": "Hide them",
    "reveal": "Show them again",
    "and": "Keep hidden only those",
    "xor": "Swap hidden and shown",
}


@dataclass(frozen=True)
class Draft:
    """Fields of a rule that were typed but don't make a rule yet, and why not."""

    layer: Layer
    values: dict[str, Any]
    problem: str


@dataclass(frozen=True)
class Ways:
    """Where what is done to a layer goes: `change` does it, `would` says what it would do.

    `number` is the layer's own (`Named`); `series_on_screen` asks the picture.
    """

    number: int
    change: Save
    would: Would
    series_on_screen: Callable[[], int]


def layer_form(layer: Layer, panel: Panel, ways: Ways, *, key: str) -> None:
    """Draw a layer's settings; each change that makes a valid layer is done.

    A locked layer's settings can be looked at only.

    Fields that contradict each other for the moment (a lower bound above the upper one) are kept
    as typed, with the reason, until they make a rule; the layer stays as it was until then.
    """
    draft = _draft(layer)
    if layer.locked:
        st.info("Locked. The lock in its row opens it for changes.", icon=":material/lock:")
    st.caption(layer.rule.explanation)
    values = {name: getattr(layer.rule, name) for name in type(layer.rule).model_fields}
    form(
        type(layer.rule),
        {**values, **(draft.values if draft else {})},
        key=f"{key}.rule",
        keep=partial(_keep, layer, ways.change),
        widgets=rule_widgets(panel),
        manner=Manner(disabled=layer.locked, live=partial(_drag, layer, panel, ways)),
    )
    if draft:
        st.warning(f"{plain(draft.problem)} Until then the layer stays as it was.")
    _aim(layer, panel, key, ways)
    live_slider(
        "Opacity (%)", round(100 * layer.opacity), _OPACITY, key=f"{key}.opacity",
        keep=lambda share: ways.change(with_fields(opacity=share / 100)),
        preview=lambda share: ways.would(with_fields(opacity=share / 100)),
        help="How strongly its cells are drawn. It changes nothing of the mask.",
        disabled=layer.locked, layer=ways.number,
    )  # fmt: skip


def _drag(  # noqa: PLR0913, PLR0917 (a layer and its data; the field on screen)
    layer: Layer, panel: Panel, ways: Ways, slot: Slot, field: FieldInfo, value: Any
) -> None:
    """Draw what drags a number of the rule, if it can be dragged anywhere."""
    reach = reach_of(layer, slot.name, field, panel)
    if reach is None:
        return
    share = extra(field).get("unit") == "%"
    draft = _draft(layer)

    def preview(dragged: float) -> Preview:
        values = {**(draft.values if draft else {}), slot.name: read(dragged, reach, field)}
        return ways.would(_with_rule(values))

    live_slider(
        slot.label, shown(value, reach), reach, key=slot.key if share else f"{slot.key}.drag",
        keep=lambda dragged: slot.keep(slot.name, read(dragged, reach, field)), preview=preview,
        help=slot.help, typed=share, disabled=slot.manner.disabled, layer=ways.number,
    )  # fmt: skip


def _aim(layer: Layer, panel: Panel, key: str, ways: Ways) -> None:
    def shared(name: str, value: Any) -> dict[str, Any]:
        at = f"{key}.{name}"
        st.session_state[at] = value
        return {
            "key": at,
            "on_change": _set,
            "args": (ways.change, name, at),
            "disabled": layer.locked,
        }

    if len(panel.channels) > 1:
        known = [name for name in layer.channels or () if name in panel.channels]
        st.multiselect(
            "Channels", panel.channels, placeholder=f"All {len(panel.channels)} channels",
            help="The channels this layer acts on.", **shared("channels", known),
        )  # fmt: skip
    if len(panel.names) > 1:
        known = [name for name in layer.series or () if name in panel.names]
        st.multiselect(
            "Series", panel.names, placeholder=f"All {len(panel.names)} series",
            help="The series this layer acts on.", **shared("series", known),
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Only the series on screen", key=f"{key}.this_series", type="tertiary",
                icon=":material/visibility:",
                disabled=layer.locked, on_click=_only_on_screen, args=(panel, ways),
            )  # fmt: skip
            if layer.series is not None:
                st.button(
                    "All series", key=f"{key}.all_series", type="tertiary", disabled=layer.locked,
                    on_click=ways.change, args=(with_fields(series=None),),
                )  # fmt: skip
    st.segmented_control(
        "Rows of", list(_SCOPES), format_func=_SCOPES.__getitem__, required=True, width="stretch",
        help="Which part of the split it acts on. Validation covers the test rows too.",
        **shared("scope", layer.scope),
    )  # fmt: skip
    st.selectbox(
        "What happens to the selected cells", list(_COMBINES), format_func=_COMBINES.__getitem__,
        help="Layers act in their order. 'Keep hidden only those' shows again what earlier layers "
        "hid and this one does not select. Cells that the file lacks stay missing.",
        **shared("combine", layer.combine),
    )  # fmt: skip


def _only_on_screen(panel: Panel, ways: Ways) -> None:
    # Asked at the click: going through series redraws the picture alone.
    ways.change(with_fields(series=(panel.names[ways.series_on_screen()],)))


def _set(change: Save, name: str, key: str) -> None:
    value = st.session_state[key]
    if name in ("channels", "series"):
        value = tuple(value) or None
    change(with_fields(**{name: value}))


def _keep(layer: Layer, change: Save, name: str, value: Any) -> None:
    draft = _draft(layer)
    values = {**(draft.values if draft else {}), name: value}
    try:
        _with_rule(values)(layer)
    except MaskError as error:
        st.session_state[_DRAFT] = Draft(layer, values, str(error))
        return
    st.session_state.pop(_DRAFT, None)
    change(_with_rule(values))


def _with_rule(values: dict[str, Any]) -> Change:
    def change(layer: Layer) -> Layer:
        try:
            rule = type(layer.rule).model_validate({**dict(layer.rule), **values})
        except ValidationError as error:
            raise MaskError(explained(error)) from error
        return layer.model_copy(update={"rule": rule})

    return change


def _draft(layer: Layer) -> Draft | None:
    """Return what was typed for this very layer; after an undo, say, it is another one."""
    draft = st.session_state.get(_DRAFT)
    return draft if isinstance(draft, Draft) and draft.layer == layer else None
