"""Small LSTMs, trained in a second or two where they are looked into, and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from masklab.inspector.excerpt import Excerpt
from masklab.inspector.window import served
from masklab.training.config import ModelConfig, TrainingConfig

if TYPE_CHECKING:
    from masklab.nn.network import MaskedNetwork

Head = Literal["last", "mean", "attention"]
HIDDEN = 16
EPOCHS = 12
_TRAINING = TrainingConfig(
    epochs=EPOCHS,
    batch_size=32,
    learning_rate=2e-2,
    patience=None,
    training_windows=320,
    validation_windows=64,
)
_KEPT = 64

Progress = Callable[[float], None]
"""Takes the share of the training that is done, 0 to 1."""


@dataclass(frozen=True)
class Wish:
    """Which small LSTM: `kind` of its strategy, seed of its weights and batches, its head."""

    kind: str
    seed: int = 0
    head: Head = "last"


_networks: OrderedDict[tuple[str, Wish], MaskedNetwork] = OrderedDict()
_lock = threading.Lock()
_training = threading.Lock()


def known(excerpt: Excerpt, wish: Wish) -> MaskedNetwork | None:
    """Return the trained network if it was trained before."""
    with _lock:
        network = _networks.get((excerpt.key, wish))
        if network is not None:
            _networks.move_to_end((excerpt.key, wish))
        return network


def untrained(excerpt: Excerpt, wish: Wish) -> MaskedNetwork:
    """Return the network as training begins; the same weights for every strategy of a seed."""
    from masklab.training.loop import Run  # noqa: PLC0415, with torch behind it

    run = Run(excerpt.prepared, served(wish.kind), wish.seed, _model(wish), _TRAINING)
    return cast("MaskedNetwork", run.network.eval())  # no committee: _model has one member


def trained(excerpt: Excerpt, wish: Wish, progress: Progress | None = None) -> MaskedNetwork:
    """Train the network, or return the one trained before; the same wish gives the same bits.

    How long it trains is counted in epochs, never in seconds, so that a link shows the same numbers
    on any machine of a kind. One network trains at a time.
    """
    with _training:
        found = known(excerpt, wish)
        if found is not None:
            return found
        network = _train(excerpt, wish, progress)
    with _lock:
        _networks[excerpt.key, wish] = network
        while len(_networks) > _KEPT:
            _networks.popitem(last=False)
    return network


def _train(excerpt: Excerpt, wish: Wish, progress: Progress | None) -> MaskedNetwork:
    from masklab.training.loop import Run  # noqa: PLC0415

    run = Run(excerpt.prepared, served(wish.kind), wish.seed, _model(wish), _TRAINING)
    for report in run.reports():
        if progress:
            progress(report.epoch / report.epochs)
    network = cast("MaskedNetwork", run.network.eval())
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network


def _model(wish: Wish) -> ModelConfig:
    return ModelConfig(hidden_size=HIDDEN, head=wish.head)
