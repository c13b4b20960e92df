"""A comparison in plain words: what is lowest, by how much, over how many seeds; no more than that."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from masklab.runs.spec import STRATEGIES
from masklab.ui.markdown import plain
from masklab.ui.words import counted, listed

_SAME = "Scores equal to the last digit mean the same input: the mask hides nothing that tells them apart."


def verdict(table: pd.DataFrame, metric: str, unit: str, cells: str) -> str:
    """Return two or three sentences on a table of `compare.table.comparison`.

    Strategies that read hidden values take no part in the ranking. Differences are told with what
    the seeds show: whether the runs of the two overlap, and nothing on significance.
    """
    finished = table[(table["kind"] == "strategy") & (table["n"] > 0)]
    scored = finished.dropna(subset="mean").sort_values("mean")
    if len(finished) and len(scored) == 0:
        return _unknown(metric)
    fair = scored[[not _leaks(label) for label in scored["strategy"]]]
    if len(fair) == 0:
        return "No run has finished yet, so there is nothing to compare."
    if cells == "own" and fair["scored"].nunique() > 1:
        return (
            "Each strategy is scored on the cells it counts itself, and these differ: the scores do "
            "not compare. Read each curve for itself, or go back to the common cells."
        )
    unit = plain(unit)
    said = [_lowest(fair, metric, unit)]
    said += _ties(fair)
    said += _against_leak(scored, fair, metric)
    said += _against_naive(table, fair, unit)
    return " ".join(said)


def _unknown(metric: str) -> str:
    if metric == "MASE":
        return (
            "The MASE is not known here (—): the runs are older than this score, or a target never "
            "changes between neighbouring observed training cells. Train anew, or choose other targets."
        )
    return (
        f"The {metric} is not defined here (—): it is relative to the truth, which is 0 throughout."
    )


def number(value: float, unit: str = "") -> str:
    """Return a score with four significant digits and its unit."""
    text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{text} {unit}" if unit else text


def _lowest(fair: pd.DataFrame, metric: str, unit: str) -> str:
    first = fair.iloc[0]
    seeds = f"over {counted(int(first['n']), 'seed')}"
    spread = f" ± {first['std']:.2g}" if first["n"] > 1 else ""
    head = f"**{first['strategy']}** has the lowest {metric}: {number(first['mean'])}{spread}{f' {unit}' if unit else ''} {seeds}"
    if len(fair) == 1:
        return f"{head}. There is no other strategy to compare it with."
    level = fair[fair["mean"] == first["mean"]]
    if len(level) > 1:
        return _level(list(level["strategy"]), head.partition(" has ")[2])
    second = fair.iloc[1]
    next_names = _bold(fair[fair["mean"] == second["mean"]]["strategy"])
    gap = 100 * (second["mean"] - first["mean"]) / second["mean"] if second["mean"] else 0.0
    return f"{head}, {gap:.1f} % below the next, {next_names} ({number(second['mean'])}). {_seeds(first, second)}"


def _level(names: list[str], score: str) -> str:
    """Say that strategies came out equal to the last digit: they did the same on this mask."""
    return f"{_bold(names)} share {score}. {_SAME}"


def _ties(fair: pd.DataFrame) -> list[str]:
    """Name those below the first place that came out equal to the last digit."""
    rest = fair[fair["mean"] != fair.iloc[0]["mean"]]
    groups = [group["strategy"] for _, group in rest.groupby("mean") if len(group) > 1]
    return [f"{_bold(names)} score the same. {_SAME}" for names in groups]


def _bold(names: Iterable[object]) -> str:
    return listed([f"**{name}**" for name in names])


def _seeds(first: pd.Series, second: pd.Series) -> str:
    if min(first["n"], second["n"]) < 2:
        return "One seed shows no spread: the order may be luck."
    if first["max"] < second["min"]:
        return "Every seed of the first lies below every seed of the second."
    return "Their seeds overlap: the order may be luck. More seeds would tell."


def _against_leak(scored: pd.DataFrame, fair: pd.DataFrame, metric: str) -> list[str]:
    leaks = scored[[_leaks(label) for label in scored["strategy"]]]
    if len(leaks) == 0:
        return []
    row = leaks.iloc[0]
    below = row["mean"] < fair.iloc[0]["mean"]
    place = "lower still, as it may be" if below else "no lower"
    return [
        f"**{row['strategy']}** sees the hidden values; its {metric} ({number(row['mean'])}) is {place}."
    ]


def _against_naive(table: pd.DataFrame, fair: pd.DataFrame, unit: str) -> list[str]:
    naive = table[table["kind"] == "naive"].dropna(subset="mean")
    if len(naive) == 0:
        return []
    best = naive.sort_values("mean").iloc[0]
    name, level = str(best["strategy"]).replace("_", " "), number(best["mean"], unit)
    beaten = list(fair[fair["mean"] < best["mean"]]["strategy"])
    if not beaten:
        return [f"No strategy beats the naive baseline “{name}” ({level}), which needs no network."]
    if len(beaten) == len(fair):
        return [f"All lie below the best naive baseline, “{name}” ({level})."]
    return [
        f"Only {listed(beaten)} {'lies' if len(beaten) == 1 else 'lie'} below the best naive baseline, “{name}” ({level})."
    ]


def _leaks(label: object) -> bool:
    member = STRATEGIES.get(str(label).partition("(")[0])
    return member is not None and not member.reads_mask
