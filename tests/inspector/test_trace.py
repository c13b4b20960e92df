"""What the inspector shows is what the network does, to the last digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from masklab.errors import ExperimentError
from masklab.inspector import SERVED, Excerpt, Output, Window, excerpt, small
from masklab.inspector.example import example
from masklab.inspector.trace import trace
from masklab.inspector.window import served
from masklab.nn import MaskedNetwork, build_network
from masklab.training.config import Forecast, ModelConfig

HEADS = ("last", "mean", "attention")
SKIPPING = ("carry", "reset", "time_aware")


@pytest.fixture(scope="module")
def cut() -> Excerpt:
    return excerpt(example())


@pytest.fixture(scope="module")
def window(cut: Excerpt) -> Window:
    """A window with whole steps and single cells masked, the last step too."""
    found = cut.at(cut.telling)
    window = replace(found, observed=found.native.copy())
    window.observed[10:14] = False
    window.observed[20, 0] = window.observed[30, 1] = False
    window.observed[-1] = False
    return window


def network(cut: Excerpt, kind: str, head: str = "last") -> MaskedNetwork:
    """Weights that are all away from zero, so that nothing agrees by chance."""
    task = Forecast(window=cut.window, horizon=cut.prepared.horizon)
    model = ModelConfig(hidden_size=16, head=head)
    made = build_network(served(kind), task, 2, (0, 1), model, seed=3)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    made.set_statistics(small.untrained(cut, small.Wish(kind)))
    return made.eval()


def own(made: MaskedNetwork, window: Window) -> torch.Tensor:
    arrays = (window.values, window.observed, window.native, window.clock)
    with torch.no_grad():
        return made(*(torch.from_numpy(one[None].copy()) for one in arrays))[0]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", SERVED)
def test_the_prediction_is_the_network_s_own(
    cut: Excerpt, window: Window, kind: str, head: str
) -> None:
    made = network(cut, kind, head)
    found = trace(made, window)
    assert np.abs(found.prediction - own(made, window).numpy()).max() < 1e-6
    assert found.weights.sum() == pytest.approx(1, abs=1e-6)
    assert (found.attention is not None) == (head == "attention")


@pytest.mark.parametrize("kind", SERVED)
def test_every_state_is_the_network_s_own(cut: Excerpt, window: Window, kind: str) -> None:
    made = network(cut, kind)
    outputs: list[torch.Tensor] = []
    made.lstm.register_forward_hook(lambda *call: outputs.append(call[-1][0]))
    own(made, window)
    found = trace(made, window)
    assert np.abs(found.h - outputs[0][0].numpy()).max() < 1e-6


@pytest.mark.parametrize("kind", SERVED)
def test_gates_give_the_states(cut: Excerpt, window: Window, kind: str) -> None:
    found = trace(network(cut, kind), window)
    took = ~np.isnan(found.i).any(axis=1)
    assert (took == found.usable).all()
    c = found.f * found.c_before + found.i * found.g
    assert np.abs(c - found.c)[took].max() < 1e-6
    assert np.abs(found.o * np.tanh(found.c) - found.h)[took].max() < 1e-6
    sums = found.from_input + found.from_state + found.bias
    i, f, g, o = np.split(sums, 4, axis=1)
    for gate, total in ((found.i, i), (found.f, f), (found.o, o)):
        assert np.abs(1 / (1 + np.exp(-total)) - gate)[took].max() < 1e-6
    assert np.abs(np.tanh(g) - found.g)[took].max() < 1e-6


@pytest.mark.parametrize("kind", SERVED)
@pytest.mark.parametrize("output", [Output(0, 0), Output(3, 1)])
def test_the_gradient_is_the_slope(cut: Excerpt, window: Window, kind: str, output: Output) -> None:
    """The slow twin moves one cell at a time and looks at the forecast, in double precision."""
    made = network(cut, kind).double()
    wide = replace(
        window, values=window.values.astype(np.float64), clock=window.clock.astype(np.float64)
    )
    found = trace(network(cut, kind), window, output).gradient
    for step, channel in ((0, 0), (9, 1), (12, 0), (20, 0), (21, 0), (47, 1), (48, 0), (49, 1)):
        ends = []
        for shift in (-1e-5, 1e-5):
            moved = replace(wide, values=wide.values.copy())
            moved.values[step, channel] += shift
            ends.append(own(made, moved)[output.step, output.channel].item())
        assert found[step, channel] == pytest.approx((ends[1] - ends[0]) / 2e-5, abs=2e-5)


def test_under_carry_hidden_cells_have_exactly_no_gradient(cut: Excerpt, window: Window) -> None:
    found = trace(network(cut, "carry"), window)
    assert (found.gradient[~window.observed] == 0).all()
    masked = ~window.observed.any(axis=1)
    assert (found.by_feature[masked] == 0).all()
    assert (np.abs(found.by_feature[~masked]).sum(axis=1) > 0).all()


def test_under_zero_fill_what_was_filled_in_moves_the_forecast(
    cut: Excerpt, window: Window
) -> None:
    found = trace(network(cut, "zero_fill"), window)
    masked = ~window.observed.any(axis=1)
    assert (np.abs(found.by_feature[masked]) > 0).all()
    after = np.flatnonzero(masked)[0] + 4
    assert (np.abs(found.gradient[after:][window.observed[after:]]) > 0).all()
    assert (found.gradient[~window.observed] == 0).all()


def test_ignore_alone_reads_hidden_cells(cut: Excerpt, window: Window) -> None:
    for kind in SERVED:
        hidden = trace(network(cut, kind), window).gradient[~window.observed]
        assert (hidden != 0).any() == (kind == "ignore")


def test_masking_a_step_holds_the_state_under_carry_and_moves_it_under_zero_fill(
    cut: Excerpt, window: Window
) -> None:
    masked = window.toggled([40])
    assert not masked.observed[40].any()
    for kind in ("carry", "reset", "zero_fill"):
        found = trace(network(cut, kind), masked)
        stood = (found.h[40] == found.h[39]).all() and (found.c[40] == found.c[39]).all()
        assert stood == (kind == "carry")
        assert (found.h[40] == 0).all() == (kind == "reset")
        assert (found.h[41] != trace(network(cut, kind), window).h[41]).any()


def test_masking_twice_changes_nothing_and_unmasking_shows_what_the_file_has(
    window: Window,
) -> None:
    assert (window.toggled([5]).toggled([5]).observed == window.observed).all()
    assert window.toggled([11]).observed[11].all()
    assert (window.toggled([-1, 999]).observed == window.observed).all()


def test_a_window_without_a_usable_step_gives_numbers(cut: Excerpt, window: Window) -> None:
    empty = replace(window, observed=np.zeros_like(window.observed))
    for kind in SERVED:
        for head in HEADS:
            made = network(cut, kind, head)
            found = trace(made, empty)
            assert np.isfinite(found.prediction).all()
            assert np.abs(found.prediction - own(made, empty).numpy()).max() < 1e-6
            assert (found.gradient == 0).all() or kind == "ignore"


def test_fades_are_there_where_something_fades(cut: Excerpt, window: Window) -> None:
    names = {kind: set(trace(network(cut, kind), window).fades) for kind in SERVED}
    assert names.pop("decay") == {"γ_x", "γ_h"}
    assert names.pop("rits") == {"γ_h"}
    assert names.pop("time_aware") == {"g(Δ)"}
    assert not any(names.values())


@pytest.mark.parametrize("kind", SERVED)
def test_every_feature_has_a_name(cut: Excerpt, window: Window, kind: str) -> None:
    found = trace(network(cut, kind), window)
    assert found.features.shape[1] == len(found.names) == len(set(found.names))


@pytest.mark.parametrize("kind", ["brits", "residual", "nothing"])
def test_what_is_not_shown_is_said(kind: str) -> None:
    with pytest.raises(ExperimentError, match="can't show"):
        served(kind)


def test_a_larger_network_is_turned_away(cut: Excerpt, window: Window) -> None:
    task = Forecast(window=cut.window, horizon=cut.prepared.horizon)
    made = build_network(served("carry"), task, 2, (0, 1), ModelConfig(num_layers=2), seed=0)
    with pytest.raises(ExperimentError, match="2 layers"):
        trace(made, window)
