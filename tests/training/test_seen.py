"""What a strategy will see is what training will feed it; windows left out are counted by reason."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from training_cases import experiment, layer, panel_of, recipe

from masklab.errors import MaskLabError, WindowError
from masklab.runs.spec import STRATEGIES
from masklab.split import PART_NAMES, TEST, TRAINING, VALIDATION
from masklab.strategies.strategy import Statistics
from masklab.training.prepare import prepare
from masklab.training.seen import seen, sum_within

KINDS = [
    *({"kind": kind} for kind in STRATEGIES),
    *({"kind": kind, "collapse": "all"} for kind in ("carry", "reset", "time_aware")),
]


def label(given):
    return "-".join(str(one) for one in given.values())


def holes(draw, rows, channels):
    cells = draw(st.lists(st.booleans(), min_size=rows * channels, max_size=rows * channels))
    values = np.arange(rows * channels, dtype=float).reshape(rows, channels)
    values[np.array(cells).reshape(rows, channels)] = np.nan
    return values


@st.composite
def cases(draw):
    channels = draw(st.integers(1, 3))
    lengths = draw(st.lists(st.integers(1, 25), min_size=1, max_size=3))
    rows = sum(lengths)
    skip = draw(st.dictionaries(st.integers(1, max(1, rows - 1)), st.integers(1, 4), max_size=4))
    skip = {row: gap for row, gap in skip.items() if row < rows}
    panel = panel_of(*(holes(draw, one, channels) for one in lengths), skip=skip)
    forecast = draw(st.booleans())
    task = {"window": draw(st.integers(2, 6)), "targets": ["a"] if draw(st.booleans()) else None}
    task |= (
        {"kind": "forecast", "horizon": draw(st.integers(1, 3))}
        if forecast
        else {"kind": "reconstruct"}
    )
    training = {
        "stride": draw(st.integers(1, 4)),
        "longest_gap": draw(st.sampled_from([0, 0, 2])),
        "shortest": draw(st.sampled_from([None, None, 1])),
        "validation_windows": None,
    }
    parts = np.sort(draw(st.lists(st.sampled_from([0, 1, 2]), min_size=rows, max_size=rows)))
    kinds = [
        one
        for one in KINDS
        if ("forecast" if forecast else "reconstruct") in STRATEGIES[one["kind"]].tasks
    ]
    one = draw(st.sampled_from(kinds))
    ways = [one] if one["kind"] == "ignore" else [one, {"kind": "ignore"}]
    rate = draw(st.sampled_from([0.0001, 0.4, 0.9]))
    given_ = experiment(
        ways, task=task, training=training, recipe=recipe(layer("mcar", rate=rate, seed=3))
    )
    return given_, panel, parts.astype(np.int8)


def slow_part(plan, panel, observed, laid, part):
    """Go over every place of a part's stretches, window by window."""
    layout, length, strategy = laid.layout, plan.task.window, plan.strategies[0]
    horizon = getattr(plan.task, "horizon", 0)
    stride = plan.training.stride if horizon or part == TRAINING else length
    source = np.arange(panel.rows) if laid.source is None else laid.source
    columns = [panel.channels.index(one) for one in plan.task.targets or panel.channels]
    leaks = all(not one.reads_mask for one in plan.strategies)
    padding = layout.padding if layout.padding is not None else np.zeros(len(source), dtype=bool)
    total = {"starts": [], "unusable": 0, "unscored": 0, "gap": 0, "short": 0, "split": 0, "end": 0}
    steps, shares, since = [], [], 0
    for row in range(len(source)):
        mine = layout.parts[row] == part
        new = (
            row == 0
            or layout.segments[row] != layout.segments[row - 1]
            or layout.parts[row] != layout.parts[row - 1]
        )
        since = row if new else since
        if not mine:
            continue
        stretch = [
            at
            for at in range(len(source))
            if layout.segments[at] == layout.segments[row] and layout.parts[at] == part
        ]
        window = list(range(row, row + length + horizon))
        if window[-1] in stretch:
            if (row - since) % stride:
                continue
            inputs, targets = window[:length], window[length:] if horizon else window
            shown = [
                [
                    source[at] >= 0 and bool(observed[source[at], c])
                    for c in range(len(panel.channels))
                ]
                for at in inputs
            ]
            read = (
                shown
                if strategy.reads_mask
                else [
                    [
                        source[at] >= 0 and bool(panel.native[source[at], c])
                        for c in range(len(panel.channels))
                    ]
                    for at in inputs
                ]
            )
            native = leaks and horizon
            counted = any(
                (panel.native if native else observed)[source[at], c]
                for at in targets
                if source[at] >= 0
                for c in columns
            )
            total["starts"].append(row)
            total["unusable"] += not any(map(any, shown))
            total["unscored"] += any(map(any, shown)) and not counted
            usable = [all(one) if strategy.collapsed_by == "all" else any(one) for one in read]
            steps.append(sum(usable))
            shares.append(np.mean(usable) if strategy.collapsed_by else np.mean(read))
            continue
        real = [at for at in stretch if not padding[at]]
        if padding[row] or (row - real[0]) % stride:
            continue
        own = [
            at
            for at in range(len(source))
            if not padding[at]
            and layout.series[at] == layout.series[row]
            and layout.parts[at] == part
        ]
        whole = [
            at
            for at in range(len(source))
            if not padding[at] and layout.series[at] == layout.series[row]
        ]
        left = len([at for at in own if at >= row])
        if left >= length + horizon:
            total["gap"] += 1
        elif len(real) < len(stretch):
            continue
        elif len(own) < length + horizon:
            total["short"] += 1
        elif len([at for at in whole if at >= row]) >= length + horizon:
            total["split"] += 1
        else:
            total["end"] += 1
    return total, steps, shares


