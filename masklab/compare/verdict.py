"""A comparison in plain words: what is lowest, by how much, how sure, on which cells; no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from masklab.compare.certainty import chance, how_sure, number, side
from masklab.compare.statistics import Difference, differences
from masklab.runs.spec import STRATEGIES
from masklab.words import counted, listed, plain

_SAME = "Scores equal to the last digit mean the same input: the mask hides nothing that tells them apart."
_UNLIKE = (
    "The strategies are scored on different numbers of cells: the scores do not compare. "
    "Go back to the common cells."
)
_OWN = (
    "Each strategy is scored on the cells it counts itself, and these differ: the scores do "
    "not compare. Read each curve for itself, or go back to the common cells."
)


@dataclass(frozen=True)
class Said:
    """The answer in two or three sentences, and the rest, which may be empty. Both are Markdown."""

    answer: str
    rest: str = ""

    @property
    def whole(self) -> str:
        """Both as one text."""
        return f"{self.answer} {self.rest}".strip()


def answer(  # noqa: PLR0913, PLR0917 - a table, what it is of, and what makes it sure
    table: pd.DataFrame,
    metric: str,
    unit: str,
    cells: str,
    scores: pd.DataFrame | None = None,
    baseline: str | None = None,
) -> Said:
    """Return what a table of `compare.table.comparison` tells.

    `scores`: strategy, seed, score, scored, as `compare.seeds.seed_scores` gives them, for how sure
    the order is. Their means stand in for the table's, as they may hold seeds of further experiments.
    Without them no more is said than whether seeds overlap. `baseline`: a label of a
    strategy or of a naive baseline that the first is set against, beside the second. Strategies
    that read hidden values take no part in the ranking.
    """
    if scores is not None:
        table = _with_all_seeds(table, scores)
    finished = table[(table["kind"] == "strategy") & (table["n"] > 0)]
    scored = finished.dropna(subset="mean").sort_values("mean", kind="stable")
    if len(finished) and len(scored) == 0:
        return Said(_unknown(metric))
    if "scored" in scored and scored["scored"].nunique() > 1:
        return Said(_OWN if cells == "own" else _UNLIKE)
    fair = scored[[not _leaks(label) for label in scored["strategy"]]]
    if len(fair) == 0:
        return Said("No run has finished yet, so there is nothing to compare.")
    unit = plain(unit)
    head = [_lowest(fair, metric, unit, cells)]
    if scores is None:
        head += _overlap(fair)
    else:
        head += _sure(fair, scores, unit)
        head += _against_baseline(table, fair, scores, baseline, unit)
    naive, all_below = _against_naive(table, fair, unit)
    rest = [*_ties(fair), *_against_leak(scored, fair, metric), *all_below]
    return Said(" ".join([*head, *naive]), " ".join(rest))


def _with_all_seeds(table: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the table with means over the seeds of `scores`; NaN where one of them lacks a score."""
    mine = scores.groupby("strategy")
    lacks = mine["score"].apply(lambda one: one.isna().any())
    found = mine["score"].agg(["mean", "std", "min", "max"]).where(~lacks)
    found["n"], found["scored"] = mine.size(), mine["scored"].max()
    table, strategies = table.copy(), table["kind"] == "strategy"
    for name in found:
        known = table[name] if name in table else float("nan")
        table[name] = table["strategy"].map(found[name]).where(strategies, known)
    return table.fillna({"n": 0})


def _unknown(metric: str) -> str:
    if metric == "MASE":
        return (
            "The MASE is not known here (—): the runs are older than this score, or a target never "
            "changes between neighbouring observed training cells. Train anew, or choose other targets."
        )
    return (
        f"The {metric} is not defined here (—): it is relative to the truth, which is 0 throughout."
    )


def _lowest(fair: pd.DataFrame, metric: str, unit: str, cells: str) -> str:
    first = fair.iloc[0]
    seeds = f"over {counted(int(first['n']), 'seed')}"
    spread = f" ± {first['std']:.2g}" if first["n"] > 1 else ""
    score = (
        f"the lowest {metric}: {number(first['mean'])}{spread}{f' {unit}' if unit else ''} {seeds}"
    )
    where = _where(fair, cells)
    if len(fair) == 1:
        return f"**{first['strategy']}** has {score}{where}. There is no other strategy to compare it with."
    level = fair[fair["mean"] == first["mean"]]
    if len(level) > 1:
        return f"{_bold(level['strategy'])} share {score}{where}. {_SAME}"
    second = fair.iloc[1]
    next_names = _bold(fair[fair["mean"] == second["mean"]]["strategy"])
    gap = _share(first["mean"] - second["mean"], second["mean"])
    return (
        f"**{first['strategy']}** has {score}, {gap} below the next, {next_names} "
        f"({number(second['mean'])}){where}."
    )


