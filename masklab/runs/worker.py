"""Train one run in a process of its own and write every epoch to the store."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from masklab.errors import MaskLabError
from masklab.runs.ledger import Claim, Ledger, SupersededError
from masklab.runs.store import Store
from masklab.runs.watch import StopRequested, Watch
from masklab.training.cublas import reserve_workspace
from masklab.training.report import EpochReport

_PATIENCE = 60.0
_NICENESS = 5


def work(directory: str, run_id: str) -> None:
    """Train a waiting run from its first epoch to its end; nothing if another process has it.

    However it ends, the run's row says so, and the event log keeps the traceback of an error.
    """
    os.nice(_NICENESS)  # the page that watches must stay fluid
    reserve_workspace()
    store = Store(Path(directory), patience=_PATIENCE)
    ledger = Ledger(store)
    claim = ledger.claim(run_id)
    if claim is None:
        return
    with Watch(ledger, claim) as watch:
        try:
            _train(store, ledger, claim, watch)
        except StopRequested:
            ledger.end(run_id, claim.process, "stopped", "Stopped on request.")
        except SupersededError:
            return
        except MaskLabError as error:
            ledger.end(run_id, claim.process, "failed", str(error), traceback.format_exc())
        except Exception as error:
            traceback.print_exc()
            ledger.end(run_id, claim.process, "failed", _in_words(error), traceback.format_exc())
        else:
            ledger.end(run_id, claim.process, "finished", "")


def _train(store: Store, ledger: Ledger, claim: Claim, watch: Watch) -> None:
    with watch.interruptible():
        reports = _reports(store, claim)
    while True:
        with watch.interruptible():
            report = next(reports, None)
        if report is None:
            return
        ledger.record(claim, report)


def _reports(store: Store, claim: Claim) -> Iterator[EpochReport]:
    # The supervisor imports this module and needs none of these.
    import torch  # noqa: PLC0415

    from masklab.runs import facts  # noqa: PLC0415
    from masklab.training.loop import train_run  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    # Two processes of two threads each were ten times slower than of one.
    torch.set_num_threads(1)
    experiment = store.experiment(claim.experiment_id)
    prepared = prepare(experiment, experiment.load_panel(store.directory))
    facts.keep(store, claim.experiment_id, prepared)
    strategy = next(one for one in experiment.strategies if one.label == claim.strategy)
    return train_run(prepared, strategy, claim.seed, experiment.model, experiment.training)


def _in_words(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first or 'no more is known'}. See the event log for details."


if __name__ == "__main__":
    work(*sys.argv[1:])
