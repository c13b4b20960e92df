"""Which score an export is about: cells, metric, units, and what its axis says."""

from __future__ import annotations

from dataclasses import dataclass

from masklab.compare.scores import WITHOUT_UNIT, Cells, Metric, Units


@dataclass(frozen=True)
class Score:
    """What is scored, and in what; `unit` is the data's own, empty where there is none."""

    cells: Cells = "common"
    metric: Metric = "rmse"
    units: Units = "scaled"
    unit: str = ""

    @property
    def name(self) -> str:
        """The metric as it is read: "RMSE"."""
        return self.metric.upper()

    @property
    def title(self) -> str:
        """The score for an axis, without its unit."""
        scaled = self.units == "scaled" and self.metric not in WITHOUT_UNIT
        return f"{self.name} (scaled)" if scaled else self.name

    @property
    def in_words(self) -> str:
        """The score with its unit, for the head of a column."""
        return f"{self.title} ({self.unit})" if self.unit else self.title
