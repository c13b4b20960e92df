"""Hypothesis strategies: small panels with holes, splits of their rows, layers and recipes."""

from __future__ import annotations

from datetime import date
from typing import get_args

import numpy as np
from hypothesis import strategies as st
from rule_strategies import measured_rules

from masklab.data.series import Panel
from masklab.masks.appearance import LayerColour
from masklab.masks.generators.blocks import Blocks
from masklab.masks.generators.bursts import Bursts
from masklab.masks.generators.dropout_channel import DropoutChannel
from masklab.masks.generators.horizon import Horizon
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.generators.mar import Mar
from masklab.masks.generators.mcar import Mcar
from masklab.masks.generators.mnar import Mnar
from masklab.masks.generators.mnar_time import MnarTime
from masklab.masks.generators.tail import Tail
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.morphology.close_holes import CloseHoles
from masklab.masks.morphology.drop_short import DropShort
from masklab.masks.morphology.grow import Grow
from masklab.masks.morphology.shrink import Shrink
from masklab.masks.native_gaps import has_gaps
from masklab.masks.rule import Rule
from masklab.masks.rules.around_events import AroundEvents
from masklab.masks.rules.calendar import _MONTHS, _WEEKDAYS, Calendar
from masklab.masks.rules.channel_condition import ChannelCondition
from masklab.masks.rules.expression import ExpressionRule
from masklab.masks.rules.imported import Imported
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.painted import Painted
from masklab.masks.rules.value_range import ValueRange
from masklab.masks.strokes import Stroke

START = np.datetime64("2024-03-29T00:00", "us")  # a change to summer time lies two days ahead
MINUTE = 60_000_000
CHANNELS = ("alpha", "beta", "gamma")
VALUES = (-999.0, -1.0, 0.0, 0.5, 1.0, 2.0, np.nan)
DAYS = ("2024-03-29", "2024-04-01", "03-30", "04-01", "12-25")

seeds = st.integers(0, 50)
rates = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))


@st.composite
def panels(draw: st.DrawFn, clock_kind: str = "time") -> Panel:
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    channels, is_regular = CHANNELS[: draw(st.integers(1, 3))], draw(st.booleans())
    clocks = []
    for length in lengths:
        often = st.sampled_from([3, 3, 3, 3, 3, 6, 18, 21]) if is_regular else st.integers(1, 500)
        steps = draw(st.lists(often, min_size=length, max_size=length))
        clocks.append(START + np.cumsum(steps) * np.timedelta64(20 * MINUTE, "us"))
    cells = sum(lengths) * len(channels)
    values = draw(st.lists(st.sampled_from(VALUES), min_size=cells, max_size=cells))
    return Panel(
        names=tuple(f"s{index}" for index in range(len(lengths))),
        offsets=np.cumsum([0, *lengths]),
        clock=np.concatenate(clocks),
        values=np.array(values).reshape(-1, len(channels)),
        channels=channels,
        timezone=draw(st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kolkata"])),
        clock_kind=clock_kind,
    )


@st.composite
def parts_of(draw: st.DrawFn, panel: Panel) -> np.ndarray | None:
    if draw(st.booleans()):
        return None
    flags = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=panel.rows, max_size=panel.rows))
    return np.array(flags, dtype=np.int8)


@st.composite
def strokes_on(draw: st.DrawFn, panel: Panel) -> Stroke:
    edges = st.integers(-MINUTE, 12 * 500 * 20 * MINUTE)
    first, last = sorted((draw(edges), draw(edges)))
    start = int(START.astype(np.int64))
    return Stroke(
        start=start + first,
        end=start + last,
        series=draw(st.sampled_from([None, *panel.names])),
        channels=draw(channel_choices(panel)),
        erase=draw(st.booleans()),
    )


def channel_choices(panel: Panel) -> st.SearchStrategy[tuple[str, ...] | None]:
    some = st.lists(st.sampled_from(panel.channels), min_size=1, unique=True).map(tuple)
    return st.one_of(st.none(), some)


def series_choices(panel: Panel) -> st.SearchStrategy[tuple[str, ...] | None]:
    some = st.lists(st.sampled_from(panel.names), min_size=1, unique=True).map(tuple)
    return st.one_of(st.none(), some)


