"""Forms from models: a widget for each field of a pydantic model, chosen by its type and bounds."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

Keep = Callable[[str, Any], None]
"""Takes a field's name and new value; called in a callback, before the page is drawn again."""

_LARGEST = 2**53 - 1  # a browser's numbers hold no more
_FIRST_DAY, _LAST_DAY = date(1700, 1, 1), date(2300, 1, 1)


@dataclass(frozen=True)
class Shape:
    """What kind of value a field holds: its type without None, and the choices if it has any."""

    base: Any
    optional: bool
    many: bool
    choices: tuple[Any, ...]


@dataclass(frozen=True)
class Manner:
    """How a field is drawn.

    `least`: a number below its lower bound can't be typed; otherwise it is for `keep` to say so.
    `buttons`: a choice of two or three stands side by side. `disabled`: it can't be changed.
    `live` draws what drags a number: for a share all of its widget, else what stands under its box.
    """

    least: bool = True
    buttons: bool = True
    disabled: bool = False
    live: Callable[[Slot, FieldInfo, Any], None] | None = None


@dataclass(frozen=True)
class Slot:
    """A field's place in a form: its label and help, its widget's key, who takes its changes."""

    name: str
    label: str
    help: str | None
    key: str
    keep: Keep
    manner: Manner = Manner()

    def showing(self, value: Any, read: Callable[[Any], Any] = lambda one: one) -> dict[str, Any]:
        """Make the widget show a value; return its arguments. `read` turns it back into a field's."""
        st.session_state[self.key] = value
        return {
            "label": self.label,
            "help": self.help,
            "key": self.key,
            "on_change": _changed,
            "args": (self, read),
            "disabled": self.manner.disabled,
        }


Widget = Callable[[Slot, Any], None]
"""Draws one field that shows a value, where a plain form has no widget for it."""


def form(  # noqa: PLR0913 (a model, its values, and how and where they go)
    model: type[BaseModel],
    values: dict[str, Any],
    *,
    key: str,
    keep: Keep,
    widgets: Mapping[str, Widget] | None = None,
    manner: Manner = Manner(),
) -> None:
    """Draw a widget for each field that a widget can hold; `kind` and nested models are left out.

    The widgets show `values`; a change is handed to `keep`, which decides what becomes of it.
    A field's `json_schema_extra` may name one of `widgets` as its `widget`, and say `when` it
    counts, as the values that another field must have; it is left out otherwise.
    """
    fields = {
        name: field
        for name, field in model.model_fields.items()
        if name != "kind" and drawable(field) and counts(field, values)
    }
    field_inputs(fields, values, key=key, keep=keep, manners=lambda _: manner, widgets=widgets)


def field_inputs(  # noqa: PLR0913 (fields, their values, and how and where they go)
    fields: Mapping[str, FieldInfo],
    values: Mapping[str, Any],
    *,
    key: str,
    keep: Keep,
    manners: Callable[[str], Manner] = lambda _: Manner(),
    widgets: Mapping[str, Widget] | None = None,
) -> None:
    """Draw a widget for each of these fields, as `form` does; `manners` says how, by name."""
    waiting = list(fields)
    while waiting:
        # Neighbouring numbers, a range's bounds say, share a line; a date needs one of its own.
        pair = [name for name in waiting[:2] if is_short(fields[name])]
        names = pair if len(pair) == 2 else waiting[:1]
        columns = st.columns(len(names), vertical_alignment="bottom")
        for name, column in zip(names, columns, strict=True):
            with column:
                field_input(
                    name, fields[name], values[name], key=f"{key}.{name}", keep=keep,
                    manner=manners(name), widgets=widgets,
                )  # fmt: skip
        waiting = waiting[len(names) :]


def field_input(  # noqa: PLR0913 (a field, its value and where they go)
    name: str,
    field: FieldInfo,
    value: Any,
    *,
    key: str,
    keep: Keep,
    manner: Manner = Manner(),
    widgets: Mapping[str, Widget] | None = None,
) -> None:
    """Draw the widget of one field; its title, unit and description come from the field."""
    shape, unit = shape_of(field), extra(field).get("unit")
    label = field.title or name.replace("_", " ").capitalize()
    label = f"{label} ({unit})" if unit else label
    slot = Slot(name, label, field.description, key, keep, manner)
    own = (widgets or {}).get(extra(field).get("widget", ""))
    if own:
        own(slot, value)
    elif shape.choices:
        _choice(slot, shape, value, extra(field).get("words", {}))
    elif shape.many:
        _list(slot, shape, value, extra(field).get("placeholder", "Type a number"))
    elif shape.base is bool:
        st.toggle(**slot.showing(value, bool))
    elif shape.base is date:
        st.date_input(
            min_value=_FIRST_DAY, max_value=_LAST_DAY, format="YYYY-MM-DD", **slot.showing(value)
        )
    elif shape.base is str:
        st.text_input(**slot.showing(value))
    elif unit == "%" and manner.live:
        manner.live(slot, field, value)
    elif unit == "%":
        st.slider(
            min_value=0.0, max_value=100.0, step=0.1, format="%.1f",
            **slot.showing(round(100 * value, 4), lambda share: round(share / 100, 8)),
        )  # fmt: skip
    else:
        _numeric(slot, field, shape, value)
        if manner.live:
            manner.live(slot, field, value)


