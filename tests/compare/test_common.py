"""Runs of several experiments on the cells that all of them share: a slow walk is the oracle."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from masklab.compare import common_files
from masklab.compare.cell_kinds import CellKind, cell_kinds, kind_counts
from masklab.compare.common import Shared, shared_cells
from masklab.compare.rescoring import METRICS, rescored
from masklab.errors import ExperimentError
from masklab.masks.exchange import read_mask
from masklab.masks.recipe_file import load_recipe
from masklab.runs import artifacts
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.training import predictions
from masklab.training.prepare import prepare
from tests.runs.archive_cases import train, trained
from tests.runs.conftest import tiny

OTHER_MASK = {"layers": [{"rule": {"kind": "mcar", "rate": 0.4, "seed": 2}}]}
RECONSTRUCT = {"kind": "reconstruct", "window": 8, "rate": 0.4}


def training(**changes: Any) -> dict[str, Any]:
    return {"epochs": 3, "training_windows": 64, "patience": None} | changes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    """A store with experiments that differ in one thing each, by name."""
    found = Store.open(folder / "store")
    for name, changes in {
        "first": {},
        "masked": {"recipe": OTHER_MASK},
        "robust": {"training": training(scaling="robust")},
        "split": {"split": {"training": 0.65, "validation": 0.2}},
        "longer": {"task": {"kind": "forecast", "window": 10, "horizon": 3, "targets": ["b"]}},
        "rebuilt": {"task": RECONSTRUCT},
        "rebuilt masked": {"task": RECONSTRUCT, "recipe": OTHER_MASK},
    }.items():
        trained(found, folder, name=name, **changes)
    return found


def runs_of(store: Store, *names: str) -> list[RunRow]:
    ids = {row.name: row.id for row in store.experiments()}
    return [run for name in names for run in store.runs(ids[name])]


def walked(store: Store, runs: list[RunRow]) -> tuple[set, dict[str, dict[str, float]]]:
    """Return the shared predictions and each run's scores, one prediction after the other."""
    seen: dict[str, dict[tuple[int, int, str], tuple[float, float, float]]] = {}
    scales: dict[str, Any] = {}
    for run in runs:
        experiment = store.experiment(run.experiment_id)
        panel = experiment.load_panel(store.directory)
        shared = prepare(experiment, panel)
        scales.setdefault("reference", shared.scaler)
        (row,) = store.artifacts(run.experiment_id, run.id, "predictions")
        kept = predictions.read(artifacts.path_of(store.directory, row))
        is_forecast = experiment.task.kind == "forecast"
        mine = {}
        for number, (window, step, place) in enumerate(zip(*np.nonzero(kept.scored), strict=True)):
            if not kept.common[number]:
                continue
            at, column = kept.rows[window, step], shared.targets[place]
            truth = panel.values[at, column]
            error = kept.predicted[number] - truth
            mine[int(at), int(step) if is_forecast else 0, int(column)] = error, truth
        seen[run.id] = mine
    keys = set.intersection(*(set(one) for one in seen.values()))
    scores = {}
    for identity, mine in seen.items():
        found = {}
        for prefix in ("", "original_"):
            pairs = []
            for key in keys:
                error, truth = mine[key]
                shift, scale = (
                    getattr(scales["reference"], one)[0, key[2]] for one in ("shift", "scale")
                )
                pairs.append((error, truth) if prefix else (error / scale, (truth - shift) / scale))
            absolute = [abs(error) for error, _ in pairs]
            found[f"{prefix}mae"] = sum(absolute) / len(keys)
            found[f"{prefix}mse"] = sum(error**2 for error in absolute) / len(keys)
            found[f"{prefix}rmse"] = math.sqrt(found[f"{prefix}mse"])
            found[f"{prefix}mre"] = sum(absolute) / sum(abs(truth) for _, truth in pairs)
        scores[identity] = found
    return keys, scores