def looks() -> st.SearchStrategy[dict[str, object]]:
    colours = st.sampled_from([None, *get_args(LayerColour)])
    return st.fixed_dictionaries(
        {"locked": st.booleans(), "opacity": st.floats(0.1, 1), "colour": colours}
    )


@st.composite
def value_ranges(draw: st.DrawFn) -> ValueRange:
    low, high = sorted(draw(st.tuples(st.sampled_from([-1, 0, 0.5]), st.sampled_from([0.5, 1, 3]))))
    keep = draw(st.sampled_from(["low", "high", "both"]))
    return ValueRange(
        low=None if keep == "high" else low,
        high=None if keep == "low" else high,
        side=draw(st.sampled_from(["outside", "inside"])),
    )


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    hours = st.integers(0, 47).map(lambda half: half / 2)
    first, last = draw(hours), draw(hours.filter(bool))
    days = sorted(draw(st.tuples(st.integers(25, 31), st.integers(25, 31))))
    chosen = {
        "hours": {"hour_from": first, "hour_to": 24 if first == last else last},
        "weekdays": {"weekdays": tuple(draw(st.lists(st.sampled_from(_WEEKDAYS), min_size=1)))[:7]},
        "months": {"months": tuple(draw(st.lists(st.sampled_from(_MONTHS), min_size=1)))[:12]},
        "from": {"date_from": date(2024, 3, days[0])},
        "to": {"date_to": date(2024, 3, days[1])},
        "days": {"days": tuple(draw(st.lists(st.sampled_from(DAYS), min_size=1)))},
    }
    names = draw(st.lists(st.sampled_from(sorted(chosen)), min_size=1, unique=True))
    return Calendar(**{key: value for name in names for key, value in chosen[name].items()})


def expressions() -> st.SearchStrategy[ExpressionRule | AroundEvents]:
    """A few conditions; test_language.py makes up many more."""
    texts = st.sampled_from(
        [
            "value > 0.5",
            "alpha > 0.5 or row % 3 == 1",
            "not observed or value == lag(value, 1)",
            "value > median(value) and not between(alpha, 0, 1)",
            "rolling_max(alpha, 3) - rolling_min(alpha, 3) <= 0.5",
        ]
    )
    near = st.integers(0, 4)
    return st.one_of(
        texts.map(lambda text: ExpressionRule(expression=text)),
        st.builds(AroundEvents, condition=texts, before=near, after=near),
    )


@st.composite
def channel_conditions(draw: st.DrawFn, panel: Panel) -> ChannelCondition:
    low, high = sorted(draw(st.tuples(st.sampled_from(VALUES[:-1]), st.sampled_from(VALUES[:-1]))))
    return ChannelCondition(
        channel=draw(st.sampled_from(panel.channels)),
        comparison=draw(st.sampled_from(["above", "below", "between", "missing"])),
        value=low,
        upper=high,
    )


def mcars() -> st.SearchStrategy[Mcar]:
    return st.builds(Mcar, rate=rates, together=st.booleans(), seed=st.integers(0, 50))


def blocks() -> st.SearchStrategy[Blocks]:
    return st.builds(
        Blocks,
        rate=rates,
        length=st.integers(1, 15),
        together=st.booleans(),
        seed=st.integers(0, 50),
    )


def bursts() -> st.SearchStrategy[Bursts]:
    return st.builds(
        Bursts,
        rate=rates,
        mean_length=st.sampled_from([1.0, 1.5, 3.0, 6.0, 20.0]),
        together=st.booleans(),
        seed=seeds,
    )


def _units(panel: Panel) -> list[str]:
    of_time = ["minutes", "hours", "days", "weeks", "years"]
    return ["steps", *(of_time if panel.clock_kind == "time" else [])]


def horizons() -> st.SearchStrategy[Horizon]:
    steps, more = st.integers(1, 6), st.none() | st.integers(1, 6)
    return st.tuples(steps, more).map(
        lambda one: Horizon(steps=one[0], window=one[1] and one[0] + one[1])
    )


