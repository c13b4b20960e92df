"""The report's section on the curves: the app's chart, with what draws it in the page itself."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree.ElementTree import Element

import plotly.graph_objects as go

from masklab.charts.plain import plain
from masklab.charts.validation_curves import validation_curves
from masklab.compare.scores import best_epochs, column
from masklab.export.report.html import element, section
from masklab.export.report.source import Source
from masklab.words import counted

INK = "#45484f"
_NOT_FINISHED = {
    "running": "going on", "stopped": "stopped", "failed": "failed", "queued": "waiting",
    "paused": "paused",
}  # fmt: skip


def curves_section(source: Source) -> Element:
    """Return the section; what draws the chart is in `scripts`."""
    ended = [run for run in source.runs if run.status != "finished"]
    finished = len(source.runs) - len(ended)
    left_out = (
        f" {counted(len(ended), 'run')} did not finish and count in no mean; dotted where epochs are known."
        if ended
        else ""
    )
    words = (
        f"Validation score by epoch, over {counted(finished, 'finished run')}. Line: mean over "
        "seeds, faint where some have stopped. Band: lowest to highest seed. Markers: the best epoch "
        f"of each run. Click a name to hide it, drag to zoom, double-click to fit.{left_out}"
    )
    none = element(
        "noscript", "The chart needs scripts, all of them in this file. The table below does not."
    )
    chart = element("div", none, id="chart", role="img", aria_label=_told(source))
    return section("Curves", chart, element("p", words, class_="note"), name="curves")


def scripts(source: Source) -> tuple[str, str]:
    """Return Plotly's own script, and the one that draws the chart."""
    library = (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")
    shown = json.loads(figure(source).to_json())
    config = {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "doubleClick": "reset",
        "toImageButtonOptions": {"format": "png", "filename": "masklab-curves", "scale": 2},
    }
    # "<" as an escape: no text inside can end the script.
    given = json.dumps([shown["data"], shown["layout"], config]).replace("<", "\\u003c")
    return library, f"Plotly.newPlot('chart', ...{given});"


def figure(source: Source) -> go.Figure:
    """Return the chart of validation curves, in ink for a white ground."""
    found = source.compared
    score = found.score
    status = {run.id: _NOT_FINISHED.get(run.status) for run in found.runs}
    others = found.reports.assign(
        status=found.reports["run_id"].map(status),
        score=found.reports[column(score.cells, score.metric, score.units)],
    ).dropna(subset=["status", "score"])
    best = best_epochs(found.finished, score.cells, score.metric, score.units)
    made = validation_curves(
        found.curves().dropna(subset="mean"),
        best.dropna(subset="score"),
        {name: level for name, (level, _) in source.naive.items()},
        metric=score.title,
        unit=plain(source.scrub.text(score.unit)),
        not_causal=source.table.loc[~source.table["causal"], "strategy"],
        others=others[["run_id", "strategy", "seed", "epoch", "score", "status"]],
        ink=INK,
    )
    font = {"family": "system-ui, sans-serif", "color": INK}
    made.update_layout(
        template="none", font=font, paper_bgcolor="#ffffff", plot_bgcolor="rgba(0,0,0,0)"
    )
    for axis in (made.update_xaxes, made.update_yaxes):
        axis(gridcolor="#dfe1e6", linecolor="#b9bcc4", automargin=True, title_standoff=12)
    return made


def _told(source: Source) -> str:
    labels = source.compared.labels
    return f"Validation {source.compared.score.name} by epoch for {', '.join(labels)}, with a band over seeds"
