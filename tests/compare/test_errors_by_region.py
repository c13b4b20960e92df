"""Errors by region are those that plain loops over windows and cells find."""

from __future__ import annotations

import datetime
import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from masklab.compare import errors_by_region as regions
from masklab.compare import worst_windows
from masklab.compare.validation_cells import load
from masklab.errors import StoreError
from masklab.runs import artifacts
from masklab.runs.store import Store
from masklab.split import TRAINING, VALIDATION
from masklab.training.prepare import prepare
from tests.compare.trained_cases import FORECAST, LAYER, RECONSTRUCT, tiny, train

CASES = {
    "forecast": {"task": FORECAST},
    "one target": {"task": FORECAST | {"targets": ["b"]}},
    "reconstruct": {"task": RECONSTRUCT},
    "blocks": {
        "task": FORECAST | {"window": 16},
        "recipe": {"layers": [{"rule": {"kind": "blocks", "rate": 0.5, "length": 5}}]},
    },
    "reconstruct blocks": {
        "task": RECONSTRUCT,
        "recipe": {"layers": [{"rule": {"kind": "blocks", "rate": 0.4, "length": 5}}, LAYER]},
    },
    "ignore too": {"task": FORECAST, "strategies": [{"kind": "ignore"}, {"kind": "carry"}]},
    "scaled by series": {"task": FORECAST, "training": {"epochs": 1, "scaling_over": "series"}},
}


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    store = Store.open(folder / "store")
    experiment = tiny(folder, **CASES[request.param])
    identity = train(store, experiment)
    cells, predicted = load(store, identity, store.runs(identity))
    return store, identity, experiment, cells, predicted


def scored_cells(experiment, panel):
    """Yield window number, start, row and column of each common validation cell, one by one."""
    prepared = prepare(experiment, panel)
    window, horizon = experiment.task.window, prepared.horizon
    for number, start in enumerate(prepared.starts(VALIDATION)):
        for step in range(horizon or window):
            row = start + (window if horizon else 0) + step
            for target, column in enumerate(prepared.targets):
                if prepared.common[row, target]:
                    yield number, int(start), int(row), column


def by_hand(experiment, panel) -> dict[str, list]:
    """Return what stands around each cell, found by walking from it."""
    prepared = prepare(experiment, panel)
    window, horizon = experiment.task.window, prepared.horizon
    observed = prepared.observed
    asked = np.zeros_like(observed) if prepared.fresh is None else prepared.fresh
    found: dict[str, list] = {"distance": [], "gap": [], "mask": []}
    for _, start, row, column in scored_cells(experiment, panel):
        last_read = start + window - 1 if horizon else row
        back = last_read
        while back >= start and not observed[back, column]:
            back -= 1
        found["distance"].append(row - back if back >= start else -1)
        at = last_read
        while at >= start and observed[at, column]:
            at -= 1
        length = 0
        while at - length >= start and not observed[at - length, column]:
            length += 1
        if not horizon:
            ahead = row + 1
            while ahead < start + window and not observed[ahead, column]:
                length, ahead = length + 1, ahead + 1
        found["gap"].append(length)
        masked = [
            abs(one - row)
            for one in range(start, start + window + horizon)
            if not observed[one, column] and not asked[one, column]
        ]
        found["mask"].append(min(masked, default=-1))
    return found


def test_cells_stand_where_the_training_had_them(case):
    store, identity, experiment, cells, _ = case
    expected = list(scored_cells(experiment, store.panel(identity)))
    mine = zip(cells.window, cells.start[cells.window], cells.row, cells.column, strict=True)
    assert [tuple(map(int, one)) for one in mine] == expected


def test_gaps_and_distances_are_those_found_by_walking(case):
    store, identity, experiment, cells, _ = case
    expected = by_hand(experiment, store.panel(identity))
    assert regions.distances(cells).tolist() == expected["distance"]
    assert regions.gaps(cells).tolist() == expected["gap"]
    assert regions.mask_distances(cells).tolist() == expected["mask"]
    assert len(set(expected["gap"])) > 1


