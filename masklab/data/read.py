"""Read a file into series: the one entry for files of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from masklab.data.build import build
from masklab.data.columns import Roles, roles
from masklab.data.files import Source
from masklab.data.log import Fix, Log, Problem
from masklab.data.options import ReadOptions
from masklab.data.series import Panel, TimeSeries
from masklab.data.tables import Table, table
from masklab.errors import ReadError

__all__ = ["Fix", "Problem", "ReadOptions", "Reading", "load", "read", "read_panel"]


@dataclass(frozen=True, eq=False)
class Reading:
    """One attempt to read a file: as far as it came, with problems and notes.

    `options` has every guess filled in: reading with them again gives the same panel.
    """

    options: ReadOptions
    panel: Panel | None = None
    table: Table | None = None
    roles: Roles | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read(path: Source, options: ReadOptions | None = None, **overrides: Any) -> TimeSeries:
    """Read the one series of a file.

    `overrides` replace fields of the options by name. Raises `ReadError` if the file can't be read,
    and if it holds several series.
    """
    panel = read_panel(path, options, **overrides)
    if len(panel) > 1:
        names = ", ".join(repr(name) for name in panel.names[:3])
        raise ReadError(
            f"The file holds {len(panel)} series ({names}...). Use read_panel for all of them, or "
            "series='' to read the rows as one series."
        )
    return panel[0]


def read_panel(path: Source, options: ReadOptions | None = None, **overrides: Any) -> Panel:
    """Read all series of a file. Raises `ReadError` with the first problem and their number."""
    reading = load(path, _with(options or ReadOptions(), overrides))
    if reading.panel is None:
        first, *others = [problem.text for problem in reading.problems]
        more = f" ({len(others)} more: {' '.join(others)})" if others else ""
        raise ReadError(first + more)
    return reading.panel


def load(source: Source, options: ReadOptions | None = None, name: str | None = None) -> Reading:
    """Read a file as far as it goes; what stands in the way is in `problems`, nothing is raised."""
    log = Log()
    options = options or ReadOptions()
    found: Table | None = None
    guessed: Roles | None = None
    panel: Panel | None = None
    try:
        found = table(source, options, log)
        options = found.options
        guessed = roles(found, log)
        built = build(found, guessed, name or _name(source), log)
        options = _settled(options, guessed, built.found if built else {})
        panel = built.panel if built else None
    except ReadError:
        pass  # the log has it, with its ways out
    if options.decimal and any(
        "decimal" in fix.change for one in log.problems for fix in one.fixes
    ):
        options = options.model_copy(update={"decimal": None})  # the guess is the question
    return Reading(options, panel, found, guessed, tuple(log.problems), tuple(log.notes))


def _with(options: ReadOptions, overrides: dict[str, Any]) -> ReadOptions:
    try:
        return ReadOptions.model_validate({**options.model_dump(), **overrides})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReadError(
            f"There is no way to read with {place}={first['input']!r}: {first['msg']}. "
            f"The options are {sorted(ReadOptions.model_fields)}."
        ) from error


def _settled(options: ReadOptions, roles: Roles, found: dict[str, Any]) -> ReadOptions:
    """Return the options with every guess written down."""
    columns = roles.time.columns
    update: dict[str, Any] = {
        "layout": roles.layout,
        "clock": "step" if roles.time.by_steps else "time",
        "time": columns[0] if len(columns) == 1 else None,
        "time_parts": columns if len(columns) > 1 else None,
        "series": roles.series or "",
        "channels": roles.channels,
        "variable": roles.variable,
        "value": roles.value,
        **found,
    }
    return options.model_copy(update=update)


def _name(source: Source) -> str:
    if isinstance(source, str | Path):
        return Path(source).name.split(".")[0] or "series"
    return "series"
