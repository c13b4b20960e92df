"""Checks of what is scored: not seen before, known, the same for all runs, predicted by these weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from masklab.compare.leakage.arranged import covers
from masklab.compare.leakage.change import Change
from masklab.compare.leakage.finding import Check, told
from masklab.compare.leakage.perturbed import answers, spread
from masklab.compare.leakage.places import Evidence, row_place
from masklab.compare.leakage.subject import Data, Subject
from masklab.split import PART_NAMES, TEST, TRAINING, VALIDATION
from masklab.training.batches import Batch
from masklab.training.predictions import Kept

_LOOKED_THROUGH = 256
"""Windows of each part whose cells are followed through the batches."""
_WHOLE = 2**24
"""Whole numbers up to here are exact in float32."""
_ALIKE, _ELSEWHERE = 1e-3, 5e-2
"""How far predictions of the same weights may lie apart, in scaled units: on a CPU, and of a run that
was trained on a GPU or with mixed precision."""


def target(subject: Subject) -> Check:
    """Follow cells through the batches: none that is scored may be visible in its window's input."""
    data = subject.data
    looked, cells, seen, place = 0, 0, 0, None
    for part, starts, batch in _traced(subject):
        numbers = _numbers(batch, data)
        for window, (visible, scored) in enumerate(numbers):
            both = np.isin(scored, visible)
            cells, seen, looked = cells + len(scored), seen + int(both.sum()), looked + 1
            if both.any() and place is None:
                place = (part, int(starts[window]))
    evidence: Evidence = {
        "windows looked through": looked,
        "scored cells": cells,
        "of them visible in the input": seen,
    }
    faults = []
    if seen:
        faults.append(f"{seen:,} of {cells:,} scored cells stand in the input of their window")
    if place is not None:
        evidence["in a window of"] = PART_NAMES[place[0]]
        evidence |= row_place(data, place[1])
    tried = answers(subject)
    example = None
    if tried is not None:
        change, number = tried
        evidence["scored cells changed"] = number
        evidence |= change.evidence(data)
        if not change.within(0):
            faults.append("predictions change with the scored values themselves")
            example = change.example(data)
    if not faults:
        said = f"None of {cells:,} scored cells is visible in the input of its window."
        return Check("target", "passed", said, evidence)
    words = " and ".join(faults)
    return Check("target", "failed", f"{words[0].upper()}{words[1:]}.", evidence, example)


def native(subject: Subject) -> Check:
    """Look up in the data whether the file has every scored cell."""
    data, prepared = subject.data, subject.data.prepared
    known = data.native[:, list(prepared.targets)]
    scored = prepared.common | prepared.own[subject.strategy.label]
    first = data.first_predicted
    lacking, cells = np.zeros_like(scored), 0
    for part in (TRAINING, VALIDATION, TEST):
        rows = covers(prepared.starts(part) + first, data.steps - first, len(scored))
        cells += int((scored & rows[:, None]).sum())
        lacking |= scored & ~known & rows[:, None]
    invented = prepared.native & ~data.native
    evidence: Evidence = {
        "scored cells looked up": cells,
        "of them missing in the file": int(lacking.sum()),
        "cells taken as known that the file lacks": int(invented.sum()),
    }
    if not (lacking.any() or invented.any()):
        said = f"The file has each of the {cells:,} scored cells."
        return Check("native", "passed", said, evidence)
    where = lacking.any(axis=1) if lacking.any() else invented.any(axis=1)
    evidence |= row_place(data, int(np.flatnonzero(where)[0]))
    if lacking.any():
        column = int(np.flatnonzero(lacking.any(axis=0))[0])
        evidence["channel"] = prepared.channels[prepared.targets[column]]
        said = (
            f"{int(lacking.sum()):,} scored cells are missing in the file: nobody knows the truth."
        )
    else:
        said = f"{int(invented.sum()):,} cells are taken as known that the file lacks."
    return Check("native", "failed", said, evidence)


def common(subject: Subject) -> Check:
    """Compare the common cells of kept predictions: with the experiment's, with another run's."""
    data, kept = subject.data, subject.kept
    if kept is None:
        said = "The store keeps no predictions of this run, so that its cells can't be compared."
        return Check("common", "not applicable", said)
    own = _common_cells(kept, data)
    prepared = data.prepared
    right = np.zeros_like(own)
    rows = prepared.starts(VALIDATION)[:, None] + np.arange(data.first_predicted, data.steps)
    cells = data.source[rows]
    np.add.at(right, cells[cells >= 0], prepared.common[rows][cells >= 0].astype(np.int64))
    evidence: Evidence = {
        "common cells of this run, counted in each window": int(own.sum()),
        "differences from the experiment's": int(np.abs(own - right).sum()),
    }
    different = bool((own != right).any())
    for run, other in subject.others.items():
        apart = int(np.abs(own - _common_cells(other, data)).sum())
        evidence[f"differences from run {run}"] = apart
        different |= apart > 0
    if different:
        said = "The run's common cells are not those of the experiment's other runs."
        return Check("common", "failed", said, evidence)
    said = f"The run is scored on the {int(own.sum()):,} common cells of the experiment."
    return Check("common", "passed", said, evidence)


