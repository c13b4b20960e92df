"""The report's section on the mask: its layers, pictures of it, what it hides of each channel."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from masklab.export.report.html import Child, element, section, table
from masklab.export.report.mask_picture import hatch, mask_picture
from masklab.export.report.source import Data, Source
from masklab.export.report.words import of
from masklab.masks.layers import Layer
from masklab.split import TRAINING, VALIDATION

SERIES, CHANNELS = 3, 8
"""How many series are drawn, and channels of each."""


def mask_section(source: Source) -> Element:
    """Return the section."""
    if source.data is None:
        return section("Mask", _layers(source), name="mask")
    return section("Mask", _layers(source), *_pictures(source, source.data), name="mask")


def _layers(source: Source) -> Element:
    layers = source.experiment.recipe.layers
    if not layers:
        return element("p", "No layer: nothing is hidden but what the file itself lacks.")
    rows: list[tuple[Child, ...]] = [
        (
            str(place),
            source.scrub.text(layer.label),
            layer.rule.kind.replace("_", " "),
            _aim(source, layer),
            {"both": "training and validation"}.get(layer.scope, layer.scope),
            layer.combine if layer.enabled else f"{layer.combine}, switched off",
        )
        for place, layer in enumerate(layers, start=1)
    ]
    return table(("Layer", "Name", "Rule", "Channels", "Rows of", "Joins by"), rows)


def _aim(source: Source, layer: Layer) -> str:
    channels = "all" if layer.channels is None else ", ".join(layer.channels)
    series = "" if layer.series is None else f" of {', '.join(layer.series)}"
    return source.scrub.text(channels + series)


def _pictures(source: Source, data: Data) -> list[Element]:
    panel = data.panel
    channels = tuple(range(min(len(panel.channels), CHANNELS)))
    series = range(min(len(panel), SERIES))
    figures = [
        element(
            "figure",
            element("figcaption", f"Series {source.scrub.text(panel.names[one])}"),
            element("div", mask_picture(source, data, one, channels), class_="wide"),
        )
        for one in series
    ]
    left = [f"{len(panel) - len(series):,} more series"] * (len(panel) > len(series))
    more = len(panel.channels) - len(channels)
    left += [f"{more:,} more {'channel' if more == 1 else 'channels'}"] * (more > 0)
    rest = f" Not drawn: {' and '.join(left)}." if left else ""
    words = (
        "Hatched: all cells of the stretch are hidden from the model. Bar below a line: the share "
        "hidden, full where all is. Grey: the file has no value. Band on top: the split."
        f"{rest}"
    )
    return [hatch(), *figures, element("p", words, class_="note"), _counts(source, data)]


def _counts(source: Source, data: Data) -> Element:
    panel = data.panel
    hidden = panel.native & ~data.observed
    rows: list[tuple[Child, ...]] = []
    for column, channel in list(enumerate(panel.channels))[:40]:
        row = [source.scrub.text(channel)]
        for part in (TRAINING, VALIDATION):
            inside = data.parts == part
            native = int(panel.native[inside, column].sum())
            row.append(of(int(hidden[inside, column].sum()), native))
        row.append(_scored(data, channel))
        rows.append(tuple(row))
    head = (
        "Channel",
        "Hidden, training cells",
        "Hidden, validation cells",
        "Can be scored, validation cells",
    )
    return table(head, rows, numbers=(1, 2, 3))


def _scored(data: Data, channel: str) -> str:
    if data.common is None:
        return "told once a run has ended"
    if channel not in data.targets:
        return "not a target"
    inside = data.parts == VALIDATION
    return of(int(data.common[inside, data.targets.index(channel)].sum()), int(inside.sum()))
