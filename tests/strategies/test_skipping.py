"""Traps 1 and 2: to fill is not to skip, and what is last in the window is not what is meant."""

import pytest
import torch
from strategy_cases import CHANNELS, CLOCK, MEMBERS, VARIANTS, network, window
from torch import Tensor

SKIPPING = [one for one in VARIANTS if one.kind in ("carry", "reset", "time_aware")]
FILLING = [one for one in VARIANTS if one.kind in ("zero_fill", "mean_fill", "forward_fill")]
NETWORKS = [
    pytest.param({"head": head, "bidirectional": both, "num_layers": layers}, id=f"{head}-{both}-{layers}")
    for head in ("last", "mean", "attention")
    for both in (False, True)
    for layers in (1, 2)
]  # fmt: skip


def padded(before: int, after: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the window of the cases with masked steps of NaN before and after it."""
    values, observed, native = window()

    def around(given: Tensor, fill: float) -> Tensor:
        shape = given.shape[0], 1, *given.shape[2:]
        left, right = (
            given.new_full(shape, fill).expand(-1, n, *shape[2:]) for n in (before, after)
        )
        return torch.cat((left, given, right), dim=1)

    clock = torch.cat(
        (
            torch.arange(before).expand(len(CLOCK), -1).float(),
            CLOCK + before,
            CLOCK[:, -1:] + before + 1 + torch.arange(after),
        ),
        dim=1,
    )
    return around(values, torch.nan), around(observed, False), around(native, False), clock


@pytest.mark.parametrize("model", NETWORKS)
@pytest.mark.parametrize("strategy", SKIPPING, ids=lambda one: one.label)
def test_trap_2_masked_steps_around_a_window_change_no_forecast(strategy, model):
    net = network(strategy, "forecast", **model)
    expected = net(*padded(0, 0))
    assert expected.std(dim=0).min() > 1e-3, "rows differ, and so there is something to change"
    for before, after in ((0, 3), (4, 0), (2, 5)):
        torch.testing.assert_close(net(*padded(before, after)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("model", NETWORKS)
def test_trap_1_masked_steps_within_a_window_are_skipped_not_fed(model):
    """`carry` forecasts as if the hidden steps had never been; a filling takes them as steps."""
    generator = torch.Generator().manual_seed(0)
    short = torch.randn(4, 5, CHANNELS, generator=generator)
    kept = torch.tensor([0, 2, 3, 6, 8])
    long = torch.full((4, 9, CHANNELS), torch.nan)
    long[:, kept] = short
    masks = [torch.ones_like(short, dtype=torch.bool), long.isfinite()]
    for strategy in (MEMBERS["carry"](), *FILLING):
        net = network(strategy, "forecast", **model)
        alone, with_gaps = (
            net(values, observed, observed)
            for values, observed in zip((short, long), masks, strict=True)
        )
        skips = strategy.kind == "carry"
        assert torch.allclose(alone, with_gaps, rtol=1e-5, atol=1e-6) is skips, strategy.label


@pytest.mark.parametrize("strategy", SKIPPING, ids=lambda one: one.label)
def test_trap_10_a_window_without_a_usable_step_gives_the_head_s_bias(strategy):
    values, observed, native = window()
    net = network(strategy, "forecast", num_layers=2, bidirectional=True)
    predicted = net(values, observed & False, native, CLOCK)
    assert torch.equal(predicted, net.head.bias.view(3, 2).expand_as(predicted))