def weights(subject: Subject) -> Check:
    """Predict some windows once more with the kept weights; compare with the kept predictions."""
    data, kept = subject.data, subject.kept
    if kept is None:
        said = "The store keeps no predictions of this run to compare with."
        return Check("weights", "not applicable", said)
    prepared = data.prepared
    whole = prepared.starts(VALIDATION)
    shape = (len(whole), data.steps - data.first_predicted, len(prepared.targets))
    if kept.scored.shape != shape:
        said = "The kept predictions are of other windows than those that the experiment has."
        return Check("weights", "failed", said, {"windows": len(whole)})
    chosen = spread(np.arange(len(whole)))
    before = np.full(shape, np.nan, dtype=np.float32)
    before[kept.scored] = kept.scaled
    after = subject.predict(prepared, whole[chosen])
    cells = kept.scored[chosen]
    before = np.where(cells, before[chosen], 0)
    change = Change(whole[chosen], before, np.where(cells, after, 0))
    evidence: Evidence = {"windows predicted once more": len(chosen), "of": len(whole)}
    evidence |= {"predictions compared": int(cells.sum())}
    evidence["largest difference (scaled units)"] = told(change.size)
    config = data.experiment.training
    alike = config.device == "cpu" and config.precision == "float32"
    tolerance = _ALIKE if alike else _ELSEWHERE
    if change.within(tolerance):
        said = f"The kept weights give the kept predictions, to {tolerance:g} scaled units."
        return Check("weights", "passed", said, evidence)
    said = "The kept weights give other predictions than those that were scored."
    return Check("weights", "failed", said, evidence, change.example(data))


def chosen(subject: Subject, epochs: pd.DataFrame | None) -> Check:
    """Say what the choice of the best epoch may have gained."""
    said = (
        "The best epoch was chosen by its score on the validation cells that it is reported on; the "
        "score is a little too good for that."
    )
    untouched = len(subject.data.prepared.starts(TEST))
    evidence: Evidence = {"test windows that no run has seen": untouched}
    if epochs is not None and len(epochs):
        column = f"common_{'rmse' if subject.data.experiment.training.loss == 'mse' else 'mae'}"
        scores = epochs.sort_values("epoch")[column].to_numpy(dtype=float)
        name = column.partition("_")[2].upper()
        best = int(np.nanargmin(scores)) if np.isfinite(scores).any() else 0
        evidence = {
            "epochs to choose from": len(scores),
            "best epoch": best + 1,
            f"{name} of the best epoch (scaled units)": told(float(scores[best])),
            f"{name} of the last epoch (scaled units)": told(float(scores[-1])),
        } | evidence
    return Check("chosen", "note", said, evidence)


def _traced(subject: Subject) -> Iterator[tuple[int, np.ndarray, Batch]]:
    """Yield batches of each part in which every value is the number of its prepared row."""
    data, prepared = subject.data, subject.data.prepared
    rows = (np.arange(len(prepared.values)) % _WHOLE).astype(np.float32)
    values = np.ascontiguousarray(np.broadcast_to(rows[:, None], prepared.values.shape))
    traced = replace(prepared, values=values)
    gatherer = data.pipeline.gatherer(traced, subject.strategy.label, torch.device("cpu"))
    generator = torch.Generator().manual_seed(subject.seed)
    for part in (TRAINING, VALIDATION):
        starts = prepared.starts(part)
        every = np.linspace(0, len(starts) - 1, min(len(starts), _LOOKED_THROUGH))
        some = starts[every.round().astype(np.int64)]
        batch = gatherer.gather(torch.from_numpy(some))
        yield part, some, gatherer.hide_more(batch, generator) if part == TRAINING else batch


def _numbers(batch: Batch, data: Data) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each window the numbers of its visible input cells and of its scored ones."""
    channels = len(data.prepared.channels)
    inputs = batch.values.long().numpy() * channels + np.arange(channels)
    scored = batch.target.long().numpy() * channels + np.array(data.prepared.targets)
    visible, counted = batch.observed.numpy(), (batch.own | batch.common).numpy()
    for window in range(len(inputs)):
        yield inputs[window][visible[window]], scored[window][counted[window]]


def _common_cells(kept: Kept, data: Data) -> np.ndarray:
    """Return how often each cell of the panel's rows counts, (row, target)."""
    counts = np.zeros((data.panel.rows, kept.scored.shape[2]), dtype=np.int64)
    window, step, column = np.nonzero(kept.scored)
    rows = kept.rows[window, step]
    counted = kept.common & (rows >= 0)
    np.add.at(counts, (rows[counted], column[counted]), 1)
    return counts
