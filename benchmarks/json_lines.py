"""Results as lines of JSON in a file that is added to: what is there is not computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import machine


class JsonLines:
    """The lines of a file, or of this process alone where there is none."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        text = path.read_text(encoding="utf-8") if path is not None and path.exists() else ""
        self.lines: list[dict[str, Any]] = [json.loads(one) for one in text.splitlines() if one]
        facts: Any = machine.facts("")
        self._facts = {"processor": facts["processor"], "torch": facts["versions"]["torch"]}

    def has(self, key: Mapping[str, Any]) -> bool:
        """Return whether a line agrees with all of `key`."""
        return any(all(one.get(name) == value for name, value in key.items()) for one in self.lines)

    def add(self, line: Mapping[str, Any]) -> None:
        """Keep a line, and write it at once."""
        told = {**line, **self._facts}
        self.lines.append(told)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")
