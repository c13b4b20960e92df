"""Feed windows to Keras."""

import math
from typing import Any

import keras
import numpy as np

from masklab.export.code.templates.data import Data
from masklab.export.code.templates.keras_features import Window, features
from masklab.export.code.templates.scaling import Scaler, scaled
from masklab.export.code.templates.settings import (
    BATCH_SIZE,
    HORIZON,
    INTERVAL,
    LENGTH,
    RATE,
    SEED,
    TARGETS,
    TRAINING_WINDOWS,
    WINDOW,
)


# %% Batches of windows
class Windows(keras.utils.PyDataset):
    """Batches of what the network reads and of the truth, which is NaN where it doesn't count."""

    def __init__(
        self,
        data: Data,
        scaler: Scaler,
        counted: np.ndarray,
        starts: np.ndarray,
        *,
        training: bool,
    ) -> None:
        super().__init__()
        self.data, self.scaler, self.counted = data, scaler, counted
        self.values = scaled(data, scaler)
        # if: mean
        self.mean = (scaler.mean - scaler.shift) / scaler.scale
        # end
        # if: zero
        self.zero = (0.0 - scaler.shift) / scaler.scale
        # end
        self.starts, self.training, self.epoch = starts, training, 0
        self.on_epoch_end()

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.order) / BATCH_SIZE)

    def on_epoch_end(self) -> None:
        """Draw an epoch's windows; those of validation keep their order."""
        self.epoch += 1
        self.order = self.starts
        if self.training:
            count = min(len(self.starts), TRAINING_WINDOWS or len(self.starts))
            generator = np.random.default_rng([SEED, self.epoch])
            self.order = generator.choice(self.starts, count, replace=False)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a batch."""
        starts = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        rows = starts[:, None] + np.arange(WINDOW)
        # if: reconstruct
        predicted = rows
        # end
        # if: forecast
        predicted = starts[:, None] + WINDOW + np.arange(HORIZON)
        # end
        observed, counted = self.data.observed[rows], self.counted[predicted]
        # if: reconstruct
        if self.training:
            # Hidden afresh by other random numbers than PyTorch's, at the same rate.
            counted = counted & self.hidden_afresh(index, counted.shape)
            everywhere = np.zeros_like(observed)
            everywhere[:, :, TARGETS] = counted
            observed = observed & ~everywhere
        # end
        # if: clock
        clock = self.data.clock
        # end
        # if: mean zero scale
        group = self.scaler.group[starts]
        # end
        window = Window(
            values=self.values[rows],
            observed=observed,
            # if: native
            native=self.data.native[rows],
            # end
            # if: clock
            clock=(clock[rows] - clock[starts, None]) / INTERVAL,
            # end
            # if: mean
            mean=self.mean[group, None],
            # end
            # if: zero
            zero=self.zero[group, None],
            # end
            # if: scale
            scale=self.scaler.scale[group, None],
            # end
        )
        target = self.values[:, TARGETS][predicted]
        return features(window), np.where(counted, target, np.nan).astype(np.float32)

    # if: reconstruct
    def hidden_afresh(self, index: int, shape: tuple[Any, ...]) -> np.ndarray:
        """Return which cells are hidden afresh: each with probability RATE, by stretches."""
        windows, time, targets = shape
        generator = np.random.default_rng([SEED, self.epoch, index])
        ranks = generator.random((windows, time + LENGTH - 1, targets))
        lowest = np.min([ranks[:, one : one + time] for one in range(LENGTH)], axis=0)
        return np.asarray(lowest < 1 - (1 - RATE) ** (1 / LENGTH))

    # end
