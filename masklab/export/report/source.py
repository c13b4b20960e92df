"""What a report is made of: the runs compared, the specification, data and mask, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8

from masklab.data.series import Panel
from masklab.errors import MaskLabError, StoreError
from masklab.export.compared import Compared
from masklab.runs import artifacts, facts, kept_mask
from masklab.runs.archive.scrub import Scrubber
from masklab.runs.archive.tables import scrubber
from masklab.runs.panels import panel_of
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment
from masklab.runs.store import Store


@dataclass(frozen=True, eq=False)
class Data:
    """The data as it was masked: `observed` is what the recipe leaves; `parts` as in `split`.

    `common`: cells that every run is scored on, by target, where a run has kept them.
    """

    panel: Panel
    observed: Bool[np.ndarray, "row channel"]
    parts: Int8[np.ndarray, "row"]
    targets: tuple[str, ...] = ()
    common: Bool[np.ndarray, "row target"] | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """All that the sections read. Texts of `scrub` name no folder, machine or user.

    `experiment`, `data`: those of the experiment that was chosen. `data` is None where it can't be
    read any more, and `why_no_data` says why.
    """

    compared: Compared
    experiment: Experiment
    scrub: Scrubber
    data: Data | None
    why_no_data: str

    @property
    def runs(self) -> tuple[RunRow, ...]:
        """The runs that count."""
        return self.compared.runs

    @cached_property
    def table(self) -> pd.DataFrame:
        """The strategies, a row each."""
        return self.compared.table()

    @cached_property
    def naive(self) -> dict[str, tuple[float, int]]:
        """Score and scored cells of each naive baseline."""
        return self.compared.naive()

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.scrub.text(self.compared.row.name)

    @property
    def file_name(self) -> str:
        """The name of the data's file or sample, without folders."""
        told = self.compared.store.fact(self.compared.row.id, "origin")
        origin = str(told or self.experiment.data.path)
        return PurePath(origin.replace("\\", "/")).name


def source(found: Compared) -> Source:
    """Read what a report of compared runs needs; raise `StoreError` if the experiment can't be read."""
    store = found.store
    with store.database.read() as db:
        scrub = scrubber(db, store.directory)
    try:
        data, why = _data(store, found.row.id), ""
    except MaskLabError as error:
        data, why = None, scrub.text(str(error))
    return Source(found, store.portable(found.row.id), scrub, data, why)


def _data(store: Store, experiment_id: str) -> Data:
    experiment = store.experiment(experiment_id)
    panel = panel_of(store.directory, experiment)
    parts = experiment.split.parts(panel)
    observed = experiment.recipe.apply(panel, parts).observed
    kept = _kept(store, experiment_id)
    if kept is None or kept.channels != panel.channels:
        return Data(panel, observed, parts)
    common = np.zeros((panel.rows, len(kept.targets)), dtype=bool)
    from_file = kept.source >= 0
    common[kept.source[from_file]] = kept.common[from_file]
    return Data(panel, observed, parts, kept.targets, common)


def _kept(store: Store, experiment_id: str) -> kept_mask.KeptMask | None:
    for one in store.artifacts(experiment_id, kind=facts.MASK)[:1]:
        try:
            return kept_mask.read(artifacts.path_of(store.directory, one))
        except StoreError:  # damaged: the report does without
            return None
    return None
