"""Stores with runs that were trained here, and archives with something changed in them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from masklab.runs import facts
from masklab.runs.archive.manifest import MANIFEST
from masklab.runs.course import follow
from masklab.runs.desk import StoreDesk
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from masklab.training.prepare import prepare
from masklab.training.report import EpochReport
from tests.runs.conftest import tiny

Members = dict[str, bytes]


class _Interrupted(Exception):  # noqa: N818
    pass


class _Desk(StoreDesk):
    """Lets a run come to an epoch, and no further."""

    until = 0

    def is_due(self, epoch: int) -> bool:
        return True

    def record(self, report: EpochReport, memory: int) -> None:
        if self.until and report.epoch > self.until:
            raise _Interrupted
        super().record(report, memory)


def train(store: Store, run_id: str, until: int = 0) -> None:
    """Train a waiting run in this process: to its end, or as if it was cut off after an epoch."""
    ledger = Ledger(store)
    claim = ledger.claim(run_id)
    assert claim is not None
    experiment = store.experiment(claim.experiment_id)
    prepared = prepare(experiment, experiment.load_panel())
    facts.keep(store, claim.experiment_id, prepared)
    strategy = next(one for one in experiment.strategies if one.label == claim.strategy)
    desk = _Desk(ledger, claim)
    desk.until = until
    with contextlib.suppress(_Interrupted):
        follow(prepared, experiment, strategy, claim.seed, desk, contextlib.nullcontext)
    if until:
        ledger.give_back(run_id, claim.process, "returned", "Cut off.")


def trained(store: Store, folder: Path, **changes) -> str:
    """Train every run of a tiny experiment; return its id."""
    identity = store.add_experiment(tiny(folder, **changes))
    for run in store.runs(identity):
        train(store, run.id)
    return identity


def numbers(store: Store, identity: str) -> pd.DataFrame:
    """Return the reports without what a clock told."""
    return store.reports(identity).drop(columns="seconds")


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def write(path: Path, content: Members, *, honest: bool = True, **manifest) -> Path:
    """Write an archive; `honest`: with a manifest that fits what is in it."""
    content = dict(content)
    told = json.loads(content.pop(MANIFEST))
    if honest:
        told["members"] = {
            name: {"bytes": len(one), "sha256": hashlib.sha256(one).hexdigest()}
            for name, one in content.items()
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in content.items():
            archive.writestr(name, one)
        archive.writestr(MANIFEST, json.dumps(told | manifest))
    return path


def changed(content: Members, table: str, change: Callable[[list[dict]], object]) -> Members:
    """Return members with the rows of a table changed in place."""
    rows = [json.loads(line) for line in content[f"{table}.jsonl"].splitlines()]
    change(rows)
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    return content | {f"{table}.jsonl": text.encode()}


def everything(folder: Path) -> dict[str, bytes | None]:
    """Return what lies in a folder, to see whether anything changed."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }
