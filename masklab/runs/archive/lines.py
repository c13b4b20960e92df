"""The rows of an archive, a JSON object a line: what each may hold, and nothing else.

Ids, paths and kinds are held to patterns and numbers to bounds, for an archive may come from
anyone. A float that JSON can't hold is written as text, "inf" or "-inf"; NaN is null, as in a store.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from masklab.runs.schema import SCORE_COLUMNS, SETS_OF_4
from masklab.training.report import Scores

_LARGEST = 2**62
_YEAR_5000 = 1e11

ExperimentId = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
RunId = Annotated[str, Field(pattern="^[0-9a-f]{12}-[0-9]{4,5}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]
Time = Annotated[float, Field(ge=0, le=_YEAR_5000)]
Real = float | Literal["inf", "-inf"]
Text = Annotated[str, Field(max_length=1_000_000)]
Word = Annotated[str, Field(max_length=1000)]

KINDS = {
    "checkpoint": ".safetensors",
    "weights": ".safetensors",
    "predictions": ".safetensors",
    "mask": ".safetensors",
    "spec": ".yaml",
}
"""Kinds of artifacts that travel, and what their names end with."""


class Line(BaseModel):
    """One row of a table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def row(self) -> dict[str, Any]:
        """Return the values as a store keeps them."""
        found = self.model_dump()
        for name, one in found.items():
            if one in ("inf", "-inf") and _is_real(type(self), name):
                found[name] = float(one)
        return found


class ExperimentLine(Line):
    """An experiment; `spec` is JSON, and names its data by a path below `data`."""

    id: ExperimentId
    name: Annotated[str, Field(min_length=1, max_length=200)]
    spec: Annotated[str, Field(max_length=50_000_000)]
    created: Time


class RunLine(Line):
    """A run, without what belongs to one machine: process, host, turn in the queue.

    One that was to go on is paused, so that nothing starts by itself where it arrives.
    """

    id: RunId
    experiment_id: ExperimentId
    position: Annotated[int, Field(ge=0, lt=100_000)]
    strategy: Word
    strategy_json: Text
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    status: Literal["paused", "finished", "stopped", "failed"]
    epoch: Count
    epochs: Count
    best_score: Real | None
    seconds: Annotated[float, Field(ge=0)]
    message: Text
    created: Time
    started: Time | None
    ended: Time | None
    rung: Count
    resumed_from: Count
    device: Word
    memory: Count | None
    environment: dict[Word, Word]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.id != f"{self.experiment_id}-{self.position:04d}":
            raise ValueError("id should be made of experiment_id and position")
        if (self.status == "paused") != (self.ended is None):
            raise ValueError(f"ended is {self.ended} of a run that is {self.status}")
        return self

    def row(self) -> dict[str, Any]:
        """Return the values as a store keeps them."""
        return super().row() | {"environment": json.dumps(self.environment)}


def _score(name: str) -> Any:
    """Return the type of a score; with what stands for it where an archive is older than it."""
    kind, unknown = (Count, 0) if name.endswith("_count") else (Real | None, None)
    return (kind, unknown) if name.startswith(SETS_OF_4) else kind


class OneReport(Line):
    """An epoch; the scores follow by name."""

    run_id: RunId
    epoch: Annotated[int, Field(ge=1, le=_LARGEST)]
    training_loss: Real | None
    learning_rate: Real
    seconds: Annotated[float, Field(ge=0)]
    is_best: Literal[0, 1]


_SCORES: dict[str, Any] = {name: _score(name) for name in SCORE_COLUMNS}
ReportLine: type[OneReport] = create_model("ReportLine", __base__=OneReport, **_SCORES)


class EventLine(Line):
    """An entry of the event log."""

    time: Time
    experiment_id: ExperimentId
    run_id: RunId | None
    kind: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9 _:-]{0,59}$")]
    text: Text


_FACTS: dict[str, Any] = {
    "naive": dict[str, tuple[Scores, Scores]],
    "notes": list[str],
    "origin": Annotated[str, Field(min_length=1, max_length=1000)],
}


class FactLine(Line):
    """Something worked out about an experiment; `value` is JSON. Paces of a machine don't travel."""

    experiment_id: ExperimentId
    name: Literal["naive", "notes", "origin"]
    value: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        _adapter(self.name).validate_python(_loaded(self.value))
        return self


class ParameterLine(Line):
    """A setting of a run; `value` is JSON."""

    run_id: RunId
    name: Word
    value: Text

    @field_validator("value")
    @classmethod
    def _check(cls, value: str) -> str:
        _loaded(value)
        return value


class TagLine(Line):
    """A tag of an experiment, or of one of its runs."""

    experiment_id: ExperimentId
    run_id: RunId | None
    tag: Word


class ArtifactLine(Line):
    """A file of a run or of its experiment; `path` is its name in the archive and in the store."""

    experiment_id: ExperimentId
    run_id: RunId | None
    kind: Literal["checkpoint", "weights", "predictions", "mask", "spec"]
    epoch: Count | None
    path: Annotated[str, Field(pattern=r"^[a-z0-9./-]{1,200}$")]
    sha256: Sha256
    bytes: Count
    created: Time

    @model_validator(mode="after")
    def _check(self) -> Self:
        owners = [self.experiment_id, *([self.run_id] if self.run_id else [])]
        start, ending = "/".join(["artifacts", *owners, self.kind]), KINDS[self.kind]
        middle = self.path.removeprefix(start).removesuffix(ending)
        if self.path != f"{start}{middle}{ending}" or "/" in middle or "." in middle:
            raise ValueError("path should be made of experiment, run and kind")
        return self


LINES: dict[str, type[Line]] = {
    "experiments": ExperimentLine,
    "runs": RunLine,
    "reports": ReportLine,
    "events": EventLine,
    "facts": FactLine,
    "parameters": ParameterLine,
    "tags": TagLine,
    "artifacts": ArtifactLine,
}
"""The tables that travel, those that others refer to before them."""


def in_words(error: ValidationError) -> str:
    """Return what is wrong with a line first: "epoch: Input should be a valid integer"."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(one)[:60] for one in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def real(value: float | None) -> Real | None:
    """Return a float of a store as a line holds it."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value


@cache
def _is_real(line: type[Line], name: str) -> bool:
    return line.model_fields[name].annotation in (Real, Real | None)


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_FACTS[name])


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"value is no JSON ({type(error).__name__})") from None
