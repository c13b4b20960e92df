"""Train one run in a process of its own and write every epoch to the store."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from masklab.errors import MaskLabError
from masklab.runs import logs
from masklab.runs.insisting import insist
from masklab.runs.ledger import Claim, Ledger, SupersededError
from masklab.runs.store import Store
from masklab.runs.watch import StopRequested, Terminated, Watch
from masklab.training.cublas import reserve_workspace

_PATIENCE = 60.0
_NICENESS = 5


def work(directory: str, run_id: str, gpu: str | None = None) -> None:
    """Train a waiting run from its last checkpoint to its end; nothing if another process has it.

    `gpu`: the number of the one that this process may use, "" for none; None leaves that open.
    However it ends, the run's row says so, and the event log keeps the traceback of an error.
    """
    os.nice(_NICENESS)  # the page that watches must stay fluid
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    reserve_workspace()
    store = Store(Path(directory), patience=_PATIENCE)
    ledger = Ledger(store)
    claim = insist(store.directory, lambda: ledger.claim(run_id))
    if claim is None:
        return
    logs.write_here(store.directory, run_id)
    with Watch(ledger, claim) as watch:
        end = _end_of(store, ledger, claim, watch)
    insist(store.directory, end)


def _end_of(store: Store, ledger: Ledger, claim: Claim, watch: Watch) -> Callable[[], None]:
    """Train; return what is to be written about how that ended."""
    run_id, process = claim.run_id, claim.process
    try:
        return _train(store, ledger, claim, watch)
    except Terminated:
        text = "The worker was asked to end, and did."
        return partial(ledger.give_back, run_id, process, "returned", text)
    except StopRequested:
        return partial(ledger.end, run_id, process, "stopped", "Stopped on request.")
    except SupersededError:
        return _nothing
    except MaskLabError as error:
        logs.say(f"Failed: {error}")
        message, details = str(error), traceback.format_exc()
    except Exception as error:
        message, details = in_words(error), traceback.format_exc()
        logs.say(details)
    return partial(ledger.end, run_id, process, "failed", message, details)


def _train(store: Store, ledger: Ledger, claim: Claim, watch: Watch) -> Callable[[], None]:
    # The supervisor imports this module and needs none of these.
    import torch  # noqa: PLC0415

    from masklab.runs import facts, halving  # noqa: PLC0415
    from masklab.runs.course import follow  # noqa: PLC0415
    from masklab.runs.desk import StoreDesk  # noqa: PLC0415
    from masklab.runs.panels import panel_of  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    # Two processes of two threads each were ten times slower than of one.
    torch.set_num_threads(1)
    with watch.interruptible():
        experiment = store.experiment(claim.experiment_id)
        prepared = prepare(experiment, panel_of(store.directory, experiment))
    rungs = halving.rungs_of(experiment)
    desk = StoreDesk(ledger, claim, rungs)
    desk.insist(lambda: facts.keep(store, claim.experiment_id, prepared))
    strategy = next(one for one in experiment.strategies if one.label == claim.strategy)
    ended = follow(prepared, experiment, strategy, claim.seed, desk, watch.interruptible)
    return _nothing if ended else partial(ledger.rest, claim)


def _nothing() -> None:
    """Write nothing: it was written, or is another's to write."""


def in_words(error: Exception) -> str:
    """Return a fault of ours as a sentence; the event log keeps its traceback."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first or 'no more is known'}. See the event log for details."


if __name__ == "__main__":
    work(*sys.argv[1:])
