"""Each strategy against its equation, worked out in NumPy cell by cell."""

import numpy as np
import pandas as pd
import pytest
import torch
from pydantic import ValidationError
from strategy_cases import CHANNELS, MEAN, MEMBERS, SCALE, STATISTICS, ZERO, window

from masklab.strategies.strategy import Statistics

VALUES, OBSERVED, NATIVE = window()
X, M, N = VALUES.numpy(), OBSERVED.numpy(), NATIVE.numpy()


def filled(mask: np.ndarray, constant: np.ndarray | float) -> np.ndarray:
    """Return m·x + (1-m)·constant, cell by cell."""
    result = np.empty_like(X)
    for cell in np.ndindex(*X.shape):
        fill = constant if np.isscalar(constant) else constant[cell[2]]
        result[cell] = X[cell] if mask[cell] else fill
    return result


def carried_forward() -> np.ndarray:
    """Return the last observation carried forward as pandas does it, the mean before the first."""
    frames = (pd.DataFrame(np.where(M[row], X[row], np.nan)) for row in range(len(X)))
    mean = dict(enumerate(MEAN.numpy()))
    return np.stack([frame.ffill().fillna(mean).to_numpy(np.float32) for frame in frames])


def features(kind: str, **options):
    made = MEMBERS[kind](**options).features(VALUES, OBSERVED, NATIVE, STATISTICS)
    return made.values.numpy(), None if made.steps is None else made.steps.numpy()


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("ignore", {}, filled(N, MEAN.numpy())),
        ("zero_fill", {}, filled(M, ZERO.numpy())),
        ("zero_fill", {"zero": "scaled"}, filled(M, 0.0)),
        ("zero_fill", {"value": -1.5}, filled(M, ZERO.numpy() - 1.5 / SCALE.numpy())),
        ("zero_fill", {"value": -1.5, "zero": "scaled"}, filled(M, -1.5)),
        ("mean_fill", {}, filled(M, MEAN.numpy())),
        ("indicator", {}, np.concatenate([filled(M, MEAN.numpy()), M], axis=2)),
        ("indicator", {"fill": "zero"}, np.concatenate([filled(M, ZERO.numpy()), M], axis=2)),
        ("indicator", {"fill": "forward"}, np.concatenate([carried_forward(), M], axis=2)),
        ("forward_fill", {}, carried_forward()),
    ],
)
def test_plain_strategies_feed_what_their_equation_says(kind, options, expected):
    values, steps = features(kind, **options)
    np.testing.assert_array_equal(values, expected.astype(np.float32))
    assert steps is None


@pytest.mark.parametrize(
    ("kind", "fill"),
    [("carry", MEAN.numpy()), ("reset", ZERO.numpy())],
)
def test_recurrent_strategies_mark_usable_steps_by_any_or_all(kind, fill):
    for collapse, usable in (("any", M.sum(2) > 0), ("all", M.sum(2) == CHANNELS)):
        values, steps = features(kind, collapse=collapse)
        np.testing.assert_array_equal(steps, usable)
        np.testing.assert_array_equal(values, filled(M, fill).astype(np.float32))
    assert MEMBERS[kind].recurrence == kind


def test_reset_fills_with_either_zero():
    values, _ = features("reset", zero="scaled")
    np.testing.assert_array_equal(values, filled(M, 0.0).astype(np.float32))


def test_raw_zero_and_scaled_zero_are_different_cells():
    raw, scaled = features("zero_fill")[0], features("zero_fill", zero="scaled")[0]
    assert (raw[~M] != scaled[~M]).all()
    assert torch.equal(torch.tensor(raw[M]), torch.tensor(scaled[M]))


@pytest.mark.parametrize("value", [0.0, -0.0, 0])
def test_a_fill_value_of_zero_is_zero_fill_as_it_ever_was(value):
    default = MEMBERS["zero_fill"]()
    made = MEMBERS["zero_fill"](value=value)
    assert made == default
    assert made.label == "zero_fill"
    np.testing.assert_array_equal(features("zero_fill", value=value)[0], filled(M, ZERO.numpy()))
    # Bit for bit: zero + 0 / scale would be NaN where float32 holds the scale as 0.
    tiny = Statistics(MEAN, ZERO, torch.zeros(CHANNELS))
    seen = made.features(VALUES, OBSERVED, NATIVE, tiny).values
    np.testing.assert_array_equal(seen.numpy(), filled(M, ZERO.numpy()))


@pytest.mark.parametrize(("value", "label"), [(-999, "value=-999.0"), (0.5, "value=0.5")])
def test_a_fill_value_is_told_in_the_label(value, label):
    assert MEMBERS["zero_fill"](value=value).label == f"zero_fill({label})"
    scaled = MEMBERS["zero_fill"](value=value, zero="scaled")
    assert scaled.label == f"zero_fill({label}, zero=scaled)"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_fill_value_that_is_no_number_is_refused(value):
    with pytest.raises(ValidationError, match="finite number"):
        MEMBERS["zero_fill"](value=value)


@pytest.mark.parametrize("value", [2e30, -1e300])
def test_a_fill_value_beyond_what_can_be_trained_on_is_refused(value):
    with pytest.raises(ValidationError, match="equal to"):
        MEMBERS["zero_fill"](value=value)


def test_a_fill_value_far_beyond_the_scale_stays_finite():
    for value in (1e30, -1e30):
        fill = MEMBERS["zero_fill"](value=value)
        small = Statistics(MEAN, ZERO, torch.full((CHANNELS,), 1e-20))
        seen = fill.features(VALUES, OBSERVED, NATIVE, small).values
        np.testing.assert_array_equal(seen.numpy()[~M], np.float32(value))
