"""Every mask rule on 1M x 8 cells, against one NumPy comparison over the array."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.made import made_panel
from benchmarks.measuring import Job, interleaved, ranking
from benchmarks.report import Progress, Report
from masklab.data.series import Panel
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Rule, Scene
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke

UNIT, STROKES = "one comparison", 1000
MINUTE = 60_000_000


def run(quick: bool, tell: Progress) -> Report:
    """Time each rule, and a recipe that holds them all."""
    size = 20_000 if quick else 1_000_000
    tell(f"{len(RULES)} rules on {size:,} x 8 cells")
    panel = made_panel(size, missing=0.05, zone="Europe/Berlin")
    rules = {kind: rule_for(kind, panel) for kind in RULES}
    scene = Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool, order="F"))
    recipe = MaskRecipe(layers=tuple(Layer(rule=rule) for rule in rules.values()))
    jobs: dict[str, Job] = {
        UNIT: lambda: panel.values > 0,
        **{kind: partial(rule.select, scene) for kind, rule in rules.items()},
        "a recipe of all": lambda: recipe.apply(panel),
    }
    rows = ranking(interleaved(jobs, turns=2 if quick else 4), UNIT)
    title = f"Mask rules on {size:,} x 8 cells"
    notes = (f"Cost relative to comparing the cells with 0 once; painted: {STROKES:,} strokes.",)
    return Report(title, rows, notes)


def rule_for(kind: str, panel: Panel) -> Rule:
    """Return the rule that a menu starts with; for the painter, a thousand strokes."""
    if kind != "painted":
        return RULES[kind].suggested(panel)
    start = int(panel.clock[0].astype(np.int64))
    ends = (panel.channels[0], panel.channels[-1])
    strokes = (
        Stroke(
            start=start + index * 500 * MINUTE,
            end=start + (index * 500 + 5000) * MINUTE,
            channels=None if index % 2 else ends,
            erase=index % 3 == 0,
        )
        for index in range(STROKES)
    )
    return Painted(strokes=tuple(strokes))
