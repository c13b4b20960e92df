"""Keras 3 on TensorFlow with the same weights and the same mask, where it is installed."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.measuring import Job

AGREEMENT = 1e-5
"""The most that an output may differ from ours before it is timed."""


def is_installed() -> bool:
    """Say whether Keras and TensorFlow are there; without importing them."""
    return all(find_spec(name) is not None for name in ("keras", "tensorflow"))


@cache
def _libraries() -> tuple[Any, Any]:
    """Import Keras on TensorFlow, one thread; only where it is asked for."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras  # noqa: PLC0415 (takes seconds, and may be missing)
    import tensorflow  # noqa: PLC0415

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return keras, tensorflow


@cache
def _layer(feature: int, hidden: int, bidirectional: bool) -> tuple[Any, Any]:
    """Return an LSTM and its compiled pass: one for each size, as compiling takes a second."""
    keras, tensorflow = _libraries()
    layer = keras.layers.LSTM(hidden, return_sequences=True)
    if bidirectional:
        layer = keras.layers.Bidirectional(layer)
    layer.build((None, None, feature))

    @tensorflow.function
    def learn(x: Any, mask: Any, weight: Any) -> tuple[Any, Any]:
        with tensorflow.GradientTape() as tape:
            output = layer(x, mask=mask, training=True)
            loss = tensorflow.reduce_sum(output * weight)
        return output, tape.gradient(loss, [one.value for one in layer.trainable_variables])

    return layer, learn


def keras_pass(lstm: nn.LSTM, x: Tensor, observed: Tensor, weight: Tensor, expected: Tensor) -> Job:
    """Return Keras' forward and backward pass with the weights of `lstm`.

    Raises `AssertionError` if its outputs differ from the expected ones by more than 1e-5.
    """
    _, tensorflow = _libraries()
    layer, learn = _layer(lstm.input_size, lstm.hidden_size, lstm.bidirectional)
    layer.set_weights(_weights(lstm))
    given = [tensorflow.constant(one.numpy()) for one in (x, observed, weight)]
    output = torch.from_numpy(learn(*given)[0].numpy())
    torch.testing.assert_close(output, expected, rtol=0, atol=AGREEMENT)
    return lambda: learn(*given)


def _weights(lstm: nn.LSTM) -> list[Any]:
    """Return kernel, recurrent kernel and bias of each direction; gates stand in one order."""
    weights = []
    for weight_ih, weight_hh, bias_ih, bias_hh in lstm.all_weights:
        weights += [weight_ih.T, weight_hh.T, bias_ih + bias_hh]
    return [one.detach().numpy() for one in weights]
