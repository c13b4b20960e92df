"""Look after a store's runs from a detached process that lets a Dask cluster train them.

`python -m masklab.runs.cluster.head --store DIR --scheduler tcp://HOST:PORT`. All that is known of a
run is in the store, and this process alone writes it: a run whose worker, scheduler or head is lost
goes on elsewhere from its last checkpoint.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from masklab.errors import MaskLabError, StoreError
from masklab.runs import halving
from masklab.runs.cluster.assigning import assign
from masklab.runs.cluster.attending import Attended
from masklab.runs.cluster.crew import Crew
from masklab.runs.cluster.link import Link, LinkLostError
from masklab.runs.cluster.messages import Order
from masklab.runs.code_state import code_state
from masklab.runs.database import FILE_NAME
from masklab.runs.executing import replaced
from masklab.runs.executors.dask import MODULE, NOT_INSTALLED, DaskExecutor
from masklab.runs.keeper import keep
from masklab.runs.ledger import Ledger
from masklab.runs.logs import say
from masklab.runs.processes import identity, is_alive
from masklab.runs.store import Store

_TICK = 0.2
_TICK_OF_A_RUN = 0.01
"""Runs are asked after less often where there are many, or the scheduler did nothing else."""
_AFTER_ERROR = 2.0


class Head:
    """Keeps the workers of a cluster busy while runs wait, and writes what they tell."""

    def __init__(self, store: Store, link: Link, idle_seconds: float) -> None:
        self.store, self.link, self.idle_seconds = store, link, idle_seconds
        self.ledger = Ledger(store)
        self.crew = Crew()
        self.runs: list[Attended] = []
        self.is_outdated = self.is_replaced = False
        self._is_ending = False
        self._process = identity(os.getpid()) or ""
        self._code = code_state()

    def serve(self) -> None:
        """Work until nothing has waited or trained for `idle_seconds`, or it shall go.

        On leaving, its runs wait again: the next one lets them go on from their checkpoints.
        """
        busy_at = time.monotonic()
        while (self.store.directory / FILE_NAME).exists():
            try:
                self.is_replaced = replaced(self.store, DaskExecutor(scheduler=self.link.scheduler))
                if self._is_ending or self.is_outdated or self.is_replaced:
                    return self._leave()
                if self.tick():
                    busy_at = time.monotonic()
            except StoreError as error:  # locked or full for a while: runs wait for us
                say(str(error))
                time.sleep(_AFTER_ERROR)
            except LinkLostError as error:
                self._link_again(error)
            if time.monotonic() - busy_at > self.idle_seconds:
                return None
            time.sleep(_TICK + _TICK_OF_A_RUN * len(self.runs))
        return None

    def tick(self) -> bool:
        """Hear from all runs, and let free workers take those that wait; return if any is open."""
        self._hear()
        halving.decide(self.store)
        self._bury_the_dead()
        waiting = self.ledger.waiting(1)
        if waiting:
            self._hand_out()
        return bool(waiting or self.runs)

    def has_work(self) -> bool:
        """Whether a run waits, and this process has not been asked to end."""
        try:
            return not self._is_ending and bool(self.ledger.waiting(1))
        except StoreError:
            return False

    def end(self, *asked: object) -> None:
        """Leave soon; the runs wait again."""
        self._is_ending = True

    def _hear(self) -> None:
        wishes = {
            run.run_id: run.stop_requested
            for run in self.ledger.running()
            if run.process == self._process
        }
        for run in self.runs:
            run.heed(wishes.get(run.claim.run_id))
        told = self._exchange()
        # Before anything is concluded from silence: is it still the scheduler that we know?
        nodes = self.link.nodes()
        for run in self.runs:
            run.hear(told.get(run.worker), is_there=run.worker in nodes)
        self.runs = [run for run in self.runs if not run.is_over]
        self.crew.meet(nodes, self.link)

    def _exchange(self) -> dict[str, object]:
        orders = {run.token: Order(run.heard, run.stop) for run in self.runs}
        workers = {run.worker for run in self.runs}
        return dict(self.link.exchange(orders, workers)) if workers else {}

    def _hand_out(self) -> None:
        free = self.crew.free({run.worker for run in self.runs})
        for waiting in self.ledger.waiting(len(free)) if free else []:
            node = self.crew.choose(waiting, free)
            if node is None:
                return  # the next one must not overtake it
            self.is_outdated = code_state() != self._code
            if self.is_outdated:
                return
            free.remove(node)
            run = assign(self.ledger, self.link, waiting, node)
            if run is not None:
                self.runs.append(run)

    def _bury_the_dead(self) -> None:
        """Let runs wait again whose local worker, or whose head, died."""
        for run in self.ledger.running():
            if not is_alive(run.pid, run.process):
                self.ledger.bury(run.run_id, run.process, "died unseen")

    def _give_back(self, why: str) -> None:
        for run in self.runs:
            run.give_back(why)
        self.runs = []

    def _link_again(self, error: LinkLostError) -> None:
        """Let all runs wait again, and look for the scheduler until it is found or we shall go."""
        say(f"The scheduler {self.link.scheduler} is gone ({error}). Its runs wait for it.")
        self._give_back("The Dask scheduler is gone; the run goes on from its checkpoint.")
        self.crew = Crew()
        self.link.close()
        time.sleep(_AFTER_ERROR)
        try:
            self.link = Link(self.link.scheduler)
        except LinkLostError:
            return
        say("It is there again.")

    def _leave(self) -> None:
        """Give all runs back and tell their workers, as far as that can be done."""
        for run in self.runs:
            run.stop = True
        try:
            self._exchange()
        except LinkLostError as error:
            say(f"The scheduler could not be told ({error}): its runs end by themselves.")
        self._give_back("The head was asked to end; the run goes on from its checkpoint.")


def main(arguments: list[str] | None = None) -> int:
    """Look after a store until nothing is left to do; at once if another process does."""
    parser = argparse.ArgumentParser(prog=MODULE)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--scheduler", required=True)
    parser.add_argument("--idle", type=float, default=300.0)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        store = Store(given.store, patience=30.0)
        head = Head(store, Link(given.scheduler), given.idle)
    except MaskLabError as error:
        say(str(error))
        return 2
    except ImportError:
        say(NOT_INSTALLED)
        return 2
    except LinkLostError as error:
        say(
            f"No Dask scheduler answers at {given.scheduler} ({error}). The runs stay in the queue."
        )
        return 2
    signal.signal(signal.SIGTERM, head.end)
    say(f"Runs are sent to {given.scheduler}.")
    keep(head, store, MODULE, arguments or sys.argv[1:])
    head.link.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