def test_all_cells_together_have_the_score_that_the_training_reported(case):
    store, identity, _, cells, predicted = case
    reports = store.reports(identity)
    best = reports[reports["is_best"]].groupby("run_id").tail(1).set_index("run_id")
    codes = np.zeros(len(cells), dtype=int)
    for run, values in predicted.items():
        for metric in ("mse", "rmse", "mae", "mre", "mase"):
            for units, name in (("scaled", "common_"), ("original", "common_original_")):
                (mine,) = regions._scores(cells, values, codes, 1, metric, units)
                assert mine == pytest.approx(best.loc[run, f"{name}{metric}"], rel=2e-4)


@pytest.mark.parametrize("metric", ["rmse", "mae", "mse", "mre"])
@pytest.mark.parametrize("factor", regions.FACTORS)
def test_scores_by_level_are_those_of_a_plain_loop(case, factor, metric):
    _, _, _, cells, predicted = case
    if factor not in regions.factors_of(cells):
        return
    levels = regions.levels(cells, factor)
    seeds = list(predicted.values())[:2]
    table = regions.by_region(cells, {"s": seeds}, factor, metric=metric, units="original")
    assert table["cells"].sum() == len(cells)
    assert list(table["level"]) == [one for one in levels.names if one in set(table["level"])]
    for row in table.itertuples():
        mine = [at for at in range(len(cells)) if levels.names[levels.codes[at]] == row.level]
        scores = []
        for values in seeds:
            errors = [abs(values[at] - cells.truth[at]) for at in mine]
            squares = sum(one**2 for one in errors) / len(mine)
            size = sum(abs(cells.truth[at]) for at in mine)
            scores.append(
                {
                    "mse": squares,
                    "rmse": math.sqrt(squares),
                    "mae": sum(errors) / len(mine),
                    "mre": sum(errors) / size,
                }[metric]
            )
        assert row.cells == len(mine)
        assert row.few == (len(mine) < regions.FEW)
        assert row.score == pytest.approx(sum(scores) / len(scores))
        assert (row.low, row.high) == (pytest.approx(min(scores)), pytest.approx(max(scores)))


def test_levels_double_and_name_what_is_special(case):
    _, _, _, cells, _ = case
    for factor, steps, special in (
        ("distance", regions.distances(cells), (-1, "none seen")),
        ("gap", regions.gaps(cells), (0, "none")),
    ):
        levels = regions.levels(cells, factor)
        for step, code in zip(steps, levels.codes, strict=True):
            name = levels.names[code]
            if step == special[0]:
                assert name == special[1]
            else:
                low, _, high = name.partition("–")
                assert int(low) <= step <= int(high or low)


def test_masked_beside_and_far_are_told_apart(case):
    _, _, _, cells, _ = case
    levels = regions.levels(cells, "nearness")
    near = regions.reach(cells)
    for step, code in zip(regions.mask_distances(cells), levels.codes, strict=True):
        expected = "masked" if step == 0 else "beside" if 0 < step <= near else "far"
        assert levels.names[code] == expected


def test_hours_and_days_are_those_of_the_data_s_zone(tmp_path):
    reading = {"timezone": "Asia/Kathmandu"}
    store = Store.open(tmp_path / "store")
    experiment = tiny(tmp_path, seeds=[0])
    experiment = experiment.model_copy(
        update={
            "data": experiment.data.model_copy(
                update={"reading": type(experiment.data.reading)(**reading)}
            )
        }
    )
    identity = train(store, experiment)
    cells, _ = load(store, identity, store.runs(identity))
    hours, days = regions.levels(cells, "hour"), regions.levels(cells, "weekday")
    zone = ZoneInfo("Asia/Kathmandu")
    for at in range(len(cells)):
        moment = cells.panel.clock[cells.source[at]].astype("datetime64[us]").item()
        local = moment.replace(tzinfo=datetime.UTC).astimezone(zone)
        assert hours.names[hours.codes[at]] == f"{local:%H}"
        assert days.names[days.codes[at]] == f"{local:%a}"
    assert cells.panel.timezone == "Asia/Kathmandu"


