"""The experiment: one frozen specification for page, YAML file, command line and Python call."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from masklab.catalogue import members, union
from masklab.data.options import ReadOptions
from masklab.data.samples import PREFIX, resolve_path, sample
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.masks.layers import MaskRecipe
from masklab.runs.document import load_document
from masklab.runs.identity import fingerprint
from masklab.runs.sentences import sentences
from masklab.runs.settled import read_and_settle, settled
from masklab.split import Split
from masklab.strategies.strategy import OWN_RECURRENCES, Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct, Task, TrainingConfig

STRATEGIES: dict[str, type[Strategy]] = members("masklab.strategies", Strategy)

AnyStrategy: Any = union(STRATEGIES)

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class DataSource(BaseModel):
    """A file and how to read it. `path` may be `sample:NAME`; a relative one starts at the spec.

    `sha256` of the file's bytes names the data whatever its path; filled in by `Experiment.pinned`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1)
    reading: ReadOptions = ReadOptions()
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    def located(self, base_dir: str | Path = ".") -> Path:
        """Return the file's absolute path; raise `ExperimentError` if there is no such file."""
        try:
            path = Path(resolve_path(self.path, base_dir)).absolute()
            found = path.is_file()
        except (OSError, RuntimeError) as error:  # a name too long, a user that is not known
            raise ExperimentError(
                f"data.path is {self.path[:200]!r}, which names no file ({error}). Correct the path."
            ) from error
        if not found:
            raise ExperimentError(
                f"data.path names {self.path!r}, but there is no file {path}. "
                "Correct the path; a relative one starts at the folder of the experiment's file."
            )
        return path

    def pinned(self, base_dir: str | Path = ".") -> DataSource:
        """Return the source with an absolute path, its reading settled, and the file's sha256.

        A settled reading has every guess filled in, so the file is read unless that was done
        before. Raises `ExperimentError` if the file is not the one that an earlier sha256 names.
        """
        path, digest = self._checked(base_dir)
        kept = self.path if self.path.startswith(PREFIX) else str(path)
        return DataSource(path=kept, reading=settled(path, digest, self.filled()), sha256=digest)

    def read(self, base_dir: str | Path = ".") -> Panel:
        """Read the file; raise `ExperimentError` or `ReadError` if that can't be done."""
        path, digest = self._checked(base_dir)
        return read_and_settle(path, digest, self.filled())

    def content(self, base_dir: str | Path = ".") -> str:
        """Return the sha256 of the file's bytes; raise `ExperimentError` as `pinned` does."""
        return self.sha256 or self._checked(base_dir)[1]

    def filled(self) -> ReadOptions:
        """Return the reading options; a sample's own stand where none were chosen."""
        chosen = {name: getattr(self.reading, name) for name in self.reading.model_fields_set}
        return self._unchosen().model_copy(update=chosen)

    def told(self) -> dict[str, Any]:
        """Return as JSON values the reading options that must be written down to be found again."""
        base = self._unchosen()
        names = {
            name
            for name in self.reading.model_fields_set
            if getattr(self.reading, name) != getattr(base, name)
        }
        return self.reading.model_dump(mode="json", include=names)

    def _unchosen(self) -> ReadOptions:
        return sample(self.path).reading if self.path.startswith(PREFIX) else ReadOptions()

    def _checked(self, base_dir: str | Path) -> tuple[Path, str]:
        path = self.located(base_dir)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ExperimentError(
                f"The file {path} can't be read: {error.strerror or error}."
            ) from error
        if self.sha256 not in {None, digest}:
            raise ExperimentError(
                f"The file {path} has changed since the experiment was made: its sha256 starts "
                f"with {digest[:12]}, not {str(self.sha256)[:12]}. Restore the file, or remove "
                "data.sha256 to make a new experiment of it."
            )
        return path, digest


