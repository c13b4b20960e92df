"""Missing cells, and values that a device writes where it has none."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import FailFast, Field

from masklab.data.sentinels import suspected
from masklab.data.series import Panel
from masklab.masks.rule import Family, Rule, Scene


class Sentinel(Rule):
    """Select cells that hold one of `values` exactly, and cells that the file lacks."""

    title: ClassVar[str] = "Missing and sentinel values"
    explanation: ClassVar[str] = (
        "Hides cells that hold a stand-in for 'no value', such as -999, besides those that the "
        "file lacks."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["sentinel"] = "sentinel"
    values: Annotated[tuple[float, ...], FailFast()] = Field(
        default=(-999.0,), max_length=1000, description="Exact values that mean 'missing'."
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the codes of this data that no channel holds as a genuine value; -999 if none."""
        codes = _codes(panel)
        values = {value for held in codes.values() for value in held}
        safe = sorted(value for value in values if not _is_genuine(value, codes, panel))[:1000]
        return cls(values=tuple(safe)) if safe else cls()

    @classmethod
    def suggested_by_channel(cls, panel: Panel) -> list[tuple[Self, tuple[str, ...]]]:
        """Return rules for this data's codes, and the channels that hold them; empty if none does.

        One rule serves all of those channels, unless a code of one is a genuine value of another.
        """
        codes = _codes(panel)
        values = {value for held in codes.values() for value in held}
        if not any(_is_genuine(value, codes, panel) for value in values):
            groups = {tuple(sorted(values)): tuple(codes)} if values else {}
        else:
            held = sorted(set(codes.values()))
            groups = {one: tuple(name for name in codes if codes[name] == one) for one in held}
        return [(cls(values=found[:1000]), channels) for found, channels in groups.items()]

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return cells equal to one of the values, and native gaps."""
        selected = ~scene.panel.native
        for value in self.values:
            selected |= scene.panel.values == value
        return selected

    def summary(self) -> str:
        """Return the rule in a few words: 'missing or -999'."""
        return " or ".join(["missing", *(f"{value:g}" for value in self.values)])


def _codes(panel: Panel) -> dict[str, tuple[float, ...]]:
    """Return the values of each channel that look like codes, for channels that hold some."""
    found, _ = suspected(panel)
    return {
        channel: tuple(sorted(one.value for one in found if one.channel == channel))
        for channel in panel.channels
        if any(one.channel == channel for one in found)
    }


def _is_genuine(value: float, codes: dict[str, tuple[float, ...]], panel: Panel) -> bool:
    """Return whether some channel, for which the value is no code, holds it."""
    return any(
        value not in codes.get(channel, ()) and bool((panel.values[:, index] == value).any())
        for index, channel in enumerate(panel.channels)
    )
