"""Time every rule on 1M x 8 cells, as a ratio to one NumPy comparison over the array.

Run `python benchmarks/rules.py`. Rounds are interleaved, so that a busy machine slows all alike;
the best of each is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from masklab.data.series import Panel
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Rule, Scene
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke

ROWS, ROUNDS, STROKES = 1_000_000, 5, 1000
MINUTE = 60_000_000


def main() -> None:
    """Print seconds and ratio of each rule, and of a recipe that holds them all."""
    panel = million()
    rules = {kind: rule_for(kind, panel) for kind in RULES}
    scene = Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool, order="F"))
    recipe = MaskRecipe(layers=tuple(Layer(rule=rule) for rule in rules.values()))
    jobs: dict[str, Callable[[], object]] = {
        "one comparison": lambda: panel.values > 0,
        **{kind: lambda rule=rule: rule.select(scene) for kind, rule in rules.items()},
        "a recipe of all": lambda: recipe.apply(panel),
    }
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - start)
    unit = best["one comparison"]
    print(f"{'rule':<18}{'seconds':>9}{'ratio':>8}   {ROWS:,} x {len(panel.channels)} cells")
    for name, seconds in best.items():
        print(f"{name:<18}{seconds:>9.3f}{seconds / unit:>8.1f}")


def million() -> Panel:
    """Return two series of noise with 5 % of cells missing, one value a minute, in a time zone."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(ROWS, 8))
    values[rng.random(values.shape) < 0.05] = np.nan
    first = ROWS * 6 // 10
    minutes = np.concatenate([np.arange(first), np.arange(ROWS - first)])
    return Panel(
        names=("one", "two"),
        offsets=np.array([0, first, ROWS]),
        clock=np.datetime64("2020-01-01", "us") + minutes * np.timedelta64(1, "m"),
        values=values,
        channels=tuple("abcdefgh"),
        timezone="Europe/Berlin",
    )


def rule_for(kind: str, panel: Panel) -> Rule:
    """Return the rule that a menu starts with; for the painter, a thousand strokes."""
    if kind != "painted":
        return RULES[kind].suggested(panel)
    start = int(panel.clock[0].astype(np.int64))
    strokes = (
        Stroke(
            start=start + index * 500 * MINUTE,
            end=start + (index * 500 + 5000) * MINUTE,
            channels=None if index % 2 else ("a", "h"),
            erase=index % 3 == 0,
        )
        for index in range(STROKES)
    )
    return Painted(strokes=tuple(strokes))


if __name__ == "__main__":
    main()
