"""What the panel "What the LSTM will see" shows, computed once for each mask, split and setting."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from masklab.masks.mechanism import Difference, differences
from masklab.masks.unlike import Unlike, unlike
from masklab.runs.spec import Experiment
from masklab.strategies.strategy import Strategy
from masklab.training.seen import Seen, seen
from masklab.training.seen_bins import Bins, Sampled, bins, histogram, lengths, sampled
from masklab.ui.mask_page import Scene

BINS = 240
"""Bins of the strip: about three pixels each."""


@dataclass(frozen=True, eq=False)
class MaskView:
    """What is said of the mask whatever is trained: hidden by value, and unlike in the two parts."""

    differences: tuple[Difference, ...]
    unlike: tuple[Unlike, ...]


@dataclass(frozen=True, eq=False)
class View:
    """What a strategy sees, drawn small for a chart each."""

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
    key = (_key(now), experiment.task.model_dump_json(), settings, reads, alone)
    return _view(now, experiment, strategy, key, strategy.label)


def strip_bins(now: Scene, found: View, series: tuple[int, ...]) -> Bins:
    """Return the windows of some series in bins along the clock."""
    return bins(found.seen, now.panel, series, BINS)


def _key(now: Scene) -> str:
    return f"{now.panel.content_hash}:{now.revision}"


@st.cache_resource(show_spinner=False, max_entries=8)
def _mask_view(_now: Scene, key: str) -> MaskView:
    return MaskView(differences(_now.panel, _now.mask), unlike(_now.panel, _now.mask, _now.parts))


@st.cache_resource(show_spinner="Looking at the windows", max_entries=4)
def _view(
    _now: Scene, _experiment: Experiment, _strategy: Strategy, key: tuple[object, ...], label: str
) -> View:
    found = seen(_experiment, _now.panel, _now.mask.observed, _now.parts, _strategy)
    return View(found, sampled(found), lengths(found), histogram(found))
