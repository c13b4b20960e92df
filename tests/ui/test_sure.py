"""The part "How sure": forest, table, and more seeds that join the comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from masklab.compare.seeds import queue_more_seeds
from masklab.compare.statistics import differences
from masklab.runs.ledger import Ledger
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.compare.sure import as_csv
from masklab.ui.project import Project
from tests.compare.test_statistics import scores
from tests.ui.conftest import report, said, settings

PAGE = Path(__file__).with_name("sure_page.py")
SCORES = {
    "zero_fill": [0.50, 0.52, 0.49, 0.55, 0.51],
    "carry": [0.40, 0.43, 0.38, 0.44, 0.42],
    "reset": [0.49, 0.53, 0.48, 0.57, 0.51],
    "mean_fill": [0.50, 0.52, 0.49, 0.55, 0.51],
}
Show = Callable[..., AppTest]


def plant(store: Store, experiment_id: str, by_strategy: Mapping[str, list[float]]) -> None:
    """Let every run finish with the score that stands at its seed."""
    ledger = Ledger(store)
    for run in store.runs(experiment_id):
        claim = ledger.claim(run.id)
        score = by_strategy[run.strategy][run.seed]
        ledger.record(claim, report(run.strategy, run.seed, 1, 1, score))
        ledger.end(run.id, claim.process, "finished", "")


@pytest.fixture
def planted(store: Store, project: Project) -> Callable[..., str]:
    def made(seeds: int = 5, **changes: object) -> str:
        kinds = [{"kind": kind} for kind in SCORES]
        asked = settings(project, strategies=kinds, seeds=list(range(seeds)), **changes)
        experiment_id = store.add_experiment(parse_experiment(asked), ".")
        plant(store, experiment_id, SCORES)
        return experiment_id

    return made


@pytest.fixture
def shown() -> Show:
    def opened(experiment: str, baseline: str = "zero_fill", **query: str) -> AppTest:
        tab = AppTest.from_file(str(PAGE), default_timeout=30)
        for name, value in {"experiment": experiment, "baseline": baseline, **query}.items():
            tab.query_params[name] = value
        return tab.run()

    return opened


def test_every_strategy_has_its_difference_interval_and_verdict(planted, shown: Show) -> None:
    tab = shown(planted())
    assert not tab.exception
    table = tab.dataframe[0].value.set_index("Strategy")
    assert table.index.tolist() == ["carry", "mean_fill", "reset"]  # the best first
    assert table["Verdict"].tolist() == [
        "better", "no difference to the last digit", "not enough seeds to tell",
    ]  # fmt: skip
    assert table.loc["carry", "Difference"] == "−0.10 (−19.5 %)"
    assert table.loc["carry", "Better"] in {"99 %", "over 99 %"}
    assert table.loc["mean_fill", "Better"] == "—"
    assert table["Seeds"].tolist() == ["5 seeds"] * 3
    assert table["More seeds"].tolist() == ["", "", "over 100"]


def test_equal_runs_are_not_certain(planted, shown: Show) -> None:
    tab = shown(planted(), baseline="mean_fill", hidden="carry,reset")
    table = tab.dataframe[0].value.set_index("Strategy")
    assert table.index.tolist() == ["zero_fill"]
    assert table.loc["zero_fill", ["Difference", "95 % interval", "Better"]].tolist() == ["±0", "—", "—"]  # fmt: skip
    assert "100 %" not in str(table.to_dict())


def test_two_seeds_are_not_enough_for_anything(planted, shown: Show) -> None:
    table = shown(planted(2)).dataframe[0].value.set_index("Strategy")
    assert table.loc["carry", "Verdict"] == "not enough seeds to tell"
    assert table.loc["carry", "95 % interval"] == "—"
    assert table.loc["carry", "More seeds"] == "about 1"
    alone = shown(planted(1)).dataframe[0].value.set_index("Strategy")
    assert alone.loc["carry", "More seeds"] == "at least 2"


def test_the_forest_draws_every_seed(planted, shown: Show) -> None:
    tab = shown(planted(), units="original")
    chart = tab.get("plotly_chart")[0].proto.spec
    assert "better than zero_fill" in chart
    assert "Difference in RMSE from zero_fill" in chart
    assert chart.count("circle-open") == 3


def test_a_naive_baseline_is_a_level(planted, shown: Show, store: Store) -> None:
    experiment = planted()
    level = {"mse": 0.09, "mae": 0.3, "rmse": 0.3, "mre": 0.3, "mase": 0.3, "count": 300}
    store.set_fact(experiment, "naive", {"last_value": [level, level]})
    table = shown(experiment, baseline="last_value").dataframe[0].value.set_index("Strategy")
    assert set(table["Verdict"]) == {"worse"}
    assert table.loc["carry", "Difference"] == "+0.11 (+38.0 %)"


def test_own_cells_that_differ_warn(planted, shown: Show) -> None:
    tab = shown(planted(), cells="own")
    assert "differences between their scores tell nothing" in tab.warning[0].value
    assert len(tab.dataframe) == 0


def test_without_a_pair_it_says_what_to_do(planted, shown: Show, store: Store, project: Project) -> None:  # fmt: skip
    waiting = store.add_experiment(parse_experiment(settings(project, seeds=[7])), ".")
    tab = shown(waiting, baseline="carry")
    assert not tab.exception
    assert "No run has finished yet" in tab.info[0].value
    alone = shown(planted(), hidden="carry,reset,mean_fill")
    assert "There is one strategy alone" in alone.info[0].value


def test_more_seeds_are_a_new_experiment_that_joins(
    planted, shown: Show, store: Store, supervised: list[Path]
) -> None:
    experiment = planted(2)
    tab = shown(experiment)
    tab.number_input(key="compare.more_seeds").set_value(3).run()
    button = tab.button(key="compare.train_more")
    assert button.label.startswith("Train 3 more seeds (12 runs, about ")
    button.click().run()
    assert not tab.exception
    assert supervised == [store.directory]
    newest = store.experiments()[0]
    assert newest.name == "tiny · seeds 2 to 4"
    assert tab.query_params["with"] in (newest.id, [newest.id])
    assert "12 runs still to finish" in said(tab)
    assert {run.seed for run in store.runs(newest.id)} == {2, 3, 4}
    before, after = store.experiment(experiment), store.experiment(newest.id)
    assert after.model_copy(update={"seeds": before.seeds, "name": before.name}) == before
    assert store.fact(newest.id, "origin") == store.fact(experiment, "origin") == "tiny.csv"

    plant(store, newest.id, SCORES)
    tab.run()
    table = tab.dataframe[0].value.set_index("Strategy")
    assert table["Seeds"].tolist() == ["5 seeds"] * 3
    assert table.loc["carry", "Verdict"] == "better"
    assert "**carry** has the lowest RMSE: 0.414 ± 0.024 over 5 seeds" in said(tab)
    assert "Seeds of “tiny” and “tiny · seeds 2 to 4” are taken together." in said(tab)
    tab.button(key="compare.train_more").click().run()
    again = store.experiments()[0]
    assert again.name == "tiny · seeds 5 to 7"
    assert tab.query_params["with"] in (f"{newest.id},{again.id}", [f"{newest.id},{again.id}"])


def test_an_experiment_that_differs_in_more_is_left_out(planted, shown: Show) -> None:
    first = planted(3)
    other = planted(5, name="longer", training={"epochs": 5})
    tab = shown(first, **{"with": other})
    assert "“longer” differs in data, split, mask, task or training" in said(tab)
    assert "This is said of “tiny”; “longer” is no part of it" in said(tab)
    assert tab.dataframe[0].value["Seeds"].tolist() == ["3 seeds"] * 3


def test_of_two_runs_of_one_seed_the_newest_counts(planted, shown: Show, store: Store, project: Project) -> None:  # fmt: skip
    first = planted(3)
    kinds = [{"kind": kind} for kind in ("zero_fill", "carry")]
    again = parse_experiment(settings(project, strategies=kinds, seeds=[0, 1, 2]))
    second = store.add_experiment(again, ".")
    plant(store, second, {"zero_fill": [0.6, 0.6, 0.6], "carry": [0.74, 0.75, 0.73]})
    table = shown(first, **{"with": second}).dataframe[0].value.set_index("Strategy")
    assert table.loc["carry", "Verdict"] == "worse"
    assert table.loc["carry", "Difference"].startswith("+0.14")


def test_seeds_that_were_queued_before_are_not_taken_again(planted, store: Store) -> None:
    experiment = planted(2)
    added = queue_more_seeds(store, experiment, 2, used=[0, 1, 2, 4])
    assert store.experiment(added).seeds == (3, 5)
    assert store.experiment(added).name == "tiny · seeds 3 and 5"
    one = queue_more_seeds(store, added, 1, used=[0, 1, 2, 4])
    assert store.experiment(one).name == "tiny · seed 6"


def test_the_csv_has_a_row_a_pair() -> None:
    found = differences(scores(a=[1.0, 1.1, math.nan], b=[0.9, 1.0, 0.4]), "a")
    lines = as_csv(found).decode().splitlines()
    assert lines[0].startswith("strategy,baseline,seed,difference,mean")
    assert len(lines) == 3
