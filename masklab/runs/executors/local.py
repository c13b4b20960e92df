"""Train on this machine: a detached supervisor that outlives the app, one for each store."""

from __future__ import annotations

from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.runs import detached
from masklab.runs.executors.executor import Executor
from masklab.runs.lock import is_held

if TYPE_CHECKING:
    from masklab.runs.store import Store

LOG_NAME = "supervisor.log"

_started: detached.Started = {}


class LocalExecutor(Executor):
    """Worker processes on this machine, one thread each."""

    title: ClassVar[str] = "This machine"

    kind: Literal["local"] = "local"
    slots: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        title="Runs at once",
        json_schema_extra={"empty": "one for each core"},
    )
    """How many runs train side by side; None: one for each core."""
    idle_seconds: float = Field(default=300.0, ge=0)
    """The supervisor ends when nothing has waited or trained for so long."""

    def ensure(self, store: Store) -> None:
        """Start the store's supervisor unless it lives.

        Raises `StoreError` if it can't be started, or the one started before broke down.
        """
        directory = store.directory
        if is_held(directory):
            return
        detached.ensure(_started, directory, self._command(directory), self.idle_seconds)

    @staticmethod
    def environment() -> dict[str, str]:
        """Return the variables of a process that imports this masklab from any folder."""
        return detached.environment()

    def _start(self, directory: Path) -> Popen[bytes]:
        return detached.start(directory, self._command(directory))

    def _command(self, directory: Path) -> detached.Command:
        arguments = ["--store", str(directory), "--idle", str(self.idle_seconds)]
        arguments += [] if self.slots is None else ["--slots", str(self.slots)]
        return detached.Command("masklab.runs.supervisor", arguments, LOG_NAME)
