"""What every strategy must say and do, whichever file it came from."""

import json
import pickle
import subprocess
import sys
from typing import get_args

import pytest
import torch
from pydantic import ValidationError
from strategy_cases import CHANNELS, MEMBERS, STATISTICS, TASKS, VARIANTS, network, window

from masklab.nn import build_network
from masklab.strategies.strategy import Recurrence, Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct

SKIPPING = ("carry", "reset", "time_aware")
IDS = [strategy.label for strategy in VARIANTS]


def test_the_first_six_strategies_are_members():
    assert {"ignore", "zero_fill", "mean_fill", "indicator", "carry", "reset"} <= set(MEMBERS)


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_strategy_tells_what_it_is(kind):
    member = MEMBERS[kind]
    assert member.model_fields["kind"].default == kind
    assert member.title
    assert not member.title.endswith(".")
    assert member.source
    assert 80 < len(member.explanation) < 700
    assert "\n" not in member.explanation
    assert member.explanation.endswith(".")
    assert isinstance(member.causal, bool)
    assert member.tasks
    assert set(member.tasks) <= set(TASKS)
    assert member.recurrence in get_args(Recurrence)


def test_titles_differ():
    titles = [member.title for member in MEMBERS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("kind", MEMBERS)
def test_options_are_described_for_forms(kind):
    schema = MEMBERS[kind].model_json_schema()
    json.dumps(schema)
    for name, option in schema["properties"].items():
        if name != "kind":
            assert option["title"], name
            assert option["description"], name
            assert "default" in option, name
    assert "kind" not in schema.get("required", [])


@pytest.mark.parametrize("strategy", VARIANTS, ids=IDS)
def test_json_and_pickle_give_the_same_strategy(strategy):
    assert type(strategy).model_validate_json(strategy.model_dump_json()) == strategy
    assert pickle.loads(pickle.dumps(strategy)) == strategy  # noqa: S301


def test_labels_name_the_options_that_differ():
    assert MEMBERS["carry"]().label == "carry"
    assert MEMBERS["carry"](collapse="all").label == "carry(collapse=all)"
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("kind", MEMBERS)
def test_unknown_options_are_refused(kind):
    with pytest.raises(ValidationError):
        MEMBERS[kind](colour="red")


@pytest.mark.parametrize("strategy", VARIANTS, ids=IDS)
def test_features_are_finite_and_have_the_stated_width(strategy):
    values, observed, native = window()
    features = strategy.features(values, observed, native, STATISTICS)
    assert features.values.shape == (*values.shape[:2], strategy.features_per_channel() * CHANNELS)
    assert features.values.dtype == values.dtype
    assert features.values.isfinite().all()
    assert (features.steps is not None) == (strategy.recurrence in SKIPPING)
    if features.steps is not None:
        assert features.steps.shape == values.shape[:2]
        assert features.steps.dtype == torch.bool


@pytest.mark.parametrize("strategy", [one for one in VARIANTS if one.reads_values])
def test_observed_values_come_first_as_they_are(strategy):
    values, observed, native = window()
    first = strategy.features(values, observed, native, STATISTICS).values[..., :CHANNELS]
    if getattr(strategy, "centred", False):  # less one number for each window and channel
        off = torch.where(observed, values - first, torch.nan)
        mean = off.nanmean(dim=1, keepdim=True).expand_as(off)
        values = values - mean.where(observed, 0.0)
    torch.testing.assert_close(first[observed], values[observed])


@pytest.mark.parametrize("strategy", [one for one in VARIANTS if not one.reads_values])
def test_who_reads_no_values_sees_none(strategy):
    values, observed, native = window()
    fed = strategy.features(values, observed, native, STATISTICS).values
    other = strategy.features(7 - 3 * values, observed, native, STATISTICS).values
    assert torch.equal(fed, other)
    turned = strategy.features(values, ~observed & native, native, STATISTICS).values
    assert not torch.equal(fed, turned)


def test_the_mask_alone_is_the_one_that_reads_no_values():
    assert [kind for kind in MEMBERS if not MEMBERS[kind].reads_values] == ["mask_only"]


@pytest.mark.parametrize(
    ("strategy", "task"),
    [(strategy, task) for strategy in VARIANTS for task in strategy.tasks],
    ids=lambda one: one if isinstance(one, str) else one.label,
)
def test_a_network_predicts_the_targets(strategy, task):
    values, observed, native = window()
    prediction = network(strategy, task, num_layers=2, bidirectional=True)(values, observed, native)
    assert prediction.shape == (len(values), 3 if task == "forecast" else 8, 2)
    assert prediction.isfinite().all()


def test_menus_read_strategies_without_torch():
    code = (
        "import sys; from masklab.catalogue import members;"
        "from masklab.strategies.strategy import Strategy;"
        "found = members('masklab.strategies', Strategy);"
        "[member().label and member.model_json_schema() for member in found.values()];"
        "assert len(found) >= 6; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_base_class_can_not_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Strategy(kind="none")


@pytest.mark.parametrize("strategy", VARIANTS, ids=IDS)
@pytest.mark.parametrize("head", ["last", "mean", "attention"])
@pytest.mark.parametrize(("time", "batch", "channels"), [(1, 1, 1), (2, 3, 1), (5, 1, 2)])
def test_small_windows_train_every_weight_under_every_head(strategy, head, time, batch, channels):
    task = Forecast(window=time, horizon=1)
    if "forecast" not in strategy.tasks:
        task = Reconstruct(window=max(time, 2))
    model = ModelConfig(hidden_size=4, num_layers=2, bidirectional=True, head=head, dropout=0.2)
    net = build_network(strategy, task, channels, [0], model, seed=0)
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(batch, time, channels, generator=generator)
    observed = torch.rand(batch, time, channels, generator=generator) < 0.5
    prediction, auxiliary = net.with_auxiliary(values, observed, observed)
    (prediction.sum() + (0 if auxiliary is None else auxiliary)).backward()
    assert (auxiliary is not None) == (strategy.auxiliary_weight() > 0)
    for name, weight in net.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
    net.zero_grad()
    net.with_auxiliary(values, observed & False, observed)[0].sum().backward()
    for name, weight in net.named_parameters():
        assert weight.grad is not None, f"{name}, nothing observed"
        assert weight.grad.isfinite().all(), f"{name}, nothing observed"
    assert net.eval().with_auxiliary(values, observed, observed)[1] is None
