"""How sure the order is: paired differences over seeds, with intervals, chances and more seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from masklab.charts.forest import forest
from masklab.compare.baselines import levels, naive
from masklab.compare.certainty import VERDICTS, amount, chance, signed
from masklab.compare.scores import WITHOUT_UNIT
from masklab.compare.seeds import SeedScores, seed_scores
from masklab.compare.statistics import ENOUGH, MOST, Difference, differences
from masklab.errors import MaskLabError
from masklab.runs.spec import STRATEGIES
from masklab.ui import epochs, state
from masklab.ui.compare.context import Context
from masklab.ui.compare.more_seeds import train_more
from masklab.ui.picture_button import picture_buttons
from masklab.ui.score_choice import ScoreChoice
from masklab.ui.theme import ink
from masklab.words import counted, listed, plain

_SEES = "sees the hidden values"
_UNLIKE = (
    "These runs are scored on different cells, so that differences between their scores tell nothing. "
    "Choose the common cells above."
)


def show(context: Context) -> None:
    """Draw the forest of differences, their table, and the button for more seeds."""
    gathered = gathered_scores(context)
    found = _differences(context, gathered)
    _say_what_is_left_out(context, gathered)
    if gathered.scores.dropna(subset="score")["scored"].nunique() > 1:
        st.warning(_UNLIKE, icon=":material/balance:")
    elif not found:
        st.info(_nothing(context, gathered), icon=":material/info:")
    else:
        _forest(context, found)
        _table(context, found)
    train_more(context, gathered)


def gathered_scores(context: Context) -> SeedScores:
    """Return the scores of the runs on screen, and of all of the baseline's, by strategy and seed."""
    wanted = [
        run for run in context.runs if run.id in context.shown or run.strategy == context.pinned
    ]
    return seed_scores(
        state.store(),
        [row.id for row in context.experiments],
        runs=wanted,
        read=epochs.reports,
        cells=context.choice.cells,
        metric=context.choice.metric,
        units=context.choice.units,
    )


def _differences(context: Context, gathered: SeedScores) -> list[Difference]:
    """Return differences from the baseline, the best first; none where it has no score."""
    level = _naive_level(context)
    known = set(gathered.scores.dropna(subset="score")["strategy"])
    if level is None and context.pinned not in known:
        return []
    found = differences(gathered.scores, context.pinned, level)
    return sorted((one for one in found if one.n), key=lambda one: one.mean)


def _naive_level(context: Context) -> float | None:
    """Return the score of a naive baseline, if that is what all are set against."""
    if _is_strategy(context.pinned) or context.choice.cells == "own":
        return None
    try:
        known = naive(state.store(), context.experiment.id)
    except MaskLabError:  # the page says it beside the chart
        return None
    return levels(known, context.choice.metric, context.choice.units).get(context.pinned)


def _is_strategy(label: str) -> bool:
    return label.partition("(")[0] in STRATEGIES


def _nothing(context: Context, gathered: SeedScores) -> str:
    known = gathered.scores.dropna(subset="score")["strategy"].nunique()
    if known == 0:
        return (
            "No run has finished yet. As soon as two strategies have, their differences stand here."
        )
    if known == 1:
        return (
            "There is one strategy alone. Differences need a second one: train it on the Train page, "
            "or bring more runs on screen."
        )
    return (
        f"**{plain(context.pinned)}** and the others share no seed that has finished. Choose "
        "another baseline, or train more seeds."
    )


def _say_what_is_left_out(context: Context, gathered: SeedScores) -> None:
    names = {row.id: row.name for row in context.experiments}
    others = [f"“{plain(names[one])}”" for one in gathered.left_out]
    if others:
        verb = "differs" if len(others) == 1 else "differ"
        st.caption(
            f"{listed(others)} {verb} in data, split, mask, task or training, so that no pair of "
            "runs can be made across: left out here."
        )


def _forest(context: Context, found: Sequence[Difference]) -> None:
    choice, named = context.choice, context.pinned.replace("_", " ")
    figure = forest(
        found,
        baseline=context.pinned if _is_strategy(context.pinned) else named,
        metric=choice.title,
        unit=choice.unit,
        ink=ink(),
        words={one.strategy: _beside(one) for one in found},
    )
    with st.container(key="compare-forest"):
        st.plotly_chart(
            figure,
            key="compare.forest",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
            alt="Difference of each strategy from the baseline, seed by seed, with a 95 % interval",
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "Circle: one seed, both runs begun from the same weights and fed the same batches. "
            "Diamond: their mean. Bar: its 95 % interval.",
            width="stretch",
        )
        picture_buttons("compare-forest", f"masklab-differences-{choice.cells}-{choice.metric}")


