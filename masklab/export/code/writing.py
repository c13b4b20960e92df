"""Write a run's code into a folder, with the data that it reads beside it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from masklab.errors import ExperimentError

if TYPE_CHECKING:
    from masklab.runs.rows import RunRow
    from masklab.runs.store import Store

Kind = Literal["script", "notebook", "keras"]
KINDS: tuple[Kind, ...] = ("script", "notebook", "keras")
NAMES: dict[Kind, str] = {"script": "run.py", "notebook": "run.ipynb", "keras": "run_keras.py"}
"""The file of each kind."""
_STATISTICS = {"mean", "zero", "scale"}


def write(store: Store, run_id: str, folder: Path, kind: Kind = "script") -> list[Path]:
    """Write a finished run's code and all that it reads into a folder; return the files.

    These are the code (`NAMES`), `data.csv`, `mask.csv`, and for PyTorch `weights.npz` where the
    store keeps the run's weights. A file that is there with the same content stays. Raises
    `ExperimentError` if there is no such run, it has not finished, code can't repeat it, or the folder
    holds another file of such a name or can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part:
            made = _make(store, run_id, Path(part), kind)
            _check_free(folder, made)
            return [one.replace(folder / one.name) for one in made]
    except OSError as error:
        raise ExperimentError(
            f"The folder {folder} can't be written: {error.strerror or error}. Choose another."
        ) from error


def zipped(store: Store, run_id: str, kind: Kind = "script") -> bytes:
    """Return what `write` writes as a zip file; raise `ExperimentError` as it does."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        made = _make(store, run_id, Path(folder), kind)
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in made:
                archive.write(one, one.name)
    return content.getvalue()


def _make(store: Store, run_id: str, folder: Path, kind: Kind) -> list[Path]:
    from masklab.export.code.keras_scripts import keras_script  # noqa: PLC0415 - imports pandas
    from masklab.export.code.notebook import notebook  # noqa: PLC0415
    from masklab.export.code.scripts import script  # noqa: PLC0415
    from masklab.export.code.tables import DataFacts, write_tables  # noqa: PLC0415
    from masklab.runs.panels import panel_of  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    if kind not in KINDS:
        raise ExperimentError(f"There is no code of kind {kind!r}; there are {', '.join(KINDS)}.")
    run = _finished(store, run_id)
    experiment = store.experiment(run.experiment_id)
    strategy = next(one for one in experiment.strategies if one.label == run.strategy)
    panel = panel_of(store.directory, experiment)
    prepared = prepare(experiment, panel)
    data = DataFacts.of(panel, prepared)
    if kind == "keras":
        code = keras_script(experiment, strategy, run.seed, data, score=_score(store, run))
    else:
        score = _score(store, run)
        code = script(experiment, strategy, run.seed, data, device=run.device, score=score)
    if kind == "notebook":
        code = notebook(code)
    file = folder / NAMES[kind]
    file.write_text(code, encoding="utf-8", newline="\n")
    write_tables(experiment, panel, prepared, folder)
    weights = _write_weights(store, run, folder) if kind != "keras" else []
    return [file, folder / "data.csv", folder / "mask.csv", *weights]


def _finished(store: Store, run_id: str) -> RunRow:
    runs = store.runs()
    found = next((one for one in runs if one.id == run_id), None)
    if found is None:
        known = ", ".join(one.id for one in runs if one.status == "finished") or "none"
        raise ExperimentError(
            f"The store has no run {run_id!r}. Of those that it has, these are finished: "
            f"{shorten(known, 400)}."
        )
    if found.status != "finished":
        raise ExperimentError(
            f"The run {run_id} is {found.status}; code can be exported of a finished run. "
            "Let it train to its end first."
        )
    return found


def _score(store: Store, run: RunRow) -> float | None:
    """Return the scaled RMSE of the epoch whose weights the run kept."""
    reports = store.reports(run.experiment_id, ("is_best", "common_rmse"))
    best = reports[(reports["run_id"] == run.id) & reports["is_best"]].sort_values("epoch")
    return float(best["common_rmse"].iloc[-1]) if len(best) else None


def _write_weights(store: Store, run: RunRow, folder: Path) -> list[Path]:
    """Write the run's weights without the statistics, which a script fits itself."""
    import safetensors.numpy  # noqa: PLC0415

    from masklab.runs import artifacts  # noqa: PLC0415

    kept = store.artifacts(run.experiment_id, run.id, artifacts.WEIGHTS)
    if not kept or not artifacts.is_whole(store.directory, kept[0]):
        return []
    weights = safetensors.numpy.load_file(artifacts.path_of(store.directory, kept[0]))
    path = folder / "weights.npz"
    told: dict[str, Any] = {k: one for k, one in weights.items() if k not in _STATISTICS}
    np.savez(path, **told)
    return [path]


def _check_free(folder: Path, made: list[Path]) -> None:
    for one in made:
        there = folder / one.name
        if there.exists() and (not there.is_file() or there.read_bytes() != one.read_bytes()):
            raise ExperimentError(
                f"The folder {folder} already holds another {one.name}. Choose a folder without it, "
                "or move it away."
            )
