"""A newcomer's mask, made in the app in less than a minute, is the mask that was asked for."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

import masklab
from masklab.runs.store import Store
from masklab.split import TRAINING
from masklab.ui.project import Project
from tests.browser.newcomer import STUCK, hall_file, mask_it, open_file
from tests.conftest import wait_until

pytestmark = pytest.mark.browser


def project_in(store) -> Project:
    opened = Store.open(store)
    (row,) = opened.projects()
    return Project.model_validate_json(opened.load_project(row.id)[0])


def test_nights_a_stuck_stretch_and_a_tenth_of_the_rest_in_training_only(
    page, app, store_directory, tmp_path
):
    file = hall_file(tmp_path)
    open_file(page, app, file)

    began = time.monotonic()
    mask_it(page)
    in_training = lambda: [one.scope for one in project_in(store_directory).recipe.layers]  # noqa: E731
    wait_until(lambda: in_training() == ["training"] * 3)
    assert time.monotonic() - began < 60

    project, series = project_in(store_directory), masklab.read(file)
    parts = project.split.parts(series)
    hidden = ~project.recipe.apply(series, parts).observed
    training = parts == TRAINING
    assert not hidden[~training].any()

    table = pd.read_csv(file, index_col="time", parse_dates=True)
    asked = np.zeros(table.shape, dtype=bool)
    asked[(table.index.hour >= 22) | (table.index.hour < 6)] = True
    asked[table.index.slice_indexer(STUCK.start, STUCK.stop), 0] = True
    asked &= training[:, None]
    assert hidden[asked].all()
    rest = ~asked & training[:, None]
    assert hidden[rest].sum() == round(0.1 * rest.sum())
