"""A warning where experiments on one axis do not compare: other data, split, task or targets."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from masklab.runs.rows import ExperimentRow
from masklab.ui import state
from masklab.ui.markdown import plain


def warn_of_differences(experiments: Sequence[ExperimentRow]) -> None:
    """Say what stands against reading the experiments' scores on one axis."""
    if len(experiments) < 2:
        return
    found = _differences([row.id for row in experiments])
    if found:
        st.warning(
            "\n".join(
                [
                    "These experiments do not compare number by number:",
                    "",
                    *(f"- {plain(one)}" for one in found),
                    "",
                    "Read each experiment's curves against its own baselines.",
                ]
            ),
            icon=":material/warning:",
        )


def _differences(experiment_ids: list[str]) -> list[str]:
    """Return in sentences what differs in a way that matters."""
    plans = [state.store().experiment(one) for one in experiment_ids]
    facts: dict[str, list[object]] = {
        "the data": [one.data.sha256 for one in plans],
        "the split": [one.split for one in plans],
        "the task": [one.task.model_copy(update={"targets": None}) for one in plans],
        "the targets": [one.task.targets for one in plans],
    }
    return [
        f"{name.capitalize()} differs."
        for name, values in facts.items()
        if any(value != values[0] for value in values)
    ]
