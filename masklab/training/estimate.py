"""How long an experiment's runs will take: a rough forecast from the size of the work."""

from __future__ import annotations

import math

from masklab.split import TRAINING, VALIDATION
from masklab.strategies.strategy import Strategy
from masklab.training.plan import Plan
from masklab.training.prepare import Prepared

# Measured on one core of a two-core machine with torch 2.13; a factor of two either way is normal.
_START = 0.15  # seconds: a process, its store and network
_READ = 3.5e-7  # seconds per cell of the data: read, mask, scale
_BATCH = 1e-3  # seconds: optimiser, bookkeeping
_STEP = 2e-7  # seconds per window, time step and layer, forward
_PRODUCT = 4e-11  # seconds per multiplication and addition
_LEARNING = 3  # forward and backward take about three times as long as forward alone


def estimate_seconds(plan: Plan, prepared: Prepared, slots: int = 2) -> float:
    """Return how many seconds all runs take on the CPU, `slots` of them at a time.

    Early stopping is not foreseen: the time for all epochs is returned.
    """
    runs = plan.runs()
    seconds = sum(_run_seconds(plan, prepared, one) for one, _ in runs)
    return seconds / max(1, min(slots, len(runs)))


def _run_seconds(plan: Plan, prepared: Prepared, strategy: Strategy) -> float:
    config, model = plan.training, plan.model
    most = config.training_windows or math.inf
    windows = min(most, len(prepared.starts(TRAINING)))
    batches = math.ceil(windows / config.batch_size)
    hidden, directions = model.hidden_size, 2 if model.bidirectional else 1
    inputs = [strategy.features_per_channel() * len(prepared.channels)]
    inputs += [hidden * directions] * (model.num_layers - 1)
    products = sum(4 * hidden * (hidden + one) * directions for one in inputs)
    steps = _STEP * model.num_layers * directions + _PRODUCT * products
    forward = prepared.task.window * steps * strategy.relative_cost * (1 + strategy.refinements())
    forward *= model.members
    passes = windows * _LEARNING + len(prepared.starts(VALIDATION))
    start = _START + _READ * prepared.values.size
    return start + config.epochs * (forward * passes + batches * _BATCH)
