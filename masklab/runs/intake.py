"""How a specification enters the store with its data, and how it comes back."""

from __future__ import annotations

import json
import os
from pathlib import Path

from masklab.data.samples import PREFIX
from masklab.errors import ExperimentError, StoreError
from masklab.runs import files
from masklab.runs.spec import Experiment, parse_experiment


def pin(
    experiment: Experiment, base_dir: str | os.PathLike[str] | None, directory: Path
) -> Experiment:
    """Return the experiment pinned to a copy of its data; the path is relative to the store."""
    base = Path.cwd() if base_dir is None else Path(base_dir)
    pinned = experiment.pinned(base)
    source = pinned.data.located(base)
    sha256, kept = files.add(directory / "data", source, source.name)
    if sha256 != pinned.data.sha256:
        raise StoreError(f"The file {source} changed while it was read. Try again.")
    path = kept.relative_to(directory).as_posix()
    return pinned.model_copy(update={"data": pinned.data.model_copy(update={"path": path})})


def unpin(text: str, directory: Path) -> Experiment:
    """Return a stored specification with the path of its data in this store, wherever that lies.

    Raises `StoreError` if another version of MaskLab wrote it and this one can't use it.
    """
    try:
        experiment = parse_experiment(json.loads(text), stored=True)
    except (ExperimentError, ValueError) as error:
        raise StoreError(
            "This version of MaskLab can't use an experiment that another one stored: "
            f"{error} Its scores stay in the store; use that version for it, or train it anew."
        ) from error
    path = str(files.inside(directory, experiment.data.path))
    return experiment.model_copy(update={"data": experiment.data.model_copy(update={"path": path})})


def portable(experiment: Experiment, origin: str) -> Experiment:
    """Return a specification that names its data as its author did, without this machine's folders."""
    return experiment.model_copy(
        update={"data": experiment.data.model_copy(update={"path": origin})}
    )


def origin_of(experiment: Experiment) -> str:
    """Return how to name the data elsewhere: `sample:NAME`, or the file's name alone."""
    path = experiment.data.path
    return path if path.startswith(PREFIX) else Path(path).name
