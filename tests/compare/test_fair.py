"""Done-when 1 of the Compare page: own cells rank two strategies wrongly, the common cells rightly.

The runs are real in all but what their networks predict: the truth with a known error. `ignore` errs
by 0.5 on cells that both are scored on, and by 0.05 on hidden ones, which it alone counts; `carry`
errs by 0.4 throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from masklab.compare.seeds import seed_scores
from masklab.compare.statistics import differences
from masklab.compare.table import comparison
from masklab.compare.verdict import answer
from masklab.runs import facts
from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.split import VALIDATION
from masklab.training.batches import Batch
from masklab.training.loop import Run
from masklab.training.predictions import predicted_rows
from masklab.training.prepare import Prepared, prepare
from masklab.ui.project import Project
from tests.ui.conftest import open_page, project, said, settings, store, supervised, table

__all__ = ["open_page", "project", "store", "supervised", "table"]

COMMON, HIDDEN, CARRY = 0.5, 0.05, 0.4
WRONG, RIGHT = "ignore", "carry"
Open = Callable[..., AppTest]


class Planted(Run):
    """A run whose network predicts the truth with a known error, a little other for each seed."""

    def _predicted(self, batch: Batch) -> tuple[torch.Tensor, None]:
        network, _ = super()._predicted(batch)
        by_cell = torch.where(batch.common, COMMON, HIDDEN)
        error = by_cell if self.strategy.label == WRONG else torch.full_like(by_cell, CARRY)
        nudge = 0.004 * (self.seed - 1) if self.strategy.label == WRONG else 0.0
        return batch.target.nan_to_num() + error + nudge + 0 * network, None


def train(store: Store, experiment_id: str) -> Prepared:
    experiment = store.experiment(experiment_id)
    prepared = prepare(experiment, experiment.load_panel(store.directory))
    facts.keep(store, experiment_id, prepared)
    ledger = Ledger(store)
    strategies = {one.label: one for one in experiment.strategies}
    for run in store.runs(experiment_id):
        claim = ledger.claim(run.id)
        trained = Planted(
            prepared, strategies[run.strategy], run.seed, experiment.model, experiment.training
        )
        for report in trained.reports():
            ledger.record(claim, report)
        ledger.end(run.id, claim.process, "finished", "")
    return prepared


@pytest.fixture
def trained(store: Store, project: Project) -> tuple[str, Prepared]:
    """Two strategies, three seeds, 60 % of the cells hidden."""
    layer = {"rule": {"kind": "mcar", "rate": 0.6, "seed": 2}}
    asked = settings(
        project, recipe={"layers": [layer]}, strategies=[{"kind": WRONG}, {"kind": RIGHT}],
        seeds=[0, 1, 2], training={"epochs": 2}, model={"hidden_size": 4},
    )  # fmt: skip
    experiment_id = store.add_experiment(parse_experiment(asked), ".")
    return experiment_id, train(store, experiment_id)


def test_own_cells_rank_wrongly_and_common_cells_rightly(trained, store: Store) -> None:
    experiment_id, prepared = trained
    common = comparison(store, experiment_id).set_index("strategy")
    own = comparison(store, experiment_id, cells="own").set_index("strategy")
    assert common.loc[RIGHT, "mean"] == pytest.approx(CARRY, abs=1e-6)
    assert common.loc[WRONG, "mean"] == pytest.approx(COMMON, abs=1e-6)
    rows = predicted_rows(prepared, VALIDATION)
    on_common = prepared.common[rows].sum()
    counted = prepared.own[WRONG][rows].sum()
    errors = [
        math.sqrt(
            (on_common * (COMMON + nudge) ** 2 + (counted - on_common) * (HIDDEN + nudge) ** 2)
            / counted
        )
        for nudge in (-0.004, 0, 0.004)
    ]
    assert own.loc[WRONG, "mean"] == pytest.approx(np.mean(errors), abs=1e-6)
    assert own.loc[WRONG, "mean"] < own.loc[RIGHT, "mean"]  # wrong
    assert common.loc[RIGHT, "mean"] < common.loc[WRONG, "mean"]  # right
    scored = prepared.common[rows]
    assert common.loc[[WRONG, RIGHT], "scored"].tolist() == [scored.sum()] * 2
    assert own.loc[WRONG, "scored"] > own.loc[RIGHT, "scored"]


def test_the_statistics_name_the_right_one(trained, store: Store) -> None:
    for cells, expected in {"common": "better", "own": "worse"}.items():
        found = seed_scores(store, [trained[0]], cells=cells)
        (one,) = differences(found.scores, WRONG)
        assert (one.strategy, one.n, one.verdict) == (RIGHT, 3, expected)


def test_the_sentence_names_the_right_one_and_warns_of_own_cells(trained, store: Store) -> None:
    experiment_id, prepared = trained
    cells = int(prepared.common[predicted_rows(prepared, VALIDATION)].sum())
    text = {}
    for kind in ("common", "own"):
        table = comparison(store, experiment_id, cells=kind)
        scores = seed_scores(store, [experiment_id], cells=kind).scores
        text[kind] = answer(table, "RMSE", "", kind, scores, baseline=WRONG).whole
    assert text["common"].startswith(f"**{RIGHT}** has the lowest RMSE: 0.4 ")
    assert f"on the same {cells:,} cells" in text["common"]
    share = 100 * (COMMON - CARRY) / COMMON
    assert f"Against the baseline, **{WRONG}**, it is 0.10 lower ({share:.1f} %)" in text["common"]
    assert "better with a probability of over 99 %" in text["common"]
    assert f"**{WRONG}** sees the hidden values; its RMSE (0.5) is no lower." in text["common"]
    assert "the scores do not compare" in text["own"]
    assert RIGHT not in text["own"]
    assert WRONG not in text["own"]


def test_the_page_says_so_too(trained, open_page: Open) -> None:
    tab = open_page("compare", experiment=trained[0])
    assert not tab.exception
    assert f"**{RIGHT}** has the lowest RMSE" in said(tab)
    assert f"**{WRONG}** has the lowest" not in said(tab)
    own = open_page("compare", experiment=trained[0], cells="own")
    assert not own.exception
    assert "the scores do not compare" in said(own)
    assert "has the lowest" not in said(own)
