"""The experiment: one frozen specification for page, YAML file, command line and Python call."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from masklab.catalogue import members, union
from masklab.data.read import ReadOptions
from masklab.masks.layers import MaskRecipe
from masklab.split import Split
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, ModelConfig, Task, TrainingConfig

STRATEGIES: dict[str, type[Strategy]] = members("masklab.strategies", Strategy)

AnyStrategy: Any = union(STRATEGIES)


class DataSource(BaseModel):
    """A file and how to read it. `path` may be `sample:NAME`; a relative one starts at the spec.

    `sha256` of the file's bytes names the data whatever its path; filled in by `Experiment.pinned`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1)
    reading: ReadOptions = ReadOptions()
    sha256: str | None = None


class Experiment(BaseModel):
    """Data, mask, split, task, strategies x seeds, network and training.

    Each strategy with each seed is one run; all are scored on the same common cells.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    name: str = Field(default="experiment", min_length=1, max_length=200)
    data: DataSource
    recipe: MaskRecipe = MaskRecipe()
    split: Split = Split()
    task: Task = Forecast()
    strategies: tuple[AnyStrategy, ...] = Field(min_length=1, max_length=50)
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1, max_length=1000)
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
