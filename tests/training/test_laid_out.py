"""Steps laid into gaps and before short stretches: masked, where they belong, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from training_cases import HOUR, experiment, layer, panel_of, prepared, recipe, waves

from masklab.catalogue import members
from masklab.data.clock import gap_ends, interval
from masklab.data.series import Panel
from masklab.errors import ExperimentError, WindowError
from masklab.nn import build_network
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.strategies.strategy import Statistics, Strategy
from masklab.training.baselines import baseline_scores
from masklab.training.batches import Gatherer
from masklab.training.config import Forecast, ModelConfig, Reconstruct, TrainingConfig
from masklab.training.laid_out import lay_out
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from masklab.windows import Shape, find_windows

STRATEGIES = [member() for member in members("masklab.strategies", Strategy).values()]
PARTS = (TRAINING, VALIDATION, TEST)
BY_SERIES = {"by": "series", "validation_series": ("s1", "s3")}
CPU = torch.device("cpu")


def slow_windows(panel, parts, part, task, config):
    """Walk over each series row by row; return each window as [(row or None, µs), ...]."""
    horizon = task.horizon if isinstance(task, Forecast) else 0
    whole, step = task.window + horizon, int(interval(panel).astype(np.int64))
    cuts, clock = set(gap_ends(panel).tolist()), panel.clock.astype(np.int64).tolist()
    found = []
    for series in range(len(panel)):
        rows = panel.rows_of(series)
        stretches = []
        for row in range(rows.start, rows.stop):
            new = row == rows.start or parts[row] != parts[row - 1]
            if not new and row in cuts:
                missing = max(round((clock[row] - clock[row - 1]) / step) - 1, 0)
                new = not 0 < missing <= config.longest_gap
                if not new:
                    span = clock[row] - clock[row - 1]
                    for k in range(1, missing + 1):
                        stretches[-1].append((None, clock[row - 1] + span * k // (missing + 1)))
            if new:
                stretches.append([])
            stretches[-1].append((row, clock[row]))
        for steps in stretches:
            if parts[steps[0][0]] != part:
                continue
            least = whole if config.shortest is None else config.shortest + horizon
            if least <= len(steps) < whole:
                padding = [(None, steps[0][1])] * (whole - len(steps))
                found.append(padding + steps)
            starts = range(0, len(steps) - whole + 1, config.stride)
            found.extend(steps[start : start + whole] for start in starts)
    return found


@st.composite
def clocks(draw):
    lengths = draw(st.lists(st.integers(1, 14), min_size=1, max_size=4))
    minutes = draw(
        st.lists(
            st.sampled_from([60] * 12 + [120, 130, 180, 290, 600]),
            min_size=sum(lengths),
            max_size=sum(lengths),
        )
    )
    clock = np.datetime64("2024-01-01", "us") + np.cumsum(minutes) * (HOUR / 60)
    panel = Panel(
        names=tuple(f"s{index}" for index in range(len(lengths))),
        offsets=np.cumsum([0, *lengths]),
        clock=clock,
        values=np.ones((sum(lengths), 1)),
        channels=("a",),
    )
    cut = draw(st.integers(0, sum(lengths)))
    parts = (np.arange(sum(lengths)) >= cut).astype(np.int8)
    window = draw(st.integers(2, 9))
    horizon = draw(st.integers(0, 3))
    task = Forecast(window=window, horizon=horizon) if horizon else Reconstruct(window=window)
    config = TrainingConfig(
        longest_gap=draw(st.integers(0, 6)),
        shortest=draw(st.none() | st.integers(1, 9)),
        stride=draw(st.integers(1, 3)),
    )
    return panel, parts, task, config


@settings(max_examples=150, deadline=None)
@given(clocks())
def test_windows_over_laid_in_steps_are_those_of_the_slow_walk(case):
    panel, parts, task, config = case
    laid = lay_out(panel, parts, task, config)
    source = np.arange(panel.rows) if laid.source is None else laid.source
    horizon = task.horizon if isinstance(task, Forecast) else 0
    shape = Shape(task.window, horizon, config.stride)
    every = np.ones(len(source), dtype=bool)
    for part in (TRAINING, VALIDATION):
        expected = slow_windows(panel, parts, part, task, config)
        try:
            starts = find_windows(laid.layout, part, shape, every, every).starts
        except WindowError:
            starts = np.empty(0, dtype=np.int64)
        rows = starts[:, None] + np.arange(shape.steps)
        found = [
            [(row if row >= 0 else None, clock) for row, clock in zip(*window, strict=True)]
            for window in zip(source[rows].tolist(), laid.clock[rows].tolist(), strict=True)
        ]
        assert found == expected


@settings(max_examples=50, deadline=None)
@given(clocks())
def test_every_row_keeps_its_place_and_its_own_facts(case):
    panel, parts, task, config = case
    laid = lay_out(panel, parts, task, config)
    rows = np.arange(panel.rows) if laid.source is None else laid.source
    real = rows >= 0
    np.testing.assert_array_equal(rows[real], np.arange(panel.rows))
    np.testing.assert_array_equal(laid.clock[real], panel.clock.astype(np.int64))
    np.testing.assert_array_equal(laid.layout.series[real], panel.series_of_row)
    np.testing.assert_array_equal(laid.layout.parts[real], parts)
    flags = laid.of(np.ones((panel.rows, 2), dtype=bool))
    np.testing.assert_array_equal(flags, np.stack((real, real), axis=1))


def test_with_nothing_to_lay_in_nothing_is_copied():
    panel = waves(100)
    parts = np.zeros(100, dtype=np.int8)
    task = Forecast(window=10, horizon=2)
    for config in (TrainingConfig(), TrainingConfig(longest_gap=9, shortest=1)):
        laid = lay_out(panel, parts, task, config)
        assert laid.source is None
        assert laid.of(panel.values) is panel.values
        np.testing.assert_array_equal(laid.layout.parts, parts)


def gappy(**training):
    """Two gaps, of 9 and of 40 missing hours, in a series of 600 rows."""
    panel = panel_of(waves(600, missing=0.1).values, skip={100: 9, 300: 40})
    return panel, {"training": training}


def test_only_gaps_up_to_the_limit_are_crossed_and_all_is_told():
    panel, training = gappy(longest_gap=9)
    shared = prepared(panel, **training)
    rows = shared.starts(TRAINING)[:, None] + np.arange(27)
    crossing = (shared.source[rows] < 0).any(axis=1).sum()
    # 35 windows of 27 steps touch 9; the horizons of 7 lie wholly in the gap.
    assert crossing == 35 - 7
    assert any(note.startswith("7 of ") and "no scored target" in note for note in shared.notes)
    real = shared.source[rows]
    assert not ((real < 300).any(axis=1) & (real >= 300).any(axis=1)).any()
    told = (
        f"{crossing} of {len(rows)} training windows hold missing steps of a gap, which are masked."
    )
    assert told in shared.notes
    assert "26 training windows are not available because they would cross a gap." in shared.notes


@pytest.mark.parametrize("task", ["forecast", "reconstruct"])
def test_laid_in_steps_are_never_native_observed_or_scored(task):
    panel, training = gappy(longest_gap=50, shortest=5)
    shared = prepared(panel, task={"kind": task, "window": 24}, **training)
    laid_in = shared.source < 0
    assert laid_in.sum() == 49
    scored = [shared.common, *shared.own.values()]
    if shared.fresh is not None:
        scored.append(shared.fresh)
    for flags in (shared.native, shared.observed, *scored):
        assert not flags[laid_in].any()
    assert (shared.values[laid_in] == 0).all()


def test_what_is_laid_in_changes_no_statistic():
    panel, training = gappy(longest_gap=50)
    filled, plain = prepared(panel, **training), prepared(panel)
    np.testing.assert_array_equal(filled.scaler.shift, plain.scaler.shift)
    np.testing.assert_array_equal(filled.scaler.scale, plain.scaler.scale)
    assert (filled.interval, filled.season) == (plain.interval, plain.season)
    real = filled.source >= 0
    np.testing.assert_array_equal(filled.values[real], plain.values)
    np.testing.assert_array_equal(filled.observed[real], plain.observed)


def test_a_gap_filled_is_as_if_the_file_had_empty_rows_there():
    whole = waves(600, missing=0.1).values.copy()
    whole[100:112] = np.nan
    kept = np.delete(np.arange(600), np.arange(100, 112))
    full = panel_of(whole)
    cut = Panel(("s0",), [0, 588], full.clock[kept], whole[kept], full.channels)
    split = {"by": "time", "training": 0.7, "validation": 0.15}
    with_rows = prepared(full, split=split)
    filled = prepared(cut, split=split, training={"longest_gap": 12})
    for part in PARTS:
        np.testing.assert_array_equal(filled.starts(part), with_rows.starts(part))
    np.testing.assert_array_equal(filled.clock, with_rows.clock)
    np.testing.assert_array_equal(filled.common, with_rows.common)
    assert baseline_scores(filled) == baseline_scores(with_rows)


def short_series(count: int = 4, rows: int = 15, seed: int = 0) -> Panel:
    rng = np.random.default_rng(seed)
    return panel_of(*(rng.normal(size=(rows + index % 5, 2)) for index in range(count)))


def padded(task: str = "forecast", kinds: list[str] | None = None, **settings):
    return prepared(
        short_series(),
        kinds,
        task={"kind": task, "window": 24},
        split=BY_SERIES,
        training={"shortest": 5},
        **settings,
    )


def test_short_series_give_one_padded_window_each_and_are_told():
    shared = padded()
    assert (len(shared.starts(TRAINING)), len(shared.starts(VALIDATION))) == (2, 2)
    rows = shared.starts(VALIDATION)[:, None] + np.arange(30)
    source = shared.source[rows]
    assert (source >= 0).sum(axis=1).tolist() == [16, 18]
    assert (source[:, -1] >= 0).all()
    assert any(
        note.startswith("2 of 2 training windows are padded: their stretch is shorter")
        for note in shared.notes
    )


def test_a_stretch_shorter_than_asked_is_left_out():
    short, long = np.ones((9, 1)), np.ones((30, 1))
    rising = [one + np.arange(len(one))[:, None] for one in (short, long, short, long)]
    split = {"by": "series", "validation_series": ("s1",)}
    task = {"kind": "forecast", "window": 10, "horizon": 2}
    for shortest, count in ((7, 2), (8, 0)):
        shared = prepared(
            panel_of(*rising), task=task, split=split, training={"shortest": shortest}
        )
        assert len(shared.starts(TRAINING)) == count + 19


def test_many_short_series_are_laid_out_in_one_go():
    rng = np.random.default_rng(0)
    lengths = rng.integers(10, 61, size=500)
    panel = panel_of(*(rng.normal(size=(length, 2)) for length in lengths))
    validation = tuple(panel.names[400:])
    shared = prepared(
        panel,
        task={"kind": "forecast", "window": 48, "horizon": 6},
        split={"by": "series", "validation_series": validation},
        training={"shortest": 4, "validation_windows": None},
    )
    expected = [max(1, length - 53) for length in lengths.tolist()]
    assert len(shared.starts(TRAINING)) == sum(expected[:400])
    assert len(shared.starts(VALIDATION)) == sum(expected[400:])


def predict(shared, strategy, starts, seed=0, **size):
    model = ModelConfig(hidden_size=4, **size)
    network = build_network(strategy, shared.task, 2, shared.targets, model, seed)
    constants = (shared.mean, shared.zero, shared.scale)
    network.set_statistics(Statistics(*(torch.from_numpy(one) for one in constants)))
    batch = Gatherer(shared, strategy.label, CPU).gather(torch.from_numpy(starts))
    return network.eval(), batch


CASES = [
    pytest.param(strategy, task, id=f"{strategy.label}-{task}")
    for strategy in STRATEGIES
    for task in strategy.tasks
]


@pytest.mark.parametrize(("strategy", "task"), CASES)
def test_whatever_stands_at_padded_steps_never_reaches_the_prediction(strategy, task):
    shared = padded(task, [strategy.kind])
    starts = shared.starts(VALIDATION)
    network, batch = predict(shared, strategy, starts)
    inside = shared.source[starts[:, None] + np.arange(24)] < 0
    assert inside.any(axis=1).all()
    seen = network(*batch.window)
    assert seen.isfinite().all()
    for junk in (1e30, float("nan")):
        values = batch.values.masked_fill(torch.from_numpy(inside)[:, :, None], junk)
        other = network(values, *batch.window[1:])
        assert torch.equal(seen, other)


SIZES = {
    "one way": {},
    "both ways": {"bidirectional": True},
    "two layers, mean": {"num_layers": 2, "head": "mean"},
    "both ways, two layers, attention": {
        "bidirectional": True,
        "num_layers": 2,
        "head": "attention",
    },
}


def outcome(network, window, real):
    """The prediction, the network's own loss and all gradients; of a reconstruction, real steps."""
    network.zero_grad()
    predicted, auxiliary = network.with_auxiliary(*window)
    if network.horizon is None:
        predicted = predicted[:, real]
    loss = predicted.square().sum() + (0 if auxiliary is None else auxiliary)
    loss.backward()
    gradients = {name: one.grad for name, one in network.named_parameters()}
    return predicted.detach(), loss.detach(), gradients


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("strategy", "task"), CASES)
def test_a_padded_window_is_predicted_and_learnt_as_its_sequence_alone(strategy, task, size):
    shared = padded(task, [strategy.kind], recipe=recipe(layer("mcar", rate=0.3, seed=1)))
    for start in shared.starts(VALIDATION):
        network, batch = predict(shared, strategy, np.array([start]), **size)
        network.train()
        real = np.flatnonzero(shared.source[start : start + 24] >= 0)
        assert 0 < len(real) < 24
        alone = [one[:, real[0] :] for one in batch.window[:4]]
        expected = outcome(network, alone, np.arange(len(real)))
        torch.testing.assert_close(outcome(network, batch.window, real), expected)


