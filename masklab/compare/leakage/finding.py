"""What an audit finds: one result a check, with its evidence, as values that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["passed", "failed", "not applicable", "note"]

ORDER: tuple[Status, ...] = ("failed", "note", "passed", "not applicable")
"""What a reader should see first."""

VERSION = 1
"""Rises when the checks change; results of another version are not shown."""


@dataclass(frozen=True)
class Example:
    """The worst window of a check: its prediction before and after, in scaled units.

    `window`: its number, from 1, of those of its part; `row`: the data's row, from 1, and `time` of
    what was predicted where the change is largest. `steps`: of the window or the horizon, from 1.
    None stands for what is not a number.
    """

    window: int
    part: str
    row: int | None
    time: str
    channel: str
    steps: tuple[int, ...]
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]


@dataclass(frozen=True)
class Check:
    """One check of a run; `said` is a sentence, `evidence` what was counted, its unit in the name."""

    name: str
    status: Status
    said: str
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)
    example: Example | None = None


@dataclass(frozen=True)
class Audit:
    """All checks of one run, in the order of `about.CHECKS`; `weights`: SHA-256 of those audited."""

    run: str
    strategy: str
    seed: int
    checks: tuple[Check, ...]
    weights: str = ""
    seconds: float = 0.0
    version: int = VERSION

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that found a leak."""
        return tuple(one for one in self.checks if one.status == "failed")

    @property
    def counted(self) -> int:
        """How many checks say passed or failed."""
        return sum(one.status in {"passed", "failed"} for one in self.checks)

    @property
    def badge(self) -> str:
        """The result in a few words."""
        return in_words(len(self.failed), self.counted)

    def check(self, name: str) -> Check:
        """Return the check of that name; raise `KeyError` if there is none."""
        for one in self.checks:
            if one.name == name:
                return one
        raise KeyError(name)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON value; `from_json` gives the audit back."""
        return asdict(self) | {"failed": len(self.failed), "counted": self.counted}


def from_json(told: Mapping[str, Any]) -> Audit:
    """Return the audit that `as_json` told of."""
    checks = tuple(
        Check(
            one["name"],
            one["status"],
            one["said"],
            one["evidence"],
            _example(one["example"]) if one["example"] else None,
        )
        for one in told["checks"]
    )
    names = ("run", "strategy", "seed", "weights", "seconds", "version")
    return Audit(checks=checks, **{name: told[name] for name in names})


def in_words(failed: int, counted: int) -> str:
    """Return a result in a few words: "2 of 11 failed", "passed 11 of 11"."""
    return f"{failed} of {counted} failed" if failed else f"passed {counted} of {counted}"


def told(value: float) -> float | str:
    """Return a number that JSON can hold, of four digits; words for one that is not finite."""
    return float(f"{value:.4g}") if math.isfinite(value) else "not a number"


def _example(told_of: Mapping[str, Any]) -> Example:
    lists = ("steps", "before", "after")
    return Example(**{**told_of, **{name: tuple(told_of[name]) for name in lists}})
