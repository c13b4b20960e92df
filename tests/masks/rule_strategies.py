"""Hypothesis strategies: rules that look at neighbours, statistics or several channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.masks.rule import Rule
from masklab.masks.rules.clipping import Clipping
from masklab.masks.rules.disagreement import Disagreement
from masklab.masks.rules.first_last import FirstLast
from masklab.masks.rules.flat_line import FlatLine
from masklab.masks.rules.gap_neighbours import GapNeighbours
from masklab.masks.rules.outlier import Outlier
from masklab.masks.rules.periodic import Periodic
from masklab.masks.rules.quantile import Quantile
from masklab.masks.rules.rate_of_change import Per, RateOfChange
from masklab.masks.rules.rolling_variance import RollingVariance
from masklab.masks.rules.spike import Spike

reaches = st.integers(1, 6)
heights = st.sampled_from([0.25, 0.5, 1.0, 500.0])
thresholds = st.sampled_from([0.5, 1.0, 3.0])
few = st.integers(0, 4)


@st.composite
def variances(draw: st.DrawFn) -> RollingVariance:
    # No square of a bound is a variance of these values: nothing hangs on the last bit.
    low, high = sorted(
        draw(st.tuples(st.sampled_from([0.37, 0.81]), st.sampled_from([0.81, 1.37])))
    )
    keep = draw(st.sampled_from(["low", "high", "both"]))
    return RollingVariance(
        reach=draw(reaches),
        low=None if keep == "high" else low,
        high=None if keep == "low" else high,
    )


@st.composite
def periods(draw: st.DrawFn, panel: Panel) -> Periodic:
    units = (
        ["steps"] if panel.clock_kind == "step" else ["steps", "steps", "minutes", "hours", "days"]
    )
    every, width = sorted(draw(st.tuples(st.integers(1, 9), st.integers(1, 9))), reverse=True)
    phase, unit = draw(st.integers(-9, 9)), draw(st.sampled_from(units))
    scale = 1 if unit == "steps" else draw(st.sampled_from([1, 0.5, 0.25]))
    return Periodic(every=scale * every, width=scale * width, phase=scale * phase, unit=unit)


@st.composite
def disagreements(draw: st.DrawFn, panel: Panel) -> Disagreement:
    channel = draw(st.one_of(st.none(), st.sampled_from(panel.channels)))
    return Disagreement(
        against="median" if channel is None else "channel",
        channel=channel,
        threshold=draw(thresholds),
        scaled=draw(st.booleans()),
    )


@st.composite
def rates(draw: st.DrawFn, panel: Panel) -> RateOfChange:
    units = ["step"] if panel.clock_kind == "step" else list(get_args(Per))
    return RateOfChange(
        limit=draw(st.sampled_from([0.0, 0.25, 0.5, 1.0, 500.0])),
        per=draw(st.sampled_from(units)),
        direction=draw(st.sampled_from(["either", "rise", "fall"])),
    )


counts = st.tuples(few, few).filter(any)

MEASURED: dict[str, Callable[[Panel], st.SearchStrategy[Rule]]] = {
    "clipping": lambda _: st.builds(
        Clipping,
        side=st.sampled_from(["lowest", "highest", "both"]),
        repeats=st.integers(2, 4),
        tolerance=st.sampled_from([0.0, 0.25, 0.5]),
    ),
    "disagreement": disagreements,
    "first_last": lambda _: counts.map(lambda one: FirstLast(first=one[0], last=one[1])),
    "flat_line": lambda _: st.builds(
        FlatLine, length=st.integers(2, 5), tolerance=st.sampled_from([0.0, 0.5, 1.0, 1000.0])
    ),
    "gap_neighbours": lambda _: st.tuples(counts, st.integers(1, 4)).map(
        lambda one: GapNeighbours(before=one[0][0], after=one[0][1], least=one[1])
    ),
    "outlier": lambda _: st.builds(
        Outlier, reach=reaches, threshold=thresholds, least=st.sampled_from([0.0, 0.5, 1.0])
    ),
    "periodic": periods,
    "quantile": lambda _: st.builds(
        Quantile,
        share=st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]),
        side=st.sampled_from(["lowest", "highest", "both"]),
        each_series=st.booleans(),
    ),
    "rate_of_change": rates,
    "rolling_variance": lambda _: variances(),
    "spike": lambda _: st.builds(
        Spike,
        height=heights,
        width=st.integers(1, 4),
        direction=st.sampled_from(["either", "up", "down"]),
    ),
}
"""Rules with a twin in `slow_rules` that fit a panel, by kind."""

LOCAL = ("flat_line", "outlier", "rate_of_change", "rolling_variance", "spike")
"""Kinds whose cells depend on the cells of their own segment alone."""


def measured_rules(panel: Panel) -> st.SearchStrategy[Rule]:
    """Every rule with a twin in `slow_rules` that fits the panel."""
    return st.one_of(*(rules(panel) for rules in MEASURED.values()))
