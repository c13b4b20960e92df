"""Every mask rule on 1M x 8 cells, against one NumPy comparison over the array."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.made import made_panel
from benchmarks.measuring import Job, interleaved, ranking
from benchmarks.report import Progress, Report
from masklab.data.series import Panel
from masklab.masks.generators.bursts import Bursts
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Rule, Scene
from masklab.masks.rules.expression import ExpressionRule
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke

UNIT, STROKES = "one comparison", 1000
MINUTE = 60_000_000
EXPRESSIONS = {
    "expression, compared": ExpressionRule(expression="value > 0.5 and hour < 6"),
    "expression, window of 61": ExpressionRule(
        expression="abs(value - rolling_median(value, 61)) > 3 * rolling_mad(value, 61)"
    ),
}


def run(quick: bool, tell: Progress) -> Report:
    """Time each rule, and a recipe that holds them all."""
    size = 20_000 if quick else 1_000_000
    tell(f"{len(RULES)} rules on {size:,} x 8 cells")
    panel = made_panel(size, missing=0.05, zone="Europe/Berlin")
    rules = {kind: rule_for(kind, panel) for kind in RULES}
    everywhere = np.ones(panel.values.shape, dtype=bool, order="F")
    scene = Scene(panel, panel.native, everywhere)
    hidden = Scene(panel, panel.native & ~Bursts(rate=0.1).select(scene), everywhere)
    recipe = MaskRecipe(layers=tuple(Layer(rule=rule) for rule in rules.values()))
    jobs: dict[str, Job] = {
        UNIT: lambda: panel.values > 0,
        **{
            # What changes the shape of the hidden cells needs some.
            kind: partial(rule.select, hidden if rule.family == "Shape of the mask" else scene)
            for kind, rule in rules.items()
        },
        **{name: partial(rule.select, scene) for name, rule in EXPRESSIONS.items()},
        "a recipe of all": lambda: recipe.apply(panel),
    }
    rows = ranking(interleaved(jobs, turns=2 if quick else 4), UNIT)
    title = f"Mask rules on {size:,} x 8 cells"
    notes = (
        f"Cost relative to comparing the cells with 0 once; painted: {STROKES:,} strokes. Those that "
        "change the shape of the mask look at outages over a tenth of the cells.",
    )
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
