"""Check the rows of an archive against each other, its files and the specifications' hashes."""

from __future__ import annotations

import io
import json
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pydantic import ValidationError

from masklab.errors import ExperimentError
from masklab.runs.archive import tensors
from masklab.runs.archive.lines import (
    LINES,
    ArtifactLine,
    EventLine,
    ExperimentLine,
    FactLine,
    Line,
    OneReport,
    ParameterLine,
    RunLine,
    TagLine,
    in_words,
)
from masklab.runs.archive.manifest import TABLES, member_of
from masklab.runs.archive.zipped import Zipped, refusal
from masklab.runs.files import safe_name
from masklab.runs.spec import Experiment, parse_experiment

_LONGEST_LINE = 64_000_000
_LONGEST_SPEC = 5_000_000


@dataclass
class Checked:
    """An archive whose every row and file was looked at. `data`: path of each experiment's data."""

    archive: Zipped
    experiments: dict[str, ExperimentLine] = field(default_factory=dict)
    runs: dict[str, RunLine] = field(default_factory=dict)
    artifacts: list[ArtifactLine] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)

    def lines(self, table: str) -> Iterator[Line]:
        """Return the lines of a table one by one; raise `StoreError` at one that won't do."""
        name, model = member_of(table), LINES[table]
        with self.archive.open(name) as file, io.BufferedReader(file) as text:  # type: ignore[type-var]
            number = 0
            while line := text.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise refusal(f"{name}, line {number} is longer than {_LONGEST_LINE:,} bytes")
                try:
                    yield model.model_validate_json(line)
                except ValidationError as error:
                    raise refusal(f"{name}, line {number}: {in_words(error)}") from None


def checked(archive: Zipped) -> Checked:
    """Return an archive's content; raise `StoreError` unless all of it holds together."""
    absent = [name for name in TABLES if name not in archive.manifest.members]
    if absent:
        raise refusal(f"it has no {absent[0]}")
    return _Check(archive).whole()


class _Check:
    """One look at an archive, table by table."""

    def __init__(self, archive: Zipped) -> None:
        self.archive, self.found = archive, Checked(archive)
        self.specs: dict[str, Experiment] = {}
        self._seen: set[Hashable] = set()
        self._epochs: dict[str, int] = {}

    def whole(self) -> Checked:
        for table in LINES:
            for line in self.found.lines(table):
                self._look(line)
        named = {*TABLES, *self.found.data.values(), *(one.path for one in self.found.artifacts)}
        for name in sorted(self.archive.manifest.members.keys() - named):
            raise refusal(f"nothing in it names its member {ascii(name)}")
        return self.found

    def _look(self, line: Line) -> None:
        match line:
            case ExperimentLine():
                self._experiment(line)
            case RunLine():
                self._run(line)
            case OneReport():
                self._report(line)
            case ArtifactLine():
                self._owned(line.experiment_id, line.run_id)
                self._once("artifact", line.path)
                self._artifact(line)
            case EventLine():
                self._owned(line.experiment_id, line.run_id)
            case FactLine():
                self._owned(line.experiment_id, None)
                self._once("fact", line.experiment_id, line.name)
            case ParameterLine():
                self._owned(line.run_id[:12], line.run_id)
                self._once("parameter", line.run_id, line.name)
            case TagLine():
                self._owned(line.experiment_id, line.run_id)
                self._once("tag", line.experiment_id, line.run_id, line.tag)

    def _once(self, *key: Hashable) -> None:
        if key in self._seen:
            raise refusal(f"it holds a {' '.join(map(str, key))[:120]!a} twice")
        self._seen.add(key)

    def _owned(self, experiment_id: str, run_id: str | None) -> None:
        if experiment_id not in self.found.experiments:
            raise refusal(f"it has rows of an experiment {experiment_id}, and not the experiment")
        if run_id is not None and (
            run_id not in self.found.runs or not run_id.startswith(experiment_id)
        ):
            raise refusal(f"it has rows of a run {run_id}, and not the run")

    def _experiment(self, line: ExperimentLine) -> None:
        self._once("experiment", line.id)
        spec = _parsed(line)
        path, digest = PurePosixPath(spec.data.path), spec.data.sha256
        plain = path.parts == ("data", digest, safe_name(path.name)) and str(path) == spec.data.path
        member = self.archive.manifest.members.get(str(path))
        if not plain or member is None or member.sha256 != digest:
            raise refusal(f"the data of the experiment {line.id} are not in it")
        if spec.hash != line.id:
            raise refusal(f"the experiment {line.id} has the hash {spec.hash}")
        self.specs[line.id], self.found.experiments[line.id] = spec, line
        self.found.data[line.id] = str(path)

    def _run(self, line: RunLine) -> None:
        self._owned(line.experiment_id, None)
        self._once("run", line.id)
        runs = self.specs[line.experiment_id].runs()
        strategy, seed = runs[line.position] if line.position < len(runs) else (None, None)
        try:
            same = strategy is not None and strategy == type(strategy).model_validate_json(
                line.strategy_json
            )
        except ValidationError:
            same = False
        if strategy is None or not same or (strategy.label, seed) != (line.strategy, line.seed):
            raise refusal(f"the run {line.id} is none of its experiment's")
        self.found.runs[line.id] = line

    def _report(self, line: OneReport) -> None:
        self._owned(line.run_id[:12], line.run_id)
        if not self._epochs.get(line.run_id, 0) < line.epoch <= self.found.runs[line.run_id].epoch:
            raise refusal(
                f"epoch {line.epoch} of the run {line.run_id} is there twice, out of order, or "
                "beyond the run's last one"
            )
        self._epochs[line.run_id] = line.epoch

    def _artifact(self, line: ArtifactLine) -> None:
        member = self.archive.manifest.members.get(line.path)
        if member is None or (member.sha256, member.bytes) != (line.sha256, line.bytes):
            raise refusal(f"the file {line.path} is not in it as its row says")
        if line.kind == "spec":
            text = self.archive.read(line.path, _LONGEST_SPEC)
            if _hash(text) != line.experiment_id:
                raise refusal(f"the file {line.path} is of another experiment, or of none")
        else:
            with self.archive.open(line.path) as file:
                wrong = tensors.fault(file, line.bytes)
            if wrong:
                raise refusal(f"the file {line.path} is no safetensors: {wrong}")
        self.found.artifacts.append(line)


def _parsed(line: ExperimentLine) -> Experiment:
    try:
        content = json.loads(line.spec)
        if not isinstance(content, dict):
            raise ExperimentError("A specification is a group of settings.")
        spec = parse_experiment(content, stored=True)
    except (ExperimentError, ValueError, RecursionError) as error:
        raise refusal(
            f"the experiment {line.id} can't be used by this version of MaskLab "
            f"({str(error)[:300]}). Update MaskLab, if a newer one wrote it"
        ) from None
    if spec.name != line.name or spec.data.sha256 is None:
        raise refusal(f"the experiment {line.id} contradicts its specification")
    return spec


def _hash(text: bytes) -> str:
    try:
        spec = parse_experiment(text.decode(), stored=True)
        return spec.hash
    except (ExperimentError, UnicodeDecodeError):
        return ""
