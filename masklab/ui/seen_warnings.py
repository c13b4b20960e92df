"""What would go wrong with a mask in training, with numbers and a way out of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from masklab.data.clock import missing_steps
from masklab.masks.findings import Finding
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import runs
from masklab.masks.mechanism import Difference, farthest
from masklab.masks.unlike import Unlike
from masklab.runs.spec import Experiment
from masklab.split import PART_NAMES, TRAINING, VALIDATION
from masklab.training.seen import PartSeen, Seen
from masklab.ui.layer_ways import at_random, can_change, on_both_parts, switch_off, without_channel
from masklab.ui.mask_page import Scene
from masklab.ui.setting_ways import set_window, with_fields, with_indicator, with_option
from masklab.ui.ways_out import Warned, Way
from masklab.ui.words import of
from masklab.windows import stretches
from masklab.words import counted, listed

_TRAIN, _DATA = "pages/train.py", "pages/data.py"
GAP_SHARE = 0.05
"""Windows lost to gaps are worth a warning from this share on."""


def of_windows(now: Scene, seen: Seen, experiment: Experiment, fitting_window: int) -> list[Warned]:
    """Return the warnings about windows in training and validation.

    `fitting_window`: a window that suits the data, for where the one chosen doesn't fit.
    """
    both = seen.parts[: VALIDATION + 1]
    kinds = (
        (_too_long, [one for one in both if not len(one.windows.starts)]),
        (_blind, [one for one in both if one.blind]),
        (_unusable, [one for one in both if one.dropped.unusable and _has_cells(seen, one)]),
        (_unscored, [one for one in both if one.dropped.unscored]),
        (_gaps, [one for one in both if one.dropped.gap >= max(1, GAP_SHARE * one.places)]),
    )
    context = Context(now, seen, experiment, fitting_window)
    return [warned(context, parts) for warned, parts in kinds if parts]


@dataclass(frozen=True)
class Context:
    """What a warning about windows may look at."""

    now: Scene
    seen: Seen
    experiment: Experiment
    fitting_window: int


Parts = Sequence[PartSeen]


def of_parts(unlike: Sequence[Unlike], recipe: MaskRecipe) -> list[Warned]:
    """Return the warnings about validation that is hidden, or lacks cells, unlike training."""
    found = []
    for by_mask in (True, False):
        mine = [one for one in unlike if one.by_mask is by_mask]
        share = [one for one in mine if one.in_share]
        length = [one for one in mine if one.in_length and not one.in_share]
        for worst, rest, words in (
            (_worst_share(share), share, _share_words),
            (_worst_length(length), length, _length_words),
        ):
            if worst is None:
                continue
            more = (
                f" So {_be(len(rest) - 1)} {counted(len(rest) - 1, 'other channel')}."
                if len(rest) > 1
                else ""
            )
            sentence = f"{words(worst)}{more} Validation then measures another task than the one trained for."
            ways = tuple(_part_ways(recipe)) if by_mask else ()
            ways = ways or (Way("Move the split", page=_DATA),)
            found.append(Warned(f"parts.{by_mask}.{words.__name__}", sentence, ways))
    return found


def of_values(differences: Sequence[Difference], now: Scene, chosen: Sequence[str]) -> list[Warned]:
    """Return the warnings about what is missing by value, the clearest channel of each kind.

    `chosen`: the strategies that are ticked.
    """
    found = []
    for kind in ("hidden", "beside gaps"):
        clear = [one for one in differences if one.of == kind and one.is_clear]
        if not clear:
            continue
        worst = max(clear, key=lambda one: abs(one.auc - 0.5))
        rest = [one.channel for one in clear if one is not worst]
        also = f" Likewise {_some(rest)}." if rest else ""
        words = _hidden_words if kind == "hidden" else _gap_words
        ways = [*_value_ways(worst, now)] if kind == "hidden" else []
        if "indicator" not in chosen:
            ways.append(Way("Train “indicator” too, which reads the mask", with_indicator(chosen)))
        ways = ways or [Way("Choose strategies", page=_TRAIN)]
        found.append(Warned(f"values.{kind}", f"{words(worst)}{also}", tuple(ways)))
    return found


def of_findings(
    found: Sequence[Finding], recipe: MaskRecipe, channels: tuple[str, ...]
) -> list[Warned]:
    """Return the warnings about parts and channels of which nothing is left."""
    warned = []
    for number, one in enumerate(found):
        ways: tuple[Way, ...] = (Way("Move the split", page=_DATA),)
        if one.layer and can_change(recipe, one.layer):
            if one.channel is None:
                ways = (switch_off(recipe, one.layer),)
            else:
                ways = (without_channel(recipe, one.layer, one.channel, channels),)
        warned.append(Warned(f"empty.{number}", one.sentence, ways))
    return warned


def _too_long(context: Context, parts: Parts) -> Warned:
    sentence = (
        f"No {_names(parts)} window fits: each takes {context.experiment.task.window:,} steps"
        f"{_and_horizon(parts[0])}, more than any stretch there without a gap."
    )
    ways = [Way("Move the split", page=_DATA)]
    if context.fitting_window < parts[0].shape.length:
        ways.insert(0, set_window(context.fitting_window))
    return Warned("room", sentence, tuple(ways))


def _blind(context: Context, parts: Parts) -> Warned:
    kind = context.seen.strategy.kind
    counts = listed([of(one.blind, one.used, f"{_name(one)} windows in use") for one in parts])
    sentence = (
        f"{counts}: {kind} reads no step of them, since none has every channel. Its state stays 0 "
        "there."
    )
    way = Way("Count a step with any observed channel", with_option(kind, "any"))
    return Warned("blind", sentence, (way,))


def _unusable(context: Context, parts: Parts) -> Warned:
    counts = listed(
        [
            of(one.dropped.unusable, len(one.windows.starts), f"{_name(one)} windows")
            for one in parts
        ]
    )
    sentence = f"{counts}: nothing usable, no observed cell in any step. They are left out."
    ways = []
    length = max(_least_length(context.seen, one) for one in parts)
    if length <= min(4 * parts[0].shape.length, _room(context.seen) // 3):
        ways.append(set_window(length))
    layer, recipe = _chief_layer(context.now, parts), context.now.recipe
    if can_change(recipe, layer):
        ways.append(switch_off(recipe, layer))
    return Warned("unusable", sentence, tuple(ways) or (Way("Move the split", page=_DATA),))


def _has_cells(seen: Seen, one: PartSeen) -> bool:
    """Whether the mask leaves the part anything; where it doesn't, `findings` says so."""
    return bool(seen.observed[seen.laid.layout.parts == one.part].any())


