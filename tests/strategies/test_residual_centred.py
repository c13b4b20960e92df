"""`residual(centred=True)`: levels are taken off what is fed, not off what the prediction starts from."""

from __future__ import annotations

import torch

from masklab.strategies.residual import Residual
from masklab.strategies.strategy import Statistics

SHAPE = (3, 12, 2)


def fed(values, observed, **options):
    statistics = Statistics(*(torch.full((1, 1, 2), one) for one in (0.5, 0.0, 1.0)))
    return Residual(**options).features(values, observed, observed, statistics)


def test_a_level_is_in_the_base_and_not_in_what_is_fed():
    torch.manual_seed(0)
    values, observed = torch.randn(SHAPE), torch.rand(SHAPE) < 0.6
    observed[:, 0] = True
    one = fed(values, observed, centred=True)
    other = fed(values + 7, observed, centred=True)
    torch.testing.assert_close(one.values, other.values)
    torch.testing.assert_close(one.base + 7, other.base)
    plain = fed(values, observed)
    torch.testing.assert_close(one.base, plain.base)
    mean = torch.stack([values[k][observed[k][:, 1], 1].mean() for k in range(3)])
    torch.testing.assert_close(one.values[:, :, 1], plain.values[:, :, 1] - mean[:, None])
    torch.testing.assert_close(one.values[:, :, 2:], plain.values[:, :, 2:])


def test_what_is_hidden_changes_nothing_and_an_empty_channel_stands_at_the_mean():
    torch.manual_seed(1)
    values, observed = torch.randn(SHAPE), torch.rand(SHAPE) < 0.5
    observed[0, :, 0] = False
    one = fed(values, observed, centred=True)
    other = fed(torch.where(observed, values, torch.nan), observed, centred=True)
    assert torch.equal(one.values, other.values)
    assert torch.equal(one.values[0, :, 0], torch.zeros(12))
    assert torch.equal(one.base[0, :, 0], torch.full((12,), 0.5))
