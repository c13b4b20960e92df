"""Planted leaks are caught, each by the check that is meant for it, and clean runs pass."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from masklab.compare.leakage.about import CHECKS
from masklab.compare.leakage.auditing import audit
from masklab.compare.leakage.finding import from_json
from masklab.compare.leakage.subject import Pipeline
from masklab.data.series import Panel
from masklab.runs.spec import STRATEGIES
from masklab.scaling import fit
from masklab.split import TRAINING, VALIDATION
from masklab.strategies.interpolate import Interpolate
from masklab.strategies.mean_fill import MeanFill
from masklab.strategies.strategy import Features
from masklab.training import prepare as preparing_module
from masklab.training.batches import Gatherer, windows_of
from masklab.training.prepare import prepare
from masklab.windows import Windows
from tests.compare.leakage_cases import (
    FORECAST,
    ONE_EPOCH,
    RECONSTRUCT,
    audited,
    failed,
    plan,
    preparing,
    trained,
    wide,
)
from tests.training.training_cases import layer, panel_of, recipe, waves

TASKS = {"forecast": FORECAST, "reconstruct": RECONSTRUCT}
CLEAN = [
    pytest.param(kind, task, both_ways, id=f"{kind}-{task}-{'both' if both_ways else 'one'}")
    for kind, member in STRATEGIES.items()
    if member.reads_mask
    for task in member.tasks
    for both_ways in (False, True)
]


@pytest.mark.parametrize(("kind", "task", "both_ways"), CLEAN)
def test_a_clean_run_passes(kind: str, task: str, both_ways: bool) -> None:
    model = {"hidden_size": 8, "bidirectional": both_ways}
    found = audited(plan([kind], TASKS[task], model=model))
    assert failed(found) == set(), [one.said for one in found.failed]
    assert [one.name for one in found.checks] == list(CHECKS)
    assert found.check("hidden").status == "passed"
    looks_ahead = not STRATEGIES[kind].causal
    assert (found.check("causal").status == "not applicable") is looks_ahead
    blind = task == "reconstruct" and (both_ways or looks_ahead)
    assert (found.check("future").status == "not applicable") is blind
    assert found.badge == f"passed {found.counted} of {found.counted}"


@pytest.mark.parametrize("task", TASKS)
def test_ignore_fails_where_the_mask_hides_what_is_known(task: str) -> None:
    found = audited(plan(["ignore"], TASKS[task]))
    assert failed(found) == {"hidden"} | ({"target"} if task == "reconstruct" else set())
    check = found.check("hidden")
    assert check.evidence["predictions changed"] > 0
    assert check.evidence["largest change of a prediction (scaled units)"] > 0.01
    assert check.example is not None
    assert check.example.before != check.example.after


def test_ignore_has_nothing_to_leak_where_nothing_known_is_hidden() -> None:
    found = audited(plan(["ignore"], recipe=recipe()), panel=waves(400, missing=0.1))
    check = found.check("hidden")
    assert check.status == "not applicable"
    assert "hides no cell that the file knows" in check.said
    assert check.evidence["cells changed that the file lacks"] > 0
    assert found.check("preparation").evidence["hidden cells changed"] == 0


class Product(MeanFill):
    """Multiplies by the mask instead of choosing: NaN x 0 is NaN."""

    def features(self, values, observed, native, statistics, clock=None):
        flags = observed.to(values.dtype)
        return Features(values * flags + statistics.mean * (1 - flags))


def test_leak_1_a_product_with_the_mask_lets_nan_through() -> None:
    found = audited(plan(["mean_fill"]), strategy=Product())
    assert failed(found) == {"hidden"}
    assert found.check("hidden").evidence["changed by"] == "NaN or infinity"
    assert found.check("hidden").evidence["largest change of a prediction (scaled units)"] == (
        "not a number"
    )


def test_leak_2_a_mask_that_is_not_applied() -> None:
    bare = Pipeline(prepare=lambda given, panel: prepare(unmasked(given), panel))
    found = audited(plan(["carry"]), pipeline=bare)
    assert "hidden" in failed(found)


def unmasked(given):
    return given.model_copy(update={"recipe": plan(["carry"], recipe=recipe()).recipe})


def smoothing(hidden: bool, offsets: tuple[int, ...]) -> Pipeline:
    """Return a pipeline that smooths the data over neighbours, hidden ones among them or not."""

    def smooth(given, panel: Panel):
        parts = given.split.parts(panel)
        usable = panel.native if hidden else given.recipe.apply(panel, parts).observed
        known = np.where(usable, panel.values, 10.0)
        rows = np.arange(panel.rows)
        near = [known[(rows - by).clip(0, panel.rows - 1)] for by in offsets]
        values = np.where(usable, np.mean(near, axis=0), panel.values)
        return prepare(given, replace(panel, values=values))

    return Pipeline(prepare=smooth)


def test_leak_3_smoothing_spreads_hidden_values_over_observed_ones() -> None:
    found = audited(plan(["carry"]), pipeline=smoothing(hidden=True, offsets=(0, 1)))
    assert "preparation" in failed(found)
    assert found.check("preparation").evidence["observed cells changed"] > 0
    assert "hidden" not in failed(found)


@pytest.mark.parametrize("task", TASKS)
def test_leak_3_smoothing_around_a_step_brings_the_future_into_the_input(task: str) -> None:
    given = plan(["carry"], TASKS[task], recipe=recipe())
    found = audited(given, pipeline=smoothing(hidden=False, offsets=(-1, 0, 1)))
    assert "preparation" in failed(found)
    assert found.check("future").status != "failed", "it is in the data before it is a window"


def test_smoothing_over_the_past_is_no_leak() -> None:
    given = plan(["carry"], recipe=recipe())
    found = audited(given, pipeline=smoothing(hidden=False, offsets=(0, 1)))
    assert found.check("preparation").status == "passed"
    assert found.check("preparation").evidence["later cells changed"] > 0


class FromTheFuture(Interpolate):
    """Draws lines to what comes next, and says that it does not."""

    causal: ClassVar[bool] = True


@pytest.mark.parametrize("task", TASKS)
def test_leak_4_a_strategy_that_looks_ahead_and_denies_it(task: str) -> None:
    model = {"hidden_size": 8, "bidirectional": False}
    found = audited(plan(["interpolate"], TASKS[task], model=model), strategy=FromTheFuture())
    assert failed(found) == {"causal"} | ({"future"} if task == "reconstruct" else set())
    assert found.check("causal").evidence["changed by what follows step"] > 0


@pytest.mark.parametrize("leak", ["everything", "hidden training cells", "validation"])
def test_leak_5_a_scaler_that_sees_more_than_observed_training_cells(
    leak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = waves(400, missing=0.02)
    panel = replace(panel, values=panel.values + np.linspace(0, 5, 400)[:, None])
    given = plan(["mean_fill"])
    parts = given.split.parts(panel)[:, None]
    observed = given.recipe.apply(panel, parts[:, 0]).observed
    cells = {
        "everything": panel.native,
        "hidden training cells": panel.native & (parts == TRAINING),
        "validation": observed & (parts <= VALIDATION),
    }[leak]
    monkeypatch.setattr(
        preparing_module,
        "fit",
        lambda values, _, channels, scaling: fit(
            values, cells & np.isfinite(values), channels, scaling
        ),
    )
    found = audited(given, panel=panel)
    assert failed(found) == {"scale"}
    check = found.check("scale")
    assert "is not that of the observed training cells" in check.said
    assert "changes with validation, test or hidden cells" in check.said
    assert found.check("hidden").status == "passed"


def test_leak_6_a_code_for_missing_left_in_the_data() -> None:
    values = wide(2)
    values[::9, 1] = -999.0
    panel = panel_of(values)
    found = audited(plan(["carry"]), panel=panel)
    assert failed(found) == {"sentinel"}
    evidence = found.check("sentinel").evidence
    assert (evidence["channel"], evidence["value"]) == ("b", -999.0)
    hidden = recipe(layer("value_range", low=-100), layer("mcar", rate=0.2, seed=1))
    assert failed(audited(plan(["carry"], recipe=hidden), panel=panel)) == set()


def test_leak_7_training_windows_reach_into_validation() -> None:
    def longer(prepared, given, panel):
        windows = dict(prepared.windows)
        starts = windows[TRAINING].starts
        more = np.concatenate((starts, starts[-1] + np.arange(1, 21)))
        windows[TRAINING] = Windows(more, windows[TRAINING].dropped)
        return replace(prepared, windows=windows)

    found = audited(plan(["carry"]), pipeline=preparing(longer))
    assert failed(found) == {"overlap"}
    assert found.check("overlap").evidence["rows in training and validation windows"] == 20


def test_leak_8_validation_is_scored_on_cells_that_stay_visible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freeze = preparing_module.freeze

    def visible(task, windows, observed, *others):
        _, fresh, used = freeze(task, windows, observed, *others)
        return observed, fresh, used

    monkeypatch.setattr(preparing_module, "freeze", visible)
    found = audited(plan(["carry"], RECONSTRUCT))
    assert failed(found) == {"target"}
    evidence = found.check("target").evidence
    assert evidence["in a window of"] == "validation"
    assert evidence["predictions changed"] > 0


def test_leak_9_training_counts_cells_that_stay_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_more = Gatherer.hide_more

    def visible(self, batch, generator):
        return replace(hide_more(self, batch, generator), observed=batch.observed)

    monkeypatch.setattr(Gatherer, "hide_more", visible)
    found = audited(plan(["carry"], RECONSTRUCT))
    assert failed(found) == {"target"}
    assert found.check("target").evidence["in a window of"] == "training"


def test_leak_10_the_target_begins_within_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = Gatherer.gather

    def early(self, starts, *, scored=False):
        first, steps = starts + self.task.window - 1, self.task.horizon
        cells = windows_of(self.own, first, steps)
        target = windows_of(self.truth, first, steps)
        return replace(gather(self, starts, scored=scored), target=target, own=cells, common=cells)

    monkeypatch.setattr(Gatherer, "gather", early)
    found = audited(plan(["carry"]))
    assert failed(found) == {"target"}
    assert found.check("target").evidence["of them visible in the input"] > 0


def test_leak_11_the_input_reaches_into_the_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = Gatherer.gather

    def late(self, starts, *, scored=False):
        later = gather(self, starts + 1)
        return replace(
            gather(self, starts, scored=scored), values=later.values, observed=later.observed
        )

    monkeypatch.setattr(Gatherer, "gather", late)
    found = audited(plan(["carry"]))
    assert failed(found) == {"future", "causal", "target"}
    assert found.check("future").example is not None


def test_leak_12_targets_that_the_file_lacks_are_scored() -> None:
    def all_scored(prepared, given, panel):
        every = np.ones_like(prepared.common)
        return replace(prepared, common=every, own=dict.fromkeys(prepared.own, every))

    found = audited(plan(["carry"]), pipeline=preparing(all_scored))
    assert failed(found) == {"native"}
    lacking = found.check("native").evidence["of them missing in the file"]
    assert 0 < lacking <= int((~waves(400, missing=0.02).native).sum())


def test_leak_13_filled_cells_are_taken_as_known() -> None:
    def filled(prepared, given, panel):
        return replace(prepared, native=np.ones_like(prepared.native))

    found = audited(plan(["carry"]), pipeline=preparing(filled))
    assert failed(found) == {"native"}
    assert "taken as known" in found.check("native").said


def windows_everywhere(prepared, given, panel):
    """All starts of the training part, whatever lies between."""
    rows = int((prepared.parts == TRAINING).sum()) - 15
    windows = {
        **prepared.windows,
        TRAINING: Windows(np.arange(rows + 1), prepared.windows[0].dropped),
    }
    return replace(prepared, windows=windows)


@pytest.mark.parametrize("where", ["gap", "series"])
def test_leak_14_windows_across_a_gap_or_a_border(where: str) -> None:
    values = wide(2)
    if where == "gap":
        panel, split = panel_of(values, skip={100: 7}), {}
    else:
        panel = panel_of(values[:150], values[150:300], values[300:])
        split = {"split": {"by": "series", "validation_series": ["s2"]}}
    clean = plan(["carry"], **split)
    assert failed(audited(clean, panel=panel)) == set()
    found = audited(clean, panel=panel, pipeline=preparing(windows_everywhere))
    assert failed(found) == {"gaps"}
    assert sum(v for k, v in found.check("gaps").evidence.items() if "cross" in k) == 14


def test_filled_gaps_and_padding_are_no_leak() -> None:
    panel = panel_of(wide(2), skip={100: 4, 120: 3, 128: 2, 350: 30})
    training = {**ONE_EPOCH, "longest_gap": 3, "shortest": 6}
    for task in TASKS.values():
        assert failed(audited(plan(["carry"], task, training=training), panel=panel)) == set()


def test_leak_15_runs_scored_on_different_cells() -> None:
    subject = trained(plan(["carry", "zero_fill"]))
    other = subject.kept
    assert failed(audit(replace(subject, others={"twin": other}))) == set()
    fewer = other.common.copy()
    fewer[:7] = False
    found = audit(replace(subject, others={"odd": replace(other, common=fewer)}))
    assert failed(found) == {"common"}
    assert found.check("common").evidence["differences from run odd"] == 7
    own = audit(replace(subject, kept=replace(other, common=fewer)))
    assert own.check("common").evidence["differences from the experiment's"] == 7


def test_leak_16_weights_that_are_not_those_that_were_scored() -> None:
    given = plan(["carry"], seeds=[0])
    subject, other = trained(given), trained(plan(["carry"], seeds=[1]))
    found = audit(replace(subject, weights=other.weights))
    assert failed(found) == {"weights"}
    bent = {name: one.clone() for name, one in subject.weights.items()}
    bent["mean"] += 0.5
    assert failed(audit(replace(subject, weights=bent))) >= {"scale"}


def test_a_run_without_kept_predictions_says_what_it_can_not_tell() -> None:
    found = audit(replace(trained(plan(["carry"])), kept=None))
    assert failed(found) == set()
    assert {one.name for one in found.checks if one.status == "not applicable"} == {
        "common",
        "weights",
    }


def test_windows_are_looked_for_in_training_where_validation_hides_nothing() -> None:
    hiding = recipe(layer("mcar", "training", rate=0.25, seed=3))
    found = audited(plan(["ignore"], recipe=hiding), panel=waves(400))
    assert failed(found) == {"hidden"}
    assert any("training windows" in name for name in found.check("hidden").evidence)


def test_series_with_a_scale_of_their_own_pass() -> None:
    values = wide(2)
    panel = panel_of(values[:200], 50 * values[200:])
    training = {**ONE_EPOCH, "scaling_over": "series"}
    for scaling in ("standardise", "robust", "minmax", "none"):
        given = plan(["carry"], training={**training, "scaling": scaling})
        assert failed(audited(given, panel=panel)) == set()


def test_an_audit_comes_back_from_json() -> None:
    found = audited(plan(["ignore"], RECONSTRUCT))
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert from_json(told) == found
    assert (told["failed"], told["counted"]) == (len(found.failed), found.counted)
