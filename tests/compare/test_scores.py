"""Scores over seeds against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from masklab.compare.scores import best_epochs, column, curves, summary
from masklab.errors import ExperimentError
from masklab.runs.rows import RunRow
from masklab.runs.schema import CELLS, SCORE_COLUMNS
from masklab.runs.spec import STRATEGIES

# Common RMSE by strategy, seed and epoch; the lowest of each is its best epoch.
CARRY = {0: [5.0, 3.0, 4.0], 1: [6.0, 5.0, 4.0], 2: [9.0, 2.0]}
ZERO = {0: [7.0, 5.0], 1: [8.0, 5.0, 6.0], 2: [9.0, 8.0]}


def run_row(strategy: str, seed: int, status: str = "finished") -> RunRow:
    return RunRow(
        id=f"x-{strategy}-{seed}", experiment_id="x", strategy=strategy, strategy_json="{}",
        seed=seed, status=status, epoch=1, epochs=3, best_score=None, seconds=1, seconds_left=None,
        message="", stopping=False, created=0, started=0, ended=0,
    )  # fmt: skip


def frame(**scores: dict[int, list[float]]) -> pd.DataFrame:
    rows = []
    for strategy, seeds in scores.items():
        for seed, values in seeds.items():
            best = math.inf
            for epoch, value in enumerate(values, start=1):
                row = dict.fromkeys(SCORE_COLUMNS, value) | {"common_count": 7, "own_count": 9}
                row["own_rmse"], row["common_original_rmse"] = value * 2, value * 10
                rows.append(
                    {
                        "run_id": f"x-{strategy}-{seed}",
                        "strategy": strategy,
                        "seed": seed,
                        "epoch": epoch,
                        "is_best": value < best,
                        **row,
                    }
                )
                best = min(best, value)
    return pd.DataFrame(rows)


@pytest.fixture
def reports() -> pd.DataFrame:
    return frame(carry=CARRY, zero_fill=ZERO)


@pytest.fixture
def runs() -> list[RunRow]:
    return [run_row(one, seed) for seed in range(3) for one in ("carry", "zero_fill")]


def test_a_score_is_named_by_cells_metric_and_units():
    assert column("own", "mae", "original") == "own_original_mae"
    assert {
        column(cells, metric, units)
        for cells in ("common", "own", "observed", "hidden")
        for metric in ("mse", "mae", "rmse", "mre", "mase")
        for units in ("scaled", "original")
    } | {f"{one}_count" for one in CELLS} == set(SCORE_COLUMNS)
    with pytest.raises(ExperimentError, match="no metric 'r2'"):
        column("common", "r2")


def test_a_curve_is_mean_deviation_and_range_over_the_seeds_that_got_so_far(reports):
    found = curves(reports).set_index(["strategy", "epoch"])
    first, last = found.loc[("carry", 1)], found.loc[("carry", 3)]
    assert (first["mean"], first["min"], first["max"], first["n"]) == (20 / 3, 5, 9, 3)
    assert first["std"] == pytest.approx(math.sqrt(((5 - 20 / 3) ** 2 + (6 - 20 / 3) ** 2 + (9 - 20 / 3) ** 2) / 2))  # fmt: skip
    assert (last["mean"], last["n"]) == (4, 2)
    alone = found.loc[("zero_fill", 3)]
    assert alone["n"] == 1
    assert np.isnan(alone["std"])


def test_curves_keep_the_order_of_strategies_and_take_other_scores(reports):
    found = curves(reports.iloc[::-1], "own")
    assert list(dict.fromkeys(found["strategy"])) == ["zero_fill", "carry"]
    assert found["epoch"].tolist() == [1, 2, 3, 1, 2, 3]
    assert found["mean"].iloc[-1] == 8
    assert curves(reports, units="original")["mean"].iloc[2] == 40


def test_a_run_stands_at_the_epoch_whose_weights_were_kept(reports):
    found = best_epochs(reports)
    assert found["epoch"].tolist() == [2, 3, 2, 2, 2, 2]
    assert found["score"].tolist() == [3, 4, 2, 5, 5, 8]
    assert best_epochs(reports, "own")["score"].tolist() == [6, 8, 4, 10, 10, 16]
    assert found["scored"].tolist() == [7] * 6
    assert best_epochs(reports, "own")["scored"].tolist() == [9] * 6


def test_differences_are_paired_by_seed(reports, runs):
    found = summary(reports, runs, baseline="carry").set_index("strategy")
    carry, zero = found.loc["carry"], found.loc["zero_fill"]
    assert (carry["mean"], carry["std"], carry["min"], carry["max"]) == (3, 1, 2, 4)
    assert (carry["difference"], carry["difference_std"]) == (0, 0)
    # 5-3, 5-4, 8-2: their mean, and their own deviation, not that of the two means.
    assert zero["difference"] == 3
    assert zero["difference_std"] == pytest.approx(math.sqrt(7))
    assert zero["difference_n"] == 3
    assert zero["best_epoch"] == 2


def test_only_finished_runs_count_unless_asked(reports, runs):
    runs[1] = run_row("zero_fill", 0, "failed")
    runs[2] = run_row("carry", 1, "stopped")
    found = summary(reports, runs).set_index("strategy")
    assert found["n"].tolist() == [2, 2]
    assert found["runs"].tolist() == [3, 3]
    assert found.loc["zero_fill", "difference_n"] == 1  # only seed 2 has both
    assert found.loc["zero_fill", "difference"] == 6
    both = summary(reports, runs, include=("finished", "stopped"))
    assert both["n"].tolist() == [3, 2]


def test_a_score_that_one_run_lacks_is_not_that_of_the_others(reports, runs):
    reports.loc[reports["run_id"] == "x-carry-1", "common_mase"] = math.nan
    found = summary(reports, runs, metric="mase").set_index("strategy")
    lacking = ["mean", "std", "min", "max", "difference"]
    assert found.loc["carry", lacking].isna().all()
    assert found.loc["carry", "n"] == 3
    assert found.loc["zero_fill", "mean"] == 6
    whole = summary(reports, runs).set_index("strategy")
    assert whole.loc["carry", "mean"] == 3


def test_a_strategy_without_a_finished_run_is_shown_without_numbers(reports, runs):
    waiting = [*runs, run_row("ignore", 0, "queued")]
    found = summary(reports, waiting, baseline="ignore").set_index("strategy")
    assert found.loc["ignore", "n"] == 0
    assert np.isnan(found.loc["ignore", "mean"])
    assert found["difference"].isna().all()


def test_nothing_reported_gives_empty_tables(runs):
    empty = frame(carry={0: [1.0]}).iloc[:0]
    assert len(curves(empty)) == 0
    assert len(best_epochs(empty)) == 0
    found = summary(empty, runs)
    assert found["n"].tolist() == [0, 0]
    assert found["mean"].isna().all()
    assert len(summary(empty, [])) == 0


def test_the_baseline_must_be_there(reports, runs):
    with pytest.raises(ExperimentError, match="no strategy 'reset' to compare with"):
        summary(reports, runs, baseline="reset")


def test_causality_is_the_strategy_s_own(reports, runs):
    found = summary(reports, runs).set_index("strategy")
    for label in found.index:
        assert found.loc[label, "causal"] == STRATEGIES[label].causal
    assert not summary(reports, runs, whole_windows=True)["causal"].any()
