"""What is made of clock time, against NumPy's interpolation and the equations step by step."""

import numpy as np
import pytest
import torch
from strategy_cases import CHANNELS, CLOCK, MEAN, MEMBERS, STATISTICS, window

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
