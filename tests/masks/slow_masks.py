"""The slow, obvious twin of mask recipes: loops over layers, rows and channels; the oracle."""

from __future__ import annotations

import math
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import slow_generators
import slow_shapes
from slow_language import SlowLanguage
from slow_rules import TWINS, slow_rule

from masklab.data.series import Panel
from masklab.masks.draw import random_keys
from masklab.masks.generators.blocks import Blocks
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.packed import PackedCells
from masklab.masks.rule import Rule
from masklab.masks.rules.around_events import AroundEvents
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.channel_condition import ChannelCondition
from masklab.masks.rules.expression import ExpressionRule
from masklab.masks.rules.imported import Imported
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.painted import Painted
from masklab.masks.rules.value_range import ValueRange

Cell = tuple[int, int]


def slow_apply(recipe: MaskRecipe, panel: Panel, parts: np.ndarray | None = None) -> np.ndarray:
    native = {cell for cell in all_cells(panel) if not np.isnan(panel.values[cell])}
    hidden: set[Cell] = set()
    for layer in recipe.layers:
        if not layer.enabled:
            continue
        domain = {cell for cell in all_cells(panel) if is_aimed_at(layer, cell, panel, parts)}
        pools = {"hide": native - hidden, "xor": native}
        pool = pools.get(layer.combine, native & hidden) & domain
        readable = (native - hidden) | pool
        before = hidden & native
        selected = slow_select(layer.rule, panel, domain, pool, readable, before)
        for cell in domain:
            if layer.combine == "hide" and cell in selected:
                hidden.add(cell)
            if layer.combine == "reveal" and cell in selected:
                hidden.discard(cell)
            if layer.combine == "and" and cell not in selected:
                hidden.discard(cell)
            if layer.combine == "xor" and cell in selected:
                hidden ^= {cell}
    observed = np.zeros(panel.values.shape, dtype=bool)
    for cell in native - hidden:
        observed[cell] = True
    return observed


def all_cells(panel: Panel) -> list[Cell]:
    return [(row, channel) for channel in range(len(panel.channels)) for row in range(panel.rows)]


def is_aimed_at(layer: Layer, cell: Cell, panel: Panel, parts: np.ndarray | None) -> bool:
    row, channel = cell
    if layer.channels is not None and panel.channels[channel] not in layer.channels:
        return False
    if layer.series is not None and panel.names[panel.series_of_row[row]] not in layer.series:
        return False
    if parts is None or layer.scope == "both":
        return True
    return (parts[row] == 0) if layer.scope == "training" else (parts[row] in (1, 2))


def slow_select(  # noqa: PLR0911, PLR0917 (a way for each kind; what a scene holds)
    rule: Rule,
    panel: Panel,
    domain: set[Cell],
    pool: set[Cell],
    readable: set[Cell],
    hidden: set[Cell],
) -> set[Cell]:
    if type(rule) in SLOW_GENERATORS:
        return SLOW_GENERATORS[type(rule)](rule, panel, domain, pool, readable)
    if type(rule) in SLOW_SHAPES:
        return SLOW_SHAPES[type(rule)](rule, panel, hidden) & domain
    if isinstance(rule, ChannelCondition):
        return {cell for cell in domain if meets_condition(rule, panel, cell[0], readable)}
    if isinstance(rule, ExpressionRule | AroundEvents):
        observed = {cell for cell in all_cells(panel) if not np.isnan(panel.values[cell])} - hidden
        language = SlowLanguage(panel, readable, observed)
        if isinstance(rule, ExpressionRule):
            return {cell for cell in domain if language.selects(rule.expression, cell)}
        return {cell for cell in domain if is_near_event(rule, panel, cell, language)}
    if type(rule) in TWINS:
        return slow_rule(rule, panel, domain, readable)
    return {cell for cell in domain if is_selected(rule, panel, cell)}


def is_selected(rule: Rule, panel: Panel, cell: Cell) -> bool:
    value = float(panel.values[cell])
    match rule:
        case Sentinel():
            return math.isnan(value) or value in rule.values
        case ValueRange():
            if math.isnan(value):
                return False
            below = rule.low is not None and value < rule.low
            above = rule.high is not None and value > rule.high
            return (below or above) == (rule.side == "outside")
        case Calendar():
            return is_in_calendar(rule, panel, cell[0])
        case Painted():
            return is_painted(rule, panel, cell)
        case Imported():
            return is_imported(rule, panel, cell)
    raise TypeError(f"the slow twin doesn't know {rule.kind}")


def is_near_event(rule: AroundEvents, panel: Panel, cell: Cell, language: SlowLanguage) -> bool:
    row, channel = cell
    series = panel.rows_of(int(panel.series_of_row[row]))
    near = range(max(row - rule.after, series.start), min(row + rule.before + 1, series.stop))
    return any(language.selects(rule.condition, (other, channel)) for other in near)


