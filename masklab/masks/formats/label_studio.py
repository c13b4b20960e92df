"""The mask as regions of Label Studio's time series, as JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, ClassVar, Literal
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd
from jaxtyping import Int64
from pydantic_core import from_json

from masklab.data.log import Log, count
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.clocktext import read_moments, written
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.landing import Intervals, land_intervals
from masklab.masks.spans import Spans, spans

MAX_BYTES = 64 * 2**20
MAX_REGIONS = 300_000
MAX_TASKS = 100_000
EMBEDDED = 200_000
"""Up to so many cells, the values go with the tasks, so that Label Studio shows them at once."""
_KIND = "timeserieslabels"
_MARKS = re.compile(r'"(annotations|completions|predictions|timeserieslabels)"\s*:')


class LabelStudio(MaskFormat):
    """A task for each series; a region for each hidden stretch, labelled with its channel.

    Times are text (`%Y-%m-%dT%H:%M:%S`, with decimals where the clock has them), steps numbers. A
    task's `meta.label_config` is the labelling interface to set up. Read are exports as JSON and
    JSON-MIN. A region labelled with the name of a channel hides that channel, any other label
    hides all channels and becomes a layer of its own.
    """

    title: ClassVar[str] = "Label Studio (JSON)"
    explanation: ClassVar[str] = (
        "Tasks with time series regions for Label Studio, a label for each channel; its exports as "
        "JSON and JSON-MIN come back in."
    )
    ending: ClassVar[str] = ".label-studio.json"
    mime: ClassVar[str] = "application/json"

    kind: Literal["label_studio"] = "label_studio"

    def write(self, masked: Masked) -> bytes:
        """Return the tasks; raise `MaskError` if there are more regions than can be labelled."""
        panel = masked.panel
        found = spans(masked.hidden.astype(np.int16), panel)
        if problem := _too_many(found):
            raise MaskError(problem)
        regions = _regions(found, panel)
        tasks = [
            _task(panel, place, [one for of, one in regions if of == place])
            for place in range(len(panel))
        ]
        return (json.dumps(tasks, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()

    def too_much(self, masked: Masked) -> str:
        """Return a sentence if the mask has more stretches than can be labelled."""
        return _too_many(spans(masked.hidden.astype(np.int16), masked.panel))

    def claims(self, head: Head) -> bool:
        """Return whether it is a JSON list, or an object with annotations."""
        if head.text[:1] != "{":
            return head.text[:1] == "["
        return '"layers"' not in head.text and _MARKS.search(head.text) is not None

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the regions as layers: channels' labels as one, each other label as its own."""
        log, found = Log(), Regions()
        for number, task in enumerate(_tasks(data), start=1):
            _collect(task, number, panel, found, log)
        found.tell(log)
        if not found.start:
            raise MaskError(
                "It has no time series region (`timeserieslabels`). Export annotated tasks of a "
                "TimeSeries project from Label Studio as JSON or JSON-MIN."
            )
        start, end = _moments(found, panel, log)
        texts = [pd.Series(one, dtype="str") for one in (found.series, found.channel, found.layer)]
        intervals = Intervals.of(start, end, texts, panel)
        layers, notes = land_intervals(intervals, panel, name)
        return Incoming(self.kind, layers, (*log.notes, *notes))


def _too_many(found: Spans) -> str:
    if len(found.first) <= MAX_REGIONS:
        return ""
    return (
        f"The mask has {len(found.first):,} stretches; Label Studio is given up to "
        f"{MAX_REGIONS:,} regions. Choose another format."
    )


def label_config(panel: Panel) -> str:
    """Return the labelling interface that shows a panel's series and labels its channels."""
    times = "" if panel.clock_kind == "step" else f' timeFormat="{_time_format(panel)}"'
    labels = "".join(f"<Label value={quoteattr(one)}/>" for one in panel.channels)
    channels = "".join(f"<Channel column={quoteattr(one)}/>" for one in panel.channels)
    return (
        f'<View><TimeSeriesLabels name="label" toName="ts">{labels}</TimeSeriesLabels>'
        f'<TimeSeries name="ts" value="$ts" valueType="json" timeColumn="time"{times}>{channels}'
        "</TimeSeries></View>"
    )


def _time_format(panel: Panel) -> str:
    fine = bool((panel.clock.astype(np.int64) % 1_000_000).any())
    return f"%Y-%m-%dT%H:%M:%S{'.%f' if fine else ''}{'Z' if panel.timezone else ''}"


def _regions(found: Spans, panel: Panel) -> list[tuple[int, dict[str, Any]]]:
    clock = panel.clock.astype(np.int64)
    starts, ends = _shown(clock[found.first], panel), _shown(clock[found.last], panel)
    regions = []
    for number, (series, channel, start, end) in enumerate(
        zip(found.series.tolist(), found.channel.tolist(), starts, ends, strict=True), start=1
    ):
        label = panel.channels[channel]
        value = {"start": start, "end": end, "instant": start == end, _KIND: [label]}
        names = {"id": f"r{number}", "from_name": "label", "to_name": "ts", "type": _KIND}
        regions.append((series, {**names, "value": value}))
    return regions