def _least_length(seen: Seen, one: PartSeen) -> int:
    """Return the shortest window of the part that always holds an observed step."""
    layout = seen.laid.layout
    spans = stretches(layout.segments, layout.parts, one.part)
    dark = runs(seen.observed == 0, np.unique(np.append(spans.ravel(), (0, len(seen.step)))))
    dark = dark[layout.parts[dark[:, 0]] == one.part]
    return int((dark[:, 1] - dark[:, 0]).max(initial=0)) + 1


def _room(seen: Seen) -> int:
    """Return the longest stretch of training or validation, whichever is shorter."""
    layout = seen.laid.layout
    spans = (stretches(layout.segments, layout.parts, part) for part in (TRAINING, VALIDATION))
    return min(int((one[:, 1] - one[:, 0]).max(initial=0)) for one in spans)


def _unscored(_: Context, parts: Parts) -> Warned:
    counts = listed(
        [
            of(one.dropped.unscored, len(one.windows.starts), f"{_name(one)} windows")
            for one in parts
        ]
    )
    sentence = (
        f"{counts}: no target cell to score, since the mask hides them or the file lacks them. "
        "They are left out."
    )
    return Warned("unscored", sentence, (Way("Choose targets and horizon", page=_TRAIN),))


def _gaps(context: Context, parts: Parts) -> Warned:
    _, missing = missing_steps(context.now.panel)
    counts = listed([of(one.dropped.gap, one.places, f"{_name(one)} windows") for one in parts])
    sentence = f"{counts}: they would cross a gap of the clock, and are not there."
    ways = []
    longest = _gap_to_cross(missing, context.experiment)
    if longest is not None:
        steps = counted(longest, "missing step")
        ways.append(
            Way(f"Cross gaps of up to {steps}, as masked steps", with_fields(longest_gap=longest))
        )
    length = parts[0].shape.length
    if length >= 4:
        ways.append(set_window(length // 2))
    return Warned("gap", sentence, tuple(ways) or (Way("Shorten the window", page=_TRAIN),))


def _gap_to_cross(missing: np.ndarray, experiment: Experiment) -> int | None:
    """Return the length up to which at least half of the gaps are crossed, at most half a window."""
    left = np.sort(missing[missing > experiment.training.longest_gap])
    if not len(left):
        return None
    most = int(left[(len(left) - 1) // 2])
    return most if 0 < most <= experiment.task.window // 2 else None


def _chief_layer(now: Scene, parts: Parts) -> int:
    """Return the layer that hides most cells of the parts in rows without an observed cell."""
    mine = np.isin(now.parts, [one.part for one in parts])
    rows = ~now.mask.observed.any(axis=1) & mine
    counts = np.bincount(now.layers[rows].ravel(), minlength=1)
    counts[0] = 0
    return int(counts.argmax())


def _part_ways(recipe: MaskRecipe) -> Iterator[Way]:
    for number, layer in enumerate(recipe.layers, start=1):
        if layer.enabled and not layer.locked and layer.scope != "both":
            yield on_both_parts(recipe, number)


def _worst_share(found: list[Unlike]) -> Unlike | None:
    return max(found, key=lambda one: abs(one.training.share - one.validation.share), default=None)


def _worst_length(found: list[Unlike]) -> Unlike | None:
    def times(one: Unlike) -> float:
        low, high = sorted((one.training.mean_length, one.validation.mean_length))
        return high / low

    return max(found, key=times, default=None)


def _share_words(one: Unlike) -> str:
    cells = "cells" if one.by_mask else "rows"
    verb = "hidden" if one.by_mask else "missing in the file"
    a, b = one.training, one.validation
    return (
        f"{one.channel} is {verb} differently in validation: "
        f"{of(b.hidden, b.cells, cells)}, against {of(a.hidden, a.cells, cells)} in training."
    )


def _length_words(one: Unlike) -> str:
    verb = "hidden" if one.by_mask else "missing in the file"
    a, b = one.training, one.validation
    return (
        f"{one.channel} is {verb} in stretches of {b.mean_length:.1f} steps on average in validation "
        f"({b.stretches:,} stretches), against {a.mean_length:.1f} in training ({a.stretches:,})."
    )


def _hidden_words(one: Difference) -> str:
    way = "higher" if one.auc > 0.5 else "lower"
    chance = max(one.auc, 1 - one.auc)
    return (
        f"{one.channel}: what the mask hides is {way} than what it leaves. A hidden value is {way} "
        f"than an observed one with chance {chance:.2f} (0.5 is no difference; {one.cells:,} hidden in "
        f"{one.stretches:,} {'stretch' if one.stretches == 1 else 'stretches'}, {one.others:,} observed). "
        f"It is missing not at random (MNAR): means, scaling and fillings from what is left are too "
        f"{'low' if one.auc > 0.5 else 'high'}, and no score counts what is hidden."
    )


def _gap_words(one: Difference) -> str:
    way = "higher" if one.auc > 0.5 else "lower"
    chance = max(one.auc, 1 - one.auc)
    return (
        f"{one.channel}: the values right beside the file's gaps are {way} than the others, with chance "
        f"{chance:.2f} (0.5 is no difference; {one.cells:,} beside gaps, {one.others:,} others). What the "
        "file lacks may depend on the value (MNAR), which nothing can show for sure: scores then hold "
        "for the cells that are there, and that a cell is missing tells something."
    )


def _value_ways(one: Difference, now: Scene) -> Iterator[Way]:
    """Yield the way out by the layer whose hidden values differ most from those that are left."""
    column = now.panel.channel_index(one.channel)
    layer = farthest(
        now.panel.values[:, column], now.layers[:, column], now.mask.observed[:, column]
    )
    if not can_change(now.recipe, layer):
        return
    aim = now.recipe.layers[layer - 1].channels or now.panel.channels
    columns = [now.panel.channel_index(name) for name in aim if name in now.panel.channels]
    cells = int(np.count_nonzero(now.panel.native[:, columns]))
    hidden = int(np.count_nonzero(now.layers[:, columns] == layer))
    yield at_random(now.recipe, layer, hidden / max(cells, 1))


def _name(one: PartSeen) -> str:
    return PART_NAMES[one.part]


def _names(parts: Parts) -> str:
    return listed([_name(one) for one in parts]).replace(" and ", " or ")


def _and_horizon(one: PartSeen) -> str:
    return f" and {one.shape.horizon:,} of horizon" if one.shape.horizon else ""


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _some(names: list[str], most: int = 4) -> str:
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return listed(names)
