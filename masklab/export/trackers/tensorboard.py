"""Runs as TensorBoard event files: a folder a run, scalars by epoch, settings for its HParams page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from masklab.errors import StoreError
from masklab.export.trackers.runs import TrackedRun
from masklab.runs.rows import Status


def write(runs: Sequence[TrackedRun], folder: Path) -> list[Path]:
    """Write an event file for each run into FOLDER/EXPERIMENT/RUN; return the runs' folders.

    Event files that an earlier export left there are replaced. Raises `StoreError` if TensorBoard
    isn't installed or the folder can't be written.
    """
    if find_spec("tensorboard") is None:
        raise StoreError(
            "TensorBoard isn't installed, and its own library writes its files. Install it with "
            '`pip install "masklab[tensorboard]"`.'
        )
    written = []
    for run in runs:
        place = folder / _folder_name(run.experiment_id) / _folder_name(f"{run.id[-4:]} {run.name}")
        try:
            place.mkdir(parents=True, exist_ok=True)
            for older in place.glob("events.out.tfevents.*"):
                older.unlink()
            _write(run, place)
            # The library names a file after this machine.
            for number, made in enumerate(place.glob("events.out.tfevents.*")):
                made.rename(place / f"events.out.tfevents.{run.start:.0f}.masklab.{number}")
        except OSError as error:
            raise StoreError(
                f"Event files can't be written into {place}: {error.strerror or error}. "
                "Name another folder."
            ) from error
        written.append(place)
    return written


def _write(run: TrackedRun, place: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - an extra
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
    from tensorboard.plugins.hparams import summary_v2  # noqa: PLC0415
    from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: PLC0415

    def scalars(values: dict[str, float]) -> Summary:
        return Summary(
            value=[Summary.Value(tag=tag, simple_value=one) for tag, one in values.items()]
        )

    writer = EventFileWriter(str(place))
    began = summary_v2.hparams_pb(
        {name: _hparam(value) for name, value in run.settings.items()},
        trial_id=run.id,
        start_time_secs=run.start,
    )
    writer.add_event(Event(wall_time=run.start, summary=began))
    for epoch in run.epochs:
        told = scalars(epoch.metrics)
        writer.add_event(Event(wall_time=epoch.time, step=epoch.number, summary=told))
    if run.best is not None:
        best = scalars(run.at_best)
        writer.add_event(Event(wall_time=run.best.time, step=run.best.number, summary=best))
    if run.end is not None:
        writer.add_event(Event(wall_time=run.end, summary=_ended(run.status, run.end)))
    writer.close()


def _ended(status: Status, at: float) -> Any:
    """Return what the HParams page reads of how and when a run ended."""
    # The library's own function for it, in `hparams.summary`, imports all of TensorFlow.
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2  # noqa: PLC0415

    good = status == "finished"
    told = plugin_data_pb2.SessionEndInfo(
        status=api_pb2.STATUS_SUCCESS if good else api_pb2.STATUS_FAILURE, end_time_secs=at
    )
    content = metadata.create_summary_metadata(
        plugin_data_pb2.HParamsPluginData(session_end_info=told)
    )
    tag = metadata.SESSION_END_INFO_TAG
    return Summary(value=[Summary.Value(tag=tag, metadata=content, tensor=metadata.NULL_TENSOR)])


def _hparam(value: object) -> bool | float | str:
    """Return a setting as the HParams page takes one: a number, a switch or a text."""
    return value if isinstance(value, bool | int | float | str) else json.dumps(value)


def _folder_name(text: str) -> str:
    return re.sub(r"[^\w=.,()-]+", "-", text).strip(".-")[:120]
