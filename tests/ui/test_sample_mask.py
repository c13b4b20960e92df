"""Samples come with a mask: whole steps are hidden, and the defaults can be trained at once."""

from __future__ import annotations

import pytest

from masklab.data.samples import samples
from masklab.runs.spec import DataSource
from masklab.training.prepare import prepare
from masklab.ui.project import Project
from masklab.ui.sample_mask import SHARE, sample_mask
from masklab.ui.state import panel_of
from masklab.ui.train_form import hint_for, train_form


@pytest.mark.parametrize("one", samples(), ids=lambda one: one.name)
def test_the_mask_of_a_sample_hides_whole_steps_and_its_defaults_can_be_trained(one) -> None:
    project = Project(
        name=one.title,
        data=DataSource(path=f"sample:{one.name}", reading=one.reading),
        history=(sample_mask(one),),
    )
    panel = panel_of(project.data)
    hidden = ~project.recipe.apply(panel).observed & panel.native
    steps = panel.native.any(axis=1)
    assert hidden.any(axis=1).sum() / steps.sum() == pytest.approx(SHARE, abs=0.01)
    assert (hidden == panel.native)[hidden.any(axis=1)].all()
    form = train_form({}, panel, project.split.parts(panel), hint_for(project))
    assert len(prepare(form.experiment(project), panel).starts()) > 20