class Experiment(BaseModel):
    """Data, mask, split, task, strategies x seeds, network and training.

    Each strategy with each seed is one run; all are scored on the same common cells. Unless
    `model.bidirectional` says otherwise, a reconstruction reads both ways and a forecast one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    name: str = Field(default="experiment", min_length=1, max_length=200)
    data: DataSource
    recipe: MaskRecipe = MaskRecipe()
    split: Split = Split()
    task: Task = Forecast()
    strategies: tuple[AnyStrategy, ...] = Field(min_length=1, max_length=50)
    seeds: tuple[Seed, ...] = Field(default=(0, 1, 2), min_length=1, max_length=1000)
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _check_runs(self) -> Self:
        labels = [strategy.label for strategy in self.strategies]
        for what, values in (("strategies", labels), ("seeds", list(self.seeds))):
            twice = sorted({str(value) for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"{what} names {', '.join(twice)} more than once. Remove one.")
        for strategy in self.strategies:
            if self.task.kind not in strategy.tasks:
                raise ValueError(
                    f"The strategy {strategy.label} can't {self.task.kind}; it serves "
                    f"{', '.join(strategy.tasks)}. Choose another strategy or task."
                )
        return self

    @model_validator(mode="after")
    def _check_calendar(self) -> Self:
        own = [one.label for one in self.strategies if one.recurrence in OWN_RECURRENCES]
        if self.model.calendar and own:
            raise ValueError(
                f"The strategies {', '.join(own)} can't read a calendar (model.calendar): their recurrence reads "
                "channels alone. Switch it off, or leave these strategies out."
            )
        return self

    @model_validator(mode="after")
    def _check_padding(self, info: ValidationInfo) -> Self:
        shortest, window = self.training.shortest, self.task.window
        # Where one was stored before anybody looked, nothing was padded, and its scores stand.
        if shortest is not None and shortest > window and not (info.context or {}).get("stored"):
            raise ValueError(
                f"the window has {window:,} steps and training.shortest (Pad from) is {shortest:,}: "
                "what is longer than a window needs no padding, so that nothing would be padded. "
                "Lower training.shortest to less than the window, or lengthen the window."
            )
        return self

    @model_validator(mode="after")
    def _read_both_ways_to_reconstruct(self) -> Self:
        # A hidden cell lies between its neighbours; only one that reads both ways sees both.
        said = "bidirectional" in self.model.model_fields_set
        if isinstance(self.task, Reconstruct) and not said:
            model = self.model.model_copy(update={"bidirectional": True})
            object.__setattr__(self, "model", model)
        return self

    def runs(self) -> list[tuple[Strategy, int]]:
        """Return each run's strategy and seed: all strategies of one seed before the next seed."""
        return [(strategy, seed) for seed in self.seeds for strategy in self.strategies]

    def pinned(self, base_dir: str | Path = ".") -> Experiment:
        """Return the experiment with its file located, its reading settled, and named by sha256.

        Raises `ExperimentError` if the file is missing or has changed.
        """
        return self.model_copy(update={"data": self.data.pinned(base_dir)})

    @property
    def hash(self) -> str:
        """Twelve hex digits that name the experiment by all that changes a number of it.

        Names, units, the path and what is switched off change none. See `runs.identity`.
        Raises `ExperimentError` unless the data is pinned.
        """
        if self.data.sha256 is None:
            raise ExperimentError(
                "The experiment has no hash before its data is known. Call pinned(folder) first."
            )
        return fingerprint(self)

    def load_panel(self, base_dir: str | Path = ".") -> Panel:
        """Read the data; raise `ExperimentError` or `ReadError` if that can't be done."""
        return self.data.read(base_dir)

    @classmethod
    def from_yaml(cls, text: str) -> Experiment:
        """Return the experiment of a YAML or JSON text; raise `ExperimentError` as one sentence."""
        return parse_experiment(text)

    def to_yaml(self) -> str:
        """Return the experiment as YAML, all settings written out; `from_yaml` gives it back."""
        content = self.model_dump(mode="json")
        content["data"]["reading"] = self.data.told()
        if self.data.sha256 is None:
            del content["data"]["sha256"]
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def parse_experiment(given: str | dict[str, Any], *, stored: bool = False) -> Experiment:
    """Return the experiment of a YAML or JSON text, or of settings already loaded.

    `stored`: it comes from a store, and may hold settings without effect that are refused today.
    Raises `ExperimentError` in sentences: which setting, what arrived, what it should be.
    """
    content = load_document(given) if isinstance(given, str) else given
    try:
        return Experiment.model_validate(content, context={"stored": stored})
    except ValidationError as error:
        raise ExperimentError(sentences(error, content, Experiment)) from None
