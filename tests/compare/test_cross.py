"""Scores under another mask are those of the same weights that read through that mask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch

from masklab.compare import cross, other_masks
from masklab.compare.other_masks import Asked, Column, at_rates, nothing_hidden
from masklab.compare.under_mask import predict, scores_of, under
from masklab.masks.layers import MaskRecipe
from masklab.runs import artifacts
from masklab.runs.store import Store
from masklab.split import VALIDATION
from masklab.training.baselines import baseline_scores
from masklab.training.loop import Run
from masklab.training.predictions import predicted_rows, read
from masklab.training.prepare import prepare
from tests.compare.trained_cases import FORECAST, LAYER, RECONSTRUCT, tiny, train

TRAINING_ONLY = LAYER | {"scope": "training"}
TASKS = pytest.mark.parametrize("task", [FORECAST, RECONSTRUCT], ids=lambda one: one["kind"])


def recipe(*layers) -> MaskRecipe:
    return MaskRecipe.model_validate({"layers": list(layers)})


def later(kind: str = "blocks", **options) -> dict:
    return {"rule": {"kind": kind, "seed": 5, **options}, "scope": "validation"}


def asked(store: Store, identity: str, *masks: Column, experiments=()) -> dict:
    ids = [run.id for one in (identity, *experiments) for run in store.runs(one)]
    return Asked(masks=masks, runs=tuple(ids), experiments=tuple(experiments)).arguments()


@pytest.fixture
def store(store_directory) -> Store:
    return Store.open(store_directory)


def computed(store: Store, identity: str, *masks: Column, experiments=()) -> dict:
    return cross.compute(
        store, identity, asked(store, identity, *masks, experiments=experiments), lambda done: None
    )


@TASKS
def test_under_its_own_mask_a_run_scores_what_it_did_and_predicts_what_was_saved(
    store, tmp_path, task
):
    experiment = tiny(tmp_path, task=task)
    identity = train(store, experiment)
    own = Column(name="own", recipe=experiment.recipe)
    result = computed(store, identity, own)
    best = {run.id: run.best_score for run in store.runs(identity)}
    assert len(result["rows"]) == 4
    for row in result["rows"]:
        assert row["scores"][0][0]["rmse"] == pytest.approx(best[row["run"]], rel=1e-5)
    reports = store.reports(identity)
    last = reports[reports["is_best"]].groupby("run_id").tail(1).set_index("run_id")
    for row in result["rows"]:
        for units, both in enumerate(row["scores"][0]):
            name = "common_original_" if units else "common_"
            for metric in ("mse", "mae", "rmse", "mre", "mase"):
                saved = last.loc[row["run"], f"{name}{metric}"]
                assert both[metric] == pytest.approx(saved, rel=1e-5), metric
            assert both["count"] == last.loc[row["run"], "common_count"] == result["cells"]
    prepared = prepare(experiment, store.panel(identity))
    seen = under(prepared, prepared, store.panel(identity), experiment, experiment.recipe)
    assert np.array_equal(seen.observed[seen.parts < 2], prepared.observed[seen.parts < 2])
    for run in store.runs(identity):
        (row,) = store.artifacts(identity, run.id, artifacts.PREDICTIONS)
        kept = read(artifacts.path_of(store.directory, row))
        again = predict(store, run, experiment, seen)
        assert np.array_equal(again.rows, kept.rows)
        np.testing.assert_allclose(again.scaled[kept.scored], kept.scaled, atol=1e-6)


@TASKS
def test_under_another_mask_it_predicts_what_a_run_prepared_with_that_mask_does(
    store, tmp_path, task
):
    """The slow twin: prepare the experiment with the other recipe, load the weights, predict.

    Both recipes hide the same training cells, so that the twin's scaler is that of the training.
    """
    experiment = tiny(
        tmp_path, task=task, recipe={"layers": [TRAINING_ONLY, later("mcar", rate=0.2)]}
    )
    other = recipe(TRAINING_ONLY, later(rate=0.5, length=5))
    identity = train(store, experiment)
    panel = store.panel(identity)
    frozen = prepare(experiment, panel)
    seen = under(frozen, frozen, panel, experiment, other)
    twin = prepare(experiment.model_copy(update={"recipe": other}), panel)
    if task is RECONSTRUCT:  # its own draw of asked cells differs; take that of the first
        masked = other.apply(panel, experiment.split.parts(panel)).observed.copy()
        masked[frozen.fresh] = False
        twin = replace(twin, observed=masked)
    both = np.intersect1d(frozen.starts(), twin.starts())
    assert len(both) > 3
    run = store.runs(identity)[0]
    strategy = experiment.strategies[0]
    slow = Run(twin, strategy, run.seed, experiment.model, experiment.training)
    (row,) = store.artifacts(identity, run.id, artifacts.WEIGHTS)
    slow.network.load_state_dict(
        safetensors.torch.load_file(artifacts.path_of(store.directory, row))
    )
    expected = slow.predictions(VALIDATION).scaled[np.isin(twin.starts(), both)]
    fast = predict(store, run, experiment, seen).scaled[np.isin(frozen.starts(), both)]
    np.testing.assert_allclose(fast, expected, atol=1e-6)
    unmasked = predict(store, run, experiment, under(frozen, frozen, panel, experiment, recipe()))
    assert not np.allclose(unmasked.scaled[np.isin(frozen.starts(), both)], expected, atol=1e-3)


@TASKS
def test_every_column_is_scored_on_the_same_cells(store, tmp_path, task):
    experiment = tiny(tmp_path, task=task)
    identity = train(store, experiment)
    masks = [nothing_hidden(), *at_rates("mcar"), *at_rates("mnar", [0.5])]
    result = computed(store, identity, *masks)
    counts = {both["count"] for row in result["rows"] for pair in row["scores"] for both in pair}
    assert counts == {result["cells"]}
    hidden = [one["hidden"] for one in result["masks"][:6]]
    assert hidden == sorted(hidden)
    for mask, target in zip(result["masks"][1:6], other_masks.RATES, strict=True):
        base = 0 if task is FORECAST else hidden[0]
        assert mask["hidden"] == pytest.approx(base + (1 - base) * target, abs=0.06)


def test_naive_baselines_read_through_the_same_mask_and_are_scored_on_the_same_cells(
    store, tmp_path
):
    experiment = tiny(tmp_path)
    identity = train(store, experiment)
    mask = at_rates("blocks", [0.7])[0]
    result = computed(store, identity, nothing_hidden(), mask)
    panel = store.panel(identity)
    frozen = prepare(experiment, panel)
    observed = mask.recipe.apply(panel, experiment.split.parts(panel)).observed
    rows, starts = predicted_rows(frozen, VALIDATION), frozen.starts()
    errors, mean = [], frozen.mean[0]
    for window, start in enumerate(starts):
        for channel in range(2):
            seen = [
                frozen.values[row, channel]
                for row in range(start, start + 8)
                if observed[row, channel]
            ]
            guess = seen[-1] if seen else mean[channel]
            errors += [
                guess - frozen.values[row, channel]
                for row in rows[window]
                if frozen.common[row, channel]
            ]
    slow = float(np.sqrt(np.mean(np.square(errors))))
    assert result["masks"][1]["naive"]["last_value"][0]["rmse"] == pytest.approx(slow, rel=1e-5)
    means = [one["naive"]["mean"][0]["rmse"] for one in result["masks"]]
    assert means[0] == means[1]
    assert set(result["masks"][0]["naive"]) == set(baseline_scores(frozen))


def test_runs_trained_under_another_mask_are_scored_on_the_first_ones_cells(store, tmp_path):
    first = tiny(tmp_path, seeds=[0])
    second = tiny(tmp_path, seeds=[0], recipe={"layers": [later(rate=0.6, length=4)]})
    one, two = train(store, first), train(store, second)
    columns = [Column(name="A", recipe=first.recipe), Column(name="B", recipe=second.recipe)]
    result = computed(store, one, *columns, experiments=[two])
    assert [row["experiment"] for row in result["rows"]] == [one, one, two, two]
    assert {both[0]["count"] for row in result["rows"] for both in row["scores"]} == {
        result["cells"]
    }
    panel = store.panel(one)
    frozen, own = prepare(first, panel), prepare(second, panel)
    assert not np.allclose(frozen.scaler.scale, own.scaler.scale, rtol=1e-3)
    seen = under(own, frozen, panel, second, first.recipe)
    predicted = predict(store, store.runs(two)[0], second, seen)
    truth = panel.values[predicted.rows]
    scored = frozen.common[predicted_rows(frozen, VALIDATION)]
    slow = np.sqrt(np.mean((predicted.predicted - truth)[scored] ** 2))
    assert result["rows"][2]["scores"][0][1]["rmse"] == pytest.approx(slow, rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"split": {"training": 0.6}},
        {"task": FORECAST | {"window": 6}},
        {"training": {"epochs": 1, "stride": 2}},
    ],
)
def test_runs_of_other_windows_are_left_out_and_it_is_said_why(store, tmp_path, changes):
    first = tiny(tmp_path, seeds=[0])
    one, two = train(store, first), train(store, tiny(tmp_path, seeds=[0], **changes))
    result = computed(store, one, nothing_hidden(), experiments=[two])
    told = {row["experiment"]: row for row in result["rows"]}
    assert "scores" in told[one]
    assert told[two]["why"].startswith("It was trained")


def test_damaged_weights_leave_a_run_out(store, tmp_path):
    identity = train(store, tiny(tmp_path, seeds=[0]))
    run = store.runs(identity)[0]
    (row,) = store.artifacts(identity, run.id, artifacts.WEIGHTS)
    artifacts.path_of(store.directory, row).write_bytes(b"nothing")
    result = computed(store, identity, nothing_hidden(), *at_rates("mcar", [0.5]))
    assert "weights are damaged" in result["rows"][0]["why"]
    assert len(result["rows"][1]["scores"]) == 2


def test_windows_with_nothing_to_read_are_counted_and_still_scored(store, tmp_path):
    identity = train(store, tiny(tmp_path, seeds=[0]))
    everything = recipe({"rule": {"kind": "value_range", "low": -1e9, "side": "inside"}})
    result = computed(store, identity, Column(name="all", recipe=everything))
    assert result["masks"][0]["hidden"] == 1
    assert result["masks"][0]["blind"] == result["windows"]
    assert all(np.isfinite(row["scores"][0][0]["rmse"]) for row in result["rows"])


def test_tables_pool_seeds_and_keep_the_order():
    def two(value):
        return [{"rmse": value}, {"rmse": 10 * value}]

    result = {
        "masks": [
            {"name": "No mask", "family": None, "rate": 0.0, "hidden": 0.1, "naive": {"mean": two(9)}},
            {"name": "R", "family": "mcar", "rate": 0.5, "hidden": 0.5, "naive": {"mean": two(8)}},
            {"name": "S", "family": "blocks", "rate": 0.5, "hidden": 0.5, "naive": {"mean": two(7)}},
        ],
        "rows": [
            {"experiment": "e", "strategy": name, "scores": [two(a), two(b), two(1)]}
            for name, a, b in [("z", 1, 2), ("a", 5, 5), ("z", 3, 4)]
        ]
        + [{"experiment": "e", "strategy": "q", "why": "gone"}],
    }  # fmt: skip
    found = other_masks.table(result)
    assert list(found["strategy"]) == ["z"] * 3 + ["a"] * 3
    assert list(found["mean"]) == [2, 3, 1, 5, 5, 1]
    assert list(found["min"][:2]) == [1, 2]
    assert list(found["max"][:2]) == [3, 4]
    assert list(found["n"]) == [2, 2, 2, 1, 1, 1]
    assert list(other_masks.table(result, units="original")["mean"][:2]) == [20, 30]
    assert list(other_masks.of_family(found, "mcar")["mask"]) == ["No mask", "R"] * 2
    assert list(other_masks.naive_table(result)["score"]) == [9, 8, 7]


def test_the_same_masks_under_other_names_of_layers_are_the_same_job(tmp_path):
    named = recipe(LAYER | {"name": "nights"})
    one, two = (
        Asked(masks=(Column(name="m", recipe=mask),), runs=("r",))
        for mask in (named, recipe(LAYER))
    )
    assert one.arguments() == two.arguments()


def test_scores_need_the_frozen_cells(store, tmp_path):
    experiment = tiny(tmp_path)
    frozen = prepare(experiment, experiment.load_panel())
    rows = predicted_rows(frozen, VALIDATION)
    perfect = frozen.values[rows]
    assert scores_of(frozen, perfect)[0].rmse == 0
    off = perfect + np.where(frozen.common[rows], 0, 100)
    assert scores_of(frozen, off)[0].rmse == 0
