"""Checks of how windows lie: in their own part, within one stretch."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from masklab.compare.leakage.finding import Check
from masklab.compare.leakage.places import Evidence, row_place
from masklab.compare.leakage.subject import Data, Subject
from masklab.data.clock import gap_limit
from masklab.split import PART_NAMES, TEST, TRAINING, VALIDATION


def overlap(subject: Subject) -> Check:
    """Lay the rows of the windows of all parts over each other."""
    data = subject.data
    rows = len(data.prepared.values)
    covered = {part: covers(data.prepared.starts(part), data.steps, rows) for part in range(3)}
    evidence: Evidence = {
        f"rows in {PART_NAMES[part]} windows": int(covered[part].sum()) for part in range(3)
    }
    shared = np.zeros(rows, dtype=bool)
    for one, other in ((TRAINING, VALIDATION), (TRAINING, TEST), (VALIDATION, TEST)):
        both = covered[one] & covered[other]
        evidence[f"rows in {PART_NAMES[one]} and {PART_NAMES[other]} windows"] = int(both.sum())
        shared |= both
    strange = np.zeros(rows, dtype=bool)
    for part in range(3):
        strange |= covered[part] & (data.prepared.parts != part)
    evidence["rows in windows of a part that is not theirs"] = int(strange.sum())
    if not (shared | strange).any():
        said = "No row stands in windows of two parts."
        return Check("overlap", "passed", said, evidence)
    evidence |= row_place(data, int(np.flatnonzero(shared | strange)[0]))
    number = int((shared | strange).sum())
    said = f"{number:,} rows stand in windows of two parts: what is scored was trained on."
    return Check("overlap", "failed", said, evidence)


def gaps(subject: Subject) -> Check:
    """Compare clock and series of the rows of every window."""
    data = subject.data
    breaks = np.concatenate(([0], np.cumsum(_breaks(data), dtype=np.int64)))
    evidence: Evidence = {}
    crossing = []
    for part in range(3):
        starts = data.prepared.starts(part)
        bad = starts[
            breaks[starts + data.steps] > breaks[np.minimum(starts + 1, starts + data.steps)]
        ]
        evidence[f"{PART_NAMES[part]} windows that cross, of {len(starts):,}"] = len(bad)
        crossing += bad.tolist()
    if not crossing:
        said = "Every window lies within one series, and its clock runs on without a gap."
        return Check("gaps", "passed", said, evidence)
    evidence |= row_place(data, crossing[0])
    said = f"{len(crossing):,} windows hold rows that never stood side by side."
    return Check("gaps", "failed", said, evidence)


def covers(starts: np.ndarray, length: int, rows: int) -> Bool[np.ndarray, "row"]:
    """Return which rows lie in a window."""
    change = np.bincount(starts, minlength=rows + 1) - np.bincount(
        starts + length, minlength=rows + 1
    )
    return np.asarray(np.cumsum(change[:rows]) > 0)


def _breaks(data: Data) -> Bool[np.ndarray, "row"]:
    """Return which prepared rows don't follow on the row before: another series, or after a gap.

    Steps laid in fill a gap; padding follows on nothing.
    """
    panel, source = data.panel, data.source
    real = np.flatnonzero(source >= 0)
    rows = source[real]
    series = panel.series_of_row[rows]
    far = np.diff(panel.clock[rows]) > gap_limit(panel)
    beside = np.diff(real) == 1
    found = np.zeros(len(source), dtype=bool)
    found[real[1:]] = (np.diff(series) != 0) | (far & beside)
    padding = data.prepared.padding
    if padding is not None:
        begins = padding & ~np.concatenate(([False], padding[:-1]))
        found[real] &= ~np.concatenate(([False], padding[:-1]))[real]
        found |= begins
    return found
