"""Mask recipes as JSON text: saved, loaded with one clear sentence for each defect, and fitted."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import RULES, Layer, MaskRecipe

MAX_BYTES = 32_000_000
"""Longest recipe that is read: about 200,000 painted strokes."""

MAX_FIELDS, MAX_ENTRIES = 100, 50_000

_CLAIMS = {
    "tuple_type": "should be a list",
    "float_parsing": "should be a number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "finite_number": "should be a finite number",
    "model_type": "should be an object with fields",
    "model_attributes_type": "should be an object with fields",
}
"""Plain words where pydantic speaks of Python."""

_WHOSE = re.compile(r"^(Input|String|Tuple|Value) | after validation")


def dump_recipe(recipe: MaskRecipe) -> str:
    """Return the recipe as JSON text; `load_recipe` gives the same recipe back."""
    return recipe.model_dump_json(indent=2) + "\n"


def brief(recipe: MaskRecipe) -> dict[str, Any]:
    """Return the recipe as JSON values, without settings that are as they come.

    `load_content` gives the same recipe back.
    """
    return {"schema_version": 1, "layers": [_brief(layer) for layer in recipe.layers]}


def _brief(layer: Layer) -> dict[str, Any]:
    given = layer.model_dump(mode="json", exclude_defaults=True)
    given["rule"] = {"kind": layer.rule.kind, **given.get("rule", {})}
    # What comes by itself may hang on the rule: then all settings are told.
    return given if Layer.model_validate(given) == layer else layer.model_dump(mode="json")


def load_recipe(text: str | bytes) -> MaskRecipe:
    """Return the recipe that JSON text holds.

    Raises `MaskError` with one sentence: what is wrong, in which layer and field, and what to do.
    """
    return load_content(_parse(text))


def load_content(content: Any) -> MaskRecipe:
    """Return the recipe in the content of a JSON or YAML text; raise `MaskError` as `load_recipe`."""
    try:
        return MaskRecipe.model_validate(_checked(content))
    except ValidationError as error:
        raise MaskError(f"The recipe can't be used: {explained(error, capital=False)}") from error


def explained(error: ValidationError, *, capital: bool = True) -> str:
    """Return the first defect of a recipe, layer or rule as one sentence, and how many follow."""
    details = error.errors(include_url=False)
    more = f" ({len(details) - 1} more like this.)" if len(details) > 1 else ""
    sentence = _sentence(details[0])
    return f"{sentence[0].upper() if capital else sentence[0]}{sentence[1:]}{more}"


def fits(recipe: MaskRecipe, panel: Panel) -> list[str]:
    """Return a sentence for each thing in the recipe that the panel can't serve; empty if it fits.

    Layers that are switched off are looked at too.
    """
    return [
        f"Layer {number} ({layer.label}): {problem}"
        for number, layer in enumerate(recipe.layers, start=1)
        for problem in layer.misfits(panel)
    ]


def fitted(recipe: MaskRecipe, panel: Panel) -> MaskRecipe:
    """Return what of the recipe the panel can serve; `fits` says what was left out.

    A layer keeps those of its channels, and those of its strokes, that the panel has; it goes
    where none is left.
    """
    kept = (layer.fitted(panel) for layer in recipe.layers)
    return recipe.model_copy(update={"layers": tuple(one for one in kept if one is not None)})


def _parse(text: str | bytes) -> Any:
    size = len(text)
    if size > MAX_BYTES:
        raise MaskError(
            f"The recipe has {size / 1e6:.0f} MB; MaskLab reads recipes up to "
            f"{MAX_BYTES / 1e6:.0f} MB. Choose the JSON file that MaskLab saved."
        )
    try:
        raw = text if isinstance(text, str) else text.decode("utf-8-sig")
        return from_json(raw.removeprefix("\ufeff"))
    except ValueError as error:  # UnicodeDecodeError among them
        raise MaskError(
            f"The recipe is not JSON text ({error}). Choose a file that MaskLab saved."
        ) from error


def _checked(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise MaskError(
            f"A recipe is an object with `schema_version` and `layers`; this is "
            f"{_shown(content)}. Choose a file that MaskLab saved."
        )
    _check_sizes(content)
    version = content.get("schema_version", 1)
    if version != 1 or isinstance(version, bool):
        raise MaskError(
            f"The recipe has the version {_shown(version)}; this MaskLab reads version 1. "
            "Use the MaskLab that saved it, or a newer one."
        )
    return content


def _check_sizes(content: dict[str, Any]) -> None:
    """Refuse what is far too long before pydantic looks at every bit of it, which takes seconds."""
    waiting: list[Any] = [content]
    while waiting:
        one = waiting.pop()
        what, most = ("fields", MAX_FIELDS) if isinstance(one, dict) else ("entries", MAX_ENTRIES)
        if len(one) > most:
            raise MaskError(
                f"The recipe has {len(one):,} {what} in one place; MaskLab reads up to {most:,}. "
                "Choose the JSON file that MaskLab saved."
            )
        inner = one.values() if isinstance(one, dict) else one
        waiting += [value for value in inner if isinstance(value, dict | list)]


def _sentence(detail: ErrorDetails) -> str:
    """Return where the first defect lies and what it is, as one sentence."""
    place, field = _place(detail["loc"])
    match detail["type"]:
        case "union_tag_invalid":
            tag = _shown(detail.get("ctx", {}).get("tag"))
            return f"{place}there is no rule {tag}; there are {', '.join(RULES)}."
        case "union_tag_not_found":
            return f"{place}the rule needs a `kind`, one of {', '.join(RULES)}."
        case "extra_forbidden":
            return f"{place}the field `{field}` is unknown; remove it or mend its spelling."
        case "missing":
            return f"{place}the field `{field}` is missing; add it."
        case "value_error":
            about = f"in field `{field}`, " if field and field != "rule" else ""
            return f"{place}{about}{detail['msg'].removeprefix('Value error, ')}."
        case _:
            claim = _CLAIMS.get(detail["type"]) or _WHOSE.sub("", detail["msg"])
            return f"{place}the field `{field}` {claim}, but is {_shown(detail['input'])}."


def _place(loc: tuple[int | str, ...]) -> tuple[str, str]:
    """Return 'Layer 2, ' (or nothing) and the field's name, with stroke numbers from 1."""
    steps = list(loc)
    place = ""
    if len(steps) >= 2 and steps[0] == "layers" and isinstance(steps[1], int):
        place = f"layer {steps[1] + 1}, "
        steps = steps[2:]
        if len(steps) >= 2 and steps[0] == "rule":  # then the kind, which is no field
            steps = steps[2:] or ["rule"]
    words = [f"{one + 1}" if isinstance(one, int) else one for one in steps]
    return place, _shorten(" ".join(words) or "rule", 80)


def _shown(value: object) -> str:
    if isinstance(value, dict | list | tuple):
        return f"a {'object' if isinstance(value, dict) else 'list'} of {len(value)}"
    return _shorten(repr(value), 60)


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
