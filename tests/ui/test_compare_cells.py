"""The parts of the Compare page on scored cells and on what differs, on runs that were trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from masklab.compare.common import shared_cells
from masklab.runs import artifacts
from masklab.runs.store import Store
from tests.runs.archive_cases import trained
from tests.runs.conftest import tiny
from tests.ui.conftest import ROOT, said

OTHER_MASK = {"layers": [{"rule": {"kind": "mcar", "rate": 0.4, "seed": 2}, "channels": ["a"]}]}


@pytest.fixture
def first(store: Store, tmp_path: Path) -> str:
    """An experiment of two strategies, both trained."""
    return trained(store, tmp_path, name="first")


@pytest.fixture
def second(first: str, store: Store, tmp_path: Path) -> str:
    """Another one on the same data, under another mask."""
    return trained(store, tmp_path, name="second", recipe=OTHER_MASK)


def part(name: str, **query: str) -> AppTest:
    tab = AppTest.from_file(str(ROOT / "tests" / "ui" / "compare_part.py"), default_timeout=60)
    for key, value in {"part": name, **query}.items():
        tab.query_params[key] = value
    tab.run()
    assert not tab.exception
    return tab


def tables(tab: AppTest) -> list[pd.DataFrame]:
    return [one.value for one in tab.dataframe]


def test_the_cells_of_one_experiment_are_counted_and_drawn(first: str, store: Store) -> None:
    tab = part("cells")
    shared = shared_cells(store, store.runs(first))
    cells, keys = int(shared.cells.sum()), len(shared.keys)
    assert f"The 2 runs are scored on {cells:,} of " in said(tab)
    assert f"these cells are predicted {keys:,} times" in said(tab)
    counts, scores = tables(tab)
    assert counts["Channel"].tolist() == ["a", "b"]
    assert counts.columns.tolist()[1:3] == ["Scored in every run", "Hidden by a mask"]
    assert counts["Predictions scored"].sum() == keys
    best = store.reports(first).query("is_best").groupby("run_id").tail(1)
    assert scores["RMSE"].tolist() == [f"{one:.4g}" for one in best["common_rmse"]]
    assert "Experiment" not in scores
    assert len(tab.get("plotly_chart")) == 1
    assert [one.label for one in tab.get("download_button")] == [
        "Cells as CSV", "Cells as NPZ", "Cells as a recipe", "Scores as CSV",
    ]  # fmt: skip


def test_scores_are_in_the_units_of_the_choice(first: str, store: Store) -> None:
    _, scores = tables(part("cells", original="1"))
    best = store.reports(first).query("is_best").groupby("run_id").tail(1)
    assert scores["MAE"].tolist() == [f"{one:.4g}" for one in best["common_original_mae"]]


def test_several_experiments_are_scored_on_what_they_share(
    first: str, second: str, store: Store
) -> None:
    tab = part("cells")
    words = said(tab)
    shared = shared_cells(store, store.runs())
    assert f"The 4 runs share {int(shared.cells.sum()):,} of " in words
    for identity, name in ((first, "first"), (second, "second")):
        scored = store.reports(identity)["common_count"].iloc[0]
        assert f"{name}: {len(shared.keys):,} of {scored:,} predictions, " in words
    counts, scores = tables(tab)
    assert "In some experiments only" in counts
    assert scores["Experiment"].tolist() == ["first"] * 2 + ["second"] * 2
    assert scores["Before (RMSE)"].tolist() != scores["RMSE"].tolist()
    assert "Scaled units are those of the first experiment" in words


def test_what_cannot_be_scored_again_is_said_with_the_reason(
    first: str, store: Store, tmp_path: Path
) -> None:
    waiting = store.add_experiment(tiny(tmp_path, name="waiting *now*", epochs=4))
    run = store.runs(first)[1]
    (row,) = store.artifacts(first, run.id, "predictions")
    artifacts.path_of(store.directory, row).unlink()
    tab = part("cells")
    (warning,) = tab.warning
    assert "3 runs can't be scored on these cells" in warning.value
    assert "first (carry, seed 0): Its file of predictions is damaged or gone" in warning.value
    assert (
        r"waiting \*now\* (zero\_fill, seed 0; carry, seed 0): It has not finished" in warning.value
    )
    assert len(tables(tab)[1]) == 1
    alone = part("cells", shown=",".join(one.id for one in store.runs(waiting)))
    assert "No run can be scored again. It has not finished" in alone.warning[0].value
    assert "No run is on screen" in part("cells", shown="none").info[0].value


def test_two_strategies_of_one_experiment_differ_in_the_strategy_alone(first: str) -> None:
    tab = part("difference")
    (table,) = tables(tab)
    assert table["Setting"].tolist() == ["Strategy"]
    assert table.columns.tolist()[1:3] == ["zero_fill, seed 0", "carry, seed 0"]
    assert "1 setting differs" in said(tab)
    assert "they have the same mask" in said(tab)
    assert not tab.get("plotly_chart")


def test_runs_of_two_experiments_are_told_apart_with_their_masks(
    first: str, second: str, store: Store
) -> None:
    tab = part("difference")
    settings, counts = tables(tab)[0], tables(tab)[-1]
    assert "recipe.layers.1.rule.rate" in settings["Name in the file"].tolist()
    panel = store.panel(first)
    masks = []
    for identity in (first, second):
        one = store.experiment(identity)
        masks.append(panel.native & ~one.recipe.apply(panel, one.split.parts(panel)).observed)
    only_first, only_second = masks[0] & ~masks[1], masks[1] & ~masks[0]
    cells = int(panel.native.sum())
    assert f"Only the first hides {int(only_first.sum())} of {cells} cells" in said(tab)
    assert counts["Only the second hides"][0].startswith(f"{int(only_second[:, 0].sum())} of ")
    assert counts["Both hide"][0].startswith(f"{int((masks[0] & masks[1])[:, 0].sum())} of ")
    assert len(tab.get("plotly_chart")) == 1
    assert [one.label for one in tab.expander] == ["1 difference that changes no number"]


def test_the_address_chooses_both_runs_and_keeps_the_choice(
    first: str, second: str, store: Store
) -> None:
    zero, carry = (run.id for run in store.runs(second))
    tab = part("difference", **{"from": carry, "to": zero})
    assert tab.selectbox(key="compare.difference.from").value == carry
    assert tab.selectbox(key="compare.difference.to").value == zero
    tab.selectbox(key="compare.difference.to").set_value(carry).run()
    assert not tab.exception
    assert "Both are the same run" in tab.info[0].value
    assert "to" not in tab.query_params  # where one starts without being asked
    assert tab.query_params["from"] in (carry, [carry])
    assert part("difference", **{"from": "nothing"}).selectbox(key="compare.difference.from").value


def test_masks_of_other_data_are_not_drawn_on_each_other(
    first: str, store: Store, tmp_path: Path
) -> None:
    other: Any = tiny(tmp_path, name="other")
    with (tmp_path / "tiny.csv").open("a") as file:
        file.write("2024-01-13T12:00,1,1\n")
    store.add_experiment(other)
    tab = part("difference")
    assert "Their data differ" in said(tab)
    assert "data.sha256" in tables(tab)[0]["Name in the file"].tolist()
    assert not tab.get("plotly_chart")


def test_one_run_alone_has_nothing_to_differ_from(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, strategies=[{"kind": "carry"}])
    assert "Two runs are needed" in part("difference").info[0].value
