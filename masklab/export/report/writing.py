"""Write a comparison as one HTML file."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree.ElementTree import Element

import masklab
from masklab.errors import StoreError
from masklab.export.compared import Compared
from masklab.export.report.audit_section import audit_section
from masklab.export.report.curves_section import curves_section, scripts
from masklab.export.report.data_section import data_section
from masklab.export.report.html import Child, element, paragraph
from masklab.export.report.mask_section import mask_section
from masklab.export.report.page import page
from masklab.export.report.reproduce_section import reproduce_section
from masklab.export.report.source import Source, source
from masklab.export.report.table_section import table_section
from masklab.export.report.told import Told
from masklab.export.report.words import day
from masklab.words import counted


def report(found: Compared, told: Told | None = None) -> str:
    """Return the report of compared runs as HTML; data, mask and specification are the first's.

    The page loads nothing from anywhere, and names no folder, machine or user. Raises `StoreError`
    if the experiment can't be read.
    """
    told = told or Told()
    read = source(found)
    body: list[Child] = [
        element("header", *_head(read, told)),
        curves_section(read),
        table_section(read),
        data_section(read),
        mask_section(read),
        audit_section(read),
        reproduce_section(read, told.link),
        element("footer", f"Written by MaskLab {masklab.__version__} on {day(time.time())}."),
    ]
    return page(f"{read.name}: comparison", body, scripts(read))


def write_report(found: Compared, path: Path, told: Told | None = None) -> None:
    """Write the report into a file; raise `StoreError` if it can't be written."""
    text = report(found, told)
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise StoreError(
            f"The report can't be written to {path}: {error.strerror or error}. Name another file."
        ) from error


def _head(read: Source, told: Told) -> list[Child]:
    score = read.compared.score
    cells = {"common": "the cells common to all runs", "own": "each run's own cells"}
    about = (
        f"{counted(len(read.runs), 'run')} of {counted(len(read.compared.rows), 'experiment')}, scored by "
        f"{score.in_words} on {cells.get(score.cells, f'{score.cells} cells')}."
    )
    others = [read.scrub.text(row.name) for row in read.compared.rows[1:]]
    return [
        element("h1", read.name),
        element("p", f"With {', '.join(others)}") if others else None,
        _sentence(read, told.sentence or read.compared.sentence()),
        *(element("p", read.scrub.text(one), class_="warning") for one in read.compared.warnings()),
        element("p", about, class_="note"),
    ]


def _sentence(read: Source, sentence: str) -> Element:
    said = paragraph(read.scrub.text(sentence))
    said.set("class", "verdict")
    return said