@settings(max_examples=150, deadline=None)
@given(cases())
def test_windows_and_what_is_read_of_them_are_those_of_the_slow_walk(case):
    plan, panel, parts = case
    observed = plan.recipe.apply(panel, parts).observed
    strategy = plan.strategies[0]
    found = seen(plan, panel, observed, parts, strategy)
    for part in (TRAINING, VALIDATION, TEST):
        one = found.parts[part]
        total, steps, shares = slow_part(plan, panel, observed, found.laid, part)
        assert one.windows.starts.tolist() == total.pop("starts")
        assert asdict(one.dropped) == total, PART_NAMES[part]
        assert one.steps.tolist() == steps
        np.testing.assert_allclose(one.share, shares)
        assert one.places == len(steps) + one.dropped.unfit
        assert one.used == len(steps) - one.dropped.empty


@settings(max_examples=60, deadline=None)
@given(cases())
def test_windows_in_use_are_those_that_training_prepares(case):
    plan, panel, _ = case
    try:
        parts = plan.split.parts(panel)
        shared = prepare(plan, panel)
    except MaskLabError:  # what can't be trained is not compared
        return
    observed = plan.recipe.apply(panel, parts).observed
    found = seen(plan, panel, observed, parts, plan.strategies[0])
    for part in (TRAINING, VALIDATION, TEST):
        mine = found.parts[part]
        used = mine.windows.starts[mine.windows.used].tolist()
        theirs = shared.windows[part].starts.tolist()
        if plan.task.kind == "forecast":
            assert used == theirs
        else:  # what is hidden afresh may cost some more
            assert set(theirs) <= set(used)


@pytest.mark.parametrize("given_", KINDS, ids=label)
def test_usable_steps_are_those_that_the_strategy_gives_the_network(given_):
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, 3))
    values[rng.random((60, 3)) < 0.4] = np.nan
    values[20:24] = np.nan
    panel = panel_of(values)
    task = "forecast" if "forecast" in STRATEGIES[given_["kind"]].tasks else "reconstruct"
    plan = experiment(
        [given_], task={"kind": task, "window": 5}, recipe=recipe(layer("mcar", rate=0.3))
    )
    parts = plan.split.parts(panel)
    observed = plan.recipe.apply(panel, parts).observed
    (strategy,) = plan.strategies
    found = seen(plan, panel, observed, parts, strategy).parts[TRAINING]
    constants = torch.zeros(3), torch.zeros(3), torch.ones(3)
    for start, steps in zip(found.windows.starts, found.steps, strict=True):
        rows = slice(start, start + 5)
        cells = torch.from_numpy(np.nan_to_num(values[rows], nan=9.0))[None].float()
        features = strategy.features(
            cells,
            torch.from_numpy(observed[rows].copy())[None],
            torch.from_numpy(panel.native[rows].copy())[None],
            Statistics(*constants),
        )
        assert (features.steps is None) == (strategy.collapsed_by is None)
        if features.steps is not None:
            assert int(features.steps.sum()) == steps


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 8))
def test_steps_since_the_last_reset_are_those_counted_backwards(flags, length):
    values = np.where(np.array(flags), 1.0, np.nan)[:, None]
    plan = experiment(["reset"], task={"kind": "forecast", "window": length, "horizon": 1})
    panel = panel_of(values)
    parts = np.zeros(panel.rows, dtype=np.int8)
    found = seen(plan, panel, panel.native, parts, plan.strategies[0])
    for start, counted in zip(
        found.parts[0].windows.starts, found.since_reset(found.parts[0]), strict=True
    ):
        window = flags[start : start + length]
        while window and not window[-1]:
            window = window[:-1]
        stretch = 0
        while window and window.pop():
            stretch += 1
        assert counted == stretch


def test_a_part_without_room_has_no_window_and_says_why():
    panel = panel_of(np.ones((20, 1)))
    plan = experiment(["carry"], task={"kind": "forecast", "window": 12, "horizon": 2})
    parts = plan.split.parts(panel)
    found = seen(plan, panel, panel.native, parts, plan.strategies[0])
    assert [one.used for one in found.parts] == [1, 0, 0]
    assert (found.parts[0].dropped.split, found.parts[0].dropped.end) == (6, 7)
    assert [one.dropped.short for one in found.parts[1:]] == [3, 3]
    with pytest.raises(WindowError):
        prepare(plan, panel)


def test_sums_within_windows():
    counts = np.array([1, 2, 3, 4], dtype=np.int16)
    assert sum_within(counts, np.array([0, 2]), 2).tolist() == [3, 7]
