"""The slow, obvious twins of generators: one cell, one key at a time."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from masklab.data.clock import gaps as clock_gaps
from masklab.data.clock import missing_steps
from masklab.data.series import Panel
from masklab.masks.draw import random_keys
from masklab.masks.generators.bursts import Bursts
from masklab.masks.generators.dropout_channel import DropoutChannel
from masklab.masks.generators.horizon import Horizon
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.generators.mar import Mar
from masklab.masks.generators.mnar import Mnar
from masklab.masks.generators.mnar_time import MnarTime
from masklab.masks.generators.tail import Tail

Cell = tuple[int, int]
SECONDS = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800, "years": 31556952}


def keys_by_channel(rule, panel: Panel) -> dict[str | None, list[int]]:
    kind, seed, rows = rule.kind, rule.seed, panel.rows
    found = {name: random_keys(rows, seed, kind, name).tolist() for name in panel.channels}
    return {None: random_keys(rows, seed, kind).tolist(), **found}


def draw(pool: set[Cell], rate: float, turn, together: bool) -> set[Cell]:
    """Take cells, or whole steps, in their turn: `turn(row, channel or None)`; ties by column, row."""
    if together:
        steps = sorted({row for row, _ in pool}, key=lambda row: (turn(row, None), row))
        taken = set(steps[: round(rate * len(steps))])
        return {cell for cell in pool if cell[0] in taken}
    cells = sorted(pool, key=lambda cell: (turn(*cell), cell[1], cell[0]))
    return set(cells[: round(rate * len(pool))])


def slow_bursts(
    rule: Bursts, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    """Run the chain once for each chance to fail that matters, from 0 upwards."""
    rows = {row for row, _ in domain}
    names = keys_by_channel(rule, panel)
    turns = {name: burst_turns(rule, panel, rows, keys) for name, keys in names.items()}

    def turn(row: int, channel: int | None) -> float:
        return turns[None if channel is None else panel.channels[channel]][row]

    return draw(pool, rule.rate, turn, rule.together)


def burst_turns(rule: Bursts, panel: Panel, rows: set[int], keys: list[int]) -> dict[int, int]:
    recover = 1 / rule.mean_length
    turns: dict[int, int] = {}
    for row in sorted(rows):
        key = keys[row]
        first = row - 1 not in rows or panel.series_of_row[row - 1] != panel.series_of_row[row]
        recovers = key >= (1 - recover) * 2**32
        if first and not recovers:
            share = key / 2**32
            key = int(recover * share / (1 - share) * 2**32)
        turns[row] = key if first or recovers else min(key, turns[row - 1])
    return turns


def tilt(key: int, lean: float) -> np.float32:
    odds = (np.float32(key) + np.float32(0.5)) / (np.float32(2**32 - 1 - key) + np.float32(0.5))
    return odds * np.float32(np.exp(-lean))


def standardise(values: list[float], among: list[float]) -> list[float]:
    held = [value for value in among if math.isfinite(value)]
    if len(set(held)) < 2:
        return [0.0] * len(values)
    mean = math.fsum(held) / len(held)
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in held) / len(held))
    return [(value - mean) / spread for value in values]


def slow_mar(
    rule: Mar, panel: Panel, domain: set[Cell], pool: set[Cell], readable: set[Cell]
) -> set[Cell]:
    driver = panel.channel_index(rule.driver)
    values = [
        value if (row, driver) in readable else math.nan
        for row, value in enumerate(panel.values[:, driver].tolist())
    ]
    z = standardise(values, [values[row] for row in {row for row, _ in domain}])
    sign = {"high": 1, "low": -1}[rule.direction]
    lean = [0.0 if math.isnan(one) else rule.strength * sign * one for one in z]
    return draw_leaning(rule, panel, {cell for cell in pool if cell[1] != driver}, lean)


def slow_mnar(
    rule: Mnar, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    keys = keys_by_channel(rule, panel)
    turns: dict[Cell, np.float32] = {}
    for channel, name in enumerate(panel.channels):
        values = panel.values[:, channel].tolist()
        z = standardise(values, [values[row] for row, one in pool if one == channel])
        for row in {row for row, one in pool if one == channel}:
            lean = {"high": z[row], "low": -z[row], "both": abs(z[row])}[rule.direction]
            turns[row, channel] = tilt(keys[name][row], rule.strength * lean)
    return draw(pool, rule.rate, lambda row, channel: turns[row, channel], together=False)


def slow_mnar_time(
    rule: MnarTime, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    lean, left_out = [], dict(zip(*(one.tolist() for one in missing_steps(panel)), strict=True))
    for row in range(panel.rows):
        if rule.unit == "steps":
            first = int(panel.offsets[panel.series_of_row[row]])
            gone = row - first + sum(left_out.get(one, 0) for one in range(first + 1, row + 1))
        else:
            moment = panel.clock[row].astype("datetime64[us]").item().replace(tzinfo=UTC)
            wall = moment.astimezone(ZoneInfo(panel.timezone or "UTC")).replace(tzinfo=None)
            start = datetime(1970, 1, 1) if rule.unit == "years" else datetime(1969, 12, 29)
            gone = (wall - start).total_seconds() / SECONDS[rule.unit]
        angle = 2 * math.pi * (gone / rule.cycle - rule.phase)
        lean.append(rule.strength * math.cos(angle))
    return draw_leaning(rule, panel, pool, lean)


def draw_leaning(rule, panel: Panel, pool: set[Cell], lean: list[float]) -> set[Cell]:
    keys = keys_by_channel(rule, panel)

    def turn(row: int, channel: int | None) -> np.float32:
        name = None if channel is None else panel.channels[channel]
        return tilt(keys[name][row], lean[row])

    return draw(pool, rule.rate, turn, rule.together)


def slow_dropout(
    rule: DropoutChannel, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    groups = [range(panel.rows)]
    if rule.apart:
        groups = [range(*panel.rows_of(one).indices(panel.rows)) for one in range(len(panel))]
    found: set[Cell] = set()
    for number, rows in enumerate(groups):
        able = sorted({channel for row, channel in pool if row in rows})
        turns = {
            channel: random_keys(number + 1, rule.seed, rule.kind, panel.channels[channel])[number]
            for channel in able
        }
        gone = sorted(able, key=lambda channel: turns[channel])[: rule.count]
        found |= {(row, channel) for row, channel in pool if row in rows and channel in gone}
    return found


def slow_tail(
    rule: Tail, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    steps = sorted({row for row, _ in pool})
    turns = {}
    for number in range(len(panel)):
        weight = (int(random_keys(number + 1, rule.seed, rule.kind)[number]) + 0.5) / 2**32
        mine = [row for row in steps if panel.series_of_row[row] == number]
        turns |= {
            row: place / (len(mine) * weight) for place, row in enumerate(reversed(mine), start=1)
        }
    cut = set(sorted(steps, key=lambda row: (turns[row], -row))[: round(rule.rate * len(steps))])
    return {cell for cell in pool if cell[0] in cut}


def slow_horizon(
    rule: Horizon, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    found: set[Cell] = set()
    for number in range(len(panel)):
        rows = sorted({row for row, _ in domain if panel.series_of_row[row] == number})
        while rows:
            window = rows if rule.window is None else rows[-rule.window :]
            hidden = set(window[-rule.steps :])
            found |= {cell for cell in domain if cell[0] in hidden}
            rows = rows[: -len(window)]
    return found


def slow_like_native(
    rule: LikeNative, panel: Panel, domain: set[Cell], pool: set[Cell], _: set[Cell]
) -> set[Cell]:
    """String the cells that can change of each channel: stretches with shown cells between them."""
    found: set[Cell] = set()
    for channel, (name, (lengths, steps)) in enumerate(slow_gaps(panel).items()):
        rows = sorted(row for row, one in pool if one == channel)
        count = round(min(1.0, rule.amount * (sum(lengths) / steps)) * len(rows))
        drawn: list[int] = []
        keys = iter(random_keys(count, rule.seed, rule.kind, name, "lengths").tolist())
        while sum(drawn) < count:
            length = sorted(lengths)[next(keys) * len(lengths) >> 32]
            drawn.append(min(length, count - sum(drawn)))
        slots = len(rows) - count + 1
        if len(drawn) <= slots:
            keys = random_keys(slots, rule.seed, rule.kind, name, "places").tolist()
            taken = sorted(range(slots), key=lambda slot: (keys[slot], slot))[: len(drawn)]
        else:
            keys = random_keys(len(drawn), rule.seed, rule.kind, name, "places").tolist()
            taken = [key * slots >> 32 for key in keys]
        string: list[bool] = []
        waiting = iter(drawn)
        for slot in range(slots):
            for _one in range(taken.count(slot)):
                string += [True] * next(waiting)
            string += [False]
        found |= {(row, channel) for row, hidden in zip(rows, string, strict=False) if hidden}
    return found


def slow_gaps(panel: Panel) -> dict[str, tuple[list[int], int]]:
    """Return the lengths of each channel's gaps, and the steps they are among; or the pooled ones."""
    left_out = {(gap.series, gap.end): gap.steps for gap in clock_gaps(panel)}
    own: dict[str, tuple[list[int], int]] = {}
    for channel, name in enumerate(panel.channels):
        lengths, steps = [], 0
        for series in panel:
            held: list[bool] = []
            for row, value in enumerate(series.values[:, channel]):
                held += [False] * left_out.get((series.name, series.clock[row]), 0)
                held.append(bool(np.isfinite(value)))
            text = "".join(" #"[not one] for one in held)
            lengths += [len(gap) for gap in text.split()]
            steps += len(held)
        if np.isfinite(panel.values[:, channel]).any():
            own[name] = (lengths, steps)
    pooled = (
        [one for lengths, _ in own.values() for one in lengths],
        sum(n for _, n in own.values()),
    )
    return {name: own[name] if own.get(name, ([], 0))[0] else pooled for name in panel.channels}


TWINS = {
    LikeNative: slow_like_native,
    Bursts: slow_bursts,
    Mar: slow_mar,
    Mnar: slow_mnar,
    MnarTime: slow_mnar_time,
    DropoutChannel: slow_dropout,
    Tail: slow_tail,
    Horizon: slow_horizon,
}
