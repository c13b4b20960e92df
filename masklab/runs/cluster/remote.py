"""Train a run in a Dask worker: a task that gets an assignment and tells the head what comes of it.

A process trains one run at a time, whatever its threads: random numbers belong to the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import logging
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import masklab
from masklab.errors import MaskLabError
from masklab.runs.cluster.cache import Cache
from masklab.runs.cluster.messages import Assignment, Greeting
from masklab.runs.cluster.outbox import AbandonedError, Outbox
from masklab.runs.watch import StopRequested
from masklab.runs.worker import in_words
from masklab.training.cublas import reserve_workspace

if TYPE_CHECKING:
    from masklab.runs.spec import Experiment
    from masklab.training.prepare import Prepared

# M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of <malloc.h>: bytes that stay, and where single blocks begin.
_MALLOC = ((-1, 1 << 30), (-3, 32 << 20))

_one_at_a_time = threading.Lock()
_latest: dict[str, tuple[Experiment, Prepared]] = {}


def greet() -> Greeting:
    """Say which MaskLab this worker has; make its process ready to train, once."""
    reserve_workspace()  # before CUDA starts
    log = logging.getLogger("distributed.worker")
    if _not_each_call not in log.filters:
        log.addFilter(_not_each_call)
    _keep_freed_memory()
    return Greeting(masklab.__version__, importlib.util.find_spec("torch") is not None)


def train(assignment: Assignment) -> None:
    """Train a run to its end as a Dask task; how it ended is its last message."""
    from distributed import get_worker  # noqa: PLC0415 - the head imports this module too

    worker = get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        known = task is not None and task.state not in {"cancelled", "released", "forgotten"}
        return known and worker.status.name in {"running", "paused"}

    folder = Path(worker.local_directory).parent
    with Outbox(assignment.token, is_wanted) as outbox, contextlib.suppress(AbandonedError):
        try:
            while not _one_at_a_time.acquire(timeout=0.1):
                outbox.check()
            try:
                _train(assignment, outbox, Cache(folder))
            finally:
                _one_at_a_time.release()
        except AbandonedError:
            raise
        except StopRequested:
            outbox.deliver("stopped")
        except MaskLabError as error:
            outbox.deliver("failed", str(error), traceback.format_exc())
        except Exception as error:
            outbox.deliver("failed", in_words(error), traceback.format_exc())


def _train(assignment: Assignment, outbox: Outbox, cache: Cache) -> None:
    import torch  # noqa: PLC0415

    from masklab.runs import facts, kept_mask  # noqa: PLC0415
    from masklab.runs.cluster.remote_desk import RemoteDesk  # noqa: PLC0415
    from masklab.runs.course import follow  # noqa: PLC0415

    torch.set_num_threads(1)
    experiment, prepared = _prepared(assignment, outbox, cache)
    if assignment.tells_facts:
        outbox.put("facts", *facts.worked_out(prepared), kept_mask.content(prepared))
    strategy = next(one for one in experiment.strategies if one.label == assignment.strategy)
    with tempfile.TemporaryDirectory(prefix="masklab-") as scratch:
        desk = RemoteDesk(assignment, outbox, cache, Path(scratch))
        interruptible = _interruptible(outbox.check)
        if not follow(prepared, experiment, strategy, assignment.seed, desk, interruptible):
            outbox.deliver("rests")


def _prepared(assignment: Assignment, outbox: Outbox, cache: Cache) -> tuple[Experiment, Prepared]:
    """Return an experiment with its data; what the last run of this process read serves the next."""
    from masklab.runs.spec import parse_experiment  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    if assignment.experiment_id not in _latest:
        _latest.clear()
        experiment = parse_experiment(json.loads(assignment.spec), stored=True)
        path = str(cache.fetch(assignment.data, outbox))
        data = experiment.data.model_copy(update={"path": path})
        experiment = experiment.model_copy(update={"data": data})
        _latest[assignment.experiment_id] = experiment, prepare(experiment, experiment.load_panel())
    return _latest[assignment.experiment_id]


def _interruptible(check: Callable[[], None]) -> Callable[[], Any]:
    """Return contexts that are cut short between two batches, wherever a part of a network is asked.

    A task is not in its process's main thread, so that no signal can cut it short. An exception put
    into its thread could come while torch's settings, which the next run uses too, are put back.
    """
    from torch.nn.modules.module import register_module_forward_pre_hook  # noqa: PLC0415

    mine = threading.get_ident()

    def look(*asked: object) -> None:
        if threading.get_ident() == mine:
            check()

    @contextlib.contextmanager
    def interruptible() -> Iterator[None]:
        check()
        hook = register_module_forward_pre_hook(look)
        try:
            yield
        finally:
            hook.remove()

    return interruptible


def _not_each_call(record: logging.LogRecord) -> bool:
    """Leave out of a worker's log that the head asked after its runs, some times a second."""
    return not record.getMessage().startswith("Run out-of-band function")


def _keep_freed_memory() -> None:
    """Undo what Dask's nanny asks of glibc, to return freed memory at once.

    Once that is asked, glibc also gives each tensor pages of its own for good: sixty times as many
    page faults, and training took from 1.7 to 2.5 times as long. Both must be undone.
    """
    if "MALLOC_TRIM_THRESHOLD_" not in os.environ or sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        for name, value in _MALLOC:
            mallopt(name, value)
