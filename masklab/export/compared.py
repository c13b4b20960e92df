"""What an export tells of: the runs of some experiments, their epochs, and strategies compared."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from masklab.compare.baselines import LOOKING_AHEAD, levels, naive
from masklab.compare.comparable import differences_that_matter
from masklab.compare.scores import best_epochs, columns, curves, summary
from masklab.compare.seeds import SeedScores, seed_scores
from masklab.compare.statistics import Difference, differences
from masklab.compare.table import grouped
from masklab.compare.verdict import answer
from masklab.errors import ExperimentError, MaskLabError, StoreError
from masklab.export.score import Score
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.runs.store import Store


@dataclass(frozen=True, eq=False)
class Compared:
    """Runs of one or several experiments, scored in one way.

    `rows`: the experiments, the chosen one first. `reports`: every epoch, with what `score` reads.
    `baseline`: the label of the strategy, or group, that differences are from. `groups`: each run's
    group by its id, where runs are grouped by more or other than their strategy; `pairs`: equal numbers
    for runs that differ in nothing but their group.
    """

    store: Store
    rows: tuple[ExperimentRow, ...]
    runs: tuple[RunRow, ...]
    reports: pd.DataFrame
    score: Score
    baseline: str
    groups: Mapping[str, str] | None = None
    pairs: Mapping[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """The strategies, or groups, in the order of their runs."""
        return tuple(dict.fromkeys(self.label(run) for run in self.runs))

    def label(self, run: RunRow) -> str:
        """Return the strategy of a run, or its group."""
        return run.strategy if self.groups is None else self.groups[run.id]

    @property
    def row(self) -> ExperimentRow:
        """The experiment that was chosen."""
        return self.rows[0]

    @property
    def finished(self) -> pd.DataFrame:
        """The epochs of finished runs."""
        ended = [run.id for run in self.runs if run.status == "finished"]
        return self.reports[self.reports["run_id"].isin(ended)]

    def curves(self) -> pd.DataFrame:
        """Return each strategy's curve over its finished runs, see `masklab.compare.scores`."""
        score = self.score
        return curves(self.finished, score.cells, score.metric, score.units)

    def table(self) -> pd.DataFrame:
        """Return one row a strategy, see `masklab.compare.scores.summary`."""
        whole = any(self.store.sees_whole_windows(row.id) for row in self.rows)
        how: Any = {**self._asked, "baseline": self.baseline, "whole_windows": whole}
        if self.groups is None:
            return summary(self.reports, self.runs, **how)
        return grouped(self.reports, self.runs, self.groups, self.pairs, **how)

    @property
    def _asked(self) -> dict[str, Any]:
        score = self.score
        return {"cells": score.cells, "metric": score.metric, "units": score.units}

    def whole_table(self) -> pd.DataFrame:
        """Return the table with a first column `kind`, and naive baselines below."""
        found = self.table()
        found.insert(0, "kind", "strategy")
        below = [
            {
                "kind": "naive",
                "strategy": name,
                "causal": name not in LOOKING_AHEAD,
                "mean": level,
                "scored": count,
            }
            for name, (level, count) in self.naive().items()
        ]
        rows = pd.DataFrame(below).reindex(columns=found.columns)
        counts = {"n": "Int64", "runs": "Int64", "difference_n": "Int64", "scored": "int64"}
        return pd.concat([found, rows], ignore_index=True).astype(counts) if below else found

    @cached_property
    def seeds(self) -> SeedScores:
        """The scores by strategy and seed, see `masklab.compare.seeds`."""
        ids = [row.id for row in self.rows]
        if self.groups is None:
            return seed_scores(self.store, ids, runs=self.runs, **self._asked)
        found = best_epochs(self.finished, **self._asked)
        numbers = found["run_id"].astype("str").map(dict(self.pairs))
        columns_ = ["strategy", "seed", "score", "scored", "run_id"]
        return SeedScores(found.assign(seed=numbers)[columns_], tuple(ids), ())

    def differences(self) -> dict[str, Difference]:
        """Return each strategy's difference from the baseline; none where it has no score."""
        scores = self.seeds.scores
        if self.baseline not in set(scores.dropna(subset="score")["strategy"]):
            return {}
        return {one.strategy: one for one in differences(scores, self.baseline) if one.n}

    def sentence(self) -> str:
        """Return what the comparison tells in plain words, as Markdown."""
        score = self.score
        return answer(
            self.whole_table(),
            score.name,
            score.unit,
            score.cells,
            self.seeds.scores,
            self.baseline,
        ).whole

    def warnings(self) -> list[str]:
        """Return a sentence for each thing that keeps the experiments apart."""
        return differences_that_matter(self.store, [row.id for row in self.rows])

    def naive(self) -> dict[str, tuple[float, int]]:
        """Return score and scored cells of each naive baseline; none on cells it isn't scored on."""
        if self.score.cells != "common":
            return {}
        try:
            known = naive(self.store, self.row.id)
        except MaskLabError:  # the data can't be read: what is drawn does without
            return {}
        scores = levels(known, self.score.metric, self.score.units)
        return {
            name: (level, known[name][0].count)
            for name, level in scores.items()
            if math.isfinite(level)
        }


def compared(  # noqa: PLR0913, PLR0917 - whose runs, which of them, scored and grouped how
    store: Store,
    experiment_ids: Sequence[str],
    score: Score | None = None,
    baseline: str | None = None,
    only: Collection[str] | None = None,
    groups: Mapping[str, str] | None = None,
    pairs: Mapping[str, int] | None = None,
) -> Compared:
    """Read the runs of experiments; `only`: the ids of those that count, all by default.

    `groups`, `pairs`: see `Compared`.

    Raises `StoreError` if there is no such experiment, or no run to tell of; `ExperimentError` if
    none of them has the strategy `baseline`, the first by default.
    """
    score = score or Score()
    known = {one.id: one for one in store.experiments()}
    for one in experiment_ids:
        if one not in known:
            raise StoreError(f"There is no experiment {one!r} in the store {store.directory}.")
    runs = tuple(
        run for one in experiment_ids for run in store.runs(one) if only is None or run.id in only
    )
    if not runs:
        raise StoreError("No run is chosen, so there is nothing to export. Choose some runs.")
    if groups is not None and all(groups[run.id] == run.strategy for run in runs):
        groups = None
    labels = list(dict.fromkeys(run.strategy if groups is None else groups[run.id] for run in runs))
    if baseline is not None and baseline not in labels:
        raise ExperimentError(
            f"There is no strategy {baseline!r} to compare with; there are {', '.join(labels)}."
        )
    read = columns(score.cells, score.metric, score.units)
    reports = pd.concat([store.reports(one, read) for one in experiment_ids], ignore_index=True)
    reports = reports[reports["run_id"].isin([run.id for run in runs])]
    if groups is not None:
        reports = reports.assign(strategy=reports["run_id"].astype("str").map(dict(groups)))
    return Compared(
        store=store,
        rows=tuple(known[one] for one in experiment_ids),
        runs=runs,
        reports=reports,
        score=score,
        baseline=baseline or labels[0],
        groups=groups,
        pairs=pairs or {run.id: place for place, run in enumerate(runs)},  # none alike
    )
