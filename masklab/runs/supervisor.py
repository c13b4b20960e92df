"""Look after a store's runs from a detached process: start workers, bury the dead, then go.

`python -m masklab.runs.supervisor --store DIR`. One supervisor at a time looks after a store. Its
workers outlive it: the next one finds them by the process named in each run's row. After an update
of MaskLab it starts itself anew before it starts a worker, so that specifications and code agree.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from masklab.errors import StoreError
from masklab.runs import capacity, halving, logs
from masklab.runs.code_state import code_state
from masklab.runs.database import FILE_NAME
from masklab.runs.executing import replaced
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.keeper import keep
from masklab.runs.ledger import Ledger, Running, Waiting
from masklab.runs.probe import FACT as PROBED
from masklab.runs.probe import probe
from masklab.runs.processes import is_alive
from masklab.runs.store import Store
from masklab.runs.timing import slots as default_slots
from masklab.runs.worker import work

_TICK = 0.2
_AFTER_ERROR = 2.0
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

# A process just started has not taken its memory yet: so long it is counted as if it had.
_GROWING = 10.0


@dataclass(frozen=True, eq=False)
class Child:
    """A worker process of ours, the run that it was started for, its GPU if it has one, and when."""

    process: ForkServerProcess
    run: Waiting
    gpu: str | None
    since: float


class Supervisor:
    """Keeps `slots` workers busy while runs wait; all it knows of them is in the store."""

    def __init__(self, store: Store, slots: int, idle_seconds: float) -> None:
        self.store = store
        self.ledger = Ledger(store)
        self.slots = slots
        self.idle_seconds = idle_seconds
        self.children: dict[str, Child] = {}
        self.probes: dict[str, ForkServerProcess] = {}
        self.is_outdated = self.is_replaced = False
        self._code = code_state()
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["masklab.runs.preloaded"])

    def serve(self) -> None:
        """Work until nothing has waited or trained for `idle_seconds`, or the store is gone.

        Returns early, its workers training on, when runs wait and MaskLab's code has changed, or
        another executor was chosen.
        """
        forkserver.ensure_running()
        busy_at = time.monotonic()
        while (self.store.directory / FILE_NAME).exists():
            try:
                self.is_replaced = replaced(self.store, LocalExecutor())
                if self.is_replaced:
                    return
                if self.tick():
                    busy_at = time.monotonic()
            except StoreError as error:  # locked or full for a while: runs go on, and so do we
                logs.say(str(error))
                time.sleep(_AFTER_ERROR)
            if self.is_outdated or time.monotonic() - busy_at > self.idle_seconds:
                return
            connection.wait([child.process.sentinel for child in self.children.values()], _TICK)

    def tick(self) -> bool:
        """Bury workers that died, start runs in free slots; return whether any run is open."""
        self._reap_children()
        halving.decide(self.store)
        running = self._living()
        busy = {run.run_id for run in running} | set(self.children)
        slots = self._slots_now()
        waiting = self.ledger.waiting(slots + len(busy) + len(capacity.gpus()))
        room = Room(slots, running, list(self.children.values()), len(self.probes))
        for run in waiting:
            if run.run_id in busy:
                continue
            gpu = room.gpu_for(run)
            if not room.fits(run, gpu):
                break  # the next one must not overtake it
            self.is_outdated = code_state() != self._code
            if self.is_outdated:
                break
            if not gpu and self._probe_first(run, room):
                continue
            self._launch(run, gpu)
            room.take(run, gpu)
        return bool(busy or waiting)

    def _slots_now(self) -> int:
        """Return how many runs train at once: what the store's setting says by now, if it is set."""
        known = self.store.setting("executor")
        if not isinstance(known, dict) or "slots" not in known:
            return self.slots
        return known["slots"] or default_slots()

    def has_work(self) -> bool:
        """Whether a run waits; False where the store can't tell."""
        try:
            return bool(self.ledger.waiting(1))
        except StoreError:
            return False

    def _probe_first(self, run: Waiting, room: Room) -> bool:
        """Start the probe of an experiment that was not tried yet, in the slot of its first run."""
        experiment_id = run.experiment_id
        if experiment_id in self.probes or self.store.fact(experiment_id, PROBED) is not None:
            return False
        process = self._context.Process(
            target=probe, args=(str(self.store.directory), experiment_id)
        )
        try:
            process.start()
        except (OSError, EOFError):
            return False  # the run is started instead, and says why it can't be
        self.probes[experiment_id] = process
        room.probes += 1
        return True

    def _launch(self, run: Waiting, gpu: str | None) -> None:
        process = self._context.Process(
            target=work, args=(str(self.store.directory), run.run_id, gpu)
        )
        try:
            process.start()
        except (OSError, EOFError) as error:
            self.ledger.refuse(run, f"No worker process could be started ({error!r}).")
            return
        self.children[run.run_id] = Child(process, run, gpu, time.monotonic())

    def _reap_children(self) -> None:
        for experiment_id, process in list(self.probes.items()):
            if process.exitcode is not None:
                if process.exitcode != 0:  # never tried again: the runs tell what is wrong
                    self.store.set_fact(experiment_id, PROBED, {})
                del self.probes[experiment_id]
                process.close()
        for run_id, child in list(self.children.items()):
            code = child.process.exitcode
            if code is None:
                continue
            for run in self.ledger.running():
                if run.run_id == run_id and run.pid == child.process.pid:
                    self._bury(run, code)
            if code != 0:
                self.ledger.refuse(child.run, f"The worker process {_cause(code)} at its start.")
            del self.children[run_id]
            child.process.close()

    def _living(self) -> list[Running]:
        """Return the runs whose worker lives, whoever started it; bury the others.

        A child of ours that died is left to `_reap_children`, which learns how.
        """
        ours = {child.process.pid for child in self.children.values()}
        living = []
        for run in self.ledger.running():
            if run.pid in ours or is_alive(run.pid, run.process):
                living.append(run)
            else:
                self._bury(run, None)
        return living

    def _bury(self, run: Running, code: int | None) -> None:
        """Say how a worker ended that could not say so itself; nothing if it lives or has."""
        if not is_alive(run.pid, run.process):
            self.ledger.bury(run.run_id, run.process, _cause(code))