def _where(fair: pd.DataFrame, cells: str) -> str:
    """Return on which cells: all the same, as different ones are not compared."""
    count = int(fair["scored"].max()) if "scored" in fair else 0
    if not count:
        return ""
    own = ", which each counts itself" if cells == "own" else ""
    return f", on the same {counted(count, 'cell')}{own}"


def _overlap(fair: pd.DataFrame) -> list[str]:
    """Say whether the seeds of the first two overlap: all that a table alone can tell."""
    if len(fair) < 2 or fair.iloc[0]["mean"] == fair.iloc[1]["mean"]:
        return []
    first, second = fair.iloc[0], fair.iloc[1]
    if min(first["n"], second["n"]) < 2:
        return ["One seed shows no spread: the order may be luck."]
    if first["max"] < second["min"]:
        return ["Every seed of the first lies below every seed of the second."]
    return ["Their seeds overlap: the order may be luck. More seeds would tell."]


def _sure(fair: pd.DataFrame, scores: pd.DataFrame, unit: str) -> list[str]:
    """Say how sure the first lies below the second; nothing where they are level."""
    if len(fair) < 2 or fair.iloc[0]["mean"] == fair.iloc[1]["mean"]:
        return []
    found = _difference(scores, fair.iloc[0]["strategy"], fair.iloc[1]["strategy"])
    return [] if found is None else [how_sure(found, unit)]


def _against_baseline(
    table: pd.DataFrame,
    fair: pd.DataFrame,
    scores: pd.DataFrame,
    baseline: str | None,
    unit: str,
) -> list[str]:
    """Set the first against the pinned baseline, unless that is the first or the second."""
    if baseline is None or baseline in set(fair.iloc[:2]["strategy"]):
        return []
    row = table[table["strategy"] == baseline].dropna(subset="mean")
    if len(row) == 0:
        return []
    level = float(row["mean"].iloc[0])
    is_naive = bool((row["kind"] == "naive").any())
    found = _difference(scores, fair.iloc[0]["strategy"], baseline, level if is_naive else None)
    if found is None or not found.n:
        return []
    name = f"“{baseline.replace('_', ' ')}”" if is_naive else f"**{baseline}**"
    share = f" ({_share(found.mean, found.reference)})" if found.reference else ""
    return [
        f"Against the baseline, {name}, it is {side(found.mean, unit)}{share}: {_briefly(found)}."
    ]


def _briefly(found: Difference) -> str:
    if found.verdict == "same":
        return "the same to the last digit"
    if not found.tells:
        return "not enough seeds to tell"
    sure = found.probability if found.verdict == "better" else 1 - found.probability
    return f"{found.verdict} with a probability of {chance(sure)}"


def _difference(
    scores: pd.DataFrame, strategy: object, baseline: object, level: float | None = None
) -> Difference | None:
    """Return a strategy's difference from another, or from a level; None if either has no score."""
    names = {str(strategy), str(baseline)}
    known = scores[scores["strategy"].isin(list(names))].dropna(subset="score")
    if set(known["strategy"]) != (names if level is None else {str(strategy)}):
        return None
    return differences(known, str(baseline), level)[0]


def _share(difference: float, of: float) -> str:
    return f"{abs(100 * difference / of) if of else 0.0:.1f} %"


def _ties(fair: pd.DataFrame) -> list[str]:
    """Name those below the first place that came out equal to the last digit."""
    rest = fair[fair["mean"] != fair.iloc[0]["mean"]]
    groups = [group["strategy"] for _, group in rest.groupby("mean") if len(group) > 1]
    return [f"{_bold(names)} score the same. {_SAME}" for names in groups]


def _bold(names: Iterable[object]) -> str:
    return listed([f"**{name}**" for name in names])


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


def _against_naive(
    table: pd.DataFrame, fair: pd.DataFrame, unit: str
) -> tuple[list[str], list[str]]:
    """Return what belongs to the answer, that a naive baseline wins, and what doesn't."""
    naive = table[table["kind"] == "naive"].dropna(subset="mean")
    if len(naive) == 0:
        return [], []
    best = naive.sort_values("mean").iloc[0]
    name, level = str(best["strategy"]).replace("_", " "), number(best["mean"], unit)
    beaten = list(fair[fair["mean"] < best["mean"]]["strategy"])
    if not beaten:
        said = f"No strategy beats the naive baseline “{name}” ({level}), which needs no network."
        return [said], []
    if len(beaten) == len(fair):
        return [], [f"All lie below the best naive baseline, “{name}” ({level})."]
    lie = "lies" if len(beaten) == 1 else "lie"
    return [], [f"Only {listed(beaten)} {lie} below the best naive baseline, “{name}” ({level})."]


def _leaks(label: object) -> bool:
    member = STRATEGIES.get(str(label).partition("(")[0])
    return member is not None and not member.reads_mask
