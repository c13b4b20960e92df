"""The nearest Keras 3 version of a run, for strategies that its layers can express."""

from __future__ import annotations

from masklab.errors import ExperimentError
from masklab.export.code.assembly import assembled
from masklab.export.code.scripts import beyond, heading_of, scaling_of, settings_of
from masklab.export.code.tables import DataFacts
from masklab.export.code.words import needs_of
from masklab.runs.spec import STRATEGIES, Experiment
from masklab.strategies.strategy import Strategy

_EXPRESSIBLE = ("plain", "carry")
_PARTS = ("data", "scaling", "windows", "keras_features", "keras_batches", "keras_training")
_ABOUT = """In Keras 3, as near as it comes. Written by MaskLab, and needs it no more: keras with one of its
backends, numpy and pandas are enough. It reads data.csv and mask.csv beside it.

Data, mask, scaling, windows, network, loss and learning rate are the run's. Initial weights and
random numbers are Keras' own: the score is one that another seed could have had. The run's own
comes of run.py, the same in PyTorch.
"""


def keras_script(
    experiment: Experiment,
    strategy: Strategy,
    seed: int,
    data: DataFacts,
    *,
    score: float | None = None,
) -> str:
    """Return the nearest Keras 3 version of a run; arguments and data as those of `script`.

    Raises `ExperimentError` for what Keras' layers can't express.
    """
    needs = needs_of(experiment, strategy)
    for what, stands in (
        (
            f"uses the strategy {strategy.kind}, for whose recurrence Keras has no layer (it can "
            f"express {', '.join(_kinds())})",
            strategy.recurrence not in _EXPRESSIBLE,
        ),
        (
            "pads short windows for a strategy that reads every step",
            data.padded and strategy.recurrence != "carry",
        ),
        *beyond(experiment, strategy),
        ("counts all cells in its loss", experiment.training.loss_on == "all"),
    ):
        if stands:
            raise ExperimentError(
                f"This run {what}: there is no Keras version of it. Export the PyTorch script instead."
            )
    words = set(needs.words)
    if "skips" in words and words & {"head_mean", "head_attention"}:
        words.add("usable")
    settings = settings_of(experiment, strategy, seed, needs, data)
    settings["EXPECTED"] = f"EXPECTED = {score!r}  # the run's RMSE in MaskLab, scaled"
    return assembled(
        _PARTS,
        words,
        settings,
        scaling_of(experiment),
        heading_of(experiment, strategy, seed, _ABOUT),
    )


def _kinds() -> list[str]:
    return [kind for kind, one in STRATEGIES.items() if one.recurrence in _EXPRESSIBLE]
