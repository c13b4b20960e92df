"""Clock time reaches the network: since each window's first step, in median intervals."""

import numpy as np
import pytest
import torch
from training_cases import experiment, prepared, waves

from masklab.data.series import Panel
from masklab.split import TRAINING
from masklab.training.batches import Gatherer
from masklab.training.loop import train_run
from masklab.training.prepare import Prepared


def clocks(ready: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Return the first rows of all training windows, and the clock that each gets."""
    starts = ready.starts(TRAINING)
    gatherer = Gatherer(ready, "mean_fill", torch.device("cpu"))
    return starts, gatherer.gather(torch.from_numpy(starts)).clock.numpy()


def uneven(panel: Panel) -> Panel:
    """Every third step is half an interval longer, which is no gap."""
    longer = np.cumsum(np.arange(panel.rows) % 3 == 2) * np.timedelta64(1800, "s")
    return Panel(panel.names, panel.offsets, panel.clock + longer, panel.values, panel.channels)


def test_a_regular_clock_counts_steps():
    _, clock = clocks(prepared(waves()))
    assert (clock == np.arange(24, dtype=np.float32)).all()


def test_an_uneven_clock_is_told_in_median_intervals():
    panel = uneven(waves())
    starts, clock = clocks(prepared(panel))
    hours = (panel.clock - panel.clock[0]) / np.timedelta64(3600, "s")
    rows = starts[:, None] + np.arange(24)
    np.testing.assert_array_equal(clock, (hours[rows] - hours[starts][:, None]).astype(np.float32))
    assert not (clock == np.arange(24)).all()


@pytest.mark.parametrize(("kind", "reads"), [("interval", True), ("indicator", False)])
def test_the_clock_changes_scores_only_of_strategies_that_read_it(kind, reads):
    panel = waves(missing=0.3)
    even, odd = prepared(panel, [kind]), prepared(uneven(panel), [kind])
    assert (even.starts() == odd.starts()).all()
    first, second = (final_score(one, kind) for one in (even, odd))
    assert (first != second) == reads


def final_score(ready: Prepared, kind: str) -> float:
    plan = experiment([kind])
    *_, last = train_run(ready, plan.strategies[0], 0, plan.model, plan.training)
    return last.common.mse
