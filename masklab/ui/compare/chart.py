"""The picture of the Compare page: curves with their controls beside them, anew while runs go on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from masklab.charts.palette import looks
from masklab.charts.validation_curves import HEIGHT, Scales, validation_curves
from masklab.compare.baselines import levels
from masklab.runs.facts import Naive
from masklab.runs.rows import RunRow
from masklab.ui import guard, state
from masklab.ui.compare.context import Context
from masklab.ui.compare.curve_choice import AXIS_TITLES, BANDS, CurveChoice, curve_choice
from masklab.ui.compare.curve_data import Standing, curve_data, marks, snapshot
from masklab.ui.compare.view import View, drawn, fit, listen, remember, turn, view
from masklab.ui.kept import kept
from masklab.ui.picture_button import picture_buttons
from masklab.ui.theme import ink

CHART, BOX = "compare.curves", "compare-curves"
_FRAMED = "compare.framed"
REFRESH = 2.0
"""Seconds between two looks at the store while runs go on."""


def frame() -> Callable[[], DeltaGenerator]:
    """Return what gives the container of the curves; the first time, empty axes stand there until then.

    The browser loads and runs the chart's code, half a second, while the curves are worked out. Later
    there is a chart already, and an `st.empty` would take it away for a moment.
    """
    if _FRAMED in st.session_state:
        there = st.container()
        return lambda: there
    st.session_state[_FRAMED] = True
    place, figure = st.empty(), go.Figure(layout={"height": HEIGHT})
    with place.container(), st.columns([0.74, 0.26], gap="medium")[0]:
        st.plotly_chart(figure, key="compare.frame", config={"staticPlot": True})
    return place.container


def chart(context: Context, known: Naive) -> None:
    """Draw curves and controls; by themselves anew while a run on screen is open."""
    is_open = any(run.is_open for run in context.on_screen())
    draw = guard.in_fragment(_chart)
    st.fragment(draw, run_every=REFRESH if is_open else None)(context, known, is_open)


def file_name(context: Context) -> str:
    """Return the beginning of the names of files that are saved from here."""
    choice = context.choice
    slug = re.sub(r"[^a-z0-9]+", "-", context.experiment.name.lower()).strip("-")[:60]
    return f"masklab-{slug or 'experiment'}-{choice.cells}-{choice.metric}"


def _chart(context: Context, known: Naive, was_open: bool) -> None:
    picture, side = st.columns([0.74, 0.26], gap="medium")
    with side:
        how = curve_choice()
    runs: Sequence[RunRow] = context.runs
    if was_open:  # the page around was drawn some epochs ago
        runs = [run for row in context.experiments for run in state.store().runs(row.id)]
    if was_open and not any(run.is_open for run in runs if run.id in context.shown):
        st.rerun()
    with picture:
        _picture(context, how, known, snapshot(how.frozen, runs))


def _picture(context: Context, how: CurveChoice, known: Naive, stand: Standing) -> None:
    choice = context.choice
    scale = f"{choice.title}.{choice.cells}.{choice.unit}.{how.across}.{how.log_x:d}{how.log_y:d}"
    now = view(scale)
    what = (
        context.shown,
        tuple(context.groups.items()),
        choice,
        how,
        tuple(stand.items()),
        ink(),
        scale,
    )
    found = drawn(what)
    if found is None or (now.window is None and found[1].window is not None):
        figure = kept(
            ("curves", marks([row.id for row in context.experiments]), what, now, known, turn()),
            lambda: _figure(context, how, known, stand, now),
        )
        found = figure, now
        remember(what, *found)
    with st.container(key=BOX):
        st.plotly_chart(
            found[0],
            key=CHART,
            config={
                "displaylogo": False,
                "displayModeBar": True,
                "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "resetScale2d"],
                "doubleClick": "reset",
                "toImageButtonOptions": {
                    "format": "png", "filename": file_name(context), "scale": 2,
                },
            },
            alt="Validation score for each group of runs, with a band and the naive baselines",
        )  # fmt: skip
    _below(context, how, now, scale, found[1])


def _figure(
    context: Context,
    how: CurveChoice,
    known: Naive,
    stand: Standing,
    now: View,
) -> go.Figure:
    choice, data = context.choice, curve_data(context, how, stand)
    baselines = levels(known, choice.metric, choice.units)
    return validation_curves(
        data.curves,
        data.best,
        {name: level for name, level in baselines.items() if math.isfinite(level)},
        metric=choice.title,
        unit=choice.unit,
        not_causal=context.table.loc[~context.table["causal"].astype(bool), "strategy"],
        others=data.others,
        members=data.members,
        raw=data.raw,
        styles=looks(context.groups.values()),
        scales=Scales(
            AXIS_TITLES[how.across],
            how.across != "seconds",
            how.log_x,
            how.log_y,
            now.window,
        ),
        hidden=now.hidden,
        ink=ink(),
    ).update_layout(meta=str(turn()))  # equal to the last one, it would leave the zoom as it is


def _below(context: Context, how: CurveChoice, now: View, scale: str, began: View) -> None:
    st.caption(_legend(how))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Fit", icon=":material/fit_screen:", key="compare.fit", on_click=fit,
            disabled=now.window is None, help="Show the whole picture again.",
        )  # fmt: skip
        picture_buttons(BOX, file_name(context))
        listen(BOX, scale, began)


def _legend(how: CurveChoice) -> str:
    line = "Line: mean over runs, faint where some have stopped"
    smooth = f", smoothed by {how.smoothing:g} over what is drawn faint" if how.smoothing else ""
    band = {
        "members": "Thin: every run.",
        "none": "",
    }.get(how.band, f"Band: {BANDS[how.band].lower()}.")
    marks = "Markers: the best epoch of each run." if how.best else ""
    frozen = "Frozen: what came since is not drawn." if how.frozen else ""
    said = [
        f"{line}{smooth}.",
        band,
        marks,
        "Click a name to hide it, double-click to fit.",
        frozen,
    ]
    return " ".join(filter(None, said))
