"""What the LSTM will see, under the mask's picture: strip, heat map, lengths, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from masklab.charts.lane import local_times
from masklab.charts.palette import in_order
from masklab.charts.ribbon import stretches
from masklab.charts.seen_lengths import seen_lengths
from masklab.charts.seen_steps import seen_steps
from masklab.charts.seen_strip import seen_strip
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.runs.spec import STRATEGIES, Experiment
from masklab.split import PART_NAMES
from masklab.strategies.strategy import Strategy
from masklab.training.seen import PartSeen, Seen
from masklab.training.seen_words import at_masked_step
from masklab.ui import state
from masklab.ui.fields import save, save_option
from masklab.ui.forms import Manner, field_inputs
from masklab.ui.mask_page import Scene
from masklab.ui.seen_view import View, strip_bins, view, warned
from masklab.ui.theme import ink
from masklab.ui.train_form import TrainForm, hint_for, train_form
from masklab.ui.ways_out import warnings
from masklab.ui.words import steps
from masklab.words import counted, plain

_KEY = "masklab.seen"
SERIES_SHOWN = 8
"""Series on the strip at first; others can be chosen."""
_CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def seen_panel(now: Scene) -> None:
    """Draw the panel for the window and a strategy of the Train page; both can be set here too."""
    project = state.project()
    form = train_form(project.form, now.panel, now.parts, hint_for(project))
    strategy = _controls(form, now.panel)
    try:
        experiment = form.experiment(project)
        found = view(now, experiment, strategy)
    except ExperimentError as error:
        st.warning(plain(str(error)))
        if st.button("Go to Train", key=f"{_KEY}.train", icon=":material/arrow_forward:"):
            st.switch_page("pages/train.py")
        return
    clock, steps, lengths = st.tabs(
        ["Along the clock", "Step by step", "Effective lengths"],
        key=f"{_KEY}.tab",
        on_change="rerun",
    )
    if clock.open:
        with clock:
            _strip(now, found, strategy)
            _left_out(found.seen, experiment)
    if steps.open:
        with steps:
            _steps(now.panel, found)
    if lengths.open:
        with lengths:
            _lengths(found, form.window)
    _warnings(now, found, experiment, form)


def _controls(form: TrainForm, panel: Panel) -> Strategy:
    """Draw the choice of strategy and window; return the strategy with its options of the Train page."""
    kinds = [kind for kind in in_order(STRATEGIES) if form.task in STRATEGIES[kind].tasks]
    ticked = [kind for kind in form.strategies if kind in kinds]
    skipping = [kind for kind in ticked if "collapse" in STRATEGIES[kind].model_fields]
    first, second, third = st.columns([0.42, 0.22, 0.36])
    with first:
        kind = st.selectbox(
            "Strategy",
            kinds,
            index=kinds.index((skipping or ticked or kinds)[0]),
            format_func=lambda one: f"{one} · {STRATEGIES[one].title}",
            key=f"{_KEY}.strategy.{form.task}",
            persist_state="session",
            help="Whose view is shown. Which strategies are trained is chosen on the Train page.",
        )
    keep: Any = lambda name, value: save(**{name: value})  # noqa: E731
    with second:
        field_inputs(
            {"window": TrainForm.model_fields["window"]}, dict(form), key="train", keep=keep,
            manners=lambda _: Manner(least=False),
        )  # fmt: skip
    member = STRATEGIES[kind]
    options = form.options.get(kind, {})
    if "collapse" in member.model_fields:
        with third:
            field_inputs(
                {"collapse": member.model_fields["collapse"]},
                {"collapse": options.get("collapse", "any")},
                key=f"train.options.{kind}",
                keep=lambda name, value: save_option(kind, name, value),
            )
    ahead = f", then {counted(form.horizon, 'step')} ahead" if form.task == "forecast" else ""
    untrained = "" if kind in form.strategies else " Not ticked on the Train page."
    st.caption(f"{steps(form.window, panel)} in{ahead}. {_reads(kind, options)}{untrained}")
    return member.model_validate({"kind": kind, **options})


def _reads(kind: str, options: dict[str, Any]) -> str:
    strategy = STRATEGIES[kind].model_validate({"kind": kind, **options})
    if strategy.collapsed_by == "any":
        return f"A step without any observed channel is {at_masked_step(strategy)}."
    if strategy.collapsed_by == "all":
        return f"A step that lacks a channel is {at_masked_step(strategy)}."
    if not strategy.reads_mask:
        return "It reads what the mask hides."
    return f"It skips no step; a hidden cell is {at_masked_step(strategy)}."


def _warnings(now: Scene, found: View, experiment: Experiment, form: TrainForm) -> None:
    told = warned(now, found, experiment, form.strategies)
    if told:
        st.markdown(f"**{counted(len(told), 'warning')}**")
    warnings(told, _KEY)


def _strip(now: Scene, found: View, strategy: Strategy) -> None:
    series = _series(now.panel)
    split = state.project().split
    parts = [stretches(now.panel, split, one) for one in series]
    figure = seen_strip(now.panel, strip_bins(now, found, series), parts, ink())
    st.plotly_chart(
        figure, key=f"{_KEY}.strip", config=_CONFIG,
        alt="Usable share of the windows along the clock, with marks where windows are left out",
    )  # fmt: skip
    share = "steps that it does not skip" if strategy.collapsed_by else "cells that it may read"
    st.caption(
        f"Colour: usable share of the windows that begin there ({share}), orange 0 % to blue 100 %. "
        "Lines with a mark: where windows are left out."
    )


def _series(panel: Panel) -> tuple[int, ...]:
    if len(panel) <= SERIES_SHOWN:
        return tuple(range(len(panel)))
    chosen = st.multiselect(
        "Series on the strip", panel.names, default=panel.names[:SERIES_SHOWN],
        max_selections=16, key=f"{_KEY}.series.{panel.content_hash[:12]}",
    )  # fmt: skip
    return tuple(panel.names.index(one) for one in chosen) or (0,)


def _left_out(seen: Seen, experiment: Experiment) -> None:
    parts = [one for one in seen.parts if one.places]
    st.dataframe(reasons(parts), hide_index=True, width="stretch")
    said = "Of all rows at which a window could begin, each counted once."
    if experiment.training.stride > 1:
        said = f"Of every {experiment.training.stride:,}th row of a stretch, each counted once."
    if experiment.task.kind == "reconstruct":
        said += (
            f" A reconstruction hides {100 * experiment.task.rate:g} % of the observed target cells "
            "on top, which is not counted here."
        )
    st.caption(said)


def reasons(parts: Sequence[PartSeen]) -> pd.DataFrame:
    """Return a row for windows in use, one for each reason why others are not, and one for all."""
    rows = [
        ("In use", [one.used for one in parts]),
        ("Nothing usable", [one.dropped.unusable for one in parts]),
        ("Nothing scored", [one.dropped.unscored for one in parts]),
        ("Crosses a gap of the clock", [one.dropped.gap for one in parts]),
        ("Crosses the border of the split", [one.dropped.split for one in parts]),
        ("Crosses the end of its series", [one.dropped.end for one in parts]),
        ("Series too short for a window", [one.dropped.short for one in parts]),
    ]
    kept = [row for number, row in enumerate(rows) if number < 3 or any(row[1])]
    table: dict[str, list[str]] = {"Windows": [name for name, _ in kept]}
    for place, one in enumerate(parts):
        table[f"{PART_NAMES[one.part].capitalize()} (of {one.places:,})"] = [
            f"{counts[place]:,} · {100 * counts[place] / one.places:.1f} %" for _, counts in kept
        ]
    return pd.DataFrame(table)


def _steps(panel: Panel, found: View) -> None:
    shown = found.sampled
    if not len(shown.starts):
        return
    figure = seen_steps(found.seen, shown, _begins(panel, found), panel.names, ink())
    st.plotly_chart(
        figure, key=f"{_KEY}.steps", config=_CONFIG,
        alt="Usable steps of a sample of windows, a row for each",
    )  # fmt: skip
    columns = "" if shown.size == 1 else f" A column is {shown.size} steps."
    st.caption(
        f"{len(shown.starts):,} of {shown.total:,} windows, evenly sampled, first to last.{columns} "
        "Orange: nothing usable; blue: all. A cross at the end: left out. "
        "Hover says what the strategy does there."
    )


def _begins(panel: Panel, found: View) -> list[str]:
    shown, laid = found.sampled, found.seen.laid
    clock = laid.clock[shown.starts].astype("datetime64[us]")
    times = (
        [f"step {one:,}" for one in clock.astype(np.int64) // 1_000_000]
        if panel.clock_kind == "step"
        else [f"{one:%Y-%m-%d %H:%M}" for one in local_times(panel, clock)]
    )
    names = [panel.names[one] for one in laid.layout.series[shown.starts]]
    several = len(panel) > 1
    return [
        f"{f'{name}, ' if several else ''}{PART_NAMES[part]} window from {time}"
        for name, part, time in zip(names, shown.part, times, strict=True)
    ]


def _lengths(found: View, window: int) -> None:
    if not len(found.lengths):
        return
    st.plotly_chart(
        seen_lengths(found.histogram, ink()), key=f"{_KEY}.lengths", config=_CONFIG,
        alt="Share of windows by their number of usable steps, for each part of the split",
    )  # fmt: skip
    st.dataframe(
        length_table(found.lengths, window), hide_index=True, width="stretch",
    )  # fmt: skip


def length_table(found: pd.DataFrame, window: int) -> pd.DataFrame:
    """Return usable steps per window in use, in words, a row for each part."""
    table = pd.DataFrame(
        {
            "Windows in use": [one.capitalize() for one in found["part"]],
            "Count": [f"{one:,}" for one in found["windows"]],
            "Median": [f"{one:g} of {window:,} steps" for one in found["median"]],
            "Least": [f"{one:,}" for one in found["least"]],
            "Most": [f"{one:,}" for one in found["most"]],
            "Usable share": [f"{100 * one:.1f} %" for one in found["share"]],
        }
    )
    if found["since_reset"].notna().any():
        table["Since the last reset (median)"] = [f"{one:g} steps" for one in found["since_reset"]]
    return table
