"""The contract of every format: what is written comes back, bit for bit, through real files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mask_strategies import hidden_cells, scenes

from masklab.data.series import Panel
from masklab.masks.exchange import FORMATS, read_mask, told, write_mask
from masklab.masks.format import Masked
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.imported import Imported

READ = [kind for kind, form in FORMATS.items() if form.reads]
MASKS = [kind for kind in READ if FORMATS[kind].holds == "mask"]
RECIPES = [kind for kind in READ if FORMATS[kind].holds == "recipe"]
AWKWARD = ('say "no"', "a,b", "semi;colon", "two\nlines", " spaced ", "série é ☃", "1", "time",
           "series", "step", "start", "NaN", "0", "-", "a/b", "50%", "#", "true", "'", "null")  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_introduces_itself(kind):
    form = FORMATS[kind]
    assert form.title == form.title.strip(" .")
    assert form.explanation.endswith(".")
    assert form.ending.startswith(".")
    assert "/" in form.mime
    assert type(form).__doc__
    assert form.model_json_schema()["properties"]["kind"]["const"] == kind


def test_titles_and_endings_tell_formats_apart():
    assert len({form.title for form in FORMATS.values()}) == len(FORMATS)
    assert len({form.ending for form in FORMATS.values()}) == len(FORMATS)


@st.composite
def awkward_panels(draw: st.DrawFn) -> Panel:
    """Panels with names that files stumble over, long clocks, and decimals of a second."""
    names = draw(st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=3, unique=True))
    channels = draw(st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=3, unique=True))
    lengths = draw(st.lists(st.integers(1, 6), min_size=len(names), max_size=len(names)))
    kind = draw(st.sampled_from(["time", "step"]))
    span = st.integers(-(10**13), 10**13) if kind == "step" else st.integers(-(10**16), 10**17)
    unit = draw(st.sampled_from([1, 1000, 1_000_000, 3_600_000_000]))
    clocks = [
        sorted(draw(st.sets(span.map(lambda one: one // unit * unit), min_size=n, max_size=n)))
        for n in lengths
    ]
    cells = sum(lengths) * len(channels)
    values = draw(
        st.lists(
            st.sampled_from([np.nan, 0.0, 1.0, -0.5, 1e-9, 1e22, 123456.789]),
            min_size=cells,
            max_size=cells,
        )
    )
    zones = [None, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]
    return Panel(
        names=tuple(names),
        offsets=np.cumsum([0, *lengths]),
        clock=np.concatenate(clocks).astype("datetime64[us]"),
        values=np.array(values).reshape(-1, len(channels)),
        channels=tuple(channels),
        timezone=draw(st.sampled_from(zones)) if kind == "time" else None,
        clock_kind=kind,
    )


@st.composite
def masked(draw: st.DrawFn) -> Masked:
    """Something to write: a drawn recipe on an easy panel, or single cells of an awkward one."""
    if draw(st.booleans()):
        return Masked(*draw(scenes()))
    panel = draw(awkward_panels())
    rule = Imported.of(panel, draw(hidden_cells(panel)))
    layer = Layer(rule=rule, name=draw(st.sampled_from(AWKWARD)))
    return Masked(panel, MaskRecipe(layers=(layer,)), None)


@pytest.mark.parametrize("kind", MASKS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(masked=masked())
def test_a_mask_comes_back_bit_for_bit(kind, masked):
    data = write_mask(masked, kind)
    if kind == "label_studio" and not masked.hidden.any():
        return  # nothing to label
    assert told(data).kind == kind
    found = read_mask(data, masked.panel)
    assert not found.is_recipe
    back = MaskRecipe(layers=found.layers).apply(masked.panel)
    np.testing.assert_array_equal(back.observed, masked.mask.observed)


@pytest.mark.parametrize("kind", RECIPES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(masked=masked())
def test_a_recipe_comes_back_as_it_was(kind, masked):
    data = write_mask(masked, kind)
    assert told(data).kind == kind
    found = read_mask(data, masked.panel)
    assert found.is_recipe
    assert found.notes == ()
    assert found.layers == masked.recipe.layers
    assert MaskRecipe(layers=found.layers).apply(masked.panel, masked.parts) == masked.mask
