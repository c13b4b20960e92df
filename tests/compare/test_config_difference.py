"""Only what differs between two runs is told, with both values, and whether it changes a number."""

from __future__ import annotations

from typing import Any

import pytest

from masklab.compare.config_difference import NOTHING, Difference, RunSettings, config_difference
from masklab.runs.spec import Experiment, parse_experiment


def experiment(**changes: Any) -> Experiment:
    settings = {
        "data": {"path": "a/first.csv", "sha256": "0" * 64},
        "recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]},
        "task": {"kind": "forecast", "window": 8, "horizon": 2},
        "strategies": [{"kind": "carry"}],
    }
    return parse_experiment(settings | changes)


def told(changes: dict[str, Any], seed: int = 0, **first: Any) -> dict[str, Difference]:
    """The differences from an experiment to the same with changes, by name."""
    one, other = experiment(**first), experiment(**{**first, **changes})
    sides = RunSettings(one, one.strategies[0], 0), RunSettings(other, other.strategies[0], seed)
    found = config_difference(*sides)
    names = [difference.name for difference in found]
    assert len(set(names)) == len(names)
    return {difference.name: difference for difference in found}


def test_one_run_twice_has_no_difference():
    assert told({}) == {}


@pytest.mark.parametrize(
    ("changes", "name", "first", "second"),
    [
        ({"training": {"learning_rate": 0.01}}, "training.learning_rate", "0.005", "0.01"),
        ({"training": {"patience": None}}, "training.patience", "10", "never"),
        ({"training": {"scaling": "robust"}}, "training.scaling", "standardise (mean 0, deviation 1)", "robust (median, quartiles)"),
        ({"model": {"hidden_size": 8}}, "model.hidden_size", "48", "8"),
        ({"model": {"bidirectional": True}}, "model.bidirectional", "no", "yes"),
        ({"task": {"kind": "forecast", "window": 9, "horizon": 2}}, "task.window", "8 steps", "9 steps"),
        ({"task": {"kind": "forecast", "window": 8, "horizon": 2, "targets": ["x", "y"]}}, "task.targets", "all channels", "x, y"),
        ({"split": {"training": 0.5}}, "split.training", "0.7", "0.5"),
        ({"strategies": [{"kind": "carry", "indicator": True}]}, "strategy.indicator", "no", "yes"),
        ({"data": {"path": "first.csv", "sha256": "0" * 64, "reading": {"sentinels": {"x": [-1.0]}}}}, "data.reading.sentinels", "none", "x: -1"),
        ({"recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.1, "seed": 1}}]}}, "recipe.layers.1.rule.rate", "30 %", "10 %"),
        ({"recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}, "channels": ["x"]}]}}, "recipe.layers.1.channels", "all", "x"),
    ],
)  # fmt: skip
def test_a_setting_is_told_with_both_values_in_words(changes, name, first, second):
    found = told(changes)
    assert list(found) == [name]
    assert (found[name].first, found[name].second, found[name].counts) == (first, second, True)


def test_titles_are_those_of_the_form():
    assert told({"training": {"epochs": 3}})["training.epochs"].title == "Training: epochs at most"
    assert told({"model": {"num_layers": 2}})["model.num_layers"].title == "Network: layers"


def test_strategies_of_two_kinds_and_seeds_are_told():
    found = told({"strategies": [{"kind": "decay"}]}, seed=4)
    assert list(found) == ["strategy.kind", "seed"]
    assert found["strategy.kind"].first == "Skip and carry the state (carry)"
    assert (found["seed"].first, found["seed"].second) == ("0", "4")


def test_tasks_of_two_kinds_show_what_only_one_has():
    found = told({"task": {"kind": "reconstruct", "window": 8}})
    assert found["task.kind"].second == "reconstruct"
    assert (found["task.horizon"].first, found["task.horizon"].second) == ("2 steps", NOTHING)
    assert (found["task.rate"].first, found["task.rate"].second) == (NOTHING, "0.2")
    assert found["model.bidirectional"].second == "yes"


def test_data_differ_by_their_content_and_never_by_a_folder():
    assert told({"data": {"path": "b/first.csv", "sha256": "0" * 64}}) == {}
    found = told({"data": {"path": "b/second.csv", "sha256": "1" * 64}})
    assert (found["data.path"].first, found["data.path"].second) == ("first.csv", "second.csv")
    assert found["data.sha256"].second == "1" * 12


def test_layers_that_were_added_removed_or_moved_are_told():
    one = {"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}
    other = {"rule": {"kind": "value_range", "low": 0.0}, "name": "Low"}
    added = told({"recipe": {"layers": [one, other]}})
    assert (added["recipe.layers.2"].first, added["recipe.layers.2"].second) == (NOTHING, "Low")
    removed = told({"recipe": {}}, recipe={"layers": [one, other]})
    assert removed["recipe.layers.2"].first == "Low"
    assert removed["recipe.layers.1"].second == NOTHING
    moved = told({"recipe": {"layers": [other, one]}}, recipe={"layers": [one, other]})
    assert (moved["recipe.layers.1.place"].first, moved["recipe.layers.1.place"].second) == (
        "2",
        "1",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}, "name": "Mine", "colour": "blue"}]}},
        {"recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}, {"rule": {"kind": "mcar", "rate": 0.9}, "enabled": False}]}},
        {"model": {"dropout": 0.5}},
        {"data": {"path": "first.csv", "sha256": "0" * 64, "reading": {"units": {"x": "m"}}}},
        {"split": {"validation_series": ["x"]}},
    ],
)  # fmt: skip
def test_what_changes_no_number_is_told_apart(changes):
    found = told(changes)
    assert found
    assert not any(one.counts for one in found.values())
    one, other = (experiment(**each).model_copy(update={"seeds": (0,)}) for each in ({}, changes))
    assert one.hash == other.hash


def test_what_is_marked_to_change_a_number_changes_the_hash():
    for changes in ({"training": {"stride": 2}}, {"model": {"dropout": 0.5, "num_layers": 2}}):
        found = told(changes)
        assert all(one.counts for one in found.values())
        assert experiment().hash != experiment(**changes).hash
