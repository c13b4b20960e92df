"""The samples are what their stories and the README say, and the made ones are made the same each time."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from masklab.data.inspect import inspect
from masklab.data.preview import preview
from masklab.data.read import read_panel
from masklab.data.samples import SAMPLES, Sample, folder, resolve_path, sample, sample_path
from masklab.errors import DataError
from masklab.masks.recipe_file import fits
from masklab.runs.spec import parse_experiment

README = (folder() / "README.md").read_text(encoding="utf-8")


def panel_of(name: str):
    one = sample(name)
    return read_panel(one.path, one.reading)


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.name)
def test_every_sample_reads_and_is_told_about(one: Sample):
    panel = read_panel(one.path, one.reading)
    assert set(one.hint.targets) <= set(panel.channels)
    assert {name: unit for name, unit in panel.units.items() if unit} == one.units
    assert f"`{one.name}`" in README
    assert one.file in README or one.file.startswith("known_truth")
    assert f"{panel.rows:,}" in README or one.name == "glucose"
    assert panel.rows > 3 * (one.hint.window + one.hint.horizon)


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.name)
def test_every_sample_is_read_without_options_too_or_says_what_to_choose(one: Sample):
    seen = preview(one.path)
    assert seen.panel is not None or all(problem.fixes for problem in seen.problems)


def test_all_samples_together_are_small():
    assert sum(file.stat().st_size for file in folder().iterdir() if file.is_file()) <= 3e6


def test_among_them_are_the_kinds_that_were_promised():
    nyc, jfk, glucose, seattle = (
        inspect(panel_of(name))
        for name in ("nyc_weather", "jfk_sentinel", "glucose", "seattle_weather")
    )
    assert nyc.series["rows"].nunique() > 1
    assert [(o.channel, round(o.value)) for o in nyc.outliers] == [("wind_speed", 1048)]
    assert jfk.missing_share > 0
    assert [(s.channel, s.value) for s in jfk.sentinels] == [("temp", -200), ("pressure", -200)]
    assert not glucose.regular
    assert seattle.missing_share == 0
    assert not seattle.gaps


def test_the_known_truth_is_the_truth_of_what_is_left():
    gappy = panel_of("known_truth")
    truth = read_panel(folder() / "known_truth_complete.csv.gz", sample("known_truth").reading)
    assert truth.native.all()
    np.testing.assert_array_equal(gappy.values[gappy.native], truth.values[gappy.native])
    wind = gappy.channel_index("wind")
    lost = ~gappy.native[:, wind]
    assert truth.values[lost, wind].min() > truth.values[~lost, wind].max()


def test_the_made_samples_come_out_the_same_each_time():
    script = importlib.util.spec_from_file_location("make_samples", folder() / "make_samples.py")
    assert script is not None
    assert script.loader is not None
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    for name, made in module.contents().items():
        kept = (folder() / name).read_bytes()
        assert gzip.decompress(made) == gzip.decompress(kept), name


def test_a_name_resolves_to_a_file_and_a_path_to_itself(tmp_path: Path):
    assert resolve_path("sample:glucose") == sample_path("glucose") == folder() / "glucose.csv.gz"
    assert resolve_path("a.csv", tmp_path) == tmp_path / "a.csv"
    assert resolve_path(str(tmp_path / "a.csv"), "elsewhere") == tmp_path / "a.csv"


def test_an_unknown_sample_is_answered_with_those_there_are():
    with pytest.raises(DataError, match=r"no sample 'moon'; there are nyc_weather, "):
        sample("sample:moon")


def test_the_experiment_beside_the_samples_is_valid_and_fits_its_data():
    file = folder() / "seattle_weather.experiment.yaml"
    experiment = parse_experiment(file.read_text(encoding="utf-8"))
    panel = experiment.load_panel(folder())
    mask = experiment.recipe.apply(panel, experiment.split.parts(panel))
    assert fits(experiment.recipe, panel) == []
    assert 0.1 < mask.hidden_share < 0.4
    assert len(experiment.strategies) == 6
