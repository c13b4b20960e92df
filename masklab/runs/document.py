"""Load a YAML or JSON text that may come from anyone: bounded, without aliases or tags."""

from __future__ import annotations

from typing import Any

import yaml

from masklab.errors import ExperimentError

_LONGEST = 5_000_000
_DEEPEST = 40


class _Loader(yaml.SafeLoader):
    """SafeLoader that reads dates as text and refuses a setting that is given twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
        first: [(tag, form) for tag, form in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                line = key.start_mark.line + 1
                raise ExperimentError(
                    f"The setting {name!r} is given twice, again in line {line}. Remove one."
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def load_document(text: str) -> dict[str, Any]:
    """Return the settings that a YAML or JSON text holds.

    Raises `ExperimentError` if it is too long or too deep, uses aliases, is no YAML, or is not a
    group of settings. Aliases are refused: a few lines of them unfold into billions of entries.
    """
    if len(text) > _LONGEST:
        raise ExperimentError(
            f"The experiment's text has {len(text):,} characters; at most {_LONGEST:,} are read. "
            "Shorten its recipe."
        )
    try:
        _check_events(text)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ExperimentError(f"The experiment is not valid YAML: {_problem(error)}.") from None
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        # PyYAML lets through what its tags and numbers fail on: 0x_, !!bool maybe, 5,000 digits.
        raise ExperimentError(
            "The experiment holds a number or tag that YAML can't turn into a value "
            f"({type(error).__name__}: {str(error)[:80]}). Put texts in quotes, and use no !! tags."
        ) from None
    if not isinstance(content, dict):
        raise ExperimentError(
            f"An experiment is a group of settings such as data, task and strategies; the text "
            f"holds {'nothing' if content is None else type(content).__name__}."
        )
    return content


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise ExperimentError(
                f"The experiment uses a YAML alias, *{event.anchor}; aliases are not allowed. "
                "Write the value out."
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ExperimentError(
                f"The experiment is nested more than {_DEEPEST} levels deep. Flatten it."
            )


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{words} in line {mark.line + 1}, column {mark.column + 1}" if mark else words
