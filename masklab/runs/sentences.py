"""Turn what pydantic found wrong with a specification into sentences for its author."""

from __future__ import annotations

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_MOST = 3
_COMPARED = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("greater than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_KINDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text; put it in quotes",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a group of settings",
    "model_type": "a group of settings",
    "model_attributes_type": "a group of settings",
}


def sentences(error: ValidationError, given: Any, root: type[BaseModel]) -> str:
    """Return what is wrong, where, and what to do; the first three of many, and how many more."""
    every = error.errors(include_url=False)
    # Where entries are wrong, pydantic also says that too few are left: that is no second mistake.
    inner = [one["loc"] for one in every]
    found = [one for one in every if not any(_lies_in(loc, one["loc"]) for loc in inner)]
    said = [_sentence(dict(one), given, root) for one in found[:_MOST]]
    more = len(found) - len(said)
    return " ".join([*said, f"({more} more.)"] if more else said)


def _sentence(one: dict[str, Any], given: Any, root: type[BaseModel]) -> str:
    where, kind, context = _path(one["loc"], given), one["type"], one.get("ctx", {})
    if kind == "value_error":
        return _own_words(str(context["error"]), where)
    if kind == "missing":
        return f"{where} is missing. Add it."
    if kind == "extra_forbidden":
        return f"{where} is not a known setting.{_guess(one['loc'], given, root)}"
    if kind == "union_tag_not_found":
        kinds = ", ".join(repr(one) for one in _kinds(one["loc"], root))
        return f"{where} has no kind. Add kind, one of {kinds}."
    if kind == "union_tag_invalid":
        known = context["expected_tags"]
        return f"{where}.kind is {context['tag']!r}; it should be one of {known}."
    return f"{where} is {_shown(one['input'])}; it should {_wanted(kind, context, one['msg'])}."


def _wanted(kind: str, context: dict[str, Any], message: str) -> str:
    if kind in _COMPARED:
        word, name = _COMPARED[kind]
        return f"be {word} {context[name]}"
    if kind in _KINDS:
        return f"be {_KINDS[kind]}"
    if kind == "literal_error":
        return f"be one of {context['expected']}"
    what = "characters" if kind.startswith("string") else "entries"
    if kind in {"too_short", "string_too_short"}:
        return f"have at least {context['min_length']} {what}"
    if kind in {"too_long", "string_too_long"}:
        return f"have at most {context['max_length']} {what}"
    return message.removeprefix("Input should ").removeprefix("Value should ")


def _lies_in(inner: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _path(loc: tuple[int | str, ...], given: Any) -> str:
    """Return `task.horizon` for a location; pydantic's union tags and list marks are left out."""
    words, here = "", given
    for place, step in enumerate(loc):
        last = place == len(loc) - 1
        if isinstance(step, int):
            words += f"[{step}]"
            here = here[step] if isinstance(here, list | tuple) and step < len(here) else None
        elif isinstance(here, dict) and step not in here and not last:
            continue  # the tag of a union, not a key
        else:
            words += f".{step}" if words else step
            here = here.get(step) if isinstance(here, dict) else None
    return words or "The experiment"


def _guess(loc: tuple[int | str, ...], given: Any, root: type[BaseModel]) -> str:
    """Return "Do you mean ...?" where a known setting at the top or in the group reads alike."""
    known = set(root.model_fields)
    for field in root.model_fields.values():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            known |= set(annotation.model_fields)
        for inner in getattr(annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                known |= set(inner.model_fields)
    alike = difflib.get_close_matches(str(loc[-1]), sorted(known), n=1)
    return f" Do you mean {alike[0]}?" if alike else " Remove it, or see `masklab schema`."


def _own_words(message: str, where: str) -> str:
    text = message[:1].upper() + message[1:]
    return text if where == "The experiment" else f"{where}: {text}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kinds(loc: tuple[int | str, ...], root: type[BaseModel]) -> list[str]:
    """Return the kinds of what may stand at a location."""
    here = [root]
    for step in loc:
        if isinstance(step, int):
            continue
        fields = [one.model_fields[step].annotation for one in here if step in one.model_fields]
        inner = [one for annotation in fields for one in _models(annotation)]
        here = inner or [one for one in here if _kind(one) == step]
    return sorted(kind for one in here if isinstance(kind := _kind(one), str))


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _models(part)]


def _kind(model: type[BaseModel]) -> Any:
    return model.model_fields["kind"].default if "kind" in model.model_fields else None
