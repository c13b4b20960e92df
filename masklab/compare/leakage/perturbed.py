"""Checks that change what a run must not see, and look whether its predictions change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from masklab.compare.leakage.change import Change
from masklab.compare.leakage.finding import Check, told
from masklab.compare.leakage.subject import Cells, Data, Starts, Subject
from masklab.split import PART_NAMES, TRAINING, VALIDATION
from masklab.training.config import Reconstruct
from masklab.training.prepare import Prepared

TRIED = 16
"""Windows that are tried at most: a leak is in the way, not in a window."""
SIZE = 1000.0
"""Standard deviation of the random numbers, in scaled units."""
TOLERANCE = 1e-5
"""Steps left out may change the order of sums, and so the last bits."""
_SEED = 20_261_126


def hidden(subject: Subject) -> Check:
    """Change every hidden cell: random numbers, NaN, infinity; predictions must keep every bit."""
    data = subject.data
    starts, part, there = _with_hidden(data)
    prepared = data.prepared
    cells = within(starts, prepared.task.window, len(prepared.values))[:, None] & data.hidden
    known = int((cells & data.native).sum())
    before = subject.predict(prepared, starts)
    changes = {
        words: Change(starts, before, subject.predict(other, starts))
        for words, other in _fillings(prepared, data.hidden)
    }
    worst = next((one for one in changes.values() if not one.within(0)), None)
    evidence: dict[str, str | int | float] = {
        f"{PART_NAMES[part]} windows tried, of {there:,}": len(starts),
        "hidden cells changed that the file knows": known,
        "cells changed that the file lacks": int((cells & ~data.native).sum()),
    }
    if worst is not None:
        shown = next(iter(changes.values()))
        shown = worst if shown.within(0) else shown
        how = [words for words, one in changes.items() if not one.within(0)]
        return Check(
            "hidden",
            "failed",
            f"Predictions change when hidden cells hold {_listed(how)}: the run sees what the mask "
            "hides.",
            evidence | {"changed by": _listed(how)} | shown.evidence(data),
            shown.example(data),
        )
    evidence |= Change(starts, before, before).evidence(data)
    if not known:
        return Check(
            "hidden",
            "not applicable",
            "The mask hides no cell that the file knows in any window, so that nothing hidden could "
            "leak.",
            evidence,
        )
    return Check(
        "hidden",
        "passed",
        f"{known:,} hidden cells held random numbers, NaN and infinity in turn; no prediction changed.",
        evidence,
    )


def future(subject: Subject) -> Check:
    """Change what comes after what a prediction may see."""
    data, task = subject.data, subject.data.experiment.task
    if isinstance(task, Reconstruct):
        why = ""
        if not subject.strategy.causal:
            why = "the strategy says that it looks ahead"
        elif subject.reads_both_ways:
            why = "the network reads each window from both ends"
        if why:
            return Check(
                "future",
                "not applicable",
                f"Later steps may change this reconstruction: {why}, and charts say so.",
            )
        starts, trials = apart(data), _later(data)
    else:
        starts, trials = apart(data), _outside(data)
    before = subject.predict(data.prepared, starts)
    upto = data.experiment.task.window
    changes = []
    for other, kept in trials:
        shown = upto if kept is None else kept
        after = subject.predict(other, starts)[:, :shown]
        changes.append(Change(starts, before[:, :shown], after))
    worst = max(changes, key=lambda one: one.size)
    tolerance = 0.0 if trials_are_exact(task) else TOLERANCE
    evidence = {"windows tried": len(starts), "changes tried": len(changes)} | worst.evidence(
        data, tolerance
    )
    if worst.within(tolerance):
        what = "what follows a step" if isinstance(task, Reconstruct) else "all that is not input"
        said = f"In {len(starts)} windows {what} was changed; no prediction of before changed."
        return Check("future", "passed", said, evidence)
    return Check(
        "future",
        "failed",
        "Predictions change with values that come after what they may see.",
        evidence,
        worst.example(data),
    )


def trials_are_exact(task: object) -> bool:
    """Whether a task's trials leave the input as it is, to the bit."""
    return not isinstance(task, Reconstruct)