@pytest.mark.parametrize(
    "names",
    [
        ("first",),
        ("first", "masked"),
        ("masked", "first", "robust"),
        ("first", "split"),
        ("robust", "longer"),
        ("rebuilt", "rebuilt masked"),
    ],
)
def test_cells_and_scores_are_those_of_a_walk_over_all_predictions(store, names):
    runs = runs_of(store, *names)
    shared = shared_cells(store, runs)
    keys, scores = walked(store, runs)
    assert len(keys) == len(shared.keys) > 0
    expected = np.zeros(shared.panel.values.shape, dtype=bool)
    for row, _, column in keys:
        expected[row, column] = True
    assert np.array_equal(shared.cells, expected)
    table = rescored(store, shared).set_index("run_id")
    assert table.index.tolist() == [run.id for run in runs]
    for identity, found in scores.items():
        for name, score in found.items():
            assert table.loc[identity, name] == pytest.approx(score, rel=2e-5), (identity, name)
    assert (table["predictions"] == len(keys)).all()


@pytest.mark.parametrize("name", ["first", "robust", "longer", "rebuilt"])
def test_on_unchanged_cells_scores_are_those_of_the_best_epoch(store, name):
    runs = runs_of(store, name)
    table = rescored(store, shared_cells(store, runs)).set_index("run_id")
    reports = store.reports(runs[0].experiment_id)
    best = reports[reports["is_best"]].groupby("run_id").tail(1).set_index("run_id")
    for run in runs:
        assert table.loc[run.id, "epoch"] == best.loc[run.id, "epoch"]
        assert table.loc[run.id, "before"] == best.loc[run.id, "common_rmse"]
        for metric in METRICS:
            for mine, theirs in (("", "common_"), ("original_", "common_original_")):
                score = best.loc[run.id, f"{theirs}{metric}"]
                assert table.loc[run.id, f"{mine}{metric}"] == pytest.approx(
                    score, rel=1e-6, abs=1e-6
                )


def test_each_experiment_s_share_is_counted(store):
    runs = runs_of(store, "first", "masked")
    shared = shared_cells(store, runs)
    assert list(shared.scored) == list(dict.fromkeys(run.experiment_id for run in runs))
    for identity, scored in shared.scored.items():
        assert scored == store.reports(identity)["common_count"].iloc[0]
        assert 0 < len(shared.keys) < scored


@pytest.mark.parametrize("names", [("first", "masked"), ("first",), ("first", "split", "longer")])
def test_each_cell_is_of_the_kind_that_a_walk_says(store, names):
    runs = runs_of(store, *names)
    shared = shared_cells(store, runs)
    sets, hidden = {}, set()
    for run in runs:
        sets.setdefault(
            run.experiment_id, {(row, column) for row, _, column in walked(store, [run])[0]}
        )
        experiment = store.experiment(run.experiment_id)
        one = prepare(experiment, shared.panel)
        hidden |= {
            (row, column) for row, column in np.argwhere(one.native & ~one.observed)
            if one.parts[row] == 1 and column in one.targets
        }  # fmt: skip
    keys = walked(store, runs)[0]
    every = {(row, column) for row, _, column in keys}
    kinds = cell_kinds(shared)
    for cell in np.ndindex(kinds.shape):
        some = any(cell in cells for cells in sets.values())
        kind = CellKind.SHARED if cell in every else CellKind.SOME if some else CellKind.OTHER
        if kind == CellKind.OTHER and cell in hidden:
            kind = CellKind.HIDDEN
        assert kinds[cell] == kind, cell
    table = kind_counts(shared, kinds).set_index("channel")
    for place, channel in enumerate(shared.panel.channels):
        for name, kind in (
            ("shared", CellKind.SHARED),
            ("some", CellKind.SOME),
            ("hidden", CellKind.HIDDEN),
        ):
            assert table.loc[channel, name] == (kinds[:, place] == kind).sum()
        assert table.loc[channel, "of"] >= table.loc[channel, ["shared", "hidden"]].sum()
    assert table["predictions"].sum() == len(shared.keys)


def why(shared: Shared, store: Store) -> dict[str, str]:
    names = {row.id: row.name for row in store.experiments()}
    return {names[one.experiment_id]: one.why for one in shared.left_out}


