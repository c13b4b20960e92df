"""The base of everything that a mask can be written to and read from: a format of files."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Int8, Int16
from pydantic import BaseModel, ConfigDict

from masklab.data.options import ReadOptions
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.split import Split

MAX_BYTES = 200 * 2**20
"""The largest file that is read or written."""
_HEAD = 200_000


@dataclass(frozen=True, eq=False)
class Masked:
    """What is written: the recipe in use on its data, with the parts of the split.

    `path`, `reading` and `split` say how the data are read and divided, for code that does it
    again; `name` is what a file may be called; `made` is the recipe's mask where
    it is known already.
    """

    panel: Panel
    recipe: MaskRecipe
    parts: Int8[np.ndarray, "row"] | None = None
    name: str = "mask"
    path: str = ""
    reading: ReadOptions = field(default_factory=ReadOptions)
    split: Split | None = None
    made: Mask | None = field(default=None, repr=False)

    @cached_property
    def mask(self) -> Mask:
        """The mask that the recipe makes; raises `MaskError` if it can't be applied."""
        return self.made or self.recipe.apply(self.panel, self.parts)

    @cached_property
    def hidden(self) -> Bool[np.ndarray, "row channel"]:
        """True where the file has a value and the recipe hides it."""
        return np.asarray(self.panel.native & ~self.mask.observed)

    @cached_property
    def hider(self) -> Int16[np.ndarray, "row channel"]:
        """The number (from 1) of the layer that hid each hidden cell last; 0 for all others."""
        found = np.zeros(self.panel.values.shape, dtype=np.int16, order="F")
        for step in self.recipe.steps(self.panel, self.parts):
            found[step.before & ~step.after] = step.number
        found[~self.hidden] = 0
        return found


@dataclass(frozen=True)
class Incoming:
    """What a file holds for the data it was read for.

    `layers` hide what the file hides, of that which fits the data; `notes` is a sentence for each
    thing that did not fit or that was taken for something. `is_recipe`: the layers are a recipe's
    own, else they are the file's mask.
    """

    kind: str
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    is_recipe: bool = False


@dataclass(frozen=True)
class Head:
    """The beginning of a file, from which its format is told."""

    data: bytes

    @cached_property
    def text(self) -> str:
        """The first characters, without white space before them; empty if they are no text."""
        start = self.data[:_HEAD]
        coding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
        found = start.decode(coding, errors="replace").lstrip()
        return "" if "\0" in found else found

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The fields of the first line, in small letters, by the separator that gives the most."""
        line = next(iter(self.text[:20_000].splitlines()), "")
        split = [next(csv.reader([line], delimiter=sign), []) for sign in ",;\t|"]
        return tuple(field.strip().lower() for field in max(split, key=len))


class MaskFormat(BaseModel, ABC):
    """One format of files; members carry a literal `kind` and have no other field.

    What is written can be read again for the same data, and then hides the same cells.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: ClassVar[str]
    """A few words for menus: 'Intervals (CSV)'."""
    explanation: ClassVar[str]
    """One sentence: what is in it, and what for."""
    ending: ClassVar[str]
    """What a file's name ends with, dots included."""
    mime: ClassVar[str]
    holds: ClassVar[Literal["mask", "recipe"]] = "mask"
    """Whether it holds hidden cells, or the layers that hide them."""
    reads: ClassVar[bool] = True
    """Whether it can be imported."""

    kind: str

    def refuses(self, masked: Masked) -> str:
        """Return why the format can't hold a mask, in a sentence; empty if it can.

        It is quick: what takes long to find out `write` raises.
        """
        try:
            return self.too_much(masked) if self.holds == "recipe" or masked.mask else ""
        except MaskError as error:
            return str(error)

    def too_much(self, masked: Masked) -> str:
        """Return why a mask that can be made is too much for the format; empty if it isn't."""
        return ""

    @abstractmethod
    def write(self, masked: Masked) -> bytes:
        """Return the file; raise `MaskError` if the format can't hold it."""

    def claims(self, head: Head) -> bool:
        """Return whether a file that begins so is of this format."""
        return False

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return what a file holds for a panel; raise `MaskError` or `DataError` if nothing.

        `name` is what the layers are called where the file has no names for them.
        """
        raise NotImplementedError