class Room:
    """What may start now: a slot for a run on the CPU, a GPU for one that wants it, and memory."""

    def __init__(
        self, slots: int, running: list[Running], children: list[Child], probes: int
    ) -> None:
        self.probes, self._gpus = probes, list(capacity.gpus())
        ours = {child.run.run_id: child for child in children}
        for run in running:
            gpu = run.device.removeprefix("cuda:")
            if run.run_id not in ours and gpu in self._gpus:
                self._gpus.remove(gpu)
        for child in children:
            if child.gpu in self._gpus:
                self._gpus.remove(child.gpu)
        on_gpu = {run.run_id for run in running if run.device.startswith("cuda")}
        on_gpu |= {one for one, child in ours.items() if child.gpu}
        self._taken = len(({run.run_id for run in running} | set(ours)) - on_gpu)
        self._slots, self._idle = slots, not running and not children
        now = time.monotonic()
        growing = [child.run for child in children if now - child.since < _GROWING]
        self._memory = capacity.free_memory() - sum(map(_needs, growing))

    def gpu_for(self, run: Waiting) -> str | None:
        """Return the GPU that a run may use, "" if it wants none, None if it waits for one."""
        if run.device == "cpu" or not capacity.gpus():
            return ""
        return self._gpus[0] if self._gpus else None

    def fits(self, run: Waiting, gpu: str | None) -> bool:
        """Whether the run may start now; one alone may whatever memory it takes."""
        if gpu is None:
            return False
        if not gpu and self._taken + self.probes >= self._slots:
            return False
        return self._idle or self._memory >= _needs(run)

    def take(self, run: Waiting, gpu: str | None) -> None:
        """Count a run that was started."""
        self._idle, self._memory = False, self._memory - _needs(run)
        if gpu:
            self._gpus.remove(gpu)
        else:
            self._taken += 1


def _needs(run: Waiting) -> int:
    return run.memory or capacity.FIRST_GUESS


def _cause(code: int | None) -> str:
    if code is None:
        return "died unseen"
    if code < 0:
        return f"was killed (signal {-code})"
    return f"ended with code {code}"


def main(arguments: list[str] | None = None) -> int:
    """Look after a store until nothing is left to do; at once if another supervisor does."""
    parser = argparse.ArgumentParser(prog="masklab.runs.supervisor")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=default_slots())
    parser.add_argument("--idle", type=float, default=300.0)
    given = parser.parse_args(arguments)
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        store = Store(given.store, patience=30.0)
    except StoreError as error:
        logs.say(str(error))
        return 2
    supervisor = Supervisor(store, given.slots, given.idle)
    keep(supervisor, store, "masklab.runs.supervisor", arguments or sys.argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
