"""`masklab cluster` as a process of a test, on a port of its own; its members end with it."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from masklab.runs.detached import environment
from masklab.runs.executors.dask import LOG_NAME, DaskExecutor
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from tests.runs.conftest import eventually, run_of

PATIENCE = 240.0
"""Seconds that a wait may take: a worker imports torch first, on a machine that does much else."""

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="the extra dask is not installed"
)


def until(store: Store, run_id: str, holds: Callable[[RunRow], object]) -> RunRow:
    return eventually(lambda: run_of(store, run_id), holds, PATIENCE)


def until_ended(store: Store, experiment_id: str) -> list[RunRow]:
    return eventually(
        lambda: store.runs(experiment_id),
        lambda runs: not any(run.is_open for run in runs),
        PATIENCE,
    )


def trains(run: RunRow) -> bool:
    return run.status == "running" and run.epoch >= 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A running `masklab cluster`: its process, and its members among the children of that."""

    def __init__(self, folder: Path, workers: int, port: int | None = None) -> None:
        self.port = port or free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        where = ("--port", str(self.port))
        with (folder / "cluster.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "masklab", "cluster", "--workers", str(workers), *where],
                env=environment(), stdout=log, stderr=log,
            )  # fmt: skip

    def executor(self, **settings: float) -> DaskExecutor:
        return DaskExecutor(scheduler=self.address, **settings)

    def member(self, *words: str) -> psutil.Process:
        """Return the living member whose command has these words."""

        def look() -> psutil.Process | None:
            for one in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if set(words) <= set(one.cmdline()):
                        return one
            return None

        found = eventually(look, seconds=PATIENCE)
        assert found is not None
        return found

    def worker_at(self, address: str) -> psutil.Process:
        """Return the worker that listens at an address."""
        port = int(address.rpartition(":")[2])
        for one in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                listens = [at for at in one.net_connections() if at.status == psutil.CONN_LISTEN]
                if port in {at.laddr.port for at in listens}:
                    return one
        raise LookupError(address)

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: int, port: int | None = None) -> Iterator[Cluster]:
    found = Cluster(folder, workers, port)
    try:
        eventually(found.answers, seconds=PATIENCE)
        yield found
    finally:
        found.close()


def head_log(store: Store) -> str:
    path = store.directory / LOG_NAME
    return path.read_text() if path.exists() else ""
