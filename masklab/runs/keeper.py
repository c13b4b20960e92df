"""Keep a store: one process at a time looks after its runs, whatever executor trains them."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from masklab.errors import StoreError
from masklab.runs import logs
from masklab.runs.executing import ensure_training
from masklab.runs.lock import SupervisorLock

if TYPE_CHECKING:
    from masklab.runs.store import Store


class Keeper(Protocol):
    """Looks after a store's runs; `serve` returns when it shall go, and the two flags say why."""

    is_outdated: bool
    is_replaced: bool

    def serve(self) -> None:
        """Look after the store until nothing is left to do, or another shall do it."""

    def has_work(self) -> bool:
        """Whether a run waits."""


def keep(keeper: Keeper, store: Store, module: str, arguments: list[str]) -> None:
    """Look after a store alone; nothing if another process does.

    After an update of MaskLab, `module` starts anew in this process. Where another executor was
    chosen meanwhile, that one is started at the end.
    """
    with closing(SupervisorLock(store.directory)) as lock:
        _keep(keeper, store, module, arguments, lock)


def _keep(
    keeper: Keeper, store: Store, module: str, arguments: list[str], lock: SupervisorLock
) -> None:
    while lock.take():
        keeper.serve()
        lock.release()
        if keeper.is_outdated:
            logs.say("MaskLab has changed: the supervisor starts anew.")
            os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - ourselves
        if keeper.is_replaced:
            logs.say("Another executor was chosen: it looks after the runs from now on.")
            try:
                ensure_training(store)
            except StoreError as error:
                logs.say(str(error))
            return
        # Whoever queued runs before the release saw a living supervisor and started none. The open
        # database of a store that was deleted still tells of them.
        if not store.database.path.exists() or not keeper.has_work():
            return
