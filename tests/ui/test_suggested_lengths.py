"""The Train page's default lengths: they fit the data as it is cut, filled and padded."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.split import TRAINING, VALIDATION
from masklab.training.config import Forecast, Reconstruct, TrainingConfig
from masklab.training.laid_out import lay_out
from masklab.ui.train_form import train_form
from masklab.windows import stretches


def hourly(lengths: list[int], gaps: dict[int, int] | None = None) -> Panel:
    hours = np.arange(sum(lengths))
    for row, missing in (gaps or {}).items():
        hours[row:] += missing
    clock = np.datetime64("2024-01-01", "us") + hours * np.timedelta64(1, "h")
    names = tuple(f"s{index}" for index in range(len(lengths)))
    values = np.random.default_rng(0).normal(size=(sum(lengths), 1))
    return Panel(names, np.cumsum([0, *lengths]), clock, values, ("a",))


def halves(panel: Panel) -> np.ndarray:
    """The first series train, the last ones validate."""
    late = panel.series_of_row >= len(panel) / 2
    return np.where(late, VALIDATION, TRAINING).astype(np.int8)


def test_suggested_lengths_suit_padding_and_gaps_that_are_crossed() -> None:
    short = hourly([30, 20, 30, 20])
    plain = train_form({}, short, halves(short))
    assert (plain.window, plain.horizon) == (8, 2), "a third of 30 hours, twice"
    padded = train_form({"shortest": 12}, short, halves(short))
    assert (padded.window, padded.horizon) == (24, 6), "the longest series is one window"
    # A third of the rows of a series with a gap every ten hours; all of them, once it is crossed.
    cut = hourly([300, 300], dict.fromkeys(range(10, 600, 10), 2))
    assert train_form({}, cut, halves(cut)).window == 2
    assert train_form({"longest_gap": 1}, cut, halves(cut)).window == 2
    crossed = train_form({"longest_gap": 2}, cut, halves(cut))
    assert (crossed.window, crossed.horizon) == (48, 6)
    long = hourly([600, 600])
    for form in ({"shortest": 12}, {"shortest": 0}, {"shortest": None}, {"longest_gap": -1}):
        found = train_form(form, long, halves(long))
        assert (found.window, found.horizon) == (48, 6)
    assert train_form({"shortest": 60}, long, halves(long)).window == 60
    for far in (599, 700, 10**9):
        assert train_form({"shortest": far, "longest_gap": 10**6}, long, halves(long)).window <= 599


@given(
    st.lists(st.integers(1, 40), min_size=2, max_size=6),
    st.integers(1, 40),
    st.sampled_from(["forecast", "reconstruct"]),
)
def test_suggested_lengths_with_padding_give_windows_where_any_do(lengths, shortest, task) -> None:
    panel = hourly(lengths)
    parts = halves(panel)
    form = train_form({"shortest": shortest}, panel, parts)
    sizes = np.diff(panel.offsets)
    late = np.arange(len(sizes)) >= len(sizes) / 2
    assume(min(sizes[late].max(), sizes[~late].max()) > max(shortest, 2))
    config = TrainingConfig(shortest=shortest)
    made = Forecast(window=form.window, horizon=form.horizon)
    made = made if task == "forecast" else Reconstruct(window=form.window, length=1)
    laid = lay_out(panel, parts, made, config).layout
    steps = form.window + (form.horizon if task == "forecast" else 0)
    for part in (TRAINING, VALIDATION):
        spans = stretches(laid.segments, laid.parts, part)
        assert (spans[:, 1] - spans[:, 0]).max() >= steps
    assert shortest <= form.window
