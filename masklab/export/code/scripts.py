"""A run as a script in plain PyTorch: the code that its settings ask for, and no other."""

from __future__ import annotations

import textwrap

from masklab.errors import ExperimentError
from masklab.export.code.assembly import assembled
from masklab.export.code.tables import DataFacts
from masklab.export.code.words import Needs, needs_of
from masklab.runs.spec import Experiment
from masklab.strategies.strategy import OWN_RECURRENCES, Strategy
from masklab.training.config import Forecast, Reconstruct

_METHODS = {
    "standardise": "standardised",
    "robust": "robust",
    "minmax": "minmax",
    "none": "unscaled",
}
_METHOD = (
    "SHIFT_AND_SCALE: Callable[[np.ndarray], tuple[float, float]] = standardised  # set: method"
)

_ABOUT = """In plain PyTorch. Written by MaskLab, and needs it no more: torch, numpy and pandas are enough. It
reads data.csv and mask.csv beside it, trains, and prints the score that the run had.

    python run.py          train anew: equal to rounding, which grows over many epochs
    python run.py --kept   score the weights that the run kept, in weights.npz
"""


def script(  # noqa: PLR0913 (a run, its data and where it was computed)
    experiment: Experiment,
    strategy: Strategy,
    seed: int,
    data: DataFacts,
    *,
    device: str = "cpu",
    score: float | None = None,
) -> str:
    """Return a run as a Python script that needs torch, numpy and pandas alone.

    It reads `data.csv` and `mask.csv` beside it (see `tables`). `device`: where the run computed;
    `score`: its scaled RMSE, which the script names at its end. Raises `ExperimentError` for what a
    script can't repeat.
    """
    needs = needs_of(experiment, strategy)
    check(experiment, strategy, needs, padded=data.padded, device=device)
    settings = settings_of(experiment, strategy, seed, needs, data)
    settings["EXPECTED"] = f"EXPECTED = {score!r}  # the run's RMSE in MaskLab, scaled"
    return assembled(
        needs.parts,
        needs.words,
        settings,
        scaling_of(experiment),
        heading_of(experiment, strategy, seed, _ABOUT),
    )


def check(
    experiment: Experiment, strategy: Strategy, needs: Needs, *, padded: bool, device: str
) -> None:
    """Raise `ExperimentError` if a script would come to another score than the run."""
    skips, own = "skips" in needs.words, strategy.recurrence in OWN_RECURRENCES
    dropout = experiment.model.dropout > 0 and needs.layers > 1
    on_gpu = device.partition(":")[0] not in {"cpu", ""}
    draws = dropout or isinstance(experiment.task, Reconstruct)
    for what, stands in (
        (
            "computes in mixed precision",
            experiment.training.precision == "mixed"
            or (on_gpu and experiment.training.precision == "auto"),
        ),
        *beyond(experiment, strategy),
        (f"drew its random numbers on {device}", on_gpu and draws),
        ("pads short windows for a strategy that reads every step", padded and not skips),
        (
            "drops features between layers of an LSTM that skips steps",
            dropout and skips and not (own and needs.layers == 2),
        ),
    ):
        if stands:
            raise ExperimentError(
                f"This run {what}; a script can't repeat that to the same score yet. "
                f"Export another run, or train one that does without it on a CPU."
            )


def beyond(experiment: Experiment, strategy: Strategy) -> list[tuple[str, bool]]:
    """Return what no code is written for yet, and whether the run does it."""
    task, passes = experiment.task, strategy.refinements()
    return [
        (f"is a committee of {experiment.model.members} networks", experiment.model.members > 1),
        ("reads the calendar", bool(experiment.model.calendar)),
        (f"has {passes + 1} passes", passes > 0),
        ("takes each window's mean off", getattr(strategy, "centred", False)),
        (
            "hides by training_pattern or rate_to, or scores masked cells",
            isinstance(task, Reconstruct)
            and (
                task.scored == "masked"
                or task.rate_to is not None
                or task.training_pattern is not None
            ),
        ),
    ]