def _beside(one: Difference) -> list[str]:
    said = VERDICTS[one.verdict]
    if one.verdict in {"better", "worse"}:
        sure = one.probability if one.verdict == "better" else 1 - one.probability
        said = f"{one.verdict}, {chance(sure)}"
    return [said, _SEES] if _leaks(one) else [said]


def _leaks(one: Difference) -> bool:
    """Whether a strategy sees hidden values, and so takes no part in the ranking."""
    member = STRATEGIES.get(one.strategy.partition("(")[0])
    return member is not None and not member.reads_mask


def _table(context: Context, found: Sequence[Difference]) -> None:
    frame = in_words(found, context.choice)
    st.dataframe(frame, hide_index=True, column_config=_columns(context.choice))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "An interval reaches as far as the choice of seeds does; another file or split may "
            "answer otherwise. Each holds by itself: of 20 of them about one misses.",
            width="stretch",
        )
        st.download_button(
            "Differences as CSV", lambda: as_csv(found), "masklab-differences.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def in_words(found: Sequence[Difference], choice: ScoreChoice) -> pd.DataFrame:
    """Return the table as it is read."""
    return pd.DataFrame(
        {
            "Strategy": [one.strategy for one in found],
            "Difference": [_difference(one, choice.unit) for one in found],
            "95 % interval": [_interval(one, choice.unit) for one in found],
            "Better": [chance(one.probability) for one in found],
            "Seeds": [_seeds(one) for one in found],
            "Verdict": [_verdict(one) for one in found],
            "More seeds": [_more(one) for one in found],
        }
    )


def as_csv(found: Sequence[Difference]) -> bytes:
    """Return one row a strategy and seed's pair, with what all seeds of the strategy tell."""
    rows: list[dict[str, Any]] = [
        {
            "strategy": one.strategy, "baseline": one.baseline, "seed": seed, "difference": value,
            "mean": one.mean, "std": one.std, "low": one.low, "high": one.high, "n": one.n,
            "probability_better": one.probability, "verdict": one.verdict,
        }
        for one in found
        for seed, value in zip(one.seeds, one.values, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows).to_csv(index=False).encode()


def _columns(choice: ScoreChoice) -> dict[str, Any]:
    scaled = choice.units == "scaled" and choice.metric not in WITHOUT_UNIT
    unit = choice.unit or ("scaled" if scaled else "")
    score = f"{choice.metric.upper()} ({unit})" if unit else choice.metric.upper()
    return {
        "Difference": st.column_config.TextColumn(
            f"Difference in {score}",
            help="Mean over seeds of the score less the baseline's with the same seed, and its share "
            "of the baseline's score. Below 0 is better.",
        ),
        "95 % interval": st.column_config.TextColumn(
            help="Of the mean difference: bootstrap-t from five seeds on, Student's t for three "
            "or four. Below three seeds none is given."
        ),
        "Better": st.column_config.TextColumn(
            help="The probability that the strategy is better than the baseline on average over "
            "seeds. It fits the interval: over 97.5 % where that lies below 0."
        ),
        "Seeds": st.column_config.TextColumn(
            help="Seeds that both have finished, of those that either has."
        ),
        "Verdict": st.column_config.TextColumn(
            help=f"Better or worse where there are at least {ENOUGH} seeds and the interval leaves 0 out."
        ),
        "More seeds": st.column_config.TextColumn(
            help="How many would tell with a chance of about 80 % if mean and spread stay as they are: rough."
        ),
    }


def _difference(one: Difference, unit: str) -> str:
    share = f" ({100 * one.mean / one.reference:+.1f} %)" if one.reference and one.mean else ""
    return f"{signed(one.mean, unit)}{share}".replace("-", "−")


def _interval(one: Difference, unit: str) -> str:
    if one.verdict in {"same", "few"}:
        return "—"
    ends = f"{_end(one.low)} to {_end(one.high)}"
    return f"{ends} {unit}" if unit else ends


def _end(value: float) -> str:
    return signed(value) if value else amount(value)


def _verdict(one: Difference) -> str:
    return f"{VERDICTS[one.verdict]}; {_SEES}" if _leaks(one) else VERDICTS[one.verdict]


def _more(one: Difference) -> str:
    if one.tells:
        return ""
    if one.n < 2:
        return f"at least {ENOUGH - one.n}"
    return f"over {MOST}" if one.more is None else f"about {one.more}"


def _seeds(one: Difference) -> str:
    return f"{one.n} of {one.n + one.left_out}" if one.left_out else counted(one.n, "seed")
