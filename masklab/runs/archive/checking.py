"""Check the rows of an archive against each other, its files and the specifications' hashes."""

from __future__ import annotations

import io
import json
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import IO, Protocol

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
from masklab.runs.archive.manifest import TABLES, Member, member_of
from masklab.runs.archive.zipped import ArchiveError, Zipped
from masklab.runs.files import safe_name
from masklab.runs.spec import Experiment, parse_experiment

_LONGEST_LINE = 64_000_000
_LONGEST_SPEC = 5_000_000


class Files(Protocol):
    """Where the files lie that rows name: an archive, or the folder of a store."""

    def member(self, name: str) -> Member | None:
        """Return size and SHA-256 of a file; None if there is none of that name."""

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Lend a file to read from."""

    def read(self, name: str, most: int) -> bytes:
        """Return a file's bytes; raise `StoreError` if it has more than `most`."""


@dataclass(frozen=True, eq=False)
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
                    raise ArchiveError(
                        f"{name}, line {number} is longer than {_LONGEST_LINE:,} bytes"
                    )
                try:
                    yield model.model_validate_json(line)
                except ValidationError as error:
                    raise ArchiveError(f"{name}, line {number}: {in_words(error)}") from None


def checked(archive: Zipped) -> Checked:
    """Return an archive's content; raise `StoreError` unless all of it holds together."""
    absent = [name for name in TABLES if name not in archive.manifest.members]
    if absent:
        raise ArchiveError(f"it has no {absent[0]}")
    found, check = Checked(archive), Check(archive)
    for table in LINES:
        for line in found.lines(table):
            check.look(line)
    named = {*TABLES, *check.data.values(), *(one.path for one in check.artifacts)}
    for name in sorted(archive.manifest.members.keys() - named):
        raise ArchiveError(f"nothing in it names its member {name!a}")
    return replace(
        found,
        experiments=check.experiments,
        runs=check.runs,
        artifacts=check.artifacts,
        data=check.data,
    )


class Check:
    """One look at rows, table by table: what was found good is kept, for later ones refer to it."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.specs: dict[str, Experiment] = {}
        self.experiments: dict[str, ExperimentLine] = {}
        self.runs: dict[str, RunLine] = {}
        self.artifacts: list[ArtifactLine] = []
        self.data: dict[str, str] = {}
        self._seen: set[Hashable] = set()
        self._epochs: dict[str, int] = {}

    def look(self, line: Line) -> None:
        """Raise `ArchiveError` unless a row fits those before it, and its files are what it says."""
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
            raise ArchiveError(f"it holds a {' '.join(map(str, key))[:120]!a} twice")
        self._seen.add(key)

    def _owned(self, experiment_id: str, run_id: str | None) -> None:
        if experiment_id not in self.experiments:
            raise ArchiveError(
                f"it has rows of an experiment {experiment_id}, and not the experiment"
            )
        if run_id is not None and (run_id not in self.runs or not run_id.startswith(experiment_id)):
            raise ArchiveError(f"it has rows of a run {run_id}, and not the run")

    def _experiment(self, line: ExperimentLine) -> None:
        self._once("experiment", line.id)
        spec = _parsed(line)
        path, digest = PurePosixPath(spec.data.path), spec.data.sha256
        plain = path.parts == ("data", digest, safe_name(path.name)) and str(path) == spec.data.path
        member = self._files.member(str(path))
        if not plain or member is None or member.sha256 != digest:
            raise ArchiveError(f"the data file of the experiment {line.id} is missing or damaged")
        if spec.hash != line.id:
            raise ArchiveError(f"the experiment {line.id} has the hash {spec.hash}")
        self.specs[line.id], self.experiments[line.id] = spec, line
        self.data[line.id] = str(path)

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
            raise ArchiveError(f"the run {line.id} is none of its experiment's")
        self.runs[line.id] = line

    def _report(self, line: OneReport) -> None:
        self._owned(line.run_id[:12], line.run_id)
        if not self._epochs.get(line.run_id, 0) < line.epoch <= self.runs[line.run_id].epoch:
            raise ArchiveError(
                f"epoch {line.epoch} of the run {line.run_id} is there twice, out of order, or "
                "beyond the run's last one"
            )
        self._epochs[line.run_id] = line.epoch

    def _artifact(self, line: ArtifactLine) -> None:
        member = self._files.member(line.path)
        if member is None or (member.sha256, member.bytes) != (line.sha256, line.bytes):
            raise ArchiveError(f"the file {line.path} is missing, or not as its row says")
        if line.kind == "spec":
            text = self._files.read(line.path, _LONGEST_SPEC)
            if not _is_of(self.specs[line.experiment_id], text):
                raise ArchiveError(f"the file {line.path} is of another experiment, or of none")
        else:
            with self._files.open(line.path) as file:
                wrong = tensors.fault(file, line.bytes)
            if wrong:
                raise ArchiveError(f"the file {line.path} is no safetensors: {wrong}")
        self.artifacts.append(line)


def _parsed(line: ExperimentLine) -> Experiment:
    try:
        content = json.loads(line.spec)
        if not isinstance(content, dict):
            raise ExperimentError("A specification is a group of settings.")
        spec = parse_experiment(content, stored=True)
    except (ExperimentError, ValueError, RecursionError) as error:
        raise ArchiveError(
            f"the experiment {line.id} can't be used by this version of MaskLab "
            f"({str(error)[:300]}). Update MaskLab, if a newer one wrote it"
        ) from None
    if spec.data.sha256 is None:
        raise ArchiveError(f"the experiment {line.id} doesn't say which data it is of")
    return spec


def _is_of(experiment: Experiment, text: bytes) -> bool:
    """Whether a YAML text is of an experiment; how its file is read may be left for it to find."""
    try:
        spec = parse_experiment(text.decode(), stored=True)
    except (ExperimentError, UnicodeDecodeError):
        return False
    same = spec.model_copy(update={"data": experiment.data})
    return spec.data.sha256 == experiment.data.sha256 and same.hash == experiment.hash