def test_what_cannot_be_scored_again_is_told(store, folder, tmp_path):
    apart = Store.open(tmp_path / "apart")
    trained(apart, folder, name="first")
    trained(apart, folder, name="other task", task=RECONSTRUCT)
    trained(apart, folder, name="a", task={"kind": "forecast", "window": 8, "horizon": 2, "targets": ["a"]})  # fmt: skip
    reading = {"path": str(folder / "tiny.csv"), "reading": {"sentinels": {"a": [0.0]}}}
    trained(apart, folder, name="read otherwise", data=reading)
    other = tiny(tmp_path, name="other data", epochs=2)
    with (tmp_path / "tiny.csv").open("a") as file:
        file.write("2024-01-13T12:00,1,1\n")
    identity = apart.add_experiment(other)
    for run in apart.runs(identity):
        train(apart, run.id)
    shared = shared_cells(
        apart, runs_of(apart, "first", "other task", "read otherwise", "other data", "a")
    )
    told = why(shared, apart)
    assert "other data" in told["other data"]
    assert "another task" in told["other task"]
    assert "another way" in told["read otherwise"]
    assert "a" not in told
    task = {"kind": "forecast", "window": 8, "horizon": 2, "targets": ["b"]}
    trained(apart, folder, name="b", task=task)
    assert why(shared_cells(apart, runs_of(apart, "a", "b")), apart) == {
        "b": "It predicts other channels: b."
    }


def test_damaged_missing_and_unfinished_predictions_are_told_and_the_rest_is_scored(tmp_path):
    store = Store.open(tmp_path / "store")
    identity = trained(store, tmp_path, seeds=(0, 1, 2))
    waiting = store.add_experiment(tiny(tmp_path, name="waiting", epochs=4))
    whole, damaged, gone, forgotten, *_ = store.runs(identity)
    files = {
        one.id: store.artifacts(identity, one.id, "predictions")[0] for one in store.runs(identity)
    }
    place = artifacts.path_of(store.directory, files[damaged.id])
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    artifacts.path_of(store.directory, files[gone.id]).unlink()
    artifacts.remove(store.database, [files[forgotten.id]])
    runs = [whole, damaged, gone, forgotten, *store.runs(waiting)]
    shared = shared_cells(store, runs)
    assert [one.run.id for one in shared.shown] == [whole.id]
    told = {run: one.why for one in shared.left_out for run in one.runs}
    assert "damaged or gone" in told[damaged.id]
    assert told[gone.id] == told[damaged.id]
    assert "left no predictions" in told[forgotten.id]
    assert {told[run.id] for run in store.runs(waiting)} == {
        "It has not finished; predictions are kept when a run ends."
    }
    assert list(shared.scored) == [identity]
    with pytest.raises(ExperimentError, match=r"scored again\. It has not finished"):
        shared_cells(store, store.runs(waiting))
    with pytest.raises(ExperimentError, match="None is on screen"):
        shared_cells(store, [])


def test_experiments_without_a_shared_cell_share_none(tmp_path):
    store = Store.open(tmp_path / "store")
    halves = [
        {"layers": [{"rule": {"kind": "value_range", "low": 0.0, "side": side}, "channels": ["a"]},
                    {"rule": {"kind": "value_range", "low": -9, "side": "inside"}, "channels": ["b"]}]}
        for side in ("inside", "outside")
    ]  # fmt: skip
    ids = [
        trained(store, tmp_path, name=str(place), recipe=one) for place, one in enumerate(halves)
    ]
    runs = [run for identity in ids for run in store.runs(identity)]
    shared = shared_cells(store, runs)
    assert len(shared.keys) == 0
    table = rescored(store, shared)
    assert table[["rmse", "mae", "original_mre"]].isna().all(axis=None)


def test_the_cells_are_taken_away_as_a_list_arrays_and_a_recipe(store):
    shared = shared_cells(store, runs_of(store, "first", "masked"))
    panel = shared.panel
    table = pd.read_csv(io.BytesIO(common_files.as_csv(shared)))
    assert table.columns.tolist() == ["time", "series", "channel"]
    places = {str(one): place for place, one in enumerate(panel.clock)}
    listed = np.zeros_like(shared.cells)
    for row in table.itertuples():
        moment = np.datetime64(row.time, "us")
        listed[places[str(moment)], panel.channels.index(row.channel)] = True
    assert np.array_equal(listed, shared.cells)
    with np.load(io.BytesIO(common_files.as_npz(shared)), allow_pickle=False) as arrays:
        assert np.array_equal(arrays["scored"], shared.cells)
        assert np.array_equal(arrays["clock"], panel.clock)
    recipe = load_recipe(common_files.as_recipe(shared))
    assert np.array_equal(~recipe.apply(panel).observed, shared.cells | ~panel.native)
    assert read_mask(common_files.as_recipe(shared), panel).layers
