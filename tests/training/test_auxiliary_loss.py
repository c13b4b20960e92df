"""A strategy's own loss trains the network, and reaches no loss or score that is reported."""

import pytest
from training_cases import experiment, waves

from masklab.training.loop import Run
from masklab.training.prepare import prepare
from masklab.training.report import EpochReport

ONE_BATCH = {"epochs": 1, "training_windows": 32, "batch_size": 32}


def first_report(kind: str, **options: float) -> EpochReport:
    """Return the report of a first epoch that has a single batch."""
    plan = experiment(
        task={"kind": "reconstruct", "window": 12},
        training=ONE_BATCH,
        strategies=None,
    )
    strategy = experiment([kind], task={"kind": "reconstruct", "window": 12}).strategies[0]
    strategy = strategy.model_copy(update=options)
    plan = plan.model_copy(update={"strategies": (strategy,)})
    ready = prepare(plan, waves(missing=0.2))
    return next(iter(Run(ready, strategy, 0, plan.model, plan.training).reports()))


@pytest.mark.parametrize("kind", ["rits", "brits"])
def test_it_moves_the_weights_but_is_not_in_the_reported_loss(kind):
    without, with_own = first_report(kind, weight=0.0), first_report(kind, weight=1.0)
    assert without.training_loss == with_own.training_loss, "taken before the first step"
    assert without.common.mse != with_own.common.mse, "validated after it"
