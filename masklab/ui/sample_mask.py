"""The mask that a sample comes with, so that the first comparison shows what masking changes."""

from __future__ import annotations

from masklab.data.samples import Sample
from masklab.masks.generators.blocks import Blocks
from masklab.masks.layers import Layer, MaskRecipe

SHARE = 0.2


def sample_mask(one: Sample) -> MaskRecipe:
    """Return a recipe that hides a fifth of the steps, all channels at once, in stretches.

    Whole steps: where every step keeps one channel, skipping hidden steps never happens, and
    `carry` does what `mean_fill` does. A stretch is a quarter of the window long.
    """
    length = max(2, one.hint.window // 4)
    rule = Blocks(rate=SHARE, length=length, together=True, seed=1)
    return MaskRecipe(layers=(Layer(name="A fifth of the time is lost", rule=rule),))
