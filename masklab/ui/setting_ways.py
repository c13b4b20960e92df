"""Ways out that change what the Train page is set to."""

from __future__ import annotations

from collections.abc import Sequence

from masklab.ui.guard import Step
from masklab.ui.project import Project
from masklab.ui.ways_out import Way


def set_window(length: int) -> Way:
    """Return the way out by a window of so many steps."""
    return Way(f"Set the window to {length:,} steps", with_fields(window=length))


def with_fields(**fields: int) -> Step:
    """Return the step that sets fields of the Train form."""

    def step(project: Project) -> Project:
        return project.model_copy(update={"form": {**project.form, **fields}})

    return step


def with_option(kind: str, collapse: str) -> Step:
    """Return the step that sets how a strategy counts a step as usable."""

    def step(project: Project) -> Project:
        options = dict(project.form.get("options", {}))
        options[kind] = {**options.get(kind, {}), "collapse": collapse}
        return project.model_copy(update={"form": {**project.form, "options": options}})

    return step


def with_indicator(chosen: Sequence[str]) -> Step:
    """Return the step that ticks `indicator` beside what is ticked, or else `chosen`."""

    def step(project: Project) -> Project:
        ticked = [*project.form.get("strategies", chosen)]
        form = {**project.form, "strategies": [*dict.fromkeys([*ticked, "indicator"])]}
        return project.model_copy(update={"form": form})

    return step
