"""Checks of what data was prepared from: hidden cells, the scale, codes for "missing"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float64

from masklab.compare.leakage.finding import Check, told
from masklab.compare.leakage.perturbed import apart
from masklab.compare.leakage.places import Evidence, cell_place
from masklab.compare.leakage.subject import Cells, Data, Subject
from masklab.data.sentinels import suspected
from masklab.scaling import Scaler, fit, fit_each
from masklab.split import TRAINING
from masklab.training.prepare import Prepared

_ROUNDING = 1e-9
_AS_FLOAT32 = 1e-5
_SEED = 20_261_127


def preparation(subject: Subject) -> Check:
    """Change hidden cells and, in a forecast, all from a time on; what is read before must stay.

    The scale is looked at by its own check: where it moves, values are compared in original units.
    """
    data = subject.data
    hidden, later = _forbidden(data)
    changed = data.panel.native & (hidden | later[:, None])
    if not changed.any():
        said = "The mask hides no cell that the file knows, and nothing comes after what is read."
        return Check("preparation", "not applicable", said)
    values = _shaken(data, changed)
    rows, columns = np.nonzero(changed & ~data.usable)
    values[rows[1::3], columns[1::3]], values[rows[2::3], columns[2::3]] = np.nan, np.inf
    base, other = data.prepared_with(data.panel.values), data.prepared_with(values)
    reads = ((data.source < 0) | ~later[data.source])[:, None]
    observed = (base.observed != other.observed) & reads
    read = base.observed & other.observed & reads
    size = _moved(base, other, read)
    differ = size > 0
    evidence: Evidence = {
        "hidden cells changed": int((data.panel.native & hidden).sum()),
        "later cells changed": int((changed & ~hidden).sum()),
        "observed cells compared": int(read.sum()),
        "observed cells changed": int(differ.sum()),
        "largest change of an observed cell (scaled units)": told(float(size.max(initial=0))),
        "cells observed in one alone": int(observed.sum()),
    }
    if not (observed.any() or differ.any()):
        which = "hidden and later" if later.any() else "hidden"
        number = int(changed.sum())
        said = f"{number:,} {which} cells were changed; what the run reads stayed the same."
        return Check("preparation", "passed", said, evidence)
    evidence |= cell_place(data, differ if differ.any() else observed)
    said = (
        f"{int((differ | observed).sum()):,} cells that the run reads change with hidden or later "
        "ones: what prepares the data has seen them."
    )
    return Check("preparation", "failed", said, evidence)


def _forbidden(data: Data) -> tuple[Cells, Bool[np.ndarray, "row"]]:
    """Return the panel's hidden cells, and of a forecast the rows after some validation input."""
    laid = data.source >= 0
    hidden = np.zeros(data.panel.native.shape, dtype=bool)
    hidden[data.source[laid]] = data.hidden[laid]
    if not data.first_predicted:
        return hidden, np.zeros(data.panel.rows, dtype=bool)
    starts = apart(data)
    end = starts[len(starts) // 2] + data.first_predicted
    later = (data.parts != TRAINING) & (
        data.panel.clock.astype(np.int64) >= data.prepared.clock[end]
    )
    return hidden, later


def _moved(base: Prepared, other: Prepared, read: Cells) -> Float64[np.ndarray, "row channel"]:
    """Return how far each cell that is read has moved, in scaled units; 0 for what is rounding."""
    nothing = np.zeros(read.shape)
    if _alike(base.scaler, other.scaler):
        np.abs(other.values - base.values, where=read, out=nothing)
        return nothing
    scale = np.abs(base.scaler.scale)[base.scaler.group(np.arange(len(read)))]
    before, after = (one.scaler.original(one.values) for one in (base, other))
    size = np.abs(after - before, where=read, out=nothing) / scale
    room = _AS_FLOAT32 * (np.abs(other.scaler.scale).max() / scale + np.abs(before) / scale + 1)
    return np.where(size > room, size, 0.0)


def scale(subject: Subject) -> Check:
    """Compare the run's scale with one fitted on observed training cells, then change all others."""
    data = subject.data
    used, config = data.prepared.scaler, data.experiment.training
    cells = data.usable & (data.parts == TRAINING)[:, None]
    if config.scaling_over == "series":
        right = fit_each(data.panel, cells, config.scaling)
    else:
        right = fit(data.panel.values, cells, data.panel.channels, config.scaling)
    evidence: Evidence = {
        "observed training cells": int(cells.sum()),
        "other cells that the file knows": int((data.panel.native & ~cells).sum()),
    }
    off = _apart(used, right)
    evidence["largest difference from the scale of these cells (scaled units)"] = told(
        float(off.max())
    )
    faults = []
    if off.max() > _ROUNDING:
        faults.append("is not that of the observed training cells")
        evidence["channel"] = data.panel.channels[int(off.max(axis=0).argmax())]
    values = _shaken(data, data.panel.native & ~cells)
    other = data.prepared_with(values).scaler
    moved = _apart(used, other)
    evidence["largest change when all other cells change (scaled units)"] = told(float(moved.max()))
    if moved.max() > _ROUNDING:
        faults.append("changes with validation, test or hidden cells")
        evidence["channel"] = data.panel.channels[int(moved.max(axis=0).argmax())]
    kept = _kept_statistics(subject)
    if kept is not None:
        evidence["largest difference of the kept network's statistics (scaled units)"] = told(kept)
        if kept > _AS_FLOAT32:
            faults.append("differs from what the kept network holds")
    if not faults:
        said = "The scale is that of the observed training cells, and no other cell changes it."
        return Check("scale", "passed", said, evidence)
    return Check("scale", "failed", f"The scale {' and '.join(faults)}.", evidence)


def sentinel(subject: Subject) -> Check:
    """Look for one exact value far from the rest in the cells that the run reads."""
    data = subject.data
    reads = data.usable if subject.strategy.reads_mask else data.panel.native
    seen = np.where(reads, data.panel.values, np.nan)
    found, _ = suspected(replace(data.panel, values=seen))
    evidence: Evidence = {"cells read": int(reads.sum()), "suspected values": len(found)}
    if not found:
        said = "No value in the cells that the run reads looks like a code for “missing”."
        return Check("sentinel", "passed", said, evidence)
    worst = max(found, key=lambda one: one.count)
    evidence |= {
        "channel": worst.channel,
        "value": worst.value,
        "cells that hold it": worst.count,
        "lowest of the rest": worst.lowest,
        "highest of the rest": worst.highest,
    }
    said = (
        f"{worst.channel} holds {worst.value:g} in {worst.count:,} of {worst.cells:,} cells, far from "
        "the rest: it may stand for “missing”, and is learnt as a value."
    )
    return Check("sentinel", "failed", said, evidence)


def _shaken(data: Data, cells: Cells) -> Float64[np.ndarray, "row channel"]:
    """Return the panel's values with random ones, far from the rest, in some cells."""
    scaler = data.prepared.scaler
    spread = 100 * np.abs(scaler.scale).max(axis=0) + np.abs(scaler.shift).max(axis=0)
    noise = np.random.default_rng(_SEED).normal(size=cells.shape) * spread
    return np.where(cells, noise, data.panel.values)


def _apart(one: Scaler, other: Scaler) -> Float64[np.ndarray, "group channel"]:
    """Return how far two scales are apart, in scaled units."""
    size = np.abs(other.scale)
    differences = [
        np.abs(one.shift - other.shift) / size,
        np.abs(one.scale - other.scale) / size,
        np.abs(one.mean - other.mean) / size,
    ]
    # Rounding grows with the values, not with how far they are spread.
    room = np.maximum(1, np.abs(other.shift) / size)
    return np.asarray(np.max(differences, axis=0) / room)


def _alike(one: Scaler, other: Scaler) -> bool:
    return bool(_apart(one, other).max() <= _ROUNDING)


def _kept_statistics(subject: Subject) -> float | None:
    """Return how far the kept network's statistics are from those of the data; None without any."""
    prepared, weights = subject.data.prepared, subject.weights
    now = {"mean": prepared.mean, "zero": prepared.zero, "scale": prepared.scale}
    if not now.keys() <= weights.keys():
        return None
    found = 0.0
    for name, right in now.items():
        kept = weights[name].numpy().reshape(-1, right.shape[1])
        if kept.shape != right.shape:
            return float("inf")
        found = max(found, float((np.abs(kept - right) / np.maximum(1, np.abs(right))).max()))
    return found
