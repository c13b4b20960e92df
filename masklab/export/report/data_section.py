"""The report's section on the data: what file, which series and channels, how much is missing."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from masklab.export.report.html import Child, element, facts, section, table
from masklab.export.report.source import Data, Source
from masklab.export.report.words import moment, of, step
from masklab.split import PART_NAMES
from masklab.words import counted

MOST = 40
"""Channels listed at most."""


def data_section(source: Source) -> Element:
    """Return the section."""
    file: list[tuple[str, Child]] = [("File", source.scrub.text(source.file_name))]
    digest = source.experiment.data.sha256
    if digest:
        file.append(("SHA-256 begins with", element("code", digest[:16])))
    if source.data is None:
        why = f"The data can't be read any more: {source.why_no_data}"
        return section("Data", facts(file), element("p", why), name="data")
    return section("Data", facts([*file, *_panel(source.data)]), _channels(source), name="data")


def _panel(data: Data) -> list[tuple[str, Child]]:
    panel = data.panel
    zone = panel.timezone or "zone not given"
    first, last = panel.clock.min(), panel.clock.max()
    span = f"{moment(panel, first)} to {moment(panel, last)}"
    missing = int(panel.native.size - panel.native.sum())
    shares = ", ".join(
        f"{name} {of(int((data.parts == part).sum()), panel.rows, 'rows')}"
        for part, name in enumerate(PART_NAMES)
    )
    return [
        ("Series", f"{len(panel):,}"),
        ("Channels", f"{len(panel.channels):,}"),
        ("Rows", f"{panel.rows:,}"),
        ("Span", span if panel.clock_kind == "step" else f"{span} ({zone})"),
        ("Interval", step(panel)),
        ("Missing in the file", of(missing, panel.native.size, "cells")),
        ("Split", shares),
    ]


def _channels(source: Source) -> Element:
    data = source.data
    assert data is not None  # noqa: S101 - the caller's branch
    panel = data.panel
    rows = []
    for column, channel in list(enumerate(panel.channels))[:MOST]:
        values = panel.values[:, column]
        known = values[np.isfinite(values)]
        low, high = (f"{known.min():.4g}", f"{known.max():.4g}") if len(known) else ("—", "—")
        rows.append(
            (
                source.scrub.text(channel),
                source.scrub.text(panel.units.get(channel, "")) or "not given",
                low,
                high,
                of(panel.rows - len(known), panel.rows),
            )
        )
    head = ("Channel", "Unit", "Lowest", "Highest", "Missing in the file, rows")
    shown = table(head, rows, numbers=(2, 3, 4))
    if len(panel.channels) <= MOST:
        return shown
    more = f"And {counted(len(panel.channels) - MOST, 'channel')} more."
    return element("div", shown, element("p", more))
