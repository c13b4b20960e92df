"""Draw what the LSTM sees under each strategy, from the strategies themselves.

    python docs/make_pictures.py

Writes docs/images/sees_KIND.svg for every strategy. The upper part has the signal (thin line), its
hidden steps (grey), and the value that is fed (dots; hollow where the cell is hidden; none where the
step is skipped; "?" where a trained network puts an estimate). The rows below are the other features,
dark for large. The speed at which `decay` fades is learnt: the picture has a quarter per step.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from masklab.catalogue import members
from masklab.charts.palette import look
from masklab.nn.decay import faded
from masklab.strategies.strategy import Features, Statistics, Strategy

FOLDER = Path(__file__).parent / "images"
STEP, LEFT, TOP, HEIGHT, ROW = 20, 96, 12, 96, 18
HIDDEN = (3, 8, 9, 10, 11, 12, 13, 19, 20)
STATISTICS = Statistics(
    mean=torch.tensor([0.0]), zero=torch.tensor([-1.2]), scale=torch.tensor([1.0])
)
NAMES = {
    1: (),
    2: ("m",),
    3: ("m", "δ"),
    4: ("m", "exp(-δ back)", "exp(-δ ahead)"),
}
"""What the features after the first are, by how many a channel has."""


def signal() -> tuple[Tensor, Tensor, Tensor]:
    """Return values, observed and clock (1, time, 1) of a wave with gaps; its 17th step is long."""
    steps = torch.arange(24)
    values = torch.sin(steps / 3.4 + 0.6) + 0.25 * torch.cos(steps * 1.3)
    observed = torch.tensor([step not in HIDDEN for step in range(24)])
    clock = steps + 2.0 * (steps >= 16)
    return values[None, :, None], observed[None, :, None], clock[None]


def picture(strategy: Strategy) -> str:
    """Return the SVG of one strategy."""
    values, observed, clock = signal()
    seen = strategy.features(values, observed, torch.ones_like(observed), STATISTICS, clock)
    names = NAMES[strategy.features_per_channel()]
    rows = [(name, seen.values[0, :, at + 1]) for at, name in enumerate(names)]
    if not names and seen.elapsed is not None:
        rows.append(("Δ", seen.elapsed[0, :, 0]))
    elif seen.elapsed is not None:
        rows.append(("δ", seen.elapsed[0, :, 0]))
    if seen.steps is not None:
        rows.insert(0, ("step taken", seen.steps[0].float()))
    across = [LEFT + STEP * (step + 0.5) for step in range(len(clock[0]))]
    parts = [
        *_shades(across, observed[0, :, 0], len(rows)),
        *_curve(across, values[0, :, 0]),
        *_dots(across, _fed(strategy, seen), observed[0, :, 0], seen.steps, strategy),
        *(part for at, (name, row) in enumerate(rows) for part in _strip(at, name, row, across)),
    ]
    width, height = LEFT + STEP * len(across) + 12, TOP + HEIGHT + 8 + ROW * len(rows) + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="11">',
            f"<title>What the LSTM sees under {strategy.kind}</title>",
            f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>',
            f'<text x="8" y="{TOP + HEIGHT / 2 + 4:g}" fill="#444">value fed</text>',
            *parts,
            "</svg>\n",
        ]
    )


def _fed(strategy: Strategy, seen: Features) -> Tensor:
    """Return the value that is fed at each step; NaN where a trained network estimates it."""
    values, mask = seen.values[0, :, 0], seen.values[0, :, -1]
    if strategy.recurrence == "decay" and seen.elapsed is not None:
        mean = STATISTICS.mean
        return mean + faded(0.25 * seen.elapsed[0, :, 0]).where(mask == 0, 1) * (values - mean)
    if strategy.recurrence == "rits":
        return values.where(mask > 0, math.nan)
    return values


def _up(value: float) -> float:
    """Return where a value lies: from -1.6 at the bottom to 1.6 at the top."""
    return TOP + HEIGHT * (1 - (value + 1.6) / 3.2)


def _shades(across: list[float], observed: Tensor, rows: int) -> list[str]:
    height = HEIGHT + 8 + ROW * rows
    return [
        f'<rect x="{x - STEP / 2:.1f}" y="{TOP}" width="{STEP}" height="{height}" fill="#eceef1"/>'
        for x, seen in zip(across, observed.tolist(), strict=True)
        if not seen
    ]


def _curve(across: list[float], values: Tensor) -> list[str]:
    points = " ".join(
        f"{x:.1f},{_up(value):.1f}" for x, value in zip(across, values.tolist(), strict=True)
    )
    return [f'<polyline points="{points}" fill="none" stroke="#9aa0a8" stroke-width="1"/>']


def _dots(
    across: list[float], fed: Tensor, observed: Tensor, steps: Tensor | None, strategy: Strategy
) -> list[str]:
    taken = torch.ones_like(observed) if steps is None else steps[0]
    colour, dots = look(strategy.kind).colour, []
    for x, value, seen, is_taken in zip(
        across, fed.tolist(), observed.tolist(), taken.tolist(), strict=True
    ):
        if math.isnan(value):
            dots.append(
                f'<text x="{x:.1f}" y="{_up(0) + 4:.1f}" fill="{colour}" text-anchor="middle" '
                'font-size="13" font-weight="bold">?</text>'
            )
        elif is_taken:
            fill = colour if seen else "#ffffff"
            dots.append(
                f'<circle cx="{x:.1f}" cy="{_up(value):.1f}" r="4" fill="{fill}" '
                f'stroke="{colour}" stroke-width="1.6"/>'
            )
    return dots


def _strip(at: int, name: str, row: Tensor, across: list[float]) -> list[str]:
    """Return one feature as a row of cells, from white for 0 to dark for its largest."""
    y, most = TOP + HEIGHT + 8 + ROW * at, max(float(row.max()), 1.0)
    cells = [f'<text x="8" y="{y + 12}" fill="#444">{name}</text>']
    for x, value in zip(across, row.tolist(), strict=True):
        dark = math.floor(value / most * 20 + 0.5) / 20
        cells.append(
            f'<rect x="{x - STEP / 2 + 1:.1f}" y="{y + 1}" width="{STEP - 2}" height="{ROW - 3}" '
            f'fill="#1f2a44" fill-opacity="{dark:g}" stroke="#c9ccd2" stroke-width="0.5"/>'
        )
    return cells


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for kind, member in members("masklab.strategies", Strategy).items():
        (FOLDER / f"sees_{kind}.svg").write_text(picture(member()), encoding="utf-8")


if __name__ == "__main__":
    main()
