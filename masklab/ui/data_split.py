"""The split: which rows train, validate and test; by a slider, typed borders, or by series."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import streamlit as st

from masklab.charts.lane import local_times
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.split import Split
from masklab.ui import state
from masklab.ui.data_picture import to_clock
from masklab.ui.words import of
from masklab.words import plain

LEAST = 0.01
"""Share that each of training and validation keeps when a border is moved."""


def split_controls(panel: Panel, split: Split) -> None:
    """Draw the controls of the split; a change is saved at once."""
    st.markdown("**Split**")
    by = split.by
    if len(panel) > 1:
        by = st.segmented_control(
            "Split by", ["time", "series"], default=split.by, required=True,
            key=f"data.split.by.{split.by}", label_visibility="collapsed",
            format_func=lambda one: f"By {one}",
        )  # fmt: skip
    if by != split.by:
        _save(_first_by_series(panel) if by == "series" else Split())
    if split.by == "time":
        _by_time(panel, split)
    else:
        _by_series(panel, split)
    _counts(panel, split)


def _by_time(panel: Panel, split: Split) -> None:
    now = (100 * split.training, 100 * min(1.0, split.training + split.validation))
    borders = (round(now[0], 1), round(now[1], 1))
    chosen = st.slider(
        "Validation and test begin at", 0.0, 100.0, borders, step=0.5, format="%g %%",
        key=f"data.split.slider.{borders}",
        help="Per cent of the time from the first to the last row of all series.",
    )  # fmt: skip
    moved = [new if new != old else None for new, old in zip(chosen, borders, strict=True)]
    if any(new is not None for new in moved):
        _save(_with_border(split, *moved))
    if panel.clock_kind == "time":
        _dates(panel, split)
    else:
        _percent(split, borders)


def _dates(panel: Panel, split: Split) -> None:
    first, last = (_local(panel, edge) for edge in (panel.clock.min(), panel.clock.max()))
    for label, cut, number in zip(
        ("Validation from", "Test from"), split.cuts(panel), (0, 1), strict=True
    ):
        present = min(max(_local(panel, cut), first), last)
        chosen = st.datetime_input(
            label, present, first, last, key=f"data.split.{label}.{present}", format="YYYY-MM-DD"
        )
        if chosen is None or chosen.replace(second=0, microsecond=0) == present.replace(
            second=0, microsecond=0
        ):
            continue
        start = int(panel.clock.min().astype(np.int64))
        span = int(panel.clock.max().astype(np.int64)) - start + 1
        percent = 100 * (to_clock(panel, chosen) - start) / span
        _save(_with_border(split, *((percent, None) if number == 0 else (None, percent))))


def _percent(split: Split, borders: tuple[float, float]) -> None:
    for label, number in (("Validation from, %", 0), ("Test from, %", 1)):
        chosen = st.number_input(
            label, 0.0, 100.0, borders[number], step=0.5, key=f"data.split.{label}.{borders}"
        )
        if chosen != borders[number]:
            _save(_with_border(split, *((chosen, None) if number == 0 else (None, chosen))))


def _by_series(panel: Panel, split: Split) -> None:
    others = [name for name in panel.names if name not in split.test_series]
    validation = st.multiselect(
        "Validation", others, default=list(split.validation_series),
        key=f"data.split.validation.{split.model_dump_json()}",
    )  # fmt: skip
    rest = [name for name in panel.names if name not in validation]
    test = st.multiselect(
        "Test", rest, default=[name for name in split.test_series if name in rest],
        key=f"data.split.test.{split.model_dump_json()}",
    )  # fmt: skip
    changed = Split(by="series", validation_series=tuple(validation), test_series=tuple(test))
    if changed != split:
        _save(changed)


def _first_by_series(panel: Panel) -> Split:
    test = panel.names[-1:] if len(panel) > 2 else ()
    return Split(by="series", validation_series=(panel.names[-1 - len(test)],), test_series=test)


def _with_border(split: Split, first: float | None, second: float | None) -> Split:
    """Return the split with borders moved to places in per cent; one that is None stays as it is.

    Only where validation would have nothing left, the end of it gives way.
    """
    begin, end = split.training, split.training + split.validation
    if first is not None:
        begin = min(max(first / 100, LEAST), 1 - LEAST)
    if second is not None:
        end = second / 100
    if second is not None or end < begin + LEAST:
        end = min(max(end, begin + LEAST), 1.0)
    # Twelve digits: under a millisecond in a decade.
    return Split(training=begin, validation=round(end - begin, 12))


def _counts(panel: Panel, split: Split) -> None:
    try:
        parts = split.describe(panel)
    except ExperimentError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    lines = [f"{one.name.capitalize()}: {of(one.rows, panel.rows, 'rows')}" for one in parts]
    st.caption("  \n".join(lines))


def _local(panel: Panel, time: np.datetime64) -> datetime:
    found: datetime = local_times(panel, np.array([time]))[0].to_pydatetime()
    return found


def _save(split: Split) -> None:
    state.set_split(split)
    st.rerun()