def heading_of(experiment: Experiment, strategy: Strategy, seed: int, about: str) -> str:
    """Return the docstring of a script, with which run it is; `about` ends it."""
    title = f"{experiment.name}: the strategy {strategy.label} with seed {seed}."
    title = "".join(one if one.isprintable() else " " for one in title)
    title = textwrap.fill(title.replace("\\", "/").replace('"', "'"), 96)
    return f'"""{title}\n\n{about}"""'


def scaling_of(experiment: Experiment) -> dict[str, str]:
    """Return what stands in the templates for how channels are scaled, and what a run has there."""
    return {_METHOD: f"SHIFT_AND_SCALE = {_METHODS[experiment.training.scaling]}"}


def settings_of(
    experiment: Experiment,
    strategy: Strategy,
    seed: int,
    needs: Needs,
    data: DataFacts,
) -> dict[str, str]:
    """Return a line for each setting."""
    channels, interval = data.channels, data.interval
    task, training, model = experiment.task, experiment.training, experiment.model
    forecast = isinstance(task, Forecast)
    names = channels if task.targets is None else task.targets
    lines = {
        "CHANNELS": (len(channels), ""),
        "TARGETS": (
            [channels.index(one) for one in names],
            "columns that are predicted: " + ", ".join(repr(one) for one in names),
        ),
        "INTERVAL": (interval, f"microseconds, the median step of the data ({interval / 1e6:g} s)"),
        "WINDOW": (task.window, "steps that the network reads"),
        "HORIZON": (
            task.horizon if isinstance(task, Forecast) else 0,
            "steps that it predicts" if forecast else "nothing after the window is predicted",
        ),
        "RATE": (getattr(task, "rate", None), "share of the observed cells that is hidden afresh"),
        "LENGTH": (
            task.length if isinstance(task, Reconstruct) and task.pattern == "blocks" else 1,
            "steps of a stretch that is hidden",
        ),
        "STRIDE": (training.stride, "steps between the starts of training windows"),
        "STRIDE_OF_VALIDATION": (training.stride if forecast else task.window, ""),
        "TRAINING_WINDOWS": (training.training_windows, "drawn anew each epoch; None is all"),
        "VALIDATION_WINDOWS": (training.validation_windows, "at most, evenly spread"),
        "FILL_VALUE": (needs.fill_value, "what stands in a hidden cell"),
        "FEATURES": (strategy.features_per_channel() * len(channels), "inputs of each step"),
        "HIDDEN_SIZE": (model.hidden_size, ""),
        "NUM_LAYERS": (needs.layers, ""),
        "DROPOUT": (model.dropout if needs.layers > 1 else 0.0, "between layers"),
        "BIDIRECTIONAL": (needs.both_ways, ""),
        "WIDTH": (model.hidden_size * (2 if needs.both_ways else 1), "of a step's output"),
        "OWN_WEIGHT": (strategy.auxiliary_weight(), "of the estimates' errors in the loss"),
        "SEED": (seed, ""),
        "EPOCHS": (training.epochs, "at most"),
        "PATIENCE": (training.patience, "epochs without a better score before it stops"),
        "BATCH_SIZE": (training.batch_size, ""),
        "LEARNING_RATE": (training.learning_rate, ""),
        "WEIGHT_DECAY": (training.weight_decay, ""),
        "CLIP_NORM": (training.clip_norm, "a longer gradient is cut to this length"),
        "DECIDING": (training.loss, "the validation score that says which epoch is best"),
    }
    return {
        name: f"{name} = {_literal(value)}" + (f"  # {comment}" if comment else "")
        for name, (value, comment) in lines.items()
    }


def _literal(value: object) -> str:
    """Return a value as a formatter writes it."""
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:_}" if isinstance(value, int) and not isinstance(value, bool) else repr(value)
