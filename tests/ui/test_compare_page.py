"""The Compare page: fair by default, plain words, nothing hidden."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from masklab.compare.verdict import answer
from masklab.runs import labels
from masklab.runs.schema import CELLS
from masklab.runs.spec import DataSource, parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.ui.conftest import add_trained, said, settings

Open = Callable[..., AppTest]


def test_without_runs_it_says_what_it_needs(open_page: Open) -> None:
    tab = open_page("compare", work="empty")
    assert not tab.exception
    assert "Comparing needs runs" in said(tab)
    assert tab.button(key="go.pages/data.py").label == "Choose data"


def test_with_data_it_leads_to_train(project: Project, open_page: Open) -> None:
    tab = open_page("compare")
    assert tab.button(key="go.pages/train.py").label == "Train strategies"


def test_common_cells_come_first_and_are_counted(experiment: str, open_page: Open) -> None:
    tab = open_page("compare")
    assert not tab.exception
    assert "Scored on 300 validation cells, the same for every run" in said(tab)
    table = tab.dataframe[0].value
    assert table["Strategy"].tolist()[:3] == ["ignore", "zero_fill", "carry"]
    assert "last value" in table["Strategy"].tolist()
    assert table["Runs"].tolist()[:3] == ["2 of 2", "2 of 2", "1 of 2"]
    assert table["Looks ahead"].tolist()[0] == "sees hidden values"


def test_experiments_that_differ_in_seeds_alone_are_one_group(
    store: Store, project: Project, experiment: str, open_page: Open
) -> None:
    more = add_trained(store, parse_experiment(settings(project, name="more", seeds=[5, 6])))
    tab = open_page("compare", experiment=experiment, **{"with": more})
    assert tab.multiselect(key="compare.group").value == ["strategy"]
    assert tab.dataframe[0].value["Runs"].tolist()[:2] == ["4 of 4", "4 of 4"]
    other = add_trained(
        store, parse_experiment(settings(project, name="longer", training={"epochs": 9}))
    )
    tab = open_page("compare", experiment=experiment, **{"with": other})
    assert tab.multiselect(key="compare.group").value == ["strategy", "experiment"]


def test_own_cells_say_that_they_do_not_compare(experiment: str, open_page: Open) -> None:
    tab = open_page("compare", cells="own")
    assert not tab.exception
    assert "the scores do not compare" in said(tab)
    assert "ignore 360, zero_fill 390" in said(tab)


def test_failed_runs_are_named(experiment: str, open_page: Open) -> None:
    tab = open_page("compare")
    assert "1 run did not finish" in tab.warning[0].value
    assert "carry, seed 1: The worker was killed (signal 9)" in tab.warning[0].value


def test_the_address_chooses_experiment_and_metric(
    experiment: str, project: Project, store: Store, open_page: Open
) -> None:
    other = add_trained(store, parse_experiment(settings(project, name="other", seeds=[5, 6])))
    tab = open_page("compare", experiment=experiment, metric="mae")
    assert tab.selectbox(key="compare.experiment").value == experiment
    assert "MAE" in tab.dataframe[0].value.columns
    tab.selectbox(key="compare.experiment").set_value(other).run()
    assert not tab.exception
    assert tab.query_params["experiment"] in (other, [other])
    again = open_page("compare")
    assert again.selectbox(key="compare.experiment").value == other


def test_an_unknown_experiment_is_said(experiment: str, open_page: Open) -> None:
    tab = open_page("compare", experiment="0123456789ab")
    assert not tab.exception
    assert "no experiment '0123456789ab'" in tab.warning[0].value


@pytest.mark.parametrize("baseline", ["carry", "last_value", "zero_fill"])
def test_differences_are_from_the_chosen_one(
    experiment: str, open_page: Open, baseline: str
) -> None:
    tab = open_page("compare")
    tab.selectbox(key="compare.baseline").set_value(baseline).run()
    assert not tab.exception
    table = tab.dataframe[0].value.set_index("Strategy")["Difference"]
    assert table[baseline.replace("last_value", "last value")] == "reference"
    assert table["ignore"].startswith("−")


def test_every_metric_and_unit_is_drawn(experiment: str, open_page: Open) -> None:
    for metric in ("mae", "mse", "rmse", "mre", "mase"):
        for units in ("scaled", "original"):
            tab = open_page("compare", metric=metric, units=units)
            assert not tab.exception
            assert metric.upper() in tab.dataframe[0].value.columns


def test_a_deleted_experiment_is_gone_for_good(
    experiment: str, project: Project, store: Store, open_page: Open
) -> None:
    chosen = project.model_copy(update={"experiment_id": experiment})
    store.save_project("demo", chosen.model_dump_json())
    tab = open_page("compare")
    tab.button(key="compare.delete").click().run()
    assert not tab.exception
    assert "Comparing needs runs" in said(tab)
    assert not open_page("train").exception
    assert labels.purge(store, older_than=0) == 1
    assert store.experiments() == []


def test_a_deleted_experiment_comes_back_with_undo(
    experiment: str, store: Store, open_page: Open
) -> None:
    tab = open_page("compare")
    tab.button(key="compare.delete").click().run()
    assert "“tiny” is deleted. It is kept for 7 days." in said(tab)
    tab.button(key="compare.undo.do").click().run()
    assert not tab.exception
    assert tab.selectbox(key="compare.experiment").value == experiment
    assert labels.purge(store, older_than=0) == 0


def test_another_project_s_runs_are_said_to_be_that(
    experiment: str, project: Project, store: Store, open_page: Open
) -> None:
    assert "another experiment" not in said(open_page("compare"))
    other = project.model_copy(update={"data": DataSource(path="sample:mauna_loa_co2")})
    store.save_project("demo", other.model_dump_json())
    assert open_page("compare").info[0].value.startswith("Nothing was trained on this project's")


def test_open_runs_are_said(project: Project, store: Store, open_page: Open) -> None:
    store.add_experiment(parse_experiment(settings(project)), ".")
    tab = open_page("compare")
    assert not tab.exception
    assert "6 runs still to finish" in tab.info[0].value
    assert "nothing to compare" in said(tab)


def rows(*given: tuple[str, str, int, float, float, float, float]) -> pd.DataFrame:
    columns = ["kind", "strategy", "n", "mean", "std", "min", "max"]
    return pd.DataFrame(given, columns=columns)


CARRY = ("strategy", "carry", 3, 0.30, 0.01, 0.29, 0.31)
RESET = ("strategy", "reset", 3, 0.40, 0.01, 0.39, 0.41)


def test_the_verdict_names_the_lowest_and_by_how_much() -> None:
    text = answer(rows(RESET, CARRY), "RMSE", "", "common").whole
    assert text.startswith("**carry** has the lowest RMSE: 0.3 ± 0.01 over 3 seeds, 25.0 % below")
    assert "Every seed of the first lies below every seed of the second." in text


def test_the_verdict_is_careful_where_seeds_overlap() -> None:
    close = ("strategy", "reset", 3, 0.305, 0.01, 0.295, 0.32)
    assert "the order may be luck" in answer(rows(close, CARRY), "RMSE", "", "common").whole


def test_the_verdict_asks_for_more_than_one_seed() -> None:
    one = ("strategy", "reset", 1, 0.4, float("nan"), 0.4, 0.4)
    assert "One seed shows no spread" in answer(rows(one, CARRY), "RMSE", "", "common").whole


def test_a_leak_never_wins() -> None:
    leak = ("strategy", "ignore", 3, 0.1, 0.01, 0.09, 0.11)
    text = answer(rows(leak, RESET, CARRY), "RMSE", "", "common").whole
    assert text.startswith("**carry**")
    assert "**ignore** sees the hidden values" in text


def test_a_naive_baseline_that_wins_is_said() -> None:
    naive = ("naive", "last_value", 0, 0.2, 0, 0.2, 0.2)
    text = answer(rows(CARRY, RESET, naive), "RMSE", "°F", "common").whole
    assert "No strategy beats the naive baseline “last value” (0.2 °F)" in text


def test_without_a_finished_run_there_is_no_verdict() -> None:
    none = ("strategy", "carry", 0, float("nan"), float("nan"), float("nan"), float("nan"))
    assert "nothing to compare" in answer(rows(none), "RMSE", "", "common").whole


def test_strategies_that_got_the_same_input_share_the_place() -> None:
    twin = ("strategy", "zero_fill", *CARRY[2:])
    text = answer(rows(twin, RESET, CARRY), "RMSE", "", "common").whole
    assert text.startswith("**zero_fill** and **carry** share the lowest RMSE: 0.3 ± 0.01 over 3")
    assert "same input" in text


def test_strategies_that_tie_below_the_first_are_named_together() -> None:
    twin = ("strategy", "mean_fill", *RESET[2:])
    text = answer(rows(twin, RESET, CARRY), "RMSE", "", "common").whole
    assert "below the next, **mean_fill** and **reset** (0.4)" in text
    assert "**mean_fill** and **reset** score the same." in text


def test_an_error_relative_to_nothing_is_no_score(
    experiment: str, store: Store, open_page: Open
) -> None:
    with store.database.write() as db:
        db.execute("UPDATE reports SET common_mre = NULL, common_original_mre = NULL")
    naive = {"mean": [{"mse": 1, "mae": 1, "rmse": 1, "mre": float("nan"), "count": 300}] * 2}
    store.set_fact(experiment, "naive", naive)
    tab = open_page("compare", metric="mre")
    assert not tab.exception
    assert "The MRE is not defined here (—)" in said(tab)
    scores = tab.dataframe[0].value.set_index("Strategy")["MRE"]
    assert scores.tolist() == ["—"] * 4
    again = open_page("compare", metric="rmse")
    assert "has the lowest RMSE" in said(again)


def test_a_reconstruction_both_ways_says_that_every_strategy_looks_ahead(
    project: Project, store: Store, open_page: Open
) -> None:
    task = {"kind": "reconstruct", "window": 8}
    kinds = {"strategies": [{"kind": kind} for kind in ("carry", "interpolate", "ignore")]}
    expected = {
        True: ["yes, the network", "yes", "sees hidden values"],
        False: ["no", "yes", "sees hidden values"],
    }
    for both_ways, words in expected.items():
        model = {"bidirectional": both_ways}
        made = parse_experiment(settings(project, task=task, model=model, **kinds))
        tab = open_page("compare", experiment=add_trained(store, made))
        assert not tab.exception
        seen = tab.dataframe[0].value.set_index("Strategy")["Looks ahead"]
        assert seen[["carry", "interpolate", "ignore"]].tolist() == words
        assert seen["linear"] == "yes (naive, no network)"
        assert seen["last value"] == "naive, no network"
        assert ("reads each window both ways" in said(tab)) is both_ways


def test_mase_leaves_the_units_as_they_were_and_says_that_they_do_nothing(
    experiment: str, open_page: Open
) -> None:
    tab = open_page("compare", units="original")
    units = tab.segmented_control(key="compare.units")
    assert not units.disabled
    tab.segmented_control(key="compare.metric").set_value("mase").run()
    units = tab.segmented_control(key="compare.units")
    assert units.disabled
    assert "the same scaled and in the data's units" in units.help
    tab.segmented_control(key="compare.metric").set_value("mre").run()
    units = tab.segmented_control(key="compare.units")
    assert (units.disabled, units.value) == (False, "original")


def test_runs_older_than_mase_show_a_dash_for_it(
    experiment: str, store: Store, open_page: Open
) -> None:
    with store.database.write() as db:
        for cells in CELLS:
            db.execute(f"UPDATE reports SET {cells}_mase = NULL")  # noqa: S608
    naive = {"mean": [{"mse": 1, "mae": 1, "rmse": 1, "mre": 1, "count": 300}] * 2}
    store.set_fact(experiment, "naive", naive)
    tab = open_page("compare", metric="mase")
    assert not tab.exception
    assert "The MASE is not known here (—): the runs are older than this score" in said(tab)
    assert tab.dataframe[0].value.set_index("Strategy")["MASE"].tolist() == ["—"] * 4
    known = open_page("compare", metric="mae").dataframe[0].value.set_index("Strategy")["MAE"]
    assert "—" not in known.tolist()


def test_an_experiment_of_another_version_is_said(
    experiment: str, store: Store, open_page: Open
) -> None:
    with store.database.write() as db:
        db.execute("UPDATE experiments SET spec = replace(spec, 'zero_fill', 'from_the_future')")
    tab = open_page("compare")
    assert not tab.exception
    assert "This version of MaskLab can't use" in tab.error[0].value
