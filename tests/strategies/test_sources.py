"""Networks of every strategy predict what their source's equations say, end to end."""

import numpy as np
import pytest
import torch
from sources import FEATURES, OWN, Row, cell, line, outputs, rits, usable
from strategy_cases import (
    CHANNELS,
    CLOCK,
    MEAN,
    MEMBERS,
    SCALE,
    VARIANTS,
    ZERO,
    network,
    window,
)

VALUES, OBSERVED, NATIVE = window()
TARGETS = [0, 2]
SPREAD = 0.6  # of the weights: large enough for gates to move, small enough not to saturate


def cases():
    """Every choice of options for both tasks, each other head with the default ones."""
    for one in VARIANTS:
        for task in one.tasks:
            heads = ["last", "mean", "attention"][: 3 if one.label == one.kind else 1]
            for head in heads if task == "forecast" else ["last"]:
                for both in (False, True) if head == "last" else (True,):
                    name = f"{one.label}-{task}-{both}-{head}"
                    yield pytest.param(one, task, both, head, id=name)


def made(strategy, task: str, bidirectional: bool, head: str = "last"):
    """Return a network in float64 with weights of a size that shows in its predictions."""
    net = network(strategy, task, bidirectional=bidirectional, head=head).double()
    generator = torch.Generator().manual_seed(3)
    for weight in net.parameters():
        torch.nn.init.normal_(weight, std=SPREAD, generator=generator)
    return net


def rows() -> list[Row]:
    values, clock = (one.double().numpy() for one in (VALUES, CLOCK))
    masks = zip(OBSERVED.numpy(), NATIVE.numpy(), strict=True)
    constants = [one.double().numpy() for one in (MEAN, ZERO, SCALE)]
    return [
        Row(x, m, n, s, *constants)
        for x, s, (m, n) in zip(values, clock, masks, strict=True)
    ]  # fmt: skip


def weights(net, part: str) -> dict[str, np.ndarray]:
    """Return a part's weights by the names that they have in it."""
    state = {name: one.numpy() for name, one in net.state_dict().items()}
    return {
        name.removeprefix(f"{part}."): one for name, one in state.items() if name.startswith(part)
    }


def directions(net) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray] | None]:
    found = weights(net, "lstm")
    back = {
        name.removesuffix("_reverse"): one
        for name, one in found.items()
        if name.endswith("_reverse")
    }
    return found, back or None


def read_by(head: str, net, h: np.ndarray, steps: np.ndarray, both: bool) -> np.ndarray:
    """Return one vector of a window: the last usable step, or a mean over usable steps."""
    if not steps.any():
        return np.zeros(h.shape[1])
    if head == "mean":
        return h[steps].mean(axis=0)
    if head == "attention":
        w = weights(net, "attention")
        scores = np.tanh(h[steps] @ w["inner.weight"].T + w["inner.bias"]) @ w["score.weight"][0]
        powers = np.exp(scores - scores.max())
        return (powers / powers.sum()) @ h[steps]
    first, last = np.flatnonzero(steps)[[0, -1]]
    if not both:
        return h[last]
    half = h.shape[1] // 2
    return np.concatenate([h[last, :half], h[first, half:]])


def expected(net, strategy, task: str, both: bool, head: str) -> np.ndarray:
    """Return the predictions by the sources' equations, a window after the other."""
    forward, backward = directions(net)
    found = []
    for row in rows():
        if strategy.kind in ("rits", "brits") and task == "reconstruct":
            estimate = rits(row, forward)[1]
            if backward is not None:
                estimate = (estimate + rits(row.turned(), backward)[1][::-1]) / 2
            found.append(estimate[:, TARGETS])
            continue
        w = weights(net, "head")
        h = outputs(strategy, row, forward, backward)
        if task == "forecast":
            vector = read_by(head, net, h, usable(strategy, row), backward is not None)
            found.append((w["weight"] @ vector + w["bias"]).reshape(3, len(TARGETS)))
        else:
            per_step = h @ w["weight"].T + w["bias"]
            if strategy.kind == "residual":
                per_step = per_step + line(row)[:, TARGETS]
            found.append(per_step)
    return np.stack(found)


@pytest.mark.parametrize(("strategy", "task", "bidirectional", "head"), list(cases()))
def test_a_network_predicts_what_the_equations_of_its_source_say(
    strategy, task, bidirectional, head
):
    net = made(strategy, task, bidirectional, head)
    assert net.lstm.bidirectional == (bidirectional or strategy.kind in ("brits", "residual"))
    given = VALUES.double(), OBSERVED, NATIVE, CLOCK.double()
    predicted = net(*given).detach().numpy()
    by_hand = expected(net, strategy, task, bidirectional, head)
    np.testing.assert_allclose(predicted, by_hand, rtol=1e-9, atol=1e-9)
    assert by_hand.std() > 0.01


def test_every_strategy_is_worked_out_here():
    assert set(FEATURES) | set(OWN) == set(MEMBERS)


@pytest.mark.parametrize("kind", ["rits", "brits"])
def test_the_own_loss_is_that_of_the_paper(kind):
    """Mean absolute errors of x̂, ẑ, ĉ where observed; for BRITS of both, and a tenth of |ĉ - ĉ'|.

    The tenth is that of the authors' published code; the paper gives no weight.
    """
    strategy = MEMBERS[kind]()
    net = made(strategy, "reconstruct", bidirectional=False).train()
    own = net.with_auxiliary(VALUES.double(), OBSERVED, NATIVE, CLOCK.double())[1]
    ways = [one for one in directions(net) if one is not None]
    assert len(ways) == (2 if kind == "brits" else 1)
    error, estimates = 0.0, []
    for way, w in enumerate(ways):
        found = [rits(row.turned() if way else row, w) for row in rows()]
        error += sum(one[2] for one in found) / OBSERVED.sum().item()
        estimates.append(np.stack([one[1][::-1] if way else one[1] for one in found]))
    if kind == "brits":
        error += 0.1 * np.abs(estimates[0] - estimates[1]).mean()
    assert own.item() == pytest.approx(error, rel=1e-9)


def test_defaults_are_those_of_the_sources():
    assert {MEMBERS[kind]().collapse for kind in ("carry", "reset", "time_aware")} == {"any"}
    assert {MEMBERS[kind]().zero for kind in ("zero_fill", "reset")} == {"raw"}
    assert MEMBERS["zero_fill"]().value == 0
    assert {MEMBERS[kind]().weight for kind in ("rits", "brits")} == {1.0}
    assert not MEMBERS["interval"]().logarithm


def test_the_cell_written_here_is_that_of_pytorch():
    lstm = torch.nn.LSTM(CHANNELS, 4, batch_first=True).double()
    w = {name: one.detach().numpy() for name, one in lstm.named_parameters()}
    x = torch.randn(5, CHANNELS, dtype=torch.float64)
    h, c = np.zeros(4), np.zeros(4)
    for step, theirs in zip(x, lstm(x)[0], strict=True):
        h, c = cell(w, step.numpy(), h, c)
        np.testing.assert_allclose(h, theirs.detach().numpy(), atol=1e-12)
