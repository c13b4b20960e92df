"""What the list of layers asks for, checked, and what each wish makes of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from masklab.errors import MaskError
from masklab.masks.layers import Layer
from masklab.ui.layer_edits import changed, duplicated, moved, removed, with_fields
from masklab.ui.layer_names import Named, named
from masklab.ui.painter.operations import sender
from masklab.ui.project import Project

FIELDS = ("name", "enabled", "locked", "colour")
"""The fields of a layer that its row sets."""
WISHES_MOST = 200
GONE = "That layer was changed elsewhere meanwhile; here is its newest state."


@dataclass(frozen=True)
class Wish:
    """One wish of a list; `layer` is the number of the layer it means (`Named`).

    `to` is the place to move to, from 0. `field` and `value` are set by "set".
    """

    client: str
    number: int
    action: str
    layer: int = 0
    to: int = 0
    field: str = ""
    value: Any = None


def read_wishes(message: Any, served: Mapping[str, int]) -> list[Wish]:
    """Return the wishes of a message that are not served yet; a malformed one is "refused"."""
    entries = message[:WISHES_MOST] if isinstance(message, list) else []
    return [
        _wish(entry, *who)
        for entry in entries
        if (who := sender(entry)) is not None and who[1] > served.get(who[0], 0)
    ]


def _wish(entry: dict[str, Any], client: str, number: int) -> Wish:
    action, layer = entry.get("action"), entry.get("layer", 0)
    to, field, value = entry.get("to", 0), entry.get("field", ""), entry.get("value")
    sound = (
        action in ("undo", "redo", "move", "set", "duplicate", "remove")
        and type(layer) is int
        and type(to) is int
        and (action != "set" or field in FIELDS)
    )
    if not sound:
        return Wish(client, number, "refused")
    return Wish(client, number, str(action), layer, to, str(field), value)


def carried_out(wish: Wish, project: Project, names: Named) -> tuple[Project, Named]:
    """Return the project and its layers' numbers after a wish; raise `MaskError` if it can't be."""
    if wish.action in ("undo", "redo"):
        return _after(project.moved(-1 if wish.action == "undo" else 1), names)
    if wish.action == "refused":
        raise MaskError("The list of layers asked for something unknown. Load the page again.")
    place = names.place(wish.layer)
    if place is None:
        raise MaskError(GONE)
    recipe = project.recipe
    match wish.action:
        case "move":
            recipe = moved(recipe, place, wish.to)
        case "set":
            recipe = changed(recipe, place, _set(wish.field, wish.value))
        case "duplicate":
            recipe = duplicated(recipe, place)
        case "remove":
            recipe = removed(recipe, place)
    return _after(project.with_recipe(recipe), names)


def _set(field: str, value: Any) -> Any:
    def change(layer: Layer) -> Layer:
        # A name that says what the rule says anyway is none: it would not follow the rule.
        named_so = field == "name" and isinstance(value, str) and value.strip() == layer.label
        if named_so and not layer.name:
            return layer
        kept = value.strip() if field == "name" and isinstance(value, str) else value
        return with_fields(**{field: kept})(layer)

    return change


def _after(project: Project, names: Named) -> tuple[Project, Named]:
    return project, named(names, project.recipe.layers)
