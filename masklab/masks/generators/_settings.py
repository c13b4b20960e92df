"""Settings that several generators share, so that they read and are bounded alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Rate = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Share of the cells that are drawn.",
        json_schema_extra={"unit": "%"},
    ),
]
Seed = Annotated[int, Field(ge=0, lt=2**53, description="The same seed draws the same cells.")]
Together = Annotated[
    bool, Field(title="Whole steps", description="Draw whole steps instead of single cells.")
]
Strength = Annotated[
    float,
    Field(
        ge=0,
        le=20,
        description="How strongly the chance follows it; 0 is not at all. "
        "The odds grow e-fold for each standard deviation, times this number.",
        json_schema_extra={"step": 0.5},
    ),
]
