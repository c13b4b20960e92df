"""A warning where experiments on one axis do not compare: other data, split, task or targets."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from masklab.compare.comparable import differences_that_matter
from masklab.runs.rows import ExperimentRow
from masklab.ui import state
from masklab.words import plain


def warn_of_differences(experiments: Sequence[ExperimentRow]) -> None:
    """Say what stands against reading the experiments' scores on one axis."""
    if len(experiments) < 2:
        return
    found = differences_that_matter(state.store(), [row.id for row in experiments])
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
