"""Write a comparison as one HTML file."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import masklab
from masklab.errors import StoreError
from masklab.export.report.audit_section import audit_section
from masklab.export.report.curves_section import curves_section, scripts
from masklab.export.report.data_section import data_section
from masklab.export.report.html import Child, element, paragraph, plain_text
from masklab.export.report.mask_section import mask_section
from masklab.export.report.page import page
from masklab.export.report.reproduce_section import reproduce_section
from masklab.export.report.source import Source, source
from masklab.export.report.table_section import table_section
from masklab.export.report.words import counted, day
from masklab.export.score import Score
from masklab.runs.store import Store


@dataclass(frozen=True)
class Asked:
    """What a report is about.

    `sentence`: what the comparison says, in the app's Markdown (bold names, escapes). `warnings`:
    sentences on what keeps experiments apart. `baseline`: the strategy that differences are from,
    the first by default. `only`: ids of the runs that count, all by default. `link`: what follows
    the app's address to see the same view.
    """

    score: Score = field(default_factory=Score)
    sentence: str = ""
    warnings: tuple[str, ...] = ()
    baseline: str | None = None
    only: Collection[str] | None = None
    link: str = ""


def report(store: Store, experiment_ids: Sequence[str], asked: Asked | None = None) -> str:
    """Return the report of experiments as HTML; data, mask and specification are the first's.

    The page loads nothing from anywhere, and names no folder, machine or user. Raises `StoreError`
    if there is no such experiment, `ExperimentError` if there is no strategy `baseline`.
    """
    asked = asked or Asked()
    read = source(store, experiment_ids, asked.score, asked.baseline, asked.only)
    body = [
        element("header", *_head(read, asked)),
        curves_section(read),
        table_section(read),
        data_section(read),
        mask_section(read),
        audit_section(read),
        reproduce_section(read, asked.link),
        element("footer", f"Written by MaskLab {masklab.__version__} on {day(time.time())}."),
    ]
    return page(f"{read.name}: comparison", list(body), scripts(read))


def write_report(
    store: Store, experiment_ids: Sequence[str], path: Path, asked: Asked | None = None
) -> None:
    """Write the report into a file; raise `StoreError` if it can't be written."""
    text = report(store, experiment_ids, asked)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"The report can't be written to {path}: {error.strerror or error}. Name another file."
        ) from error


def _head(read: Source, asked: Asked) -> list[Child]:
    score = asked.score
    cells = {"common": "the cells common to all runs", "own": "each run's own cells"}
    about = (
        f"{counted(len(read.runs), 'run')} of {counted(len(read.rows), 'experiment')}, scored by "
        f"{score.in_words} on {cells.get(score.cells, f'{score.cells} cells')}."
    )
    others = [read.scrub.text(row.name) for row in read.rows[1:]]
    return [
        element("h1", read.name),
        element("p", f"With {', '.join(others)}") if others else None,
        _sentence(read, asked.sentence),
        *(
            element("p", read.scrub.text(plain_text(one)), class_="warning")
            for one in asked.warnings
        ),
        element("p", about, class_="note"),
    ]


def _sentence(read: Source, sentence: str) -> Child:
    if not sentence:
        return None
    said = paragraph(read.scrub.text(sentence))
    said.set("class", "verdict")
    return said