def drawable(field: FieldInfo) -> bool:
    """Whether a widget can hold the field: a number, choice, date, text, yes or no, or a list."""
    shape = shape_of(field)
    return bool(shape.choices) or shape.base in (bool, int, float, str, date)


def shape_of(field: FieldInfo) -> Shape:
    """Return what kind of value a field holds."""
    annotation, optional, many = field.annotation, False, False
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [one for one in get_args(annotation) if one is not type(None)]
        optional = len(inner) < len(get_args(annotation))
        annotation = inner[0] if len(inner) == 1 else None
    if get_origin(annotation) is tuple:
        many, annotation = True, get_args(annotation)[0]
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    annotation = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    base = None if many and annotation not in (float, str) and not choices else annotation
    return Shape(base, optional, many, choices)


def is_short(field: FieldInfo) -> bool:
    """Whether two such fields fit on one line: numbers that are no percentages."""
    shape = shape_of(field)
    return shape.base in (int, float) and not shape.many and extra(field).get("unit") != "%"


def _choice(slot: Slot, shape: Shape, value: Any, said: Mapping[Any, str]) -> None:
    if shape.many:
        st.multiselect(options=shape.choices, placeholder="All", **slot.showing(list(value), tuple))
        return
    words: dict[str, Any] = {
        "options": shape.choices,
        "format_func": lambda one: _sentence(said.get(one, one)),
    }
    if len(shape.choices) <= 3 and slot.manner.buttons:
        st.segmented_control(required=True, **words, **slot.showing(value))
    else:
        st.selectbox(**words, **slot.showing(value))


def _list(slot: Slot, shape: Shape, value: Any, placeholder: str) -> None:
    """Draw a list of numbers or texts to which more can be typed, several at once too."""
    texts = [f"{one:.12g}" if isinstance(one, float) else str(one) for one in value]

    def read(chosen: list[str]) -> tuple[Any, ...]:
        if shape.base is float:
            return tuple(_number(one) for one in chosen)
        return tuple(
            dict.fromkeys(word for one in chosen for word in re.split(r"[\s,;]+", one) if word)
        )

    st.multiselect(
        options=texts, accept_new_options=True, placeholder=placeholder,
        **slot.showing(texts, read),
    )  # fmt: skip


def _numeric(slot: Slot, field: FieldInfo, shape: Shape, value: Any) -> None:
    whole = shape.base is int
    kind: Callable[[Any], Any] = int if whole else float
    low, high = bounds(field)
    low = low if slot.manner.least else -math.inf

    def read(one: Any) -> Any:
        return None if one is None else kind(one)

    arguments: dict[str, Any] = {
        "min_value": kind(max(low, -_LARGEST)) if whole or math.isfinite(low) else None,
        "max_value": kind(min(high, _LARGEST)) if whole or math.isfinite(high) else None,
        "value": None if shape.optional else "min",
        "step": 1 if whole else extra(field).get("step", _step(value)),
        "format": "%d" if whole else "%.10g",
        "placeholder": extra(field).get("empty", "none") if shape.optional else None,
    }
    st.number_input(**arguments, **slot.showing(read(value), read))


def _changed(slot: Slot, read: Callable[[Any], Any]) -> None:
    slot.keep(slot.name, read(st.session_state[slot.key]))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _number(text: str) -> Any:
    """Return the number that a text holds; the text itself where it holds none, to be refused."""
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        return text


def bounds(field: FieldInfo) -> tuple[float, float]:
    """Return the least and the greatest value of a field; infinite where it has no bound."""
    low, high = -math.inf, math.inf
    for one in field.metadata:
        low = next((getattr(one, name) for name in ("ge", "gt") if hasattr(one, name)), low)
        high = next((getattr(one, name) for name in ("le", "lt") if hasattr(one, name)), high)
    return low, high


def _step(value: float | None) -> float:
    """Return a step of about a tenth of the value's size."""
    size = abs(value or 0.0)
    return float(10.0 ** (math.floor(math.log10(size)) - 1)) if size > 0 else 1.0


def counts(field: FieldInfo, values: Mapping[str, Any]) -> bool:
    """Whether a field counts beside these values of the others."""
    needs = extra(field).get("when", {})
    return all(values.get(name) in allowed for name, allowed in needs.items())


def extra(field: FieldInfo) -> dict[str, Any]:
    """Return what a field says to forms beside its type: its unit, step, words, widget."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
