"""The specification: what names an experiment, what it refuses, and in which words."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

import masklab
from masklab.errors import ExperimentError, ReadError
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training import config

MINIMAL = {"data": {"path": "series.csv"}, "strategies": [{"kind": "carry"}, {"kind": "mean_fill"}]}


@pytest.fixture
def folder(tmp_path):
    lines = ["time,a,b"] + [f"2024-01-{day:02d},{day},{day * 2}" for day in range(1, 29)]
    (tmp_path / "series.csv").write_text("\n".join(lines))
    return tmp_path


def changed(**settings):
    return {**MINIMAL, **settings}


def test_the_hash_ignores_names_paths_and_the_order_of_keys(folder):
    first = parse_experiment(MINIMAL).pinned(folder)
    (folder / "copy").mkdir()
    (folder / "copy" / "other.csv").write_bytes((folder / "series.csv").read_bytes())
    again = parse_experiment(
        {
            "strategies": [{"kind": "carry"}, {"kind": "mean_fill"}],
            "name": "another name",
            "data": {"path": "copy/other.csv"},
            "seeds": [0, 1, 2],
        }
    ).pinned(folder)
    assert first.hash == again.hash
    assert len(first.hash) == 12
    assert int(first.hash, 16) >= 0


def test_the_hash_ignores_names_of_layers(folder):
    rule = {"kind": "value_range", "low": 3, "side": "inside"}
    named = [changed(recipe={"layers": [{"name": name, "rule": rule}]}) for name in ("", "night")]
    first, second = (parse_experiment(one).pinned(folder).hash for one in named)
    assert first == second


@pytest.mark.parametrize(
    "settings",
    [
        {"seeds": [0, 1]},
        {"strategies": [{"kind": "carry"}]},
        {"strategies": [{"kind": "carry", "collapse": "all"}, {"kind": "mean_fill"}]},
        {"task": {"kind": "forecast", "horizon": 7}},
        {"training": {"epochs": 7}},
        {"model": {"hidden_size": 7}},
        {"split": {"training": 0.6}},
        {"recipe": {"layers": [{"rule": {"kind": "value_range", "low": 3}}]}},
        {"data": {"path": "series.csv", "reading": {"sentinels": {"a": [5.0]}}}},
    ],
)
def test_the_hash_tells_experiments_apart(folder, settings):
    assert (
        parse_experiment(changed(**settings)).pinned(folder).hash
        != parse_experiment(MINIMAL).pinned(folder).hash
    )


def test_other_data_is_another_experiment(folder):
    first = parse_experiment(MINIMAL).pinned(folder).hash
    with (folder / "series.csv").open("a") as file:
        file.write("\n2024-01-29,1,1")
    assert parse_experiment(MINIMAL).pinned(folder).hash != first


def test_the_hash_needs_pinned_data():
    with pytest.raises(ExperimentError, match="Call pinned"):
        _ = parse_experiment(MINIMAL).hash


def test_a_pinned_experiment_refuses_a_file_that_has_changed(folder):
    pinned = parse_experiment(MINIMAL).pinned(folder)
    (folder / "series.csv").write_text("time,a\n2024-01-01,1\n")
    with pytest.raises(ExperimentError, match="has changed since the experiment was made"):
        pinned.load_panel()


def test_a_pinned_experiment_loads_from_any_folder(folder, tmp_path_factory, monkeypatch):
    pinned = parse_experiment(MINIMAL).pinned(folder)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    panel = pinned.load_panel()
    assert panel.channels == ("a", "b")
    assert panel.values[:, 1].tolist() == list(np.arange(1, 29) * 2.0)


def test_runs_take_all_strategies_of_a_seed_before_the_next_seed():
    runs = parse_experiment(changed(seeds=[3, 1])).runs()
    assert [(one.label, seed) for one, seed in runs] == [
        ("carry", 3),
        ("mean_fill", 3),
        ("carry", 1),
        ("mean_fill", 1),
    ]


def test_yaml_and_back_is_the_same_experiment(folder):
    given = changed(
        name="Nächte: 1",
        task={"kind": "reconstruct", "pattern": "blocks"},
        recipe={"layers": [{"name": "x", "rule": {"kind": "value_range", "low": 3}}]},
        training={"patience": None},
        data={"path": "series.csv", "reading": {"sentinels": {"a": [-1.0]}}},
    )
    for experiment in (parse_experiment(given), parse_experiment(given).pinned(folder)):
        assert Experiment.from_yaml(experiment.to_yaml()) == experiment
        assert parse_experiment(experiment.model_dump_json()) == experiment


WRONG = {
    "horizon 0": ({"task": {"kind": "forecast", "horizon": 0}}, "task.horizon is 0; it should be at least 1."),
    "window 0": ({"task": {"kind": "forecast", "window": 0}}, "task.window is 0; it should be at least 1."),
    "half a window": ({"task": {"kind": "forecast", "window": 4.5}}, "task.window is 4.5; it should be a whole number."),
    "words for a number": ({"training": {"epochs": "many"}}, "training.epochs is 'many'; it should be a whole number."),
    "rate of one": ({"task": {"kind": "reconstruct", "rate": 1}}, "task.rate is 1; it should be less than 1"),
    "unknown task": ({"task": {"kind": "guess"}}, "task.kind is 'guess'; it should be one of 'forecast', 'reconstruct'."),
    "task without kind": ({"task": {"window": 3}}, "task has no kind. Add kind, one of 'forecast', 'reconstruct'."),
    "strategy without kind": ({"strategies": [{"collapse": "all"}]}, "strategies[0] has no kind. Add kind, one of '"),
    "rule without kind": ({"recipe": {"layers": [{"rule": {"low": 3}}]}}, "recipe.layers[0].rule has no kind. Add kind, one of '"),
    "unknown strategy": ({"strategies": [{"kind": "magic"}]}, "strategies[0].kind is 'magic'; it should be one of"),
    "no strategy": ({"strategies": []}, "strategies is []; it should have at least 1 entries."),
    "strategy twice": ({"strategies": [{"kind": "carry"}, {"kind": "carry"}]}, "Strategies names carry more than once."),
    "seed twice": ({"seeds": [1, 2, 1]}, "Seeds names 1 more than once. Remove one."),
    "padding longer windows": (
        {"task": {"kind": "reconstruct", "window": 24}, "training": {"shortest": 25}},
        "The window has 24 steps and training.shortest (Pad from) is 25: what is longer than a window needs no padding",
    ),
    "negative seed": ({"seeds": [-1]}, "seeds[0] is -1; it should be at least 0."),
    "misspelt": ({"traning": {}}, "traning is not a known setting. Do you mean training?"),
    "misspelt inside": ({"task": {"kind": "forecast", "horison": 3}}, "task.horison is not a known setting. Do you mean horizon?"),
    "no path": ({"data": {}}, "data.path is missing. Add it."),
    "infinite rate": ({"training": {"learning_rate": float("inf")}}, "training.learning_rate is inf; it should be"),
    "split of too much": ({"split": {"training": 0.8, "validation": 0.4}}, "split: Training and validation take 0.8 + 0.4"),
    "unknown schedule": ({"training": {"schedule": "up"}}, "training.schedule is 'up'; it should be one of 'one_cycle', 'cosine' or 'constant'."),
    "recipe of text": ({"recipe": "hide all"}, "recipe is 'hide all'; it should be a group of settings."),
    "newer version": ({"schema_version": 2}, "schema_version is 2; it should be one of 1."),
    "a list for a group": ({"model": [1]}, "model is [1]; it should be a group of settings."),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_is_named_with_what_arrived_and_what_to_do(name):
    settings, message = WRONG[name]
    with pytest.raises(ExperimentError) as error:
        parse_experiment(changed(**settings))
    assert message in str(error.value)


@pytest.mark.parametrize("kind", ["forecast", "reconstruct"])
def test_padding_up_to_a_whole_window_may_be_asked_for(kind):
    task = {"kind": kind, "window": 24}
    assert parse_experiment(changed(task=task, training={"shortest": 24})).training.shortest == 24


def test_an_experiment_stored_with_padding_that_does_nothing_still_reads(folder, tmp_path):
    store = Store.open(tmp_path)
    identity = store.add_experiment(parse_experiment(changed(training={"shortest": 9})), folder)
    with store.database.write() as db:
        db.execute("UPDATE experiments SET spec = json_set(spec, '$.training.shortest', 100000)")
    assert store.experiment(identity).training.shortest == 100_000


def test_many_mistakes_are_told_three_at_a_time():
    wrong = changed(
        task={"kind": "forecast", "horizon": 0, "window": 0},
        seeds=[-1, -2],
        model={"hidden_size": 0},
    )
    with pytest.raises(ExperimentError, match=r"\(2 more\.\)$"):
        parse_experiment(wrong)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "uses a YAML alias"),
        ("[" * 5000, "nested more than"),
        ("data: {path: x", "not valid YAML"),
        ("data: \x00", "not valid YAML"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
        ("", "the text holds nothing"),
        ("- a\n- b", "the text holds list"),
        ("seeds: [1]\nseeds: [2]", "'seeds' is given twice, again in line 2"),
        ("{}" + " " * 5_000_001, "at most 5,000,000 are read"),
        ("? [a, b]\n: 1", "not valid YAML"),
        ("data: {path: x}\n<<: 3", "not valid YAML"),
        ("name: 0x_", "can't turn into a value"),
        ("seeds: [" + "1" * 5000 + "]", "can't turn into a value"),
        ("seeds: !!int foo", "can't turn into a value"),
        ("seeds: !!bool maybe", "can't turn into a value"),
        ("name: !!timestamp x", "can't turn into a value"),
    ],
)
def test_a_text_that_is_no_experiment_gets_a_sentence(text, message):
    with pytest.raises(ExperimentError, match=message):
        parse_experiment(text)


def test_dates_in_yaml_stay_text():
    text = yaml.safe_dump(MINIMAL) + "name: 2024-01-01\n"
    assert parse_experiment(text).name == "2024-01-01"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ExperimentError, match="there is no file"):
        parse_experiment(MINIMAL).load_panel(tmp_path)


def test_a_sample_is_read_as_it_should_be_and_needs_no_folder():
    given = changed(data={"path": "sample:seattle_weather"})
    pinned = parse_experiment(given).pinned("/")
    assert pinned.load_panel("/").channels == ("temp_max", "temp_min", "precipitation", "wind")
    assert pinned.data.path == "sample:seattle_weather"
    assert parse_experiment(pinned.to_yaml()).pinned("/").hash == pinned.hash


def test_a_chosen_reading_option_goes_before_the_sample_s_own():
    reading = {"sentinels": {"temp_max": [-200.0]}, "channels": ["temp_max"]}
    source = parse_experiment(changed(data={"path": "sample:seattle_weather", "reading": reading}))
    pinned = source.pinned().data.reading
    assert pinned.channels == ("temp_max",)
    assert pinned.sentinels == {"temp_max": (-200.0,)}
    assert pinned.time == "date"


def test_a_sample_s_reading_can_be_set_back_to_a_default(tmp_path):
    reading = {"timezone": None, "units": {}}
    source = parse_experiment(changed(data={"path": "sample:nyc_weather", "reading": reading}))
    assert source.load_panel().timezone == "UTC"  # as its offsets say
    for again in (
        Experiment.from_yaml(source.to_yaml()),
        source.pinned(),
        Experiment.from_yaml(source.pinned().to_yaml()),
    ):
        assert again.load_panel().timezone == "UTC"
        assert again.data.filled().units == {}
        assert again.pinned().hash == source.pinned().hash
    store = Store.open(tmp_path / "store")
    identity = store.add_experiment(source)
    portable = Experiment.from_yaml(store.portable(identity).to_yaml())
    assert portable.load_panel().timezone == "UTC"
    assert portable.pinned().hash == identity == store.experiment(identity).hash


def test_a_sample_s_duplicates_are_an_error_if_asked_for():
    reading = {"duplicates": "error"}
    source = parse_experiment(changed(data={"path": "sample:glucose", "reading": reading}))
    with pytest.raises(ReadError):
        source.load_panel()


@pytest.mark.parametrize("path", ["~nouser_of_that_name/x.csv", "x" * 5000])
def test_a_path_that_no_system_knows_gets_a_sentence(path):
    with pytest.raises(ExperimentError, match="names no file"):
        parse_experiment(changed(data={"path": path})).pinned()


@pytest.mark.parametrize(
    ("kind", "model", "both"),
    [
        ("forecast", {}, False),
        ("reconstruct", {}, True),
        ("reconstruct", {"hidden_size": 8}, True),
        ("reconstruct", {"bidirectional": False}, False),
        ("forecast", {"bidirectional": True}, True),
    ],
)
def test_a_reconstruction_reads_both_ways_unless_told_otherwise(kind, model, both):
    found = parse_experiment(changed(task={"kind": kind}, model=model))
    assert found.model.bidirectional is both
    assert parse_experiment(found.to_yaml()) == found


def test_importing_masklab_imports_nothing_heavy():
    code = "import sys, masklab; print([m for m in sys.modules if m.split('.')[0] in %r])"
    heavy = ("torch", "numpy", "pandas", "pydantic", "streamlit", "plotly", "yaml")
    printed = subprocess.run(
        [sys.executable, "-c", code % (heavy,)], check=True, capture_output=True, text=True
    )
    assert printed.stdout.strip() == "[]"


def test_specification_and_preparation_do_not_import_torch():
    code = (
        "import sys, masklab.runs.spec, masklab.training.prepare, masklab.training.baselines, "
        "masklab.training.estimate; print('torch' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert printed.stdout.strip() == "False"


def test_public_names_are_there():
    for name in masklab.__all__:
        assert getattr(masklab, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = masklab.nothing


def test_the_schema_is_json():
    assert json.dumps(Experiment.model_json_schema())


@pytest.mark.parametrize("group", ["Forecast", "Reconstruct", "ModelConfig", "TrainingConfig"])
def test_the_schema_explains_every_setting_and_names_every_choice_of_those_on_the_page(group):
    settings = Experiment.model_json_schema()["$defs"][group]["properties"]
    fields = getattr(config, group).model_fields
    for name, setting in settings.items():
        if name == "kind":
            continue
        assert setting.get("description"), f"{group}.{name} has no docstring"
        if fields[name].title and "enum" in setting:
            assert set(setting["words"]) == set(setting["enum"]), f"{group}.{name}"
