"""Peers on the same windows in one run: PyPOTS' GRU-D, BRITS and SAITS, and an LSTM by Keras 3.

    make bench-peers PEERS="--data PATH/ETTh1.csv"

builds an environment of its own and runs this with one thread. ETTh1's 213 windows by TSI-Bench's protocol,
half of the cells hidden, hidden size 128, batches of 32: the seconds of an epoch, validation included, and
the test MAE on the hidden cells. Keras: whole steps hidden at random, half of them, `Masking` before its LSTM;
beside it `carry` with the same mask. What isn't installed is left out. A line of JSON for each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.imputation_protocol import WINDOW
from benchmarks.json_lines import JsonLines
from benchmarks.tsi_bench import Cell, prepared
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.runs.spec import STRATEGIES, parse_experiment
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training.config import ModelConfig, TrainingConfig
from masklab.training.loop import Run
from masklab.training.prepare import Prepared, prepare

HIDDEN, BATCH, WINDOWS = 128, 32, 213
OURS = ("decay", "brits", "residual")
POINTS, STEPS = "half of the cells", "half of the steps, whole"
BESIDE = (
    (POINTS, "PyPOTS", "GRU-D", "decay"),
    (POINTS, "PyPOTS", "BRITS", "brits"),
    (POINTS, "PyPOTS", "SAITS", "residual"),
    (STEPS, "Keras", "LSTM after Masking", "carry"),
)
"""Which peer is set beside which strategy."""
Line = dict[str, Any]


def ours(ready: Prepared, kind: str, epochs: int, seed: int = 0) -> Line:
    """Train a strategy; return seconds of an epoch, score and weights."""
    strategy = STRATEGIES[kind]()
    layers = 2 if kind == "residual" else 1
    run = Run(
        ready, strategy, seed,
        ModelConfig(hidden_size=HIDDEN, num_layers=layers, dropout=0.1 if layers > 1 else 0.0),
        TrainingConfig(
            epochs=epochs, batch_size=BATCH, learning_rate=3e-3, loss="mae", patience=None,
            training_windows=WINDOWS, validation_windows=None,
        ),
    )  # fmt: skip
    seconds = [one.seconds for one in run.reports()]
    found = run.predictions(TEST)
    error = np.abs(found.predicted - found.truth)[found.common]
    weights = sum(one.numel() for one in run.network.parameters())
    return {
        "epoch": float(np.median(seconds)),
        "mae": float(error.mean()),
        "parameters": weights,
        "epochs": epochs,
    }


def windows(ready: Prepared, part: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a part's windows that don't overlap, whole, and which cells are observed."""
    starts = ready.starts(part)[:: WINDOW if part == TRAINING else 1]
    rows = starts[:, None] + np.arange(WINDOW)
    return ready.values[rows], ready.observed[rows]


def pypots(ready: Prepared, epochs: int) -> Iterator[tuple[str, Line]]:
    """Train PyPOTS' models on the same windows; yield the name and line of each."""
    from pypots.imputation import BRITS, GRUD, SAITS  # noqa: PLC0415 (may be missing)

    parts = {part: windows(ready, part) for part in (TRAINING, VALIDATION, TEST)}
    given = {part: np.where(seen, values, np.nan) for part, (values, seen) in parts.items()}
    size = {
        "n_steps": WINDOW, "n_features": given[TEST].shape[2], "batch_size": BATCH, "epochs": epochs,
        "device": "cpu", "verbose": False, "model_saving_strategy": None,
    }  # fmt: skip
    makers: dict[str, Callable[[], Any]] = {
        "GRU-D": lambda: GRUD(rnn_hidden_size=HIDDEN, **size),
        "BRITS": lambda: BRITS(rnn_hidden_size=HIDDEN, **size),
        "SAITS": lambda: SAITS(
            n_layers=2, d_model=256, n_heads=4, d_k=64, d_v=64, d_ffn=128, dropout=0.1, **size
        ),
    }
    values, seen = parts[TEST]
    for name, make in makers.items():
        torch.manual_seed(0)
        model = make()
        began = time.perf_counter()
        model.fit({"X": given[TRAINING]}, {"X": given[VALIDATION], "X_ori": parts[VALIDATION][0]})
        seconds = (time.perf_counter() - began) / epochs
        found = np.asarray(model.predict({"X": given[TEST]})["imputation"]).reshape(values.shape)
        weights = sum(one.numel() for one in model.model.parameters())
        yield (
            name,
            {
                "epoch": seconds,
                "mae": float(np.abs(found - values)[~seen].mean()),
                "parameters": weights,
                "epochs": epochs,
            },
        )


