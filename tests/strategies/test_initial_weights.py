"""One seed gives every strategy the same initial weights; another seed gives others."""

import pytest
import torch
from strategy_cases import CHANNELS, MEMBERS, TASKS, VARIANTS, network, window

from masklab.nn import build_network
from masklab.training.config import Forecast, ModelConfig


def weights(strategy, task, seed=0, **model):
    """Return the weights by name, without the input columns beyond the channels."""
    found = dict(network(strategy, task, seed, **model).named_parameters())
    return {
        name: weight[:, :CHANNELS] if "weight_ih_l0" in name else weight
        for name, weight in found.items()
    }


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_strategy_starts_from_the_same_weights(bidirectional, task):
    first = weights(MEMBERS["mean_fill"](), task, num_layers=2, bidirectional=bidirectional)
    for strategy in VARIANTS:
        if task not in strategy.tasks:
            continue
        other = weights(strategy, task, num_layers=2, bidirectional=bidirectional)
        wider = strategy.both_ways and not bidirectional
        assert any(name.startswith("lstm.weight_hh_l0") for name in other)
        for name in first.keys() & other.keys():
            if wider and ("head." in name or "weight_ih_l1" in name):
                continue  # these read the outputs of both directions
            assert torch.equal(first[name], other[name]), (strategy.label, name)


def test_another_seed_gives_other_weights_and_the_same_seed_the_same():
    first, again, other = (weights(MEMBERS["mean_fill"](), "forecast", seed) for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)


def test_weights_have_the_spread_of_pytorch():
    network = build_network(
        MEMBERS["mean_fill"](),
        Forecast(),
        5,
        [0],
        ModelConfig(hidden_size=64, num_layers=2),
        seed=0,
    )
    for weight in network.parameters():
        bound = 64**-0.5
        assert weight.abs().max() <= bound
        if weight.numel() > 1000:
            assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)


def test_building_a_network_leaves_the_global_random_state_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    network(MEMBERS["mean_fill"](), "forecast")
    assert torch.equal(torch.get_rng_state(), before)


def test_statistics_are_saved_with_the_weights():
    trained = network(MEMBERS["mean_fill"](), "forecast")
    config = ModelConfig(hidden_size=8)
    fresh = build_network(
        MEMBERS["mean_fill"](), TASKS["forecast"], CHANNELS, [0, 2], config, seed=9
    )
    fresh.load_state_dict(trained.state_dict())
    given = window()
    assert torch.equal(fresh(*given), trained(*given))
