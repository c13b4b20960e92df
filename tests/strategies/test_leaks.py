"""Hidden values never reach the prediction, and the future never reaches a causal one."""

import pytest
import torch
from strategy_cases import TASKS, VARIANTS, network, window

IDS = [strategy.label for strategy in VARIANTS]
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
        prediction = net(given, observed, native)
        prediction.sum().backward()
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
    seen = net(values, observed, native)
    for now in range(7):
        later, later_observed, later_native = values.clone(), observed.clone(), native.clone()
        later[:, now + 1 :] = 5.0
        later_observed[:, now + 1 :] = ~observed[:, now + 1 :]
        later_native[:, now + 1 :] = True
        other = net(later, later_observed, later_native)
        torch.testing.assert_close(seen[:, : now + 1], other[:, : now + 1])
        assert not torch.equal(seen, other)


@pytest.mark.parametrize("strategy", VARIANTS, ids=IDS)
def test_features_of_a_causal_strategy_do_not_look_ahead(strategy):
    if not strategy.causal:
        pytest.skip(f"{strategy.kind} looks ahead, and says so")
    values, observed, native = window()
    statistics = network(strategy, strategy.tasks[0])
    make = lambda *given: strategy.lstm_input(*given, statistics.mean, statistics.zero).values  # noqa: E731
    seen = make(values, observed, native)
    changed = values.clone()
    changed[:, 4:] += 7.0
    torch.testing.assert_close(seen[:, :4], make(changed, observed, native)[:, :4])