def test_the_worst_windows_are_found_and_do_not_overlap(case):
    _, _, _, cells, predicted = case
    seeds = list(predicted.values())[:2]
    found = worst_windows.window_errors(cells, seeds)
    for window in range(len(cells.start)):
        mine = [at for at in range(len(cells)) if cells.window[at] == window]
        each = [
            math.sqrt(
                sum(((one[at] - cells.truth[at]) / cells.scale[at]) ** 2 for at in mine) / len(mine)
            )
            for one in seeds
        ]
        assert found[window] == pytest.approx(sum(each) / len(each))
    worst = worst_windows.worst(cells, seeds, most=3)
    assert worst[0] == int(np.argmax(found))
    assert list(found[worst]) == sorted(found[worst], reverse=True)
    spans = [set(range(cells.start[one], cells.start[one] + cells.length + cells.horizon)) for one in worst]  # fmt: skip
    assert all(not a & b for at, a in enumerate(spans) for b in spans[:at])


def test_a_window_shows_truth_mask_and_predictions_as_they_are(case):
    store, identity, experiment, cells, predicted = case
    runs = {run.id: run for run in store.runs(identity)}
    by_strategy: dict[str, list] = {}
    for name, values in predicted.items():
        by_strategy.setdefault(runs[name].strategy, []).append(values)
    strategy = next(iter(by_strategy))
    number = worst_windows.worst(cells, by_strategy[strategy], most=1)[0]
    shown = worst_windows.window_of(cells, by_strategy, number, strategy)
    panel = store.panel(identity)
    prepared = prepare(experiment, panel)
    column = panel.channel_index(shown.channel)
    start = prepared.starts()[number]
    steps = experiment.task.window + prepared.horizon
    assert np.array_equal(shown.rows, np.arange(start, start + steps))
    assert np.array_equal(shown.clock, panel.clock[shown.rows])
    np.testing.assert_array_equal(shown.values, panel.values[shown.rows, column])
    assert np.array_equal(shown.observed, prepared.observed[shown.rows, column])
    for name, line in shown.predicted.items():
        for step, value in enumerate(line):
            mine = np.flatnonzero(
                (cells.window == number) & (cells.row == start + step) & (cells.column == column)
            )
            if len(mine):
                assert value == pytest.approx(np.mean([one[mine[0]] for one in by_strategy[name]]))
            else:
                assert np.isnan(value)
    assert set(shown.predicted) == set(by_strategy)


def test_laid_in_steps_and_padding_are_followed(tmp_path):
    experiment = tiny(tmp_path, seeds=[0], training={"epochs": 1, "longest_gap": 3})
    path = tmp_path / "tiny.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:240] + lines[242:250] + lines[251:]))
    store = Store.open(tmp_path / "store")
    identity = train(store, experiment)
    cells, _ = load(store, identity, store.runs(identity))
    panel = store.panel(identity)
    assert (cells.mask.source < 0).sum() == 3
    expected = by_hand(experiment, panel)
    assert regions.distances(cells).tolist() == expected["distance"]
    assert regions.gaps(cells).tolist() == expected["gap"]
    assert np.isfinite(cells.truth).all()
    prepared = prepare(experiment, panel)
    assert np.array_equal(cells.start, prepared.starts())
    crossing = next(
        number
        for number, start in enumerate(cells.start)
        if (cells.mask.source[start : start + 10] < 0).any() and cells.mask.parts[start] != TRAINING
    )
    seeds = {"s": [cells.truth]}
    shown = worst_windows.window_of(cells, seeds, crossing, "s")
    assert (np.diff(shown.clock) == np.timedelta64(3600, "s")).all()
    assert np.isnan(shown.values[shown.rows < 0]).all()


@pytest.mark.parametrize("gone", ["mask", "predictions"])
def test_what_the_store_lacks_is_said(tmp_path, gone):
    store = Store.open(tmp_path / "store")
    identity = train(store, tiny(tmp_path, seeds=[0]))
    runs = store.runs(identity)
    rows = (
        store.artifacts(identity, kind="mask")
        if gone == "mask"
        else [
            one for run in runs for one in store.artifacts(identity, run.id, artifacts.PREDICTIONS)
        ]
    )
    artifacts.remove(store.database, rows)
    with pytest.raises(StoreError, match="Train them anew"):
        load(store, identity, runs)