def causal(subject: Subject) -> Check:
    """Change what follows a step of the window; compare what the LSTM gets and gives up to it."""
    data, strategy = subject.data, subject.strategy
    starts = apart(data)
    gets, gives = subject.read(data.prepared, starts)
    largest, largest_given, first = 0.0, 0.0, None
    for other, kept in _later(data):
        got, given = subject.read(other, starts)
        step = kept or 0
        change = _largest(gets[:, :step], got[:, :step])
        largest_given = max(largest_given, _largest(gives[:, :step], given[:, :step]))
        if change > TOLERANCE and first is None:
            first = step
        largest = max(largest, change)
    ahead = largest > TOLERANCE or (not subject.reads_both_ways and largest_given > TOLERANCE)
    evidence: dict[str, str | int | float] = {
        "windows tried": len(starts),
        "largest change of an earlier input of the LSTM (scaled units)": told(largest),
    }
    if not subject.reads_both_ways:
        evidence["largest change of an earlier output of the LSTM"] = told(largest_given)
    if not strategy.causal:
        does = "and does" if ahead else "but did not in these windows"
        said = f"The strategy says that it looks ahead, {does}; charts mark it."
        return Check("causal", "not applicable", said, evidence)
    if ahead:
        said = (
            f"{strategy.label} says that it is causal, but what follows a step changes what the "
            "LSTM got before it."
        )
        if first is not None:
            evidence["changed by what follows step"] = first
        return Check("causal", "failed", said, evidence)
    said = "What follows a step of the window changes nothing that the LSTM got before it."
    return Check("causal", "passed", said, evidence)


def answers(subject: Subject) -> tuple[Change, int] | None:
    """Change the scored cells of a reconstruction; None in a forecast, whose input holds none."""
    data, prepared = subject.data, subject.data.prepared
    if not isinstance(prepared.task, Reconstruct):
        return None
    starts = apart(data)
    cells = np.zeros_like(prepared.native)
    cells[:, list(prepared.targets)] = prepared.common | prepared.own[subject.strategy.label]
    cells &= within(starts, prepared.task.window, len(cells))[:, None]
    before = subject.predict(prepared, starts)
    _, other = next(_fillings(prepared, cells))
    return Change(starts, before, subject.predict(other, starts)), int(cells.sum())


def _fillings(prepared: Prepared, cells: Cells) -> Iterator[tuple[str, Prepared]]:
    """Yield the data with random numbers, NaN and infinity in some cells."""
    noise = np.random.default_rng(_SEED).normal(scale=SIZE, size=prepared.values.shape)
    for words, filling in (
        ("random numbers", noise.astype(np.float32)),
        ("NaN", np.float32(np.nan)),
        ("infinity", np.float32(np.inf)),
    ):
        yield words, replace(prepared, values=np.where(cells, filling, prepared.values))


def _outside(data: Data) -> Iterator[tuple[Prepared, int | None]]:
    """Yield the data with all but the input of the tried windows changed: values, then mask too."""
    prepared = data.prepared
    outside = ~within(apart(data), prepared.task.window, len(prepared.values))
    noise = np.random.default_rng(_SEED).normal(scale=SIZE, size=prepared.values.shape)
    values = np.where(outside[:, None], noise.astype(np.float32), prepared.values)
    yield replace(prepared, values=values), prepared.horizon
    shown = outside[:, None] | prepared.observed
    yield replace(prepared, values=values, observed=shown), prepared.horizon


def _later(data: Data) -> Iterator[tuple[Prepared, int | None]]:
    """Yield the data with the rest of each tried window changed after some steps, then hidden."""
    prepared, starts, window = data.prepared, apart(data), data.experiment.task.window
    noise = np.random.default_rng(_SEED).normal(scale=SIZE, size=prepared.values.shape)
    for step in sorted({max(1, window // 4), max(1, window // 2), max(1, window - 1)}):
        rest = within(starts + step, window - step, len(prepared.values))[:, None]
        values = np.where(rest & prepared.observed, noise.astype(np.float32), prepared.values)
        yield replace(prepared, values=values), step
        yield replace(prepared, observed=prepared.observed & ~rest), step


def _with_hidden(data: Data) -> tuple[Starts, int, int]:
    """Return windows with a hidden cell that the file knows, their part, and how many there are."""
    prepared = data.prepared
    known = np.concatenate(
        ([0], np.cumsum((data.native & data.hidden).any(axis=1), dtype=np.int64))
    )
    for part in (VALIDATION, TRAINING):
        starts = prepared.starts(part)
        holding = starts[known[starts + prepared.task.window] > known[starts]]
        if len(holding):
            return spread(holding), part, len(starts)
    starts = prepared.starts(VALIDATION)
    return spread(starts), VALIDATION, len(starts)


def apart(data: Data) -> Starts:
    """Return validation windows, evenly spread, none of whose rows is another's."""
    chosen: list[int] = []
    for start in np.sort(data.prepared.starts(VALIDATION)).tolist():
        if not chosen or start >= chosen[-1] + data.steps:
            chosen.append(start)
    return spread(np.array(chosen, dtype=np.int64))


def spread(starts: Starts) -> Starts:
    """Return at most `TRIED` of them, evenly spread."""
    if len(starts) <= TRIED:
        return starts
    return starts[np.linspace(0, len(starts) - 1, TRIED).round().astype(np.int64)]


def within(starts: Starts, length: int, rows: int) -> np.ndarray:
    """Return which rows lie in the stretches that begin at `starts`."""
    inside = np.zeros(rows, dtype=bool)
    inside[(starts[:, None] + np.arange(length)).ravel()] = True
    return inside


def _largest(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.abs(after - before).max(initial=0))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
