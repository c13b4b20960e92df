"""Scores on all target cells and on the hidden ones alone: what a walk over the predictions gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from training_cases import experiment, hide_all, layer, recipe, waves

from masklab.data.series import Panel
from masklab.errors import TrainingError
from masklab.split import VALIDATION
from masklab.training import predictions
from masklab.training.loop import Run
from masklab.training.predictions import Predictions, predicted_rows
from masklab.training.prepare import Prepared, prepare
from masklab.training.report import EpochReport

FORECAST = {"kind": "forecast", "window": 24, "horizon": 3}
RECONSTRUCT = {"kind": "reconstruct", "window": 24, "rate": 0.3}
MASK = recipe(layer("mcar", rate=0.3, seed=1), layer("periodic", every=50, width=6, unit="steps"))


def run_of(
    kind: str, task: dict[str, Any], masks: dict[str, Any], panel: Panel | None = None, **more: Any
) -> tuple[Run, Prepared]:
    """A run of one strategy beside another that reads the mask, so that own may be more than common."""
    settings = {"epochs": 2, **more}
    one = experiment([kind, "indicator"], task=task, recipe=masks, training=settings)
    shared = prepare(one, panel if panel is not None else waves(missing=0.1))
    return Run(shared, one.strategies[0], 0, one.model, one.training), shared


def last_epoch(run: Run) -> tuple[EpochReport, Predictions]:
    """Train; return the last epoch's report, and what the network of that epoch predicts."""
    for report in run.reports():
        found = report, run.predictions()
    return found


def walked(shared: Prepared, seen: Predictions, cells: str) -> dict[str, tuple[float, float]]:
    """Return scaled and original scores by hand, cell by cell, and their number."""
    errors: list[tuple[float, float, float, float]] = []
    fresh = shared.fresh
    for window, rows in enumerate(predicted_rows(shared, VALIDATION)):
        for step, row in enumerate(rows):
            for place, column in enumerate(shared.targets):
                is_fresh = fresh is not None and fresh[row, column]
                is_hidden = not shared.observed[row, column] and not is_fresh
                if not shared.native[row, column] or (cells == "hidden" and not is_hidden):
                    continue
                scale = shared.scaler.scale[0, column]
                value = float(shared.values[row, column])
                error = float(seen.scaled[window, step, place]) - value
                whole = value * scale + shared.scaler.shift[0, column]
                errors.append((error, error * scale, value, whole))
    table = np.abs(np.array(errors))
    pairs = {}
    for name, power in (("mae", 1), ("mse", 2)):
        pairs[name] = tuple(float((table[:, one] ** power).mean()) for one in (0, 1))
    pairs["rmse"] = tuple(math.sqrt(one) for one in pairs["mse"])
    pairs["mre"] = tuple(float(table[:, one].sum() / table[:, one + 2].sum()) for one in (0, 1))
    pairs["count"] = (len(errors), len(errors))
    return pairs


@pytest.mark.parametrize("kind", ["ignore", "carry"])
@pytest.mark.parametrize(
    "task", [FORECAST, {**FORECAST, "targets": ["b"]}, RECONSTRUCT, {**RECONSTRUCT, "targets": ["b"]}]
)  # fmt: skip
def test_scores_of_both_sets_are_those_of_a_walk_over_all_windows(kind, task):
    run, shared = run_of(kind, task, MASK)
    report, seen = last_epoch(run)
    for cells in ("observed", "hidden"):
        expected = walked(shared, seen, cells)
        for place, scores in enumerate(
            (getattr(report, cells), getattr(report, f"{cells}_original"))
        ):
            for name, pair in expected.items():
                assert getattr(scores, name) == pytest.approx(pair[place], rel=1e-5), (cells, name)
    assert report.observed.count > report.hidden.count > 0
    assert report.observed.count > report.common.count


def test_a_forecast_s_cells_are_hidden_ones_and_those_that_a_reader_of_the_mask_counts():
    run, _ = run_of("carry", FORECAST, MASK)
    report, _ = last_epoch(run)
    assert report.observed.count == report.own.count + report.hidden.count
    together = report.own.mse * report.own.count + report.hidden.mse * report.hidden.count
    assert report.observed.mse * report.observed.count == pytest.approx(together)


def test_one_that_ignores_the_mask_counts_all_cells_itself():
    run, _ = run_of("ignore", FORECAST, MASK)
    report, _ = last_epoch(run)
    assert report.observed == report.own
    assert report.observed_original == report.own_original


def test_cells_hidden_afresh_are_not_those_that_the_user_hides():
    run, shared = run_of("carry", RECONSTRUCT, MASK)
    assert not (shared.hidden & shared.fresh).any()
    report, seen = last_epoch(run)
    assert not (seen.hidden & seen.common).any()
    assert report.hidden.count == int(seen.hidden.sum())


@pytest.mark.parametrize("task", [FORECAST, RECONSTRUCT])
def test_where_nothing_is_hidden_in_validation_there_is_no_score_on_it(task):
    for masks in ({}, hide_all("training", ["b"])):
        report, _ = last_epoch(run_of("carry", task, masks)[0])
        for scores in (report.hidden, report.hidden_original):
            assert scores.count == 0
            assert math.isnan(scores.rmse)
            assert math.isnan(scores.mase)
        assert report.observed.count > 0


def test_steps_laid_into_gaps_are_in_no_set():
    panel = waves()
    kept = np.delete(np.arange(panel.rows), np.r_[440:450, 480:483])
    gappy = Panel(
        panel.names, np.array([0, len(kept)]), panel.clock[kept], panel.values[kept], panel.channels
    )
    run, shared = run_of("carry", FORECAST, MASK, gappy, longest_gap=20)
    assert shared.source is not None
    _, seen = last_epoch(run)
    assert (seen.rows < 0).any()
    assert not (seen.known | seen.hidden)[seen.rows < 0].any()
    assert np.array_equal(seen.known, ~np.isnan(seen.truth))


def test_kept_predictions_hold_every_cell_that_has_a_truth(tmp_path):
    run, _ = run_of("carry", RECONSTRUCT, MASK)
    seen = run.predictions()
    predictions.write(seen, tmp_path / "file")
    kept = predictions.read(tmp_path / "file")
    assert np.array_equal(kept.scored, seen.known)
    assert np.array_equal(kept.scaled, seen.scaled[seen.known])
    for name in ("common", "own", "hidden"):
        assert np.array_equal(getattr(kept, name), getattr(seen, name)[seen.known])


def test_predictions_of_before_are_read_without_the_hidden_cells(tmp_path):
    run, _ = run_of("carry", FORECAST, MASK)
    seen = run.predictions()
    scored = seen.own | seen.common
    # As they were written before every known cell was kept.
    arrays = {
        name: getattr(seen, name)[scored] for name in ("scaled", "predicted", "common", "own")
    }
    save = predictions.safetensors.numpy.save
    (tmp_path / "old").write_bytes(save({**arrays, "rows": seen.rows, "scored": scored}))
    kept = predictions.read(tmp_path / "old")
    assert kept.hidden is None
    assert np.array_equal(kept.scored, scored)
    (tmp_path / "odd").write_bytes(save({**arrays, "rows": seen.rows}))
    with pytest.raises(TrainingError, match="damaged or none"):
        predictions.read(tmp_path / "odd")