def meets_condition(rule: ChannelCondition, panel: Panel, row: int, readable: set[Cell]) -> bool:
    cell = (row, panel.channels.index(rule.channel))
    if cell not in readable or rule.comparison == "missing":
        return cell not in readable and rule.comparison == "missing"
    value = float(panel.values[cell])
    if rule.comparison == "between":
        return rule.value <= value <= rule.upper
    return value > rule.value if rule.comparison == "above" else value < rule.value


def is_in_calendar(rule: Calendar, panel: Panel, row: int) -> bool:  # noqa: PLR0911
    moment = panel.clock[row].astype("datetime64[us]").item()
    if panel.timezone:
        moment = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(panel.timezone))
    hour = timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    ) / timedelta(hours=1)
    if rule.hour_from is not None and rule.hour_to is not None:
        if rule.hour_from < rule.hour_to and not rule.hour_from <= hour < rule.hour_to:
            return False
        if rule.hour_from > rule.hour_to and rule.hour_to <= hour < rule.hour_from:
            return False
    if rule.weekdays and moment.strftime("%A") not in rule.weekdays:
        return False
    if rule.months and moment.strftime("%B") not in rule.months:
        return False
    if rule.days and not {f"{moment:%Y-%m-%d}", f"{moment:%m-%d}"} & set(rule.days):
        return False
    if rule.date_from and moment.date() < rule.date_from:
        return False
    return not (rule.date_to and moment.date() > rule.date_to)


def is_painted(rule: Painted, panel: Panel, cell: Cell) -> bool:
    row, channel = cell
    at = int(panel.clock[row].astype(np.int64))
    series = panel.names[int(panel.series_of_row[row])]
    painted = False
    for stroke in rule.strokes:
        if stroke.series not in (None, series):
            continue
        if stroke.channels is not None and panel.channels[channel] not in stroke.channels:
            continue
        if stroke.start <= at <= stroke.end:
            painted = not stroke.erase
    return painted


def is_imported(rule: Imported, panel: Panel, cell: Cell) -> bool:
    at = int(panel.clock[cell[0]].astype(np.int64))
    series = panel.names[int(panel.series_of_row[cell[0]])]
    return any(
        is_packed(part, panel.channels[cell[1]], at)
        for part in rule.parts
        if part.series in (None, series)
    )


def is_packed(part: PackedCells, channel: str, at: int) -> bool:
    if channel not in part.channels:
        return False
    times = part.marks.times.tolist()
    hidden = part.marks.hidden[part.channels.index(channel)].tolist()
    if at in times:
        return hidden[times.index(at)]
    before = [flag for time, flag in zip(times, hidden, strict=True) if time < at]
    after = [flag for time, flag in zip(times, hidden, strict=True) if time > at]
    return bool(before and after and before[-1] and after[0])


def slow_mcar(
    rule: Mcar, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    if rule.together:
        keys = random_keys(panel.rows, rule.seed, "mcar")
        steps = sorted({row for row, _ in pool}, key=lambda row: keys[row])
        kept = set(steps[: round(rule.rate * len(steps))])
        return {cell for cell in pool if cell[0] in kept}
    keys = np.stack(
        [random_keys(panel.rows, rule.seed, "mcar", name) for name in panel.channels], axis=1
    )
    return set(sorted(pool, key=lambda cell: keys[cell])[: round(rule.rate * len(pool))])


def slow_blocks(
    rule: Blocks, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    """Lay stretches down one after the other until enough is covered, the last one cut short."""
    channels = [None] if rule.together else range(len(panel.channels))
    lanes = slow_lanes(panel, {row for row, _ in domain})
    turns = []
    for channel in channels:
        name = () if channel is None else (panel.channels[channel],)
        keys = random_keys(panel.rows, rule.seed, "blocks", *name)
        for first, end in lanes:
            starts = range(first, max(first, end - rule.length) + 1)
            turns += [(keys[at], channel, at, min(at + rule.length, end)) for at in starts]
    wanted = {(row, None) for row, _ in pool} if rule.together else pool
    covered: list[tuple[int, int | None]] = []
    enough = round(rule.rate * len(wanted))
    for _, channel, first, end in sorted(turns, key=lambda turn: turn[0]):
        for row in range(first, end):
            if (row, channel) in wanted and (row, channel) not in covered:
                covered.append((row, channel))
    chosen = set(covered[:enough])
    return {cell for cell in pool if cell in chosen or (cell[0], None) in chosen}


def slow_lanes(panel: Panel, rows: set[int]) -> list[tuple[int, int]]:
    lanes = []
    for series in range(len(panel)):
        first = None
        for row in range(panel.offsets[series], panel.offsets[series + 1] + 1):
            inside = row in rows and row < panel.offsets[series + 1]
            if inside and first is None:
                first = row
            if not inside and first is not None:
                lanes.append((first, row))
                first = None
    return lanes


SLOW_GENERATORS = {Mcar: slow_mcar, Blocks: slow_blocks, **slow_generators.TWINS}
SLOW_SHAPES = slow_shapes.TWINS
