"""What an experiment would come to before it starts: windows, what is left out, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from masklab.data.series import Panel
from masklab.runs.spec import Experiment
from masklab.runs.timing import slots
from masklab.split import TRAINING, VALIDATION
from masklab.training.estimate import estimate_seconds
from masklab.training.prepare import Prepared, prepare
from masklab.words import counted


@dataclass(frozen=True)
class Preflight:
    """Windows by part, how many are left out for nothing usable or scored, time, and notes.

    `per_epoch`: training windows drawn each epoch, of the `training` that there are. `seconds`: an
    estimate for all runs on this machine's cores; `epoch_seconds`: for one epoch of one run.
    `hides`: whether any cell is hidden or missing; else all strategies get the same input.
    """

    runs: int
    per_epoch: int
    training: int
    validation: int
    left_out: int
    seconds: float
    epoch_seconds: float
    hides: bool
    notes: tuple[str, ...]

    def sentence(self) -> str:
        """Return it in one line: "8 runs, 2,000 of 5,000 training windows an epoch, …"."""
        drawn = f" of {self.training:,}" if self.per_epoch < self.training else ""
        said = [
            counted(self.runs, "run"),
            f"{self.per_epoch:,}{drawn} training windows an epoch",
            f"{self.validation:,} validation windows",
        ]
        if self.left_out:
            said.append(f"{self.left_out:,} left out because nothing in them is usable or scored")
        return ", ".join(said) + "."


def preflight(experiment: Experiment, panel: Panel) -> Preflight:
    """Check an experiment against its data; raise `MaskLabError` where it can't be trained."""
    # What the prepared data does not depend on is left out of the key.
    key = experiment.model_dump_json(exclude={"name", "seeds", "model", "data"})
    found = _prepared(experiment, panel, panel.content_hash, key)
    runs, epochs = len(experiment.runs()), experiment.training.epochs
    training, limit = len(found.windows[TRAINING]), experiment.training.training_windows
    alone = estimate_seconds(experiment, found, slots=1)
    return Preflight(
        runs=runs,
        per_epoch=training if limit is None else min(training, limit),
        training=training,
        validation=len(found.windows[VALIDATION]),
        left_out=sum(found.windows[part].dropped.empty for part in (TRAINING, VALIDATION)),
        seconds=estimate_seconds(experiment, found, slots=slots()),
        epoch_seconds=alone / (runs * epochs),
        hides=not found.observed.all(),
        notes=found.notes,
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _prepared(_experiment: Experiment, _panel: Panel, content: str, key: str) -> Prepared:
    return prepare(_experiment, _panel)
