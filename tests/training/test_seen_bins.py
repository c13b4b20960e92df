"""Bins, samples and lengths add up to the windows that they draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_seen import KINDS, cases, label
from training_cases import experiment, layer, panel_of, recipe

from masklab.runs.spec import STRATEGIES
from masklab.training.seen import seen
from masklab.training.seen_bins import bins, histogram, lengths, sampled, unfit_rows
from masklab.training.seen_words import at_masked_step, step_words, steps_words


def seen_of(case):
    plan, panel, parts = case
    observed = plan.recipe.apply(panel, parts).observed
    return seen(plan, panel, observed, parts, plan.strategies[0]), panel


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(1, 20))
def test_the_bins_hold_every_window_of_their_series_once(case, count):
    found, panel = seen_of(case)
    series = tuple(range(len(panel)))[:2]
    drawn = bins(found, panel, series, count)
    assert drawn.edges.shape == (count + 1,)
    mine = [np.isin(found.laid.layout.series[one.windows.starts], series) for one in found.parts]
    used = [one.windows.used & own for one, own in zip(found.parts, mine, strict=True)]
    assert drawn.used.sum() == sum(int(one.sum()) for one in used)
    total = sum(float(one.share[own].sum()) for one, own in zip(found.parts, used, strict=True))
    assert np.nansum(drawn.share * drawn.used) == pytest.approx(total)
    assert (np.isnan(drawn.share) == (drawn.used == 0)).all()
    if len(panel) <= 2:
        assert drawn.unusable.sum() == sum(one.dropped.unusable for one in found.parts)
        assert drawn.unscored.sum() == sum(one.dropped.unscored for one in found.parts)


@settings(max_examples=80, deadline=None)
@given(cases())
def test_rows_without_room_are_the_windows_that_do_not_fit(case):
    found, _ = seen_of(case)
    for one in found.parts:
        if one.shape.stride == 1 and found.laid.layout.padding is None:
            assert len(unfit_rows(found, one)) == one.dropped.unfit


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(1, 10), st.integers(1, 4))
def test_sampled_windows_are_what_is_usable_of_their_columns(case, windows, columns):
    found, _ = seen_of(case)
    drawn = sampled(found, windows, columns)
    assert len(drawn.starts) == min(windows, drawn.total)
    assert (np.diff(drawn.starts) > 0).all()
    assert drawn.widths.sum() == drawn.length
    assert len(drawn.widths) <= columns
    for row, start in enumerate(drawn.starts):
        for column in range(len(drawn.widths)):
            first = start + column * drawn.size
            inside = slice(first, first + drawn.widths[column])
            assert drawn.steps[row, column] == found.step[inside].sum()
            assert drawn.cells[row, column] == found.cells[inside].sum()


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(2, 30))
def test_lengths_and_histogram_count_every_window_in_use(case, most):
    found, _ = seen_of(case)
    table, drawn = lengths(found), histogram(found, most)
    used = [one for one in found.parts if one.used]
    assert len(table) == len(used)
    if not used:
        assert drawn.empty
        return
    for one, row in zip(used, table.to_dict("records"), strict=True):
        steps = np.sort(one.steps[one.windows.used])
        assert (row["least"], row["most"]) == (steps[0], steps[-1])
        assert row["median"] == np.median(steps)
        assert row["blind"] == (steps == 0).sum()
        mine = drawn[drawn["part"] == row["part"]]
        assert len(mine) <= most
        assert mine["windows"].sum() == row["windows"] == len(steps)
        assert mine["share"].sum() == pytest.approx(1)
        for each in mine.to_dict("records"):
            assert each["windows"] == ((steps >= each["first"]) & (steps <= each["last"])).sum()
    assert table["since_reset"].notna().all() == (found.strategy.recurrence == "reset")


def test_no_window_at_all_gives_empty_tables():
    plan = experiment(["carry"], task={"kind": "forecast", "window": 40, "horizon": 2})
    panel = panel_of(np.ones((20, 1)))
    found = seen(plan, panel, panel.native, plan.split.parts(panel), plan.strategies[0])
    assert lengths(found).empty
    assert histogram(found).empty
    assert isinstance(histogram(found), pd.DataFrame)
    assert len(sampled(found).starts) == 0
    assert bins(found, panel, (0,), 5).unfit.sum() == 20


@pytest.mark.parametrize("given_", KINDS, ids=label)
def test_every_strategy_has_words_for_each_kind_of_step(given_):
    strategy = STRATEGIES[given_["kind"]].model_validate(given_)
    assert strategy.stand_in()
    assert not strategy.stand_in().endswith(".")
    skips = strategy.collapsed_by is not None
    assert at_masked_step(strategy).startswith("filled with ") != skips

    def words(**changes):
        step = {"usable": True, "cells": 3, "hidden": 0, "laid_in": False} | changes
        return step_words(strategy, 3, **step)

    assert words() == "shown"
    assert words(cells=2) == f"shown, 1 of 3 channels filled with {strategy.stand_in()}"
    assert words(usable=False, cells=0) == at_masked_step(strategy)
    assert words(usable=False, cells=0, laid_in=True).startswith("no row in the file: ")
    assert "read all the same" in words(hidden=2)
    several = steps_words(strategy, 3, width=4, usable=3, cells=9, hidden=0)
    assert several == f"3 of 4 steps shown, 1 {at_masked_step(strategy)}; 9 of 12 cells"


def test_fill_values_and_fillings_are_named():
    named = {
        one.label: one.stand_in()
        for one in (
            STRATEGIES["zero_fill"](value=-9.0),
            STRATEGIES["zero_fill"](zero="scaled"),
            STRATEGIES["indicator"](fill="forward"),
            STRATEGIES["interval"](fill="zero"),
            STRATEGIES["mean_fill"](),
        )
    }
    assert list(named.values()) == [
        "-9 in file units", "0 in scaled units", "the last observed value", "0 in file units", "the training mean",
    ]  # fmt: skip


def test_a_strategy_that_leaks_counts_what_it_should_not_see():
    plan = experiment(["ignore"], recipe=recipe(layer("mcar", rate=0.5)))
    panel = panel_of(np.ones((200, 2)))
    parts = plan.split.parts(panel)
    found = seen(plan, panel, plan.recipe.apply(panel, parts).observed, parts, plan.strategies[0])
    assert found.hidden.sum() == 200
    assert found.observed.sum() == 200
    assert sampled(found).hidden.sum() > 0
