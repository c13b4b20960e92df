"""What the panel "What the LSTM will see" shows, computed once for each mask, split and setting."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from masklab.data.series import Panel
from masklab.masks.mechanism import Difference, differences
from masklab.masks.unlike import Unlike, unlike
from masklab.runs.spec import Experiment
from masklab.strategies.strategy import Strategy
from masklab.training.seen import Seen, seen
from masklab.training.seen_bins import Bins, Sampled, bins, histogram, lengths, sampled
from masklab.ui.mask_page import Scene
from masklab.ui.seen_warnings import of_parts, of_values, of_windows
from masklab.ui.train_form import suggested
from masklab.ui.ways_out import Warned

BINS = 240
"""Bins of the strip: about three pixels each."""


@dataclass(frozen=True, eq=False)
class MaskView:
    """What is said of the mask whatever is trained: hidden by value, and unlike in the two parts."""

    differences: tuple[Difference, ...]
    unlike: tuple[Unlike, ...]


@dataclass(frozen=True, eq=False)
class View:
    """What a strategy sees, drawn small for a chart each; `key` names it."""

    key: str
    seen: Seen
    sampled: Sampled
    lengths: pd.DataFrame
    histogram: pd.DataFrame


def mask_view(now: Scene) -> MaskView:
    """Return what is said of the mask on screen."""
    return _mask_view(now, _key(now))


def view(now: Scene, experiment: Experiment, strategy: Strategy) -> View:
    """Return what the strategy sees in an experiment; raise `ExperimentError` as `seen` does."""
    # What windows don't depend on is left out of the key.
    settings = experiment.training.model_dump_json(include={"stride", "longest_gap", "shortest"})
    reads = any(not one.reads_mask for one in experiment.strategies)
    alone = all(not one.reads_mask for one in experiment.strategies)
    parts = (_key(now), experiment.task.model_dump_json(), settings, reads, alone, strategy.label)
    return _view(now, experiment, strategy, repr(parts))


def strip_bins(now: Scene, found: View, series: tuple[int, ...]) -> Bins:
    """Return the windows of some series in bins along the clock."""
    return _bins(found, now.panel, series, found.key)


def warned(
    now: Scene, found: View, experiment: Experiment, ticked: tuple[str, ...]
) -> tuple[Warned, ...]:
    """Return the warnings of the panel; `ticked`: the strategies chosen on the Train page."""
    return _warned(now, found, experiment, ticked, found.key)


def _key(now: Scene) -> str:
    return f"{now.panel.content_hash}:{now.revision}"


@st.cache_resource(show_spinner=False, max_entries=8)
def _mask_view(_now: Scene, key: str) -> MaskView:
    return MaskView(differences(_now.panel, _now.mask), unlike(_now.panel, _now.mask, _now.parts))


@st.cache_resource(show_spinner="Looking at the windows", max_entries=3)
def _view(_now: Scene, _experiment: Experiment, _strategy: Strategy, key: str) -> View:
    found = seen(_experiment, _now.panel, _now.mask.observed, _now.parts, _strategy)
    return View(key, found, sampled(found), lengths(found), histogram(found))


@st.cache_resource(show_spinner=False, max_entries=16)
def _bins(_found: View, _panel: Panel, series: tuple[int, ...], key: str) -> Bins:
    return bins(_found.seen, _panel, series, BINS)


@st.cache_resource(show_spinner=False, max_entries=16)
def _warned(
    _now: Scene, _found: View, _experiment: Experiment, ticked: tuple[str, ...], key: str
) -> tuple[Warned, ...]:
    of_mask = mask_view(_now)
    room = suggested(_now.panel, _now.parts).window
    return (
        *of_windows(_now, _found.seen, _experiment, room),
        *of_parts(of_mask.unlike, _now.recipe),
        *of_values(of_mask.differences, _now, ticked),
    )
