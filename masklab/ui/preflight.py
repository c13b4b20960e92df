"""What an experiment would come to before it starts: windows, what is left out, what is scored."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from masklab.data.series import Panel
from masklab.runs.spec import Experiment
from masklab.split import TRAINING, VALIDATION
from masklab.training.prepare import prepare
from masklab.ui.words import counted


@dataclass(frozen=True)
class Preflight:
    """Windows by part, how many are left out for nothing usable or nothing scored, and notes.

    `per_epoch`: training windows drawn each epoch, of the `training` that there are.
    """

    runs: int
    per_epoch: int
    training: int
    validation: int
    left_out: int
    channels: int
    notes: tuple[str, ...]

    def sentence(self) -> str:
        """Return it in one line: "8 runs, 2,000 windows an epoch, 340 validation windows."."""
        drawn = f" of {self.training:,}" if self.per_epoch < self.training else ""
        said = [
            counted(self.runs, "run"),
            f"{self.per_epoch:,}{drawn} training windows an epoch",
            f"{self.validation:,} validation windows",
        ]
        if self.left_out:
            said.append(f"{self.left_out:,} left out because nothing is usable in them")
        return ", ".join(said) + "."


def preflight(experiment: Experiment, panel: Panel) -> Preflight:
    """Check an experiment against its data; raise `MaskLabError` where it can't be trained."""
    relevant = {"name": True, "seeds": True, "model": True, "data": True}
    key = experiment.model_dump_json(exclude=relevant)
    training, validation, left_out, notes = _counts(experiment, panel, panel.content_hash, key)
    limit = experiment.training.training_windows
    return Preflight(
        runs=len(experiment.strategies) * len(experiment.seeds),
        per_epoch=training if limit is None else min(training, limit),
        training=training,
        validation=validation,
        left_out=left_out,
        channels=len(panel.channels),
        notes=notes,
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _counts(
    _experiment: Experiment, _panel: Panel, content: str, key: str
) -> tuple[int, int, int, tuple[str, ...]]:
    found = prepare(_experiment, _panel)
    parts = (found.windows[TRAINING], found.windows[VALIDATION])
    left_out = sum(windows.dropped.empty for windows in parts)
    return len(parts[0]), len(parts[1]), left_out, found.notes
