"""Hidden values never reach the prediction, and the future never reaches a causal one."""

import pytest
import torch
from strategy_cases import CLOCK, STATISTICS, TASKS, VARIANTS, network, window

READERS = [strategy for strategy in VARIANTS if strategy.reads_mask]
CASES = [
    pytest.param(strategy, task, bidirectional, id=f"{strategy.label}-{task}-{bidirectional}")
    for strategy in READERS
    for task in strategy.tasks
    for bidirectional in (False, True)
]
NASTY = (0.0, 1e30, -1e30, float("nan"), float("inf"))


@pytest.mark.parametrize(("strategy", "task", "bidirectional"), CASES)
def test_hidden_values_never_reach_the_prediction(strategy, task, bidirectional):
    values, observed, native = window()
    net = network(strategy, task, num_layers=2, bidirectional=bidirectional)
    results = []
    for hidden in NASTY:
        net.zero_grad()
        given = values.where(observed, hidden).requires_grad_()
        prediction = net(given, observed, native, CLOCK)
        prediction.sum().backward()
        assert (given.grad is not None) == strategy.reads_values
        if given.grad is not None:
            assert (given.grad[~observed] == 0).all()
            assert given.grad.isfinite().all()
        results.append([prediction, *(weight.grad.clone() for weight in net.parameters())])
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


@pytest.mark.parametrize("task", TASKS)
def test_ignore_lets_hidden_values_through_but_no_native_gap(task):
    ignore = next(strategy for strategy in VARIANTS if strategy.kind == "ignore")
    values, observed, native = window()
    net = network(ignore, task)
    seen = net(values, observed, native)
    hidden = native & ~observed
    assert hidden.any()
    assert not torch.equal(seen, net(values.where(~hidden, 9.0), observed, native))
    assert torch.equal(seen, net(values.where(native, 1e30), observed, native))
    assert torch.equal(seen, net(values, native, native)), "it does not read the mask at all"


@pytest.mark.parametrize(
    "strategy",
    [one for one in VARIANTS if one.causal and "reconstruct" in one.tasks],
    ids=lambda strategy: strategy.label,
)
def test_the_future_never_reaches_a_causal_prediction(strategy):
    values, observed, native = window()
    net = network(strategy, "reconstruct", num_layers=2)
    seen = net(values, observed, native, CLOCK)
    for now in range(7):
        later, later_observed, later_native = values.clone(), observed.clone(), native.clone()
        later[:, now + 1 :] = 5.0
        later_observed[:, now + 1 :] = ~observed[:, now + 1 :]
        later_native[:, now + 1 :] = True
        later_clock = CLOCK.clone()
        later_clock[:, now + 1 :] += 3.0
        other = net(later, later_observed, later_native, later_clock)
        torch.testing.assert_close(seen[:, : now + 1], other[:, : now + 1])
        assert not torch.equal(seen, other)


@pytest.mark.parametrize(
    "strategy", [one for one in VARIANTS if one.causal], ids=lambda strategy: strategy.label
)
def test_features_of_a_causal_strategy_do_not_look_ahead(strategy):
    values, observed, native = window()
    statistics = network(strategy, strategy.tasks[0])
    constants = statistics.mean, statistics.zero, statistics.scale
    seen = strategy.lstm_input(values, observed, native, *constants, CLOCK).values
    changed, later = values.clone(), CLOCK.clone()
    changed[:, 4:] += 7.0
    later[:, 4:] += 1.0
    other = strategy.lstm_input(changed, observed, native, *constants, later).values
    assert torch.equal(seen[:, :4], other[:, :4])


@pytest.mark.parametrize("strategy", READERS, ids=lambda strategy: strategy.label)
def test_trap_6_a_strategy_is_called_causal_if_and_only_if_it_never_looks_ahead(strategy):
    """Measured: whether a changed future changes what stands at an earlier step."""
    values, observed, native = window()
    net = network(strategy, strategy.tasks[-1])
    changed = values.clone()
    changed[:, 4:] += 7.0
    features = [
        strategy.features(one, observed, native, STATISTICS, CLOCK).values
        for one in (values, changed)
    ]
    # A forecast gives one vector of the window; a reconstruction one of each step.
    predictions = [net(one, observed, native, CLOCK) for one in (values, changed)]
    looks_ahead = not all(
        torch.allclose(one[:, :4], other[:, :4], rtol=1e-5, atol=1e-6)
        for one, other in (features, predictions)
    )
    assert strategy.tasks[-1] == "reconstruct"
    assert strategy.causal is not looks_ahead
