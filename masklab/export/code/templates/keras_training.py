"""Train a Keras network."""

# ruff: noqa: T201 (a script prints)

import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from masklab.export.code.templates.data import read_data
from masklab.export.code.templates.keras_batches import Windows
from masklab.export.code.templates.keras_features import SENTINEL
from masklab.export.code.templates.scaling import fit_scaler
from masklab.export.code.templates.settings import (
    BIDIRECTIONAL,
    CHANNELS,
    CLIP_NORM,
    DROPOUT,
    EPOCHS,
    EXPECTED,
    FEATURES,
    HIDDEN_SIZE,
    HORIZON,
    LEARNING_RATE,
    NUM_LAYERS,
    PATIENCE,
    SEED,
    TARGETS,
    WEIGHT_DECAY,
    WIDTH,
    WINDOW,
)
from masklab.export.code.templates.windows import freeze, training_starts, validation_starts


# %% The network
def lstm(*, every_step: bool) -> Any:
    """Return a layer; a Masking before it makes it skip masked steps and keep its state."""
    one = layers.LSTM(HIDDEN_SIZE, return_sequences=every_step)
    # Both ways, Keras gives zeros at masked steps where PyTorch's script repeats the last output.
    return layers.Bidirectional(one) if BIDIRECTIONAL else one


def network() -> Any:
    """Return the network, with Keras' own initial weights: they are not PyTorch's."""
    given = keras.Input((WINDOW, FEATURES))
    x = given
    # if: skips
    x = layers.Masking(SENTINEL)(x)
    # end
    for layer in range(NUM_LAYERS):
        if layer and DROPOUT:
            x = layers.Dropout(DROPOUT)(x)
        # if: head_last
        x = lstm(every_step=layer < NUM_LAYERS - 1)(x)  # of the last one the last usable step
        # end
        # if: head_mean head_attention reconstruct
        x = lstm(every_step=True)(x)
        # end
    # if: usable
    usable = ops.any(ops.not_equal(given, SENTINEL), axis=-1, keepdims=True)
    usable = ops.cast(usable, "float32")
    # end
    # if: head_mean
    # if: reads_all
    x = layers.GlobalAveragePooling1D()(x)
    # end
    # if: skips
    # GlobalAveragePooling1D divides by zero where no step is usable.
    x = ops.sum(x * usable, axis=1) / ops.maximum(ops.sum(usable, axis=1), 1.0)
    # end
    # end
    # if: head_attention
    scores = layers.Dense(1, use_bias=False)(layers.Dense(WIDTH, activation="tanh")(x))
    # if: skips
    scores = scores + (usable - 1.0) * 1e9  # a masked step weighs nothing
    x = x * usable
    # end
    x = ops.sum(ops.softmax(scores, axis=1) * x, axis=1)
    # end
    # if: forecast
    x = layers.Reshape((HORIZON, len(TARGETS)))(layers.Dense(HORIZON * len(TARGETS))(x))
    # end
    # if: reconstruct
    x = layers.Dense(len(TARGETS))(x)
    # end
    # if: from_line
    x = ops.take(given[:, :, :CHANNELS], TARGETS, axis=2) + x  # what the line gets wrong is learnt
    # end
    return keras.Model(given, x)


# %% Loss and learning rate
class LossWhereCounted(keras.losses.Loss):
    """The mean over the cells that count; the truth is NaN in others.

    NaN is replaced before it is subtracted: NaN * 0 is NaN, and so is its gradient.
    """

    def __call__(self, truth: Any, predicted: Any, sample_weight: Any = None) -> Any:
        """Return the loss of a batch."""
        counted = ops.logical_not(ops.isnan(truth))
        error = ops.where(counted, predicted - ops.where(counted, truth, 0.0), 0.0)
        # if: mse
        total = ops.sum(ops.square(error))
        # end
        # if: mae
        total = ops.sum(ops.absolute(error))
        # end
        return total / ops.maximum(ops.sum(ops.cast(counted, "float32")), 1.0)


class Rate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of each step."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """Return it."""
        # if: constant
        return LEARNING_RATE
        # end
        # if: one_cycle cosine
        done = ops.cast(step, "float32") / max(self.steps - 1, 1)

        def between(first: float, last: float, done: Any) -> Any:
            return last + (first - last) * (1 + ops.cos(math.pi * done)) / 2

        # end
        # if: cosine
        return between(LEARNING_RATE, LEARNING_RATE / 1000, done)
        # end
        # if: one_cycle
        rising = between(LEARNING_RATE / 25, LEARNING_RATE, done / 0.3)
        falling = between(LEARNING_RATE, LEARNING_RATE / 1000, (done - 0.3) / 0.7)
        return ops.where(done < 0.3, rising, falling)
        # end

    def get_config(self) -> dict[str, int]:
        """Return what makes another one like it."""
        return {"steps": self.steps}


def rmse_of(model: Any, windows: Windows) -> float:
    """Return the RMSE over all scored cells: the mean of the batches' means is not the mean."""
    squared, cells = 0.0, 0
    for index in range(len(windows)):
        read, truth = windows[index]
        error = np.asarray(model.predict_on_batch(read), dtype=np.float64) - truth
        squared, cells = squared + np.nansum(error**2), cells + np.isfinite(truth).sum()
    return math.sqrt(squared / cells)


# %% The whole run
def main() -> None:
    """Train, and print the score."""
    keras.utils.set_random_seed(SEED)
    data = read_data()
    # if: scored_observed
    scored = data.observed[:, TARGETS]
    # end
    # if: scored_native
    scored = data.native[:, TARGETS]
    # end
    training, validation = training_starts(data, scored), validation_starts(data, scored)
    scaler = fit_scaler(data)
    # if: reconstruct
    data, scored, validation = freeze(data, scored, validation)
    # end
    # if: counted_as_scored
    counted = scored
    # end
    # if: counted_native
    counted = data.native[:, TARGETS]  # what the strategy leaks, it trains on too
    # end
    learning = Windows(data, scaler, counted, training, training=True)
    scoring = Windows(data, scaler, scored, validation, training=False)
    model = network()
    optimizer = keras.optimizers.AdamW(
        Rate(EPOCHS * len(learning)), weight_decay=WEIGHT_DECAY, global_clipnorm=CLIP_NORM
    )
    model.compile(optimizer=optimizer, loss=LossWhereCounted())
    # Keras averages the losses of validation batches; MaskLab pools them to choose the best epoch.
    best = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=PATIENCE or EPOCHS, restore_best_weights=True
    )
    model.fit(
        learning, validation_data=scoring, epochs=EPOCHS, shuffle=False, callbacks=[best], verbose=2
    )
    print(f"rmse {rmse_of(model, scoring)!r}")
    if EXPECTED is not None:
        print(f"The run in MaskLab, from other initial weights: rmse {EXPECTED!r}")


if __name__ == "__main__":
    main()
