"""Every strategy with every choice of its options, and a window to try them on."""

from typing import Literal, get_args, get_origin

import torch
from torch import Tensor

from masklab.catalogue import members
from masklab.nn import build_network
from masklab.strategies.strategy import Statistics, Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct

MEMBERS = members("masklab.strategies", Strategy)
TASKS = {"forecast": Forecast(window=8, horizon=3), "reconstruct": Reconstruct(window=8)}

CHANNELS = 3
MEAN = torch.tensor([0.5, -1.0, 0.25])
ZERO = torch.tensor([-2.0, 3.0, -0.75])
SCALE = torch.tensor([2.0, 0.125, 40.0])
STATISTICS = Statistics(mean=MEAN, zero=ZERO, scale=SCALE)


def variants() -> list[Strategy]:
    """Return each member with its defaults, with each other choice of each option, other fillings."""
    found: list[Strategy] = []
    for member in MEMBERS.values():
        found.append(member())
        for name, field in member.model_fields.items():
            if get_origin(field.annotation) is Literal and name != "kind":
                others = [one for one in get_args(field.annotation) if one != field.default]
                found += [member(**{name: other}) for other in others]
            elif field.annotation is bool:
                found.append(member(**{name: not field.default}))
    zero_fill = MEMBERS["zero_fill"]
    return [*found, zero_fill(value=-1.5), zero_fill(value=-1.5, zero="scaled")]


VARIANTS = variants()


def uneven_clock(batch: int = 16) -> Tensor:
    """Return a clock (batch, time) whose steps are a quarter to three median intervals long."""
    generator = torch.Generator().manual_seed(1)
    steps = torch.randint(1, 13, (batch, 8), generator=generator) / 4
    steps[:, 0] = 0
    return steps.cumsum(dim=1)


CLOCK = uneven_clock()


def window(batch: int = 16) -> tuple[Tensor, Tensor, Tensor]:
    """Return values, observed, native (batch, time, channel): NaN where not native.

    Rows hold every kind of gap: random cells, whole steps, nothing hidden, everything hidden.
    """
    generator = torch.Generator().manual_seed(0)
    shape = (batch, 8, CHANNELS)
    values = torch.randn(shape, generator=generator)
    native = torch.rand(shape, generator=generator) < 0.8
    observed = native & (torch.rand(shape, generator=generator) < 0.6)
    steps = torch.rand(shape[:2], generator=generator) < 0.7
    observed[::2] &= steps[::2, :, None]
    native[0], observed[0] = True, True
    observed[1] = False
    return values.where(native, torch.nan), observed, native


def network(strategy: Strategy, task: str, seed: int = 0, **model):
    """Return a small network of that strategy with the statistics above."""
    config = ModelConfig(hidden_size=8, **model)
    built = build_network(strategy, TASKS[task], CHANNELS, [0, 2], config, seed)
    built.set_statistics(STATISTICS)
    return built
