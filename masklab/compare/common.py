"""The cells on which all runs of a selection are scored, of several experiments too.

Each experiment froze its own common cells. What they share is found here, prediction by prediction:
a forecast of a cell three steps ahead is set against other forecasts of it three steps ahead alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.compare.comparable import have_same_data
from masklab.data.series import Panel
from masklab.errors import ExperimentError, MaskLabError
from masklab.runs import artifacts
from masklab.runs.artifacts import PREDICTIONS
from masklab.runs.panels import panel_of
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.training import predictions
from masklab.training.cells import target_columns
from masklab.training.config import Reconstruct
from masklab.training.predictions import Kept

Keys = Int64[np.ndarray, "prediction"]
"""Names of predictions: row of the panel, step ahead (0 in a reconstruction) and channel in one number."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What a run predicts on its experiment's common cells.

    `keys`: rising; `scaled`: predictions in its experiment's scaled units, in their order.
    """

    run: RunRow
    keys: Keys
    scaled: Float64[np.ndarray, "prediction"]


@dataclass(frozen=True)
class LeftOut:
    """Runs of one experiment that can't be scored on the shared cells, and why, in a sentence."""

    experiment_id: str
    runs: tuple[str, ...]
    why: str


@dataclass(frozen=True, eq=False)
class Shared:
    """The predictions that all runs of a selection are scored on, and what stands in their way.

    `keys`: the shared predictions, rising, of `steps` steps ahead at most. `scored`: by experiment
    how many its own common score counts. `shown`: the runs that can be scored. `left_out`: the others.
    """

    panel: Panel
    experiments: Mapping[str, Experiment]
    keys: Keys
    steps: int
    scored: Mapping[str, int]
    shown: tuple[Shown, ...]
    left_out: tuple[LeftOut, ...]

    def rows(self) -> Int64[np.ndarray, "prediction"]:
        """Return the panel's row of each shared prediction."""
        rows: Int64[np.ndarray, "prediction"] = self.keys // (self.steps * self._channels)
        return rows

    def columns(self) -> Int64[np.ndarray, "prediction"]:
        """Return the channel of each shared prediction, as a column of the panel."""
        columns: Int64[np.ndarray, "prediction"] = self.keys % self._channels
        return columns

    @property
    def cells(self) -> Bool[np.ndarray, "row channel"]:
        """Cells of the panel that a shared prediction is about."""
        return self.cells_of(self.keys)

    def cells_of(self, keys: Keys) -> Bool[np.ndarray, "row channel"]:
        """Return the cells of the panel that predictions are about."""
        cells = np.zeros(self.panel.values.shape, dtype=bool, order="F")
        cells[keys // (self.steps * self._channels), keys % self._channels] = True
        return cells

    @property
    def targets(self) -> tuple[str, ...]:
        """Channels that an experiment predicts, in the order of the data."""
        columns = {
            column
            for one in self.experiments.values()
            for column in target_columns(one.task, self.panel)
        }
        return tuple(self.panel.channels[one] for one in sorted(columns))

    @property
    def _channels(self) -> int:
        return len(self.panel.channels)


def shared_cells(store: Store, runs: Sequence[RunRow]) -> Shared:
    """Return what the runs share with the experiment of the first one; it is the reference.

    Left out is what can't be set beside it: other data, or the same read in another way; another kind
    of task; other targets; runs without whole predictions. Experiments of another split are kept:
    what they share is validation in each. Raises `ExperimentError` if no run can be scored.
    """
    found, left_out = _experiments(store, runs)
    if not found:
        raise ExperimentError(_nothing(left_out))
    reference = next(iter(found.values()))
    panel = panel_of(store.directory, reference)
    steps = max(getattr(one.task, "horizon", 1) for one in found.values())
    shown: list[Shown] = []
    for identity, experiment in found.items():
        mine, missing = _shown(
            store, [run for run in runs if run.experiment_id == identity],
            _Naming(experiment, panel, steps),
        )  # fmt: skip
        shown += mine
        left_out += missing
    if not shown:
        raise ExperimentError(_nothing(left_out))
    first = {one.run.experiment_id: one.keys for one in reversed(shown)}
    keys = shown[0].keys
    for other in first.values():
        keys = np.intersect1d(keys, other, assume_unique=True)
    used = {identity: one for identity, one in found.items() if identity in first}
    counts = {identity: len(first[identity]) for identity in used}
    return Shared(panel, used, keys, steps, counts, tuple(shown), tuple(left_out))


@dataclass(frozen=True, eq=False)
class _Naming:
    """Names the predictions of an experiment's runs, as `Keys`."""

    experiment: Experiment
    panel: Panel
    steps: int

    def keys(self, kept: Kept) -> Keys:
        """Return the name of each common prediction, in the order of the file."""
        targets = np.array(target_columns(self.experiment.task, self.panel))
        window, step, place = (one[kept.common] for one in np.nonzero(kept.scored))
        row = kept.rows[window, step]
        ahead = 0 if isinstance(self.experiment.task, Reconstruct) else step
        keys: Keys = (row * self.steps + ahead) * len(self.panel.channels) + targets[place]
        return keys


def _experiments(
    store: Store, runs: Sequence[RunRow]
) -> tuple[dict[str, Experiment], list[LeftOut]]:
    """Return the experiments that can stand beside the first one, and the others with the reason."""
    found: dict[str, Experiment] = {}
    left_out = []
    for identity in dict.fromkeys(run.experiment_id for run in runs):
        try:
            experiment = store.experiment(identity)
            why = _apart(next(iter(found.values())), experiment) if found else ""
        except MaskLabError as error:
            why = str(error)
        if why:
            ids = tuple(run.id for run in runs if run.experiment_id == identity)
            left_out.append(LeftOut(identity, ids, why))
        else:
            found[identity] = experiment
    return found, left_out


def _apart(reference: Experiment, other: Experiment) -> str:
    """Return why an experiment shares no cell with the reference; empty if it may share some."""
    if reference.data.sha256 != other.data.sha256:
        return "It is on other data, whose cells are others."
    if not have_same_data(reference, other):
        return "It reads the data in another way, so that its rows may be others."
    if reference.task.kind != other.task.kind:
        return "It has another task: a forecast is not compared with a reconstruction."
    mine, theirs = reference.task.targets, other.task.targets
    if mine is not None and theirs is not None and not set(mine) & set(theirs):
        return f"It predicts other channels: {', '.join(theirs)}."
    return ""


def _shown(
    store: Store, runs: Sequence[RunRow], naming: _Naming
) -> tuple[list[Shown], list[LeftOut]]:
    shown: list[Shown] = []
    missing: dict[str, list[str]] = {}
    for run in runs:
        kept = _kept(store, run)
        if isinstance(kept, str):
            missing.setdefault(kept, []).append(run.id)
            continue
        keys = naming.keys(kept)
        order = np.argsort(keys, kind="stable")
        scaled = kept.scaled[kept.common].astype(np.float64)
        shown.append(Shown(run, keys[order], scaled[order]))
    return shown, [LeftOut(runs[0].experiment_id, tuple(ids), why) for why, ids in missing.items()]


def _kept(store: Store, run: RunRow) -> Kept | str:
    """Return the predictions that a store keeps of a run, or why there are none."""
    if run.is_open or run.status == "paused":
        return "It has not finished; predictions are kept when a run ends."
    rows = store.artifacts(run.experiment_id, run.id, PREDICTIONS)
    if not rows:
        if run.status != "finished":
            return "It did not finish, and so left no predictions. Start it again."
        return (
            "It left no predictions: it was trained before MaskLab kept them. "
            "Copy the experiment with other seeds and train it anew."
        )
    if not artifacts.is_whole(store.directory, rows[0]):
        return (
            "Its file of predictions is damaged or gone. `masklab store check` tells what else is."
        )
    try:
        return predictions.read(artifacts.path_of(store.directory, rows[0]))
    except MaskLabError as error:
        return str(error)


def _nothing(left_out: Sequence[LeftOut]) -> str:
    why = list(dict.fromkeys(one.why for one in left_out))
    return f"No run can be scored again. {' '.join(why) or 'None is on screen.'}"
