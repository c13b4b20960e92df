"""What a report is made of: an experiment with its runs, reports, data and mask, read once."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8

from masklab.compare.baselines import levels, naive
from masklab.compare.scores import columns, summary
from masklab.data.series import Panel
from masklab.errors import ExperimentError, MaskLabError, StoreError
from masklab.export.score import Score
from masklab.runs import artifacts, facts, kept_mask
from masklab.runs.archive.scrub import Scrubber
from masklab.runs.archive.tables import scrubber
from masklab.runs.panels import panel_of
from masklab.runs.rows import ExperimentRow, RunRow
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

    `rows`: the experiments compared; what is told of data, mask and specification is the first's.
    `runs`, `reports`, `table`: those of all of them that are compared.
    """

    store: Store
    rows: tuple[ExperimentRow, ...]
    experiment: Experiment
    runs: tuple[RunRow, ...]
    reports: pd.DataFrame
    table: pd.DataFrame
    score: Score
    baseline: str
    scrub: Scrubber
    data: Data | None
    why_no_data: str

    @property
    def row(self) -> ExperimentRow:
        """The experiment that was chosen."""
        return self.rows[0]

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.scrub.text(self.row.name)

    @property
    def file_name(self) -> str:
        """The name of the data's file or sample, without folders."""
        told = self.store.fact(self.row.id, "origin")
        origin = str(told or self.experiment.data.path)
        return PurePath(origin.replace("\\", "/")).name


def source(
    store: Store,
    experiment_ids: Sequence[str],
    score: Score,
    baseline: str | None = None,
    only: Collection[str] | None = None,
) -> Source:
    """Read what a report of experiments needs; `only`: the runs that count, all by default.

    Raises `StoreError` if there is no such experiment or no run to tell of, `ExperimentError` if
    there is no strategy `baseline`. Data that can't be read any more leaves its sections saying so.
    """
    experiment = store.portable(experiment_ids[0])
    known = {one.id: one for one in store.experiments()}
    runs = tuple(
        run for one in experiment_ids for run in store.runs(one) if only is None or run.id in only
    )
    if not runs:
        raise StoreError("No run is chosen, so there is nothing to report. Choose some runs.")
    read = columns(score.cells, score.metric, score.units)
    reports = pd.concat([store.reports(one, read) for one in experiment_ids], ignore_index=True)
    reports = reports[reports["run_id"].isin([run.id for run in runs])]
    reference = _reference(runs, baseline)
    with store.database.read() as db:
        scrub = scrubber(db, store.directory)
    try:
        data, why = _data(store, experiment_ids[0]), ""
    except MaskLabError as error:
        data, why = None, scrub.text(str(error))
    return Source(
        store=store,
        rows=tuple(known[one] for one in experiment_ids),
        experiment=experiment,
        runs=runs,
        reports=reports,
        table=_table(store, experiment_ids, reports, runs, score, reference),
        score=score,
        baseline=reference,
        scrub=scrub,
        data=data,
        why_no_data=why,
    )


def _reference(runs: Sequence[RunRow], asked: str | None) -> str:
    labels = list(dict.fromkeys(run.strategy for run in runs))
    if asked is None:
        return labels[0]
    if asked not in labels:
        raise ExperimentError(
            f"There is no strategy {asked!r} to compare with; there are {', '.join(labels)}."
        )
    return asked


def _table(  # noqa: PLR0913, PLR0917 - what a summary is made of
    store: Store,
    experiment_ids: Sequence[str],
    reports: pd.DataFrame,
    runs: Sequence[RunRow],
    score: Score,
    baseline: str,
) -> pd.DataFrame:
    """Return the summary of strategies over all experiments."""
    return summary(
        reports, runs, cells=score.cells, metric=score.metric, units=score.units,
        baseline=baseline,
        whole_windows=any(store.sees_whole_windows(one) for one in experiment_ids),
    )  # fmt: skip


def naive_levels(source: Source) -> dict[str, tuple[float, int]]:
    """Return score and scored cells of each naive baseline; none on cells that they aren't scored on."""
    if source.score.cells != "common":
        return {}
    try:
        known = naive(source.store, source.row.id)
    except MaskLabError:
        return {}
    scores = levels(known, source.score.metric, source.score.units)
    return {
        name: (level, known[name][0].count)
        for name, level in scores.items()
        if math.isfinite(level)
    }


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
