"""Each window is filled with the statistics of its own series, whatever stands beside it."""

import pytest
import torch
from strategy_cases import CLOCK, MEAN, SCALE, STATISTICS, TASKS, VARIANTS, ZERO, network, window

from masklab.strategies.strategy import Statistics

MEANS = torch.stack((MEAN, -2 * MEAN, MEAN + 1))
ZEROS = torch.stack((ZERO, ZERO - 3, 0.5 * ZERO))
SCALES = torch.stack((SCALE, 3 * SCALE, SCALE + 1))
GROUP = torch.arange(16) % 3
CASES = [
    pytest.param(strategy, task, bidirectional, id=f"{strategy.label}-{task}-{bidirectional}")
    for strategy in VARIANTS
    for task in strategy.tasks
    for bidirectional in (False, True)
]


@pytest.mark.parametrize(("strategy", "task", "bidirectional"), CASES)
def test_a_window_is_read_as_by_a_network_that_has_its_series_statistics_alone(
    strategy, task, bidirectional
):
    net = network(strategy, task, bidirectional=bidirectional)
    net.set_statistics(Statistics(MEANS, ZEROS, SCALES))
    given = (*window(), CLOCK)
    seen = net(*given, GROUP)
    for group, own in enumerate(zip(MEANS, ZEROS, SCALES, strict=True)):
        alone = network(strategy, task, bidirectional=bidirectional)
        alone.set_statistics(Statistics(*own))
        mine = group == GROUP
        expected = alone(*(one[mine] for one in given))
        torch.testing.assert_close(seen[mine], expected)


@pytest.mark.parametrize(("strategy", "task", "bidirectional"), CASES)
def test_one_row_of_statistics_serves_every_window_bit_for_bit(strategy, task, bidirectional):
    net = network(strategy, task, bidirectional=bidirectional)
    given = (*window(), CLOCK)
    assert torch.equal(net(*given), net(*given, torch.zeros(16, dtype=torch.long)))


def test_statistics_of_several_series_want_to_know_which():
    net = network(VARIANTS[0], "forecast")
    net.set_statistics(Statistics(MEANS, ZEROS, SCALES))
    with pytest.raises(ValueError, match="a row for each of 3 groups of series"):
        net(*window())


@pytest.mark.parametrize("task", TASKS)
def test_saved_weights_bring_as_many_rows_of_statistics_as_they_were_saved_with(task):
    saved, loaded = network(VARIANTS[0], task), network(VARIANTS[0], task, seed=1)
    saved.set_statistics(Statistics(MEANS, ZEROS, SCALES))
    loaded.load_state_dict(saved.state_dict())
    assert torch.equal(saved(*window(), CLOCK, GROUP), loaded(*window(), CLOCK, GROUP))


def test_weights_saved_with_plain_vectors_of_statistics_can_be_loaded():
    net = network(VARIANTS[0], "forecast")
    vectors = {"mean": STATISTICS.mean + 1, "zero": STATISTICS.zero, "scale": STATISTICS.scale}
    older = {**net.state_dict(), **vectors}
    net.load_state_dict(older)
    assert torch.equal(net.mean, (STATISTICS.mean + 1)[None])
    assert torch.equal(older["mean"], STATISTICS.mean + 1)
