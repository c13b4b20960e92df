"""`carry` is what Keras does with a mask: same outputs, same last states, same gradients.

Skipped where Keras and TensorFlow are not installed. They come with the extra `bench`
(`pip install -e '.[test,bench]'`) and not with `test`: they are large, and lag behind new Pythons.
"""

from __future__ import annotations

import os
import warnings
from types import ModuleType

import numpy as np
import pytest
import torch
from step_masks import KINDS, mask
from torch import Tensor

from benchmarks.keras_lstm import is_installed
from masklab.nn import MaskedLSTM

pytestmark = [
    pytest.mark.slow,  # importing TensorFlow takes longer than all cases together
    pytest.mark.skipif(
        not is_installed(), reason="Keras is not installed: pip install -e '.[bench]'"
    ),
]
BATCH, TIME, FEATURE, HIDDEN = 8, 12, 3, 5
CLOSE = {torch.float32: 2e-6, torch.float64: 1e-12}


@pytest.fixture(scope="module")
def keras() -> ModuleType:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs, while they import
        import keras  # noqa: PLC0415 (it may be missing)
    return keras


@pytest.mark.parametrize("dtype", CLOSE, ids=str)
@pytest.mark.parametrize("bidirectional", [False, True], ids=["one_way", "both_ways"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_carry_is_what_keras_does(keras, kind, layers, bidirectional, dtype):
    torch.manual_seed(0)
    ours = MaskedLSTM(
        FEATURE,
        HIDDEN,
        layers,
        bidirectional=bidirectional,
        zero_output=bidirectional,  # as Keras' Bidirectional has it; its states carry
        dtype=dtype,
    )
    x = torch.randn(BATCH, TIME, FEATURE, dtype=dtype, requires_grad=True)
    observed = mask(kind, BATCH, TIME)
    output, (h, c) = ours(x, observed)
    weights = [torch.randn_like(one) for one in (output, h, c)]
    loss = sum((one * weight).sum() for one, weight in zip((output, h, c), weights, strict=True))
    (gradient,) = torch.autograd.grad(loss, x)
    theirs = _in_keras(keras, ours, x, observed, weights)
    for one, other in zip((output, h, c, gradient), theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=CLOSE[dtype])
    assert (theirs[-1][~observed] == 0).all()


def _in_keras(
    keras: ModuleType, ours: MaskedLSTM, x: Tensor, observed: Tensor, weights: list[Tensor]
) -> list[Tensor]:
    """Return Keras' output, last h and c, and the gradient of their weighted sum by x."""
    import tensorflow as tf  # noqa: PLC0415 (it may be missing)

    directions = 2 if ours.bidirectional else 1
    given, usable = tf.constant(x.detach().numpy()), tf.constant(observed.numpy())
    with tf.GradientTape() as tape:
        tape.watch(given)
        output, states = given, []
        for number in range(ours.num_layers):
            layer = keras.layers.LSTM(
                HIDDEN, return_sequences=True, return_state=True, dtype=_name(x.dtype)
            )
            if ours.bidirectional:
                layer = keras.layers.Bidirectional(layer, dtype=_name(x.dtype))
            layer.build(output.shape)
            layer.set_weights(_weights(ours, range(number * directions, (number + 1) * directions)))
            output, *last = layer(output, mask=usable)
            states += last
        h, c = tf.stack(states[::2]), tf.stack(states[1::2])  # each direction's h, then its c
        loss = sum(
            tf.reduce_sum(one * weight.numpy())
            for one, weight in zip((output, h, c), weights, strict=True)
        )
    gradient = tape.gradient(loss, given)
    return [torch.from_numpy(one.numpy()) for one in (output, h, c, gradient)]


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _weights(ours: MaskedLSTM, directions: range) -> list[np.ndarray]:
    """Return kernel, recurrent kernel and bias as Keras has them; gates stand in one order."""
    found: list[Tensor] = []
    for direction in directions:
        weight_ih, weight_hh, bias_ih, bias_hh = ours.all_weights[direction]
        found += [weight_ih.T, weight_hh.T, bias_ih + bias_hh]
    return [one.detach().numpy() for one in found]