def _shown(times: Int64[np.ndarray, "region"], panel: Panel) -> list[Any]:
    if panel.clock_kind == "step":
        return [one / 1e6 if one % 1_000_000 else one // 1_000_000 for one in times.tolist()]
    text: list[Any] = written(times, panel, utc=panel.timezone is not None).to_pylist()
    return text


def _task(panel: Panel, place: int, regions: list[dict[str, Any]]) -> dict[str, Any]:
    name = panel.names[place]
    data: dict[str, Any] = {"series": name}
    if panel.values.size <= EMBEDDED:
        data["ts"] = _values(panel, place)
    else:
        data["csv"] = f"{name}.csv"
    return {
        "id": place + 1,
        "data": data,
        "meta": {"label_config": label_config(panel)},
        "annotations": [{"result": regions}],
    }


def _values(panel: Panel, place: int) -> dict[str, Any]:
    rows = panel.rows_of(place)
    shown: dict[str, Any] = {"time": _shown(panel.clock[rows].astype(np.int64), panel)}
    for column, channel in enumerate(panel.channels):
        values = panel.values[rows, column].tolist()
        shown[channel] = [one if math.isfinite(one) else None for one in values]
    return shown


@dataclass
class Regions:
    """Regions on their way in, and what was met that is none."""

    start: list[Any] = field(default_factory=list)
    end: list[Any] = field(default_factory=list)
    series: list[str | None] = field(default_factory=list)
    channel: list[str | None] = field(default_factory=list)
    layer: list[str | None] = field(default_factory=list)
    others: int = 0
    guesses: int = 0

    def tell(self, log: Log) -> None:
        """Note what was met that is no time series region."""
        if self.others:
            log.note(
                f"{count(self.others, 'result')} of other kinds than time series regions; left out."
            )
        if self.guesses:
            log.note(f"{count(self.guesses, 'task')} without annotations; predictions were taken.")


def _tasks(data: bytes) -> Iterator[dict[str, Any]]:
    if len(data) > MAX_BYTES:
        raise MaskError(
            f"The JSON has {len(data) / 2**20:,.0f} MB; MaskLab reads up to "
            f"{MAX_BYTES / 2**20:,.0f} MB of Label Studio's. Export fewer tasks."
        )
    try:
        content = from_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise MaskError(f"It is not JSON text ({str(error)[:120]}). Export it again.") from error
    tasks = content if isinstance(content, list) else [content]
    if len(tasks) > MAX_TASKS or any(not isinstance(one, dict) for one in tasks[:MAX_TASKS]):
        raise MaskError(
            f"A Label Studio export is a list of up to {MAX_TASKS:,} tasks, each an object; this is "
            f"{'something else' if len(tasks) <= MAX_TASKS else f'a list of {len(tasks):,}'}."
        )
    yield from tasks


def _collect(task: dict[str, Any], number: int, panel: Panel, found: Regions, log: Log) -> None:
    series = _series_of(task, number, panel)
    for value in _values_of(task, found):
        labels = value.get(_KIND) or [""]
        start, end = value.get("start"), value.get("end", value.get("start"))
        if not isinstance(labels, list) or not _is_time(start) or not _is_time(end):
            raise MaskError(
                f"A region of task {number} has no usable start, end or labels. Export it again."
            )
        for label in labels:
            known = label in panel.channels
            found.start.append(start)
            found.end.append(end)
            found.series.append(series)
            found.channel.append(str(label) if known else None)
            found.layer.append("" if known else str(label))
        if len(found.start) > MAX_REGIONS:
            raise MaskError(f"It has more than {MAX_REGIONS:,} regions. Export fewer tasks.")


def _is_time(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))


def _values_of(task: dict[str, Any], found: Regions) -> Iterator[dict[str, Any]]:
    """Yield the value of each time series region of a task, in either form of export."""
    given = task.get("annotations", task.get("completions"))
    if not _has_results(given) and _has_results(task.get("predictions")):
        given = task["predictions"]
        found.guesses += 1
    if isinstance(given, list):
        for annotation in given:
            if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
                continue
            results = annotation.get("result")
            for result in results if isinstance(results, list) else []:
                if isinstance(result, dict) and isinstance(result.get("value"), dict) and _KIND in result["value"]:  # fmt: skip
                    yield result["value"]
                else:
                    found.others += 1
        return
    for entries in task.values():  # JSON-MIN: the regions stand under the control's name
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and _KIND in entry:
                yield entry


def _has_results(given: Any) -> bool:
    return isinstance(given, list) and any(isinstance(o, dict) and o.get("result") for o in given)


def _series_of(task: dict[str, Any], number: int, panel: Panel) -> str | None:
    """Return the series that a task names in its data, by itself or by a file's name."""
    data = task.get("data") if isinstance(task.get("data"), dict) else task
    texts = [text[:2000] for text in (data or {}).values() if isinstance(text, str)]
    for text in texts:
        if text in panel.names:
            return text
        if (stem := PurePosixPath(text.split("?")[0]).name.rsplit(".", 1)[0]) in panel.names:
            return stem
    return None if len(panel) == 1 else (texts[0][:200] if texts else f"task {number}")


def _moments(
    found: Regions, panel: Panel, log: Log
) -> tuple[Int64[np.ndarray, "region"], Int64[np.ndarray, "region"]]:
    whole = [*found.start, *found.end]
    texts = [isinstance(one, str) for one in whole]
    if any(texts) and not all(texts):
        raise MaskError("Some of its regions have times as text, some as numbers. Export it again.")
    column = pd.Series(whole, dtype="str" if all(texts) else "float64", name="start and end")
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    if panel.clock_kind == "time" and len(panel) == 1 and (numbers < panel.rows + 1).all():
        log.note("Its regions name row numbers, as where Label Studio has no time column.")
        rows = np.split(np.clip(numbers, 0, panel.rows - 1), 2)
        clock = panel.clock.astype(np.int64)
        return clock[np.ceil(rows[0]).astype(int)], clock[np.floor(rows[1]).astype(int)]
    moments = read_moments(column, panel, log, lambda row: f"region {row % len(found.start) + 1:,}")
    return moments[: len(found.start)], moments[len(found.start) :]
