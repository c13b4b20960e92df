"""Masks to score trained runs under, and the scores as tables: nothing here needs torch.

A result of the job "cross" is a dict: `cells` and `windows` that every score is taken on; `masks`,
each with `name`, `family`, `rate`, `hidden` (share of the input), `blind` (windows with nothing to
read) and `naive` scores; `rows`, one a run: `run`, `experiment`, `strategy`, `seed` and `scores`, one
a mask, each [scaled, original]; or `why` there are none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from masklab.compare.scores import Metric, Units
from masklab.masks.layers import RULES, Layer, MaskRecipe

FAMILIES = ("mcar", "blocks", "bursts", "mnar", "mnar_time")
"""Generators that hide at a rate, from single cells at random to the values that matter."""
RATES = (0.1, 0.3, 0.5, 0.7, 0.9)
SEED = 20_240_611
"""The generators draw the same cells for every strategy, and a higher rate keeps what a lower one drew."""
NOTHING = "No mask"
"""The name of the column where only the file's own gaps are missing."""


class Column(BaseModel):
    """A mask to score under: its name, and the recipe that hides cells of the input.

    `family`, `rate`: of a generator at one of several rates; None for other masks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    recipe: MaskRecipe
    family: str | None = None
    rate: float | None = None


class Asked(BaseModel):
    """The job's arguments: masks, ids of finished runs, and experiments beside the job's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    masks: tuple[Column, ...] = Field(min_length=1, max_length=60)
    runs: tuple[str, ...] = Field(min_length=1)
    experiments: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """Return the arguments as JSON values; masks that do the same give the same ones."""
        bare = [one.model_copy(update={"recipe": one.recipe.bare()}) for one in self.masks]
        told = self.model_copy(update={"masks": tuple(bare)}).model_dump_json()
        found: dict[str, Any] = json.loads(told)
        return found


def family_title(family: str) -> str:
    """Return a generator's title: "Random cells"."""
    return RULES[family].title


def at_rates(family: str, rates: Sequence[float] = RATES) -> list[Column]:
    """Return a generator's masks at each rate, of validation and test rows alone."""
    return [
        Column(
            name=f"{family_title(family)}, {100 * rate:g} %",
            recipe=MaskRecipe(
                layers=(
                    Layer.model_validate(
                        {
                            "rule": {"kind": family, "rate": rate, "seed": SEED},
                            "scope": "validation",
                        }
                    ),
                )
            ),
            family=family,
            rate=rate,
        )
        for rate in rates
    ]


def nothing_hidden() -> Column:
    """Return the mask that hides nothing; native gaps stay, as under every mask."""
    return Column(name=NOTHING, recipe=MaskRecipe(), rate=0.0)


SCORE_COLUMNS = ("experiment", "strategy", "mask", "hidden", "family", "rate", "mean", "min", "max", "n")  # fmt: skip


def table(result: dict[str, Any], metric: Metric = "rmse", units: Units = "scaled") -> pd.DataFrame:
    """Return one row for each experiment, strategy and mask: mean, min, max over n seeds.

    In the order of rows and masks. `hidden`: share of the input's cells that the mask hides.
    """
    scores = pd.DataFrame(
        [
            (one["experiment"], one["strategy"], place, float(both[units == "original"][metric]))
            for one in result["rows"]
            for place, both in enumerate(one.get("scores", ()))
        ],
        columns=["experiment", "strategy", "place", "score"],
    )
    groups = scores.groupby(["experiment", "strategy", "place"], sort=False)["score"]
    found = groups.agg(["mean", "min", "max", "count"]).reset_index()
    masks = pd.DataFrame(result["masks"]).rename(columns={"name": "mask"})
    told = masks[["mask", "hidden", "family", "rate"]]
    found = found.join(told, on="place").rename(columns={"count": "n"})
    order = {
        one: at for at, one in enumerate(dict.fromkeys(scores["experiment"] + scores["strategy"]))
    }
    key = (found["experiment"] + found["strategy"]).map(order)
    found = found.assign(key=key).sort_values(["key", "place"], ignore_index=True)
    return found[list(SCORE_COLUMNS)]


def naive_table(
    result: dict[str, Any], metric: Metric = "rmse", units: Units = "scaled"
) -> pd.DataFrame:
    """Return baseline, mask, hidden, family, rate, score: naive baselines under each mask."""
    return pd.DataFrame(
        [
            {
                "baseline": name,
                "mask": mask["name"],
                "hidden": mask["hidden"],
                "family": mask["family"],
                "rate": mask["rate"],
                "score": float(both[units == "original"][metric]),
            }
            for mask in result["masks"]
            for name, both in mask["naive"].items()
        ]
    )


def of_family(found: pd.DataFrame, family: str) -> pd.DataFrame:
    """Return the rows of one generator, the mask that hides nothing as its rate of 0."""
    nothing = (found["rate"] == 0) & found["family"].isna()
    return found[(found["family"] == family) | nothing]