@pytest.mark.parametrize(("strategy", "task"), CASES)
def test_windows_of_a_batch_are_padded_each_by_itself(strategy, task):
    shared = padded(task, [strategy.kind])
    starts = shared.starts(VALIDATION)
    network, batch = predict(shared, strategy, starts, bidirectional=True)
    together = network(*batch.window)
    for index, start in enumerate(starts):
        one = predict(shared, strategy, starts[[index]])[1]
        real = shared.source[start : start + 24] >= 0 if task == "reconstruct" else slice(None)
        torch.testing.assert_close(network(*one.window)[0, real], together[index, real])


def test_without_padding_nothing_is_told_of_it():
    panel, training = gappy(longest_gap=50)
    for shared in (prepared(panel), prepared(panel, **training)):
        starts = shared.starts(VALIDATION)[:2]
        assert Gatherer(shared, "carry", CPU).gather(torch.from_numpy(starts)).padding is None


@pytest.mark.parametrize("kind", ["forward_fill", "interpolate", "interval", "indicator", "decay"])
def test_features_after_padding_are_those_of_the_sequence_alone(kind):
    strategy = next(one for one in STRATEGIES if one.kind == kind)
    shared = padded(kinds=[kind], recipe=recipe({"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}))
    network, batch = predict(shared, strategy, shared.starts(VALIDATION)[:1])
    first = int(np.argmax(shared.source[shared.starts(VALIDATION)[0] :] >= 0))
    window = (batch.values, batch.observed, batch.native, batch.clock)
    statistics = Statistics(network.mean, network.zero, network.scale)
    padded_features = strategy.features(*window[:3], statistics, window[3])
    alone = [one[:, first:] for one in window]
    expected = strategy.features(*alone[:3], statistics, alone[3])
    torch.testing.assert_close(padded_features.values[:, first:], expected.values)
    if expected.elapsed is not None:
        torch.testing.assert_close(padded_features.elapsed[:, first:], expected.elapsed)


@pytest.mark.parametrize("task", ["forecast", "reconstruct"])
def test_predictions_name_the_rows_of_the_panel(task):
    panel, training = gappy(longest_gap=9, shortest=5)
    plan = experiment(["carry"], task={"kind": task, "window": 24}, split={"training": 0.1, "validation": 0.5}, **training)  # fmt: skip
    run = Run(prepare(plan, panel), plan.strategies[0], 0, plan.model, plan.training)
    found = run.predictions()
    laid_in = found.rows < 0
    assert laid_in.any()
    assert np.isnan(found.truth[laid_in]).all()
    assert not found.common[laid_in].any()
    np.testing.assert_allclose(found.truth[~laid_in], panel.values[found.rows[~laid_in]], rtol=1e-5)


@pytest.mark.parametrize("over", ["all", "series"])
def test_a_run_trains_on_padded_windows_and_on_windows_across_gaps(over):
    panel = panel_of(*(one.values for one in short_series(6)), skip={5: 3, 40: 2, 70: 3})
    plan = experiment(
        ["carry", "mean_fill"],
        task={"kind": "forecast", "window": 24, "horizon": 3},
        split={"by": "series", "validation_series": ("s1", "s3")},
        training={"shortest": 5, "longest_gap": 3, "epochs": 2, "scaling_over": over},
    )
    shared = prepare(plan, panel)
    for strategy in plan.strategies:
        run = Run(shared, strategy, 0, plan.model, plan.training)
        reports = list(run.reports())
        assert len(reports) == 2
        assert np.isfinite(reports[-1].common.mse)
        assert reports[-1].common.count == 2 * 3 * 2
        found = run.predictions()
        np.testing.assert_allclose(found.truth, panel.values[found.rows], rtol=1e-5, atol=1e-6)


def test_growth_beyond_reason_is_refused_in_a_sentence():
    clock = np.datetime64("2024-01-01", "us") + np.arange(1000) * np.timedelta64(1, "s")
    for gap in range(100, 1000, 5):
        clock[gap:] += np.timedelta64(900_000, "s")
    panel = Panel(("s",), [0, 1000], clock, np.ones((1000, 1)), ("a",))
    parts = np.zeros(1000, dtype=np.int8)
    config = TrainingConfig(longest_gap=1_000_000)
    with pytest.raises(ExperimentError, match=r"would add 162,000,000 steps to 1,000 rows.*Lower"):
        lay_out(panel, parts, Forecast(), config)
