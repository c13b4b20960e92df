"""Validation curves of groups of runs: mean, band, members, best epochs, naive baselines (Plotly)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from masklab.charts import curve_traces
from masklab.charts.axis import axis_range
from masklab.charts.curve_axes import HEIGHT, Extent, Scales, lay_out, say_what_is_cut
from masklab.charts.curve_traces import NEUTRAL
from masklab.charts.palette import Look, looks
from masklab.charts.plain import plain
from masklab.charts.thinning import MOST

__all__ = ["HEIGHT", "NEUTRAL", "Scales", "validation_curves"]

MEMBER_COLUMNS = ("run_id", "strategy", "seed", "epoch", "x", "score")
OTHER_COLUMNS = (*MEMBER_COLUMNS, "status")
BUDGET = 60_000
"""Points of all lines together: what a browser draws without being felt."""
_FEWEST = 100
_NOTHING = pd.DataFrame()


def validation_curves(  # noqa: PLR0913 - frames by place, the rest by name
    curves: pd.DataFrame,
    best: pd.DataFrame,
    baselines: Mapping[str, float],
    *,
    metric: str,
    unit: str = "",
    not_causal: Iterable[str] = (),
    others: pd.DataFrame | None = None,
    members: pd.DataFrame | None = None,
    raw: pd.DataFrame | None = None,
    styles: Mapping[str, Look] | None = None,
    scales: Scales | None = None,
    hidden: Collection[str] = (),
    ink: str = NEUTRAL,
) -> go.Figure:
    """Return the figure of validation scores, one line a group of runs.

    `curves`: strategy (the group's label), epoch, mean, min, max, n (runs behind the mean at this
    epoch); with `low` and `high` the band goes from one to the other, else from min to max. Every
    frame may have `x`, where an epoch stands, else that is the epoch. `best`: strategy, seed, epoch,
    score of each run's best epoch. `baselines`: score by name, drawn as dashed levels; those too far
    away for the axis are named at its edge instead. `unit` is that of the scores, empty where they
    have none. `others`: runs that don't count in the means (stopped, failed, still going on):
    strategy, seed, epoch, score, status; thin dotted lines. `members`: the runs that do, drawn thin
    beneath the means. `raw`: curves before smoothing, faint. `not_causal`: labels that look ahead,
    said in the legend: once where it is all of them. `styles`: looks by label, for all groups that
    there are; `hidden`: labels that the legend has switched off, and "naive". `ink`: colour of the
    words. Empty frames give axes without curves. What is drawn is thinned, what is told is not.
    """
    scales = scales or Scales()
    curves, best = _with_x(curves), _with_x(best)
    others = _with_x(pd.DataFrame(columns=list(OTHER_COLUMNS)) if others is None else others)
    members = _with_x(pd.DataFrame(columns=list(MEMBER_COLUMNS)) if members is None else members)
    raw = _with_x(curves.iloc[:0] if raw is None else raw)
    curves = curves.assign(
        low=curves.get("low", curves["min"]), high=curves.get("high", curves["max"])
    )
    present = tuple(dict.fromkeys([*curves["strategy"], *others["strategy"]]))
    styles = looks(present) if styles is None else styles
    spread = [members["score"]] if len(members) else [curves["low"], curves["high"]]
    values = pd.concat([curves["mean"], others["score"], raw["mean"], *spread]).astype(float)
    edge = axis_range(values.to_numpy(), baselines)
    lowest = float(values[values > 0].min()) if (values > 0).any() else 1.0
    xs = np.concatenate([one["x"].to_numpy(np.float64) for one in (curves, others, members)])
    extent = Extent.of(xs, edge, scales, lowest)
    marked = set(not_causal)
    all_marked = len(present) > 1 and marked.issuperset(present)
    marked = set() if all_marked else marked
    most, suffix = _most(curves, others, members), f" {unit}" if unit else ""
    traces = curve_traces.unfinished(others, styles, most, suffix)
    by_label = [_by_label(one) for one in (curves, best, members, raw)]
    for label in by_label[0]:
        mine, marks, own, exact = (one.get(label, _NOTHING) for one in by_label)
        mine, style = mine.sort_values("epoch"), styles[label]
        mark = ", not causal" if label in marked else ""
        name = f"{plain(label)}{mark} (n = {int(mine['n'].max())})"
        traces += [
            *(curve_traces.band(mine, label, style, most) if not len(members) else ()),
            *curve_traces.members(own, label, style, most, suffix),
            *curve_traces.raw(exact, label, style, most),
            *curve_traces.lines(mine, label, name, style, most, suffix),
            *curve_traces.best(marks, label, style, suffix),
        ]
    traces += curve_traces.levels(baselines, extent, suffix)
    for trace in traces:
        if trace["legendgroup"] in hidden:
            trace["visible"] = "legendonly"
        if "text" in trace:
            trace["textfont"]["color"] = ink
    figure = go.Figure(traces)
    lay_out(figure, extent, scales, f"Validation {metric}{f' ({unit})' if unit else ''}")
    figure.update_layout(legend_title_text="None is causal:" if all_marked else None)
    say_what_is_cut(figure, baselines, extent.y)
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_annotations(font_color=ink)
    return figure


def _by_label(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(label): mine for label, mine in frame.groupby("strategy", sort=False)}


def _with_x(frame: pd.DataFrame) -> pd.DataFrame:
    missing = {
        name: frame[other]
        for name, other in (("x", "epoch"), ("run_id", "seed"))
        if name not in frame and other in frame
    }
    return frame.assign(**missing)


def _most(*frames: pd.DataFrame) -> int:
    """Return the points that one line may have."""
    lines = sum(frame["run_id" if "run_id" in frame else "strategy"].nunique() for frame in frames)
    return max(_FEWEST, min(MOST, BUDGET // max(1, lines)))
