"""The sentence on top: what won, by how much, how sure, on which cells."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from masklab.compare.verdict import Said, answer

Seeds = dict[int, float]


def scores(**by_strategy: list[float] | Seeds) -> pd.DataFrame:
    rows = [
        (name, seed, score, 300)
        for name, given in by_strategy.items()
        for seed, score in (given.items() if isinstance(given, dict) else enumerate(given))
    ]
    return pd.DataFrame(rows, columns=["strategy", "seed", "score", "scored"])


def table(given: pd.DataFrame, **naive: float) -> pd.DataFrame:
    """The table of the runs alone: what `answer` says of seeds comes from the scores."""
    labels = list(dict.fromkeys(given["strategy"]))
    rows = [{"kind": "strategy", "strategy": one, "n": 1, "mean": 9.0, "scored": 300} for one in labels]  # fmt: skip
    rows += [{"kind": "naive", "strategy": one, "n": 0, "mean": level, "scored": 300} for one, level in naive.items()]  # fmt: skip
    return pd.DataFrame(rows).assign(std=math.nan, min=math.nan, max=math.nan)


def told(given: pd.DataFrame, baseline: str | None = None, unit: str = "", **naive: float) -> Said:
    return answer(table(given, **naive), "RMSE", unit, "common", given, baseline)


CARRY, RESET = [0.40, 0.42, 0.41], [0.50, 0.51, 0.52]


def test_it_says_what_won_by_how_much_how_sure_and_on_which_cells() -> None:
    said = told(scores(reset=RESET, carry=CARRY), unit="°F").answer
    assert said == (
        "**carry** has the lowest RMSE: 0.41 ± 0.01 °F over 3 seeds, 19.6 % below the next, **reset** "
        "(0.51), on the same 300 cells. Over 3 seeds it is 0.10 °F lower (95 % interval: 0.075 to "
        "0.12 °F lower): better with a probability of over 99 %."
    )


def test_it_does_not_decide_what_the_seeds_do_not() -> None:
    said = told(scores(reset=[0.41, 0.41, 0.45], carry=CARRY)).answer
    assert "**Not enough seeds to tell:** over 3 seeds the difference lies anywhere from" in said
    assert "lower to" in said
    assert "higher (95 % interval); the chance that it is better is" in said
    assert "more seeds would probably tell" in said or "would hardly tell" in said
    assert "better with a probability" not in said


@pytest.mark.parametrize(("count", "words"), [(1, "one seed shows no spread"), (2, "2 seeds show too little")])  # fmt: skip
def test_one_or_two_seeds_tell_nothing(count: int, words: str) -> None:
    said = told(scores(reset=RESET[:count], carry=CARRY[:count])).answer
    assert f"**Not enough seeds to tell:** {words}" in said
    assert "probability" not in said


def test_without_a_common_seed_there_is_no_pair() -> None:
    said = told(scores(reset={0: 0.5}, carry={1: 0.4})).answer
    assert "they share no seed. Train at least 3 seeds of both." in said


def test_pairs_that_are_not_all_are_said_to_be_that() -> None:
    said = told(scores(reset=RESET, carry=[*CARRY, 0.43])).answer
    assert "Over 3 seeds that both have it is" in said


def test_pairs_may_speak_against_the_means() -> None:
    # The fourth seed is an easy one, and only carry has it.
    said = told(scores(reset=[0.5, 0.5, 0.5], carry=[0.52, 0.52, 0.53, 0.1])).answer
    assert said.startswith("**carry** has the lowest RMSE")
    assert "Over 3 seeds that both have it is 0.023 higher" in said
    assert "worse with a probability of" in said


def test_equal_to_the_last_digit_is_never_sure() -> None:
    both = scores(reset=CARRY, carry=CARRY)
    said = told(both).answer
    assert "share the lowest RMSE" in said
    assert "probability" not in said
    only_here = told(scores(reset=[*CARRY, 0.9], carry=CARRY)).answer
    assert "On 3 seeds that both have they score the same to the last digit." in only_here


def test_the_pinned_baseline_is_told_beside_the_second() -> None:
    three = scores(reset=[0.42, 0.41, 0.42], carry=CARRY, zero_fill=RESET)
    said = told(three, baseline="zero_fill").answer
    assert "below the next, **reset**" in said
    assert "Against the baseline, **zero_fill**, it is 0.10 lower (19.6 %): better with" in said
    assert "Against the baseline" not in told(three, baseline="reset").answer
    assert "Against the baseline" not in told(three, baseline="carry").answer
    few = told(three[three["seed"] < 2], baseline="zero_fill").answer
    assert few.endswith("it is 0.095 lower (18.8 %): not enough seeds to tell.")


def test_a_naive_baseline_can_be_pinned() -> None:
    said = told(scores(reset=RESET, carry=CARRY), baseline="last_value", last_value=0.8).answer
    assert "Against the baseline, “last value”, it is 0.39 lower (48.8 %): better with" in said


def test_a_strategy_that_sees_hidden_values_can_be_pinned_and_never_wins() -> None:
    said = told(scores(ignore=[0.1, 0.1, 0.11], reset=RESET, carry=CARRY), baseline="ignore")
    assert said.answer.startswith("**carry**")
    assert "Against the baseline, **ignore**, it is 0.31 higher" in said.answer
    assert "**ignore** sees the hidden values; its RMSE (0.1033) is lower still" in said.rest


def test_what_is_not_the_answer_comes_after() -> None:
    three = scores(carry=CARRY, reset=RESET, mean_fill=RESET)
    said = told(three, last_value=0.8)
    assert "score the same" not in said.answer
    assert "All lie below the best naive baseline, “last value” (0.8)." in said.rest
    beaten = told(three, last_value=0.2)
    assert "No strategy beats the naive baseline" in beaten.answer
    whole = answer(table(three, last_value=0.8), "RMSE", "", "common", three).whole
    assert whole == f"{said.answer} {said.rest}"


def test_different_cells_do_not_compare_whatever_they_are_called() -> None:
    both = scores(reset=RESET, carry=CARRY)
    both.loc[both["strategy"] == "reset", "scored"] = 400
    for cells, words in (("own", "the cells it counts itself"), ("hidden", "different numbers")):
        said = answer(table(both), "RMSE", "", cells, both).answer
        assert words in said
        assert "the scores do not compare" in said
        assert "carry" not in said


def test_a_missing_score_is_not_averaged_away() -> None:
    said = told(scores(reset=RESET, carry=[0.1, math.nan, 0.1])).answer
    assert said.startswith("**reset**")
    assert "There is no other strategy" in said
