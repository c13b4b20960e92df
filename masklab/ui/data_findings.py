"""What is found in the data: interval, gaps, missing cells, values that look like codes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from masklab.charts.lane import local_times
from masklab.data.inspect import DataReport, inspect
from masklab.data.sentinels import Sentinel
from masklab.data.series import Panel
from masklab.runs.spec import DataSource
from masklab.ui import state
from masklab.ui.words import duration, of
from masklab.words import counted, plain

MOST_GAPS = 500
_LONGEST = "The most steps that are missing in a row."


@st.cache_resource(show_spinner=False, max_entries=8)
def report_of(_panel: Panel, content: str) -> DataReport:
    """Return the facts about a panel, found once for each content."""
    return inspect(_panel)


def codes(report: DataReport, source: DataSource) -> None:
    """Draw suspected codes with a button each, and those treated as missing with a way back."""
    for found in (*report.sentinels, *report.outliers):
        with st.container(border=True):
            st.markdown(_sentence(found))
            label = f"Treat {found.value:,g} as missing"
            if st.button(label, key=f"data.code.{found.channel}.{found.value}"):
                _set(source, found.channel, found.value, missing=True)
    for channel, values in source.reading.sentinels.items():
        for value in values:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{value:,g} in {_bold(channel)} is treated as missing.")
                if st.button("Undo", icon=":material/undo:", key=f"data.undo.{channel}.{value}"):
                    _set(source, channel, value, missing=False)


def _sentence(found: Sentinel) -> str:
    rest = f"the rest lies between {found.lowest:,.5g} and {found.highest:,.5g}"
    if found.count == 1:
        return f"{_bold(found.channel)} holds {found.value:,g} once; {rest}. Treat as missing?"
    side = "below" if found.value < found.lowest else "above"
    share = of(found.count, found.cells, "cells")
    name = _bold(found.channel)
    return f"{name} holds {found.value:,g} in {share}, far {side}: {rest}. Treat as missing?"


def _bold(name: str) -> str:
    return f"**{plain(name)}**"


def _set(source: DataSource, channel: str, value: float, *, missing: bool) -> None:
    known = {name: set(values) for name, values in source.reading.sentinels.items()}
    known.setdefault(channel, set())
    known[channel] = known[channel] | {value} if missing else known[channel] - {value}
    sentinels = {name: tuple(sorted(values)) for name, values in known.items() if values}
    reading = source.reading.model_copy(update={"sentinels": sentinels})
    state.update(data=source.model_copy(update={"reading": reading}))
    st.rerun()


def facts(panel: Panel, report: DataReport) -> None:
    """Draw the clock's facts as a row of numbers."""
    step = float(report.interval / np.timedelta64(1, "s"))
    irregular = "irregular, median step" if not report.regular else "regular"
    spacing = "1 step" if panel.clock_kind == "step" else duration(step)
    missing = int(report.missing["missing"].sum())
    columns = st.columns(4)
    columns[0].metric("Rows", f"{report.rows:,}", help=_rows_help(panel))
    columns[1].metric("Interval", spacing, help=f"The clock is {irregular}.")
    columns[2].metric("Gaps", f"{len(report.gaps):,}", help=_gaps_help(report))
    columns[3].metric(
        "Missing cells",
        f"{100 * report.missing_share:.1f} %",
        help=of(missing, report.cells, "cells"),
    )
    kind = "The clock is regular." if report.regular else "The clock is irregular: steps differ."
    st.caption(f"{kind} {_gaps_help(report)} {of(missing, report.cells, 'cells')} are missing.")


def _rows_help(panel: Panel) -> str:
    return (
        f"{panel.rows:,} rows in {len(panel)} series of {counted(len(panel.channels), 'channel')}."
    )


def _gaps_help(report: DataReport) -> str:
    if not report.gaps:
        return "No gap in the clock."
    rows = counted(report.missing_rows, "row")
    return f"{counted(len(report.gaps), 'gap')} in the clock, where {rows} would fit."


def missing_table(report: DataReport) -> None:
    """Draw the share of missing cells for each channel, with its denominator."""
    table = report.missing
    units = [f" ({unit})" if unit else "" for unit in table["unit"]]
    cells = [f"{m:,} of {c:,}" for m, c in zip(table["missing"], table["cells"], strict=True)]
    shown = pd.DataFrame(
        {
            "Channel": table["channel"] + units,
            "Missing": 100 * table["share"],
            "Cells": cells,
            "Longest": table["longest"],
            "Lowest": table["lowest"],
            "Mean": table["mean"],
            "Highest": table["highest"],
        }
    )
    bar = st.column_config.ProgressColumn("Missing", format="%.1f %%", min_value=0, max_value=100)
    columns = {"Missing": bar, "Longest": st.column_config.NumberColumn(help=_LONGEST)}
    for name in ("Lowest", "Mean", "Highest"):
        columns[name] = st.column_config.NumberColumn(format="%.5g")
    st.dataframe(shown, hide_index=True, column_config=columns)


def series_table(panel: Panel, report: DataReport) -> None:
    """Draw each series with its length, where there are several."""
    if len(panel) < 2:
        return
    table = report.series
    shown = pd.DataFrame({"Series": table["series"], "Rows": table["rows"]})
    if panel.clock_kind == "time":
        shown["From"] = local_times(panel, table["start"].to_numpy())
        shown["To"] = local_times(panel, table["end"].to_numpy())
    shown["Gaps"] = table["gaps"]
    shown["Missing"] = 100 * table["missing"]
    bar = st.column_config.ProgressColumn("Missing", format="%.1f %%", min_value=0, max_value=100)
    st.dataframe(shown, hide_index=True, column_config={"Missing": bar})


def gap_table(panel: Panel, report: DataReport) -> None:
    """Draw the gaps of the clock, the longest first."""
    if not report.gaps:
        return
    with st.expander(f"Gaps in the clock ({len(report.gaps):,})"):
        found = sorted(report.gaps, key=lambda gap: -gap.steps)[:MOST_GAPS]
        ends = [np.array([getattr(gap, end) for gap in found]) for end in ("start", "end")]
        shown = pd.DataFrame({"Series": [gap.series for gap in found]})
        if panel.clock_kind == "time":
            shown["Last before"], shown["First after"] = (local_times(panel, end) for end in ends)
        shown["Rows that would fit"] = [gap.steps for gap in found]
        st.dataframe(shown, hide_index=True)