def keras(ready: Prepared, epochs: int) -> Line:
    """Train Keras' LSTM behind `Masking` on the windows of a mask of whole steps."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras as library  # noqa: PLC0415 (takes seconds, and may be missing)
    import tensorflow  # noqa: PLC0415

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    library.utils.set_random_seed(0)
    parts = {part: windows(ready, part) for part in (TRAINING, VALIDATION, TEST)}
    channels = parts[TEST][0].shape[2]
    model = library.Sequential(
        [
            library.layers.Input((WINDOW, channels)),
            library.layers.Masking(0.0),
            library.layers.LSTM(HIDDEN, return_sequences=True),
            library.layers.Dense(channels),
        ]
    )
    model.compile(optimizer=library.optimizers.Adam(3e-3), loss="mae")
    seconds: list[float] = []

    class Clock(library.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, *_: Any) -> None:
            self.began = time.perf_counter()

        def on_epoch_end(self, *_: Any) -> None:
            seconds.append(time.perf_counter() - self.began)

    read = {part: np.where(seen, values, 0.0) for part, (values, seen) in parts.items()}
    counts = {part: (~seen[:, :, 0]).astype(np.float32) for part, (_, seen) in parts.items()}
    model.fit(
        read[TRAINING], parts[TRAINING][0], sample_weight=counts[TRAINING], batch_size=BATCH,
        epochs=epochs, verbose=0, callbacks=[Clock()],
        validation_data=(read[VALIDATION], parts[VALIDATION][0], counts[VALIDATION]),
    )  # fmt: skip
    values, seen = parts[TEST]
    found = model.predict(read[TEST], verbose=0)
    return {
        "epoch": float(np.median(seconds[1:])),  # the first one compiles
        "mae": float(np.abs(found - values)[~seen].mean()),
        "parameters": int(model.count_params()),
        "epochs": epochs,
    }


def data(path: Path, folder: Path, kinds: Iterable[str], recipe: MaskRecipe | None) -> Prepared:
    """Return the protocol's data for strategies, half of the cells hidden, or what a recipe hides."""
    plan, _ = prepared(path, Cell(path.stem, "point50", "residual", 0), folder)
    settings = plan.model_dump(mode="json")
    settings |= {} if recipe is None else {"recipe": recipe.model_dump(mode="json")}
    found = parse_experiment({**settings, "strategies": [{"kind": kind} for kind in kinds]})
    return prepare(found, found.load_panel())


def main(arguments: list[str] | None = None) -> None:
    """Measure what is installed, then print the table."""
    given = options().parse_args(arguments)
    torch.set_num_threads(1)
    kept = JsonLines(given.json)

    def add(mask: str, name: str, of: str, line: Line) -> None:
        kept.add({"mask": mask, "model": name, "of": of, **line})
        print(f"{mask}: {name} ({of}): {line['epoch']:.3f} s an epoch, MAE {line['mae']:.3f}, "
              f"{line['parameters']:,} parameters", flush=True)  # fmt: skip

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ready = data(given.data, folder, OURS, None)
        for kind in OURS:
            add(POINTS, kind, "MaskLab", ours(ready, kind, given.epochs))
        if find_spec("pypots"):
            for peer, line in pypots(ready, given.epochs):
                add(POINTS, peer, "PyPOTS", line)
        steps = Layer(name="steps", rule=Mcar(rate=0.5, together=True, seed=0))
        ready = data(given.data, folder, ("carry",), MaskRecipe(layers=(steps,)))
        add(STEPS, "carry", "MaskLab", ours(ready, "carry", given.epochs))
        if find_spec("keras"):
            add(STEPS, "LSTM after Masking", "Keras", keras(ready, given.epochs))


def options() -> argparse.ArgumentParser:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each model")
    return parser


if __name__ == "__main__":
    main()
