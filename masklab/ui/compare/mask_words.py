"""Scores under other masks in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from masklab.runs.rows import ExperimentRow
from masklab.runs.spec import STRATEGIES
from masklab.ui.compare.context import Context
from masklab.words import counted, listed, plain


def mask_name(row: ExperimentRow, context: Context) -> str:
    """Return how the mask is called that an experiment was trained under."""
    names = [one.name for one in context.experiments]
    return f"trained in {row.name}" + (f" ({row.id[:6]})" if names.count(row.name) > 1 else "")


def leaks(strategy: str) -> bool:
    """Whether a strategy sees the hidden values."""
    member = STRATEGIES.get(strategy.partition("(")[0])
    return member is not None and not member.reads_mask


def cross_words(found: pd.DataFrame, naive: pd.DataFrame, metric: str) -> str:
    """Return which strategy scores lowest under how many masks, and under how many none beats naive ones.

    One that sees the hidden values takes no part, unless it is alone.
    """
    masks = list(dict.fromkeys(found["mask"]))
    scored = found.dropna(subset="mean")
    fair = scored[[not leaks(one) for one in scored["strategy"]]]
    scored = scored if fair.empty else fair
    if scored.empty:
        return f"The {metric} is not defined here (—)."
    best = scored.loc[scored.groupby("mask")["mean"].idxmin()]
    wins = best["row"].value_counts(sort=True)
    if len(masks) == 1:
        said = f"Under {plain(masks[0])}, **{plain(best['row'].iloc[0])}** scores lowest."
    elif len(wins) == 1:
        said = f"**{plain(str(wins.index[0]))}** scores lowest under all {len(masks)} masks."
    else:
        each = [f"**{plain(str(name))}** under {count}" for name, count in wins.items()]
        said = f"Of {len(masks)} masks, {listed(each)} {'scores' if len(each) == 1 else 'score'} lowest."
    lowest = naive.groupby("mask")["score"].min()
    losing = [
        mask for mask, score in zip(best["mask"], best["mean"], strict=True)
        if score >= lowest.get(mask, float("inf"))
    ]  # fmt: skip
    if losing:
        where = plain(losing[0]) if len(losing) == 1 else f"{len(losing)} of them"
        said += f" Under {where} a naive baseline, which needs no network, does at least as well."
    return f"{said} {_change(scored, metric)}".strip()


def cells_words(result: dict[str, Any], strategies: int) -> str:
    """Return which cells every number is taken on, and what of the windows is left."""
    said = (
        f"Every number is over the same {result['cells']:,} cells of {result['windows']:,} validation "
        "windows: those that this experiment scores all of its runs on, whatever hides the input. "
        "Scaler and fillings are those of each run's training."
    )
    blind = [one for one in result["masks"] if one["blind"]]
    if blind:
        most = max(blind, key=lambda one: one["blind"])
        said += (
            f" Under {plain(most['name'])}, {most['blind']:,} of {result['windows']:,} windows have "
            "nothing left to read; they count too."
        )
    return said


def left_out_words(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return a sentence for each reason for which runs have no scores."""
    by_reason: dict[str, list[str]] = {}
    for one in rows:
        if "why" in one:
            by_reason.setdefault(one["why"], []).append(f"{one['strategy']}, seed {one['seed']}")
    return [
        f"{counted(len(runs), 'run')} left out ({plain('; '.join(runs[:3]))}"
        f"{' and more' if len(runs) > 3 else ''}): {plain(why)}"
        for why, runs in by_reason.items()
    ]


def _change(found: pd.DataFrame, metric: str) -> str:
    """Say how much the most and the least sturdy line rise over a generator's rates."""
    family = next((one for one in found["family"] if isinstance(one, str)), None)
    if family is None:
        return ""
    mine = found[found["family"] == family]
    top = mine[mine["rate"] == mine["rate"].max()].set_index("row")["mean"]
    nothing = found[(found["rate"] == 0) & found["family"].isna()].set_index("row")["mean"]
    ratio = (top / nothing).dropna().sort_values()
    ratio = ratio[nothing.reindex(ratio.index) > 0]
    if ratio.empty:
        return ""
    rate = f"{100 * mine['rate'].max():g} %"
    first = f"From nothing hidden to {rate}, the {metric} of **{plain(str(ratio.index[0]))}** grows {ratio.iloc[0]:.2f} times"
    if len(ratio) == 1:
        return f"{first}."
    return f"{first}, that of **{plain(str(ratio.index[-1]))}** {ratio.iloc[-1]:.2f} times."
