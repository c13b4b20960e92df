"""The recipe itself, as YAML."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

import yaml

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.formats.recipe_json import fitting
from masklab.masks.recipe_file import brief, load_content
from masklab.masks.rules.painted import Painted

MAX_BYTES = 16_000_000
MAX_EVENTS = 400_000
"""Most pieces of a text; a stroke has up to twelve."""
MAX_DEPTH = 20
_START = re.compile(r"^(---|%YAML|layers\s*:|schema_version\s*:)", re.MULTILINE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class RecipeYaml(MaskFormat):
    """The layers with the settings that are not as they come."""

    title: ClassVar[str] = "Recipe (YAML)"
    explanation: ClassVar[str] = (
        "The same layers, easier to read and to edit; what is as it comes is left out."
    )
    ending: ClassVar[str] = ".mask.yaml"
    mime: ClassVar[str] = "application/yaml"
    holds: ClassVar[Literal["mask", "recipe"]] = "recipe"

    kind: Literal["recipe_yaml"] = "recipe_yaml"

    def write(self, masked: Masked) -> bytes:
        """Return the recipe; raise `MaskError` if it has more strokes than are read again."""
        if problem := self.too_much(masked):
            raise MaskError(problem)
        whole = brief(masked.recipe)
        text = yaml.dump(whole, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)
        return str(text).encode()

    def too_much(self, masked: Masked) -> str:
        """Return a sentence if there are more strokes than are read again."""
        rules = (layer.rule for layer in masked.recipe.layers)
        strokes = sum(len(rule.strokes) for rule in rules if isinstance(rule, Painted))
        if strokes * 12 < MAX_EVENTS - 100_000:
            return ""
        return f"{strokes:,} strokes are too many for YAML. Save the recipe as JSON."

    def claims(self, head: Head) -> bool:
        """Return whether a line begins as recipes in YAML do."""
        return head.text[:1] not in "{[" and _START.search(head.text) is not None

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the layers that fit the panel; notes say what was left out."""
        return fitting(self.kind, load_content(_content(data)), panel)


def _content(data: bytes) -> Any:
    """Return what a YAML text holds, as JSON could hold it: no tags, no aliases, nothing deep."""
    if len(data) > MAX_BYTES:
        raise MaskError(
            f"The YAML text has {len(data) / 1e6:.0f} MB; MaskLab reads up to "
            f"{MAX_BYTES / 1e6:.0f} MB. Save the recipe as JSON."
        )
    try:
        text = data.decode("utf-8-sig")
        _check(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise MaskError(f"The recipe is not valid YAML: {_problem(error)}.") from None
    except UnicodeDecodeError as error:
        raise MaskError(
            f"The recipe is not UTF-8 text ({error.reason}). Save it as UTF-8."
        ) from None
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        # What PyYAML fails on in numbers and dates: 0x_, 5,000 digits, the 31st of February.
        raise MaskError(
            "The recipe holds a number or date that YAML can't turn into a value "
            f"({str(error)[:80]}). Put texts in quotes."
        ) from None


def _check(text: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if number > MAX_EVENTS:
            raise MaskError(
                f"The YAML text has more than {MAX_EVENTS:,} pieces. Save the recipe as JSON."
            )
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            raise MaskError(
                f"The recipe uses a YAML anchor or alias, {str(anchor)[:60]!r}; a few lines of them can "
                "unfold into billions of entries. Write the value out."
            )
        if tag:
            raise MaskError(
                f"The recipe uses a YAML tag, {str(tag)[:60]!r}, which can make Python "
                "objects. Remove it."
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise MaskError(f"The recipe is nested more than {MAX_DEPTH} levels deep. Flatten it.")


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    words = str(getattr(error, "problem", None) or error).splitlines()[0][:120]
    return f"{words} in line {mark.line + 1}, column {mark.column + 1}" if mark else words
