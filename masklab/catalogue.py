"""Find the members of a family: one file in a package is one feature.

Rules, generators, strategies, executors and lessons are families: a folder with a base class,
and one file for each member. A member is a pydantic model with a literal field `kind`; adding
a file adds the member to menus, command line, schema, contract tests and documentation.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Annotated, Any, TypeVar, Union

from pydantic import BaseModel, Field

M = TypeVar("M", bound=BaseModel)


@cache
def members(package: str, base: type[M]) -> dict[str, type[M]]:
    """Return the members of the family `base` in `package` by their `kind`, in file order.

    Modules whose name starts with an underscore are not searched. Raises `TypeError` if two
    members share a kind: that is a mistake of ours.
    """
    found: dict[str, type[M]] = {}
    folder = importlib.import_module(package)
    for entry in pkgutil.iter_modules(folder.__path__):
        if entry.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{entry.name}")
        for value in vars(module).values():
            if not isinstance(value, type) or not issubclass(value, base):
                continue
            if value.__module__ != module.__name__ or "kind" not in value.model_fields:
                continue
            kind = value.model_fields["kind"].default
            if not isinstance(kind, str):
                continue
            if kind in found:
                raise TypeError(f"Two members of {package} have the kind {kind!r}.")
            found[kind] = value
    return found


def union(*families: dict[str, Any]) -> Any:
    """Return the discriminated union of all members of the given families, for pydantic."""
    classes = tuple(cls for family in families for cls in family.values())
    return Annotated[Union[classes], Field(discriminator="kind")]  # noqa: UP007
