"""What the Compare page is about: experiments, their runs, those on screen, the score, the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from masklab.runs.rows import ExperimentRow, RunRow
from masklab.ui.score_choice import ScoreChoice


@dataclass(frozen=True)
class Context:
    """What every part of the page reads.

    `experiments`: the one that was chosen, then those that were added to it. `runs`: all of theirs
    that are not archived. `shown`: the ids of those on screen. `choice`: the score. `baseline`: the
    label of the strategy that the others are set against. `groups`: each run's group by its id, as the
    picture has them; `pairs`: equal numbers for runs that differ in nothing but it. `table`: the groups' summary, naive baselines below it, see
    `masklab.compare.table`. `against`: the row of it that differences are from.
    """

    experiments: tuple[ExperimentRow, ...]
    runs: tuple[RunRow, ...]
    shown: frozenset[str]
    choice: ScoreChoice
    baseline: str
    groups: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, int] = field(default_factory=dict)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    against: str = ""

    @property
    def experiment(self) -> ExperimentRow:
        """The experiment that was chosen."""
        return self.experiments[0]

    @property
    def names(self) -> dict[str, str]:
        """The experiments' names by their ids."""
        return {row.id: row.name for row in self.experiments}

    def on_screen(self) -> tuple[RunRow, ...]:
        """Return the runs on screen."""
        return tuple(run for run in self.runs if run.id in self.shown)

    @property
    def pinned(self) -> str:
        """What strategies are set against: the chosen naive baseline, else `baseline`."""
        naive = self.table.loc[self.table["kind"] == "naive", "strategy"] if len(self.table) else ()
        return self.against if self.against in set(naive) else self.baseline
