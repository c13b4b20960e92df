"""What is made of clock time, against NumPy's interpolation and the equations step by step."""

import numpy as np
import pytest
import torch
from strategy_cases import CHANNELS, CLOCK, MEAN, MEMBERS, STATISTICS, network, window

VALUES, OBSERVED, NATIVE = window()
X, M, S = VALUES.double().numpy(), OBSERVED.numpy(), CLOCK.double().numpy()
STEPS = np.broadcast_to(np.arange(8.0), S.shape)
CLOCKS = pytest.mark.parametrize(("clock", "s"), [(CLOCK, S), (None, STEPS)], ids=["clock", "none"])


def lines(s: np.ndarray) -> np.ndarray:
    """Return each channel as `np.interp` draws it through its observed cells; x̄ without any."""
    result = np.empty_like(X)
    for row, channel in np.ndindex(len(X), CHANNELS):
        seen = M[row, :, channel]
        if seen.any():
            points = X[row, seen, channel]
            result[row, :, channel] = np.interp(s[row], s[row, seen], points)
        else:
            result[row, :, channel] = MEAN[channel]
    return result


def elapsed(s: np.ndarray) -> np.ndarray:
    """Return δ_t = s_t - s_{t-1} + (1 - m_{t-1}) δ_{t-1}, δ_1 = 0, as in Che et al. 2018."""
    delta = np.zeros(X.shape)
    for row, t, channel in np.ndindex(*X.shape):
        if t > 0:
            delta[row, t, channel] = s[row, t] - s[row, t - 1]
            if not M[row, t - 1, channel]:
                delta[row, t, channel] += delta[row, t - 1, channel]
    return delta


def features(kind: str, clock: torch.Tensor | None, **options) -> np.ndarray:
    made = MEMBERS[kind](**options).features(VALUES, OBSERVED, NATIVE, STATISTICS, clock)
    return made.values.numpy()


@CLOCKS
def test_interpolate_draws_lines_in_clock_time(clock, s):
    np.testing.assert_allclose(features("interpolate", clock), lines(s), atol=1e-5)


@CLOCKS
def test_interval_counts_the_time_since_the_last_observed_cell(clock, s):
    filled = np.where(M, X, MEAN.numpy())
    expected = np.concatenate([filled, M, elapsed(s)], axis=2)
    np.testing.assert_allclose(features("interval", clock), expected, atol=1e-6)
    expected[..., 2 * CHANNELS :] = np.log(1 + elapsed(s))
    got = features("interval", clock, logarithm=True)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_clock_changes_what_the_line_says():
    assert not np.allclose(features("interpolate", CLOCK), features("interpolate", None))


def test_observed_cells_stay_as_they_are_to_the_bit():
    got = torch.tensor(features("interpolate", CLOCK))
    assert torch.equal(got[OBSERVED], VALUES[OBSERVED])


def nearness(s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(-time to the nearest observed cell) back, the present one included, and ahead."""
    back, ahead = np.zeros(X.shape), np.zeros(X.shape)
    for row, t, channel in np.ndindex(*X.shape):
        seen = s[row, M[row, :, channel]]
        before, after = seen[seen <= s[row, t]], seen[seen >= s[row, t]]
        if before.size:
            back[row, t, channel] = np.exp(before[-1] - s[row, t])
        if after.size:
            ahead[row, t, channel] = np.exp(s[row, t] - after[0])
    return back, ahead


@CLOCKS
def test_residual_sees_the_line_the_mask_and_how_near_its_ends_are(clock, s):
    expected = np.concatenate([lines(s), M, *nearness(s)], axis=2)
    np.testing.assert_allclose(features("residual", clock), expected, atol=1e-5)


def test_residual_predicts_the_difference_from_the_line():
    net = network(MEMBERS["residual"](), "reconstruct")
    assert net.lstm.bidirectional, "whatever the settings say"
    predicted = net(VALUES, OBSERVED, NATIVE, CLOCK).detach().numpy()
    fed = torch.tensor(features("residual", CLOCK))
    difference = net.head(net.lstm(fed)[0]).detach().numpy()
    assert np.abs(difference).max() > 0.01
    np.testing.assert_allclose(predicted, lines(S)[:, :, [0, 2]] + difference, atol=1e-5)


def test_residual_can_not_forecast():
    assert MEMBERS["residual"].tasks == ("reconstruct",)