def drawn_by_kind(panel: Panel) -> dict[str, st.SearchStrategy[Rule]]:
    """Return a strategy for each kind of generator that the panel can serve."""
    slope = {"rate": rates, "strength": st.floats(0, 20), "seed": seeds}
    together, ways = st.booleans(), ["high", "low"]
    found: dict[str, st.SearchStrategy[Rule]] = {
        "mcar": mcars(),
        "blocks": blocks(),
        "bursts": bursts(),
        "mnar": st.builds(Mnar, direction=st.sampled_from([*ways, "both"]), **slope),
        "mnar_time": st.builds(
            MnarTime,
            cycle=st.floats(0.5, 9),
            unit=st.sampled_from(_units(panel)),
            phase=st.floats(0, 1),
            together=together,
            **slope,
        ),
        "tail": st.builds(Tail, rate=rates, seed=seeds),
        "horizon": horizons(),
        "dropout_channel": st.builds(
            DropoutChannel, count=st.integers(1, 4), apart=st.booleans(), seed=seeds
        ),
    }
    if has_gaps(panel):
        amounts = st.one_of(st.just(1.0), st.floats(0, 5))
        found["like_native"] = st.builds(LikeNative, amount=amounts, seed=seeds)
    if drivers := [name for name in panel.channels if not Mar(driver=name).misfits(panel)]:
        leads = {"driver": st.sampled_from(drivers), "direction": st.sampled_from(ways)}
        found["mar"] = st.builds(Mar, **leads, together=together, **slope)
    return found


def rated(panel: Panel) -> st.SearchStrategy[Rule]:
    """Return every generator that has a rate."""
    found = drawn_by_kind(panel).items()
    return st.one_of([one for kind, one in found if "rate" in RULES[kind].model_fields])


def generators(panel: Panel) -> st.SearchStrategy[Rule]:
    return st.one_of(list(drawn_by_kind(panel).values()))


def shapes_by_kind() -> dict[str, st.SearchStrategy[Rule]]:
    sides = {"before": st.integers(0, 4), "after": st.integers(0, 4)}
    return {
        "grow": st.builds(Grow, **sides),
        "shrink": st.builds(Shrink, **sides),
        "close_holes": st.builds(CloseHoles, longest=st.integers(1, 5)),
        "drop_short": st.builds(DropShort, shortest=st.integers(2, 6)),
    }


def shapes() -> st.SearchStrategy[Rule]:
    return st.one_of(list(shapes_by_kind().values()))


@st.composite
def hidden_cells(draw: st.DrawFn, panel: Panel) -> np.ndarray:
    flags = draw(st.lists(st.booleans(), min_size=panel.values.size, max_size=panel.values.size))
    return np.array(flags).reshape(panel.values.shape)


@st.composite
def layers(draw: st.DrawFn, panel: Panel) -> Layer:
    choices = [
        st.builds(Sentinel, values=st.lists(st.sampled_from([-999.0, 0.0]), max_size=2).map(tuple)),
        value_ranges(),
        st.builds(Painted, strokes=st.lists(strokes_on(panel), max_size=5).map(tuple)),
        channel_conditions(panel),
        expressions(),
        hidden_cells(panel).map(lambda hidden: Imported.of(panel, hidden)),
        measured_rules(panel),
        generators(panel),
        shapes(),
    ]
    if panel.clock_kind == "time":
        choices.append(calendars())
    return Layer(
        name=draw(st.sampled_from(["", "nights"])),
        rule=draw(st.one_of(choices)),
        channels=draw(channel_choices(panel)),
        series=draw(series_choices(panel)),
        **draw(looks()),
        scope=draw(st.sampled_from(["training", "validation", "both"])),
        combine=draw(st.sampled_from(["hide", "hide", "reveal", "and", "xor"])),
        enabled=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def recipes(draw: st.DrawFn, panel: Panel) -> MaskRecipe:
    return MaskRecipe(layers=tuple(draw(st.lists(layers(panel), max_size=4))))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Panel, MaskRecipe, np.ndarray | None]:
    panel = draw(panels(draw(st.sampled_from(["time", "step"]))))
    return panel, draw(recipes(panel)), draw(parts_of(panel))
