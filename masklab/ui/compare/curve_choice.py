"""How the curves are drawn: x axis, scales, band, smoothing, marks; kept in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from masklab.compare.curves import Across, Band
from masklab.compare.smoothing import MOST
from masklab.ui.compare.address import choice, share, switch, toggle

ACROSS = {"epoch": "Epoch", "step": "Step", "seconds": "Seconds"}
BANDS = {
    "range": "Lowest to highest run",
    "std": "Standard deviation",
    "error": "Standard error",
    "members": "Every run",
    "none": "No band",
}
AXIS_TITLES = {
    "epoch": "Epoch",
    "step": "Training step (batches)",
    "seconds": "Training time (seconds)",
}


@dataclass(frozen=True)
class CurveChoice:
    """What the controls beside the picture say."""

    across: Across = "epoch"
    log_x: bool = False
    log_y: bool = False
    band: Band = "range"
    smoothing: float = 0.0
    best: bool = True
    frozen: bool = False


def curve_choice() -> CurveChoice:
    """Draw the controls beside the picture and return what they say."""
    across = switch(
        "Across", ACROSS, "x",
        "Epoch: a pass over the training windows. Step: batches that the weights were changed by. "
        "Seconds: time that the run trained, the same weights on a busy machine take longer.",
        "epoch",
    )  # fmt: skip
    with st.container(horizontal=True, gap="medium"):
        log_x = toggle("Log x", "logx", "Draw the axis across by powers of ten.")
        log_y = toggle("Log y", "logy", "Draw the score by powers of ten: equal ratios look alike.")
    band = choice(
        "Band", BANDS, "band",
        "Around the mean of a group's runs. Standard deviation and standard error are those of a "
        "sample; they need two runs. Every run: thin lines in place of a band.",
        "range",
    )  # fmt: skip
    smoothing = share(
        "Smoothing", "smooth",
        "Weight of what came before in a moving average over every epoch of each run, from its first "
        "one on without a pull to 0. The scores themselves stay beneath, faint; means, marks and table "
        "are never smoothed.",
        MOST,
    )  # fmt: skip
    best = toggle(
        "Best epochs", "best", "Mark the epoch of each run whose weights were kept.", first=True
    )
    frozen = toggle(
        "Freeze", "freeze", "Keep the picture as it is while runs go on; switch off to catch up."
    )
    return CurveChoice(
        cast("Across", across), log_x, log_y, cast("Band", band), smoothing, best, frozen
    )
