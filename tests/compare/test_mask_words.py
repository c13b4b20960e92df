"""Sentences on other masks, on where the error sits, and on missingness say what the numbers do."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from masklab.compare import informative
from masklab.compare.errors_by_region import pooled
from masklab.compare.informative import BOTH, MASK, VALUES, Found, in_words
from masklab.compare.validation_cells import load
from masklab.runs.store import Store
from masklab.ui.compare.mask_words import cells_words, cross_words, left_out_words
from masklab.ui.compare.where_words import rises
from tests.compare.trained_cases import csv, tiny, train


def table(scores: dict[str, list[float]], rates=(0.0, 0.5, 0.9)) -> pd.DataFrame:
    """Return rows for each strategy under no mask and one generator at two rates."""
    return pd.DataFrame(
        [
            {
                "strategy": name, "row": name, "mask": f"m{rate}", "rate": rate, "mean": score,
                "family": "mcar" if rate else None,
            }
            for name, line in scores.items()
            for rate, score in zip(rates, line, strict=True)
        ]
    )  # fmt: skip


def naive(*levels: float) -> pd.DataFrame:
    return pd.DataFrame({"mask": ["m0.0", "m0.5", "m0.9"], "score": levels})


def test_one_that_wins_everywhere_is_named_with_what_it_loses():
    found = table({"carry": [0.2, 0.3, 0.5], "mean_fill": [0.25, 0.5, 1.0]})
    said = cross_words(found, naive(9, 9, 9), "RMSE")
    assert "**carry** scores lowest under all 3 masks." in said
    assert "the RMSE of **carry** grows 2.50 times, that of **mean\\_fill** 4.00 times" in said
    assert "naive" not in said


def test_several_that_win_are_counted_and_naive_ones_that_do_as_well_are_told():
    found = table({"carry": [0.2, 0.3, 0.9], "decay": [0.3, 0.4, 0.5]})
    said = cross_words(found, naive(9, 0.25, 0.5), "RMSE")
    assert "Of 3 masks, **carry** under 2 and **decay** under 1 score lowest." in said
    assert "Under 2 of them a naive baseline" in said


def test_who_sees_hidden_values_does_not_win():
    found = table({"ignore": [0.1, 0.1, 0.1], "carry": [0.2, 0.3, 0.5]})
    assert "**carry** scores lowest under all" in cross_words(found, naive(9, 9, 9), "RMSE")
    regions = pd.DataFrame(
        {
            "strategy": ["ignore", "ignore", "carry", "carry"], "level": ["1", "2"] * 2,
            "score": [0.1, 0.1, 0.2, 0.5], "cells": [40] * 4, "few": [False] * 4,
        }
    )  # fmt: skip
    assert rises(regions, "distance", "RMSE") == (
        "**carry** errs least at a distance of 1 step (RMSE 0.2) and most at a distance of 2 steps "
        "(0.5, 2.5 times as much)."
    )
    assert "**ignore** is 0.1 throughout" in rises(regions[:2], "gap", "RMSE")


def test_levels_of_few_cells_decide_nothing():
    regions = pd.DataFrame(
        {
            "strategy": ["carry"] * 3, "level": ["none", "1", "2"], "score": [0.3, 0.2, 9.0],
            "cells": [40, 40, 3], "few": [False, False, True],
        }
    )  # fmt: skip
    assert "most at no gap" in rises(regions, "gap", "MAE")
    assert "too few to tell" in rises(regions.assign(few=True), "gap", "MAE")


def test_scores_that_are_not_defined_are_said():
    found = table({"carry": [math.nan] * 3})
    assert cross_words(found, naive(1, 1, 1), "MRE") == "The MRE is not defined here (—)."


def test_windows_without_anything_to_read_and_runs_left_out_are_told():
    result = {"cells": 1200, "windows": 300, "masks": [{"name": "a_b", "blind": 0}]}
    assert "1,200 cells of 300 validation windows" in cells_words(result, 2)
    assert "nothing left to read" not in cells_words(result, 2)
    result["masks"].append({"name": "a_b", "blind": 12})
    assert "Under a\\_b, 12 of 300 windows have nothing left" in cells_words(result, 2)
    rows = [{"strategy": "carry", "seed": seed, "why": "Gone."} for seed in range(5)]
    (said,) = left_out_words([*rows, {"strategy": "carry", "seed": 9, "scores": []}])
    assert said.startswith("5 runs left out (carry, seed 0; carry, seed 1; carry, seed 2 and more)")


def found(mask: list[float], values: list[float], both: list[float], mean: float = 1.0) -> Found:
    scores = pd.DataFrame({MASK: mask, VALUES: values, BOTH: both})
    return Found(scores, scores, mean, 2.0, 100)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (found([0.9, 0.86], [0.5, 0.5], [0.45, 0.45]), ["12.0 % better than the best constant", "help: 10.0 %"]),
        (found([1.01, 0.99], [0.5, 0.5], [0.5, 0.51]), ["no better than the best constant (0.0 %", "add nothing"]),
        (found([0.9, 1.1], [0.5, 0.5], [0.6, 0.6]), ["seeds do not agree", "do harm: 20.0 % worse"]),
        (found([0.7], [0.5], [0.5]), ["30.0 % better than the best constant, one seed"]),
    ],
)  # fmt: skip
def test_the_answer_on_missingness_is_what_the_seeds_say(result, said):
    assert all(one in in_words(result) for one in said), in_words(result)


def test_seeds_are_paired():
    scores = pd.DataFrame({MASK: [1.0, 1.0], VALUES: [0.5, math.nan], BOTH: [0.4, 0.1]})
    result = Found(scores, scores, 1.0, 1.0, 10)
    assert result.flag_gain.tolist() == [pytest.approx(0.2)]


@pytest.mark.parametrize("follows", ["the value", "chance"])
def test_a_mask_that_follows_the_values_is_found_informative_and_a_random_one_is_not(
    tmp_path, follows
):
    """High values are hidden, so that the mask tells where in its wave a channel is; or as many cells at random."""
    rule = {"kind": "mnar", "rate": 0.4, "strength": 20}
    if follows == "chance":
        rule = {"kind": "mcar", "rate": 0.4}
    long = tmp_path / "long"
    long.mkdir()
    experiment = tiny(
        tmp_path, data={"path": str(csv(long, rows=740))}, seeds=[0, 1],
        recipe={"layers": [{"rule": rule}]}, model={"hidden_size": 8},
        training={"epochs": 15, "learning_rate": 0.02, "patience": None},
        task={"kind": "forecast", "window": 8, "horizon": 1, "targets": ["b"]},
    )  # fmt: skip
    store = Store.open(tmp_path / "store")
    identity = train(store, informative.experiment_of(experiment))
    result = informative.found(store, identity)
    assert result.scores.shape == (2, 3)
    tells = "what is missing tells something" in in_words(result)
    assert tells == (follows == "the value"), in_words(result)


@pytest.mark.parametrize("metric", ["rmse", "mse", "mae"])
def test_predictions_are_moved_to_the_level_that_fits_best(tmp_path, metric):
    store = Store.open(tmp_path / "store")
    identity = train(store, tiny(tmp_path, seeds=[0]))
    cells, predicted = load(store, identity, store.runs(identity))
    for given in (np.zeros(len(cells)), next(iter(predicted.values()))):
        best = informative.centred(cells, given, metric, "scaled")
        moved = given + np.where(cells.target == 0, 7.0, -40.0)
        assert informative.centred(cells, moved, metric, "scaled") == pytest.approx(best)
        for a in np.linspace(-2, 2, 21):
            for b in np.linspace(-3, 8, 23):
                shifted = given + np.where(cells.target == 0, a, b)
                assert pooled(cells, shifted, metric, "scaled") >= best - 1e-12
    assert informative.centred(cells, cells.truth + 5, metric) == pytest.approx(0, abs=1e-9)


def test_before_any_run_has_finished_there_is_no_answer(tmp_path):
    store = Store.open(tmp_path / "store")
    identity = store.add_experiment(informative.experiment_of(tiny(tmp_path)), ".")
    assert informative.found(store, identity) is None
