"""Train on a Dask cluster: a detached head sends the store's runs to it and writes what comes back."""

from __future__ import annotations

import importlib.util
import socket
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, ValidationError

from masklab.errors import MaskLabError, StoreError
from masklab.runs import detached
from masklab.runs.executors.executor import Executor
from masklab.runs.lock import is_held

if TYPE_CHECKING:
    from pathlib import Path

    from masklab.runs.store import Store

LOG_NAME = "dask.log"
MODULE = "masklab.runs.cluster.head"
NOT_INSTALLED = (
    "Dask is not installed here, and the Dask executor needs it. Install MaskLab's extra: "
    "pip install 'masklab[dask]'."
)

_LOOK = 2.0
_started: detached.Started = {}


class DaskExecutor(Executor):
    """Workers of a Dask cluster, on this machine or on many; each trains one run at a time."""

    title: ClassVar[str] = "Dask cluster"

    kind: Literal["dask"] = "dask"
    scheduler: str = Field(
        default="tcp://127.0.0.1:8786",
        pattern=r"^(tcp|tls)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$",
        max_length=300,
        title="Scheduler",
    )
    """Address of the cluster's scheduler, tcp:// or tls:// with its port. `masklab cluster` starts
    one on this machine. Whoever can reach a scheduler can run code on its workers."""
    idle_seconds: float = Field(default=300.0, ge=0)
    """The head ends when nothing has waited or trained for so long."""

    @classmethod
    def at(cls, scheduler: str) -> Self:
        """Return the executor of a scheduler; raise `MaskLabError` in words if that is no address."""
        try:
            return cls(scheduler=scheduler)
        except ValidationError:
            raise MaskLabError(
                f"{scheduler!r:.300} is no address of a Dask scheduler. Give it as tcp://HOST:PORT or "
                "tls://HOST:PORT; `masklab cluster` prints one."
            ) from None

    @property
    def host(self) -> str:
        """The scheduler's machine: a name, or an address without brackets."""
        return self.scheduler.partition("://")[2].rpartition(":")[0].strip("[]")

    def ensure(self, store: Store) -> None:
        """Start the store's head unless somebody looks after the store.

        Raises `StoreError` if Dask is missing, no scheduler answers, or the head can't be started or
        broke down. The runs stay in the queue.
        """
        directory = store.directory
        if is_held(directory):
            return
        if importlib.util.find_spec("distributed") is None:
            raise StoreError(NOT_INSTALLED)
        self._check_scheduler()
        detached.ensure(_started, directory, self._command(directory), self.idle_seconds)

    def _check_scheduler(self) -> None:
        port = int(self.scheduler.rpartition(":")[2])
        try:
            socket.create_connection((self.host, port), timeout=_LOOK).close()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StoreError(
                f"No Dask scheduler answers at {self.scheduler} ({reason}). Start one with "
                "`masklab cluster`, or correct the address. The runs stay in the queue."
            ) from error

    def _command(self, directory: Path) -> detached.Command:
        arguments = ["--store", str(directory), "--scheduler", self.scheduler]
        arguments += ["--idle", str(self.idle_seconds)]
        return detached.Command(MODULE, arguments, LOG_NAME)
