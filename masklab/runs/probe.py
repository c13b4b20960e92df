"""A short probe before an experiment's runs: how long an epoch of each strategy takes here."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from masklab.errors import MaskLabError
from masklab.runs import logs
from masklab.runs.store import Store

if TYPE_CHECKING:
    from masklab.runs.spec import Experiment
    from masklab.training.prepare import Prepared

FACT = "probe"
"""What the store knows of it: seconds an epoch by strategy; empty if the experiment can't be tried."""

_NICENESS = 5
_SECONDS = 2.0
"""All strategies of an experiment together take hardly longer."""


_TRIES = 4
"""The fastest of so many batches counts: more tell little more, and the first run waits."""


def probe(directory: str, experiment_id: str) -> None:
    """Time some batches of each strategy, and keep what an epoch comes to, and the data's facts.

    Says nothing of an experiment that can't be tried: its runs will.
    """
    os.nice(_NICENESS)
    logs.write_here(Path(directory), f"{experiment_id}-probe")
    store = Store(Path(directory), patience=30.0)
    paces: dict[str, float] = {}
    try:
        paces = _paces(store, experiment_id)
    except MaskLabError as error:
        logs.say(str(error))
    except Exception:
        logs.say(traceback.format_exc())
    store.set_fact(experiment_id, FACT, paces)


def _paces(store: Store, experiment_id: str) -> dict[str, float]:
    import torch  # noqa: PLC0415 - the supervisor imports this module and needs none of these

    from masklab.runs import facts  # noqa: PLC0415
    from masklab.runs.panels import panel_of  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    torch.set_num_threads(1)
    experiment = store.experiment(experiment_id)
    prepared = prepare(experiment, panel_of(store.directory, experiment))
    facts.keep(store, experiment_id, prepared)
    return epoch_seconds(experiment, prepared, _SECONDS)


def epoch_seconds(
    experiment: Experiment, prepared: Prepared, seconds: float = _SECONDS
) -> dict[str, float]:
    """Return what an epoch of each strategy takes, from some of its batches.

    At least one training batch and one validation batch of each are timed, and more until its share
    of `seconds` is over. The networks are thrown away: no run is touched.
    """
    from masklab.training.loop import Run  # noqa: PLC0415

    share = seconds / len(experiment.strategies)
    paces = {}
    for strategy in experiment.strategies:
        run = Run(prepared, strategy, experiment.seeds[0], experiment.model, experiment.training)
        run.try_batches(1)  # what is built at first use is not an epoch's cost
        began, tried = perf_counter(), 0
        found: list[tuple[float, float]] = []
        while not found or (perf_counter() - began < share and tried < _TRIES):
            found.append(run.try_batches(1))
            tried += 1
        training, validation = (min(one) for one in zip(*found, strict=True))
        paces[strategy.label] = training * run.training_batches + validation * run.scoring_batches
    return paces


if __name__ == "__main__":
    probe(*sys.argv[1:])
