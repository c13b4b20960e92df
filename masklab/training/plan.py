"""What training asks of an experiment; `masklab.Experiment` is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from masklab.data.series import Panel
from masklab.masks.layers import MaskRecipe
from masklab.split import Split
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct, TrainingConfig


class Plan(Protocol):
    """Mask, split, task, strategies x seeds, network and training, whoever holds them."""

    @property
    def recipe(self) -> MaskRecipe:
        """The layers that hide cells."""

    @property
    def split(self) -> Split:
        """Which rows train, validate and test."""

    @property
    def task(self) -> Forecast | Reconstruct:
        """What is predicted from what."""

    @property
    def strategies(self) -> Sequence[Strategy]:
        """The strategies to compare; their labels differ."""

    @property
    def seeds(self) -> Sequence[int]:
        """The seeds that each strategy runs with."""

    @property
    def model(self) -> ModelConfig:
        """The network."""

    @property
    def training(self) -> TrainingConfig:
        """The optimisation."""

    def runs(self) -> list[tuple[Strategy, int]]:
        """Return each run's strategy and seed, in the order in which they should start."""

    def load_panel(self, base_dir: str | Path = ".") -> Panel:
        """Read the data."""
