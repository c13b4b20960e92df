"""Trained under one mask, scored under another, without training anew: the computation (torch).

Every score is taken on the same cells: the validation cells that the first experiment scores all of
its runs on, in its validation windows. Only what the networks may read differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from masklab.compare.other_masks import Asked, Column
from masklab.compare.under_mask import (
    blind_windows,
    hidden_share,
    predict,
    rescaled,
    scores_of,
    under,
    unlike,
)
from masklab.data.series import Panel
from masklab.errors import StoreError
from masklab.runs.panels import panel_of
from masklab.runs.store import Store
from masklab.split import VALIDATION
from masklab.training.baselines import baseline_scores
from masklab.training.predictions import predicted_rows
from masklab.training.prepare import Prepared, prepare
from masklab.training.report import Scores

if TYPE_CHECKING:
    from masklab.runs.rows import RunRow
    from masklab.runs.spec import Experiment


def compute(
    store: Store, experiment_id: str, arguments: dict[str, Any], tell: Callable[[float], None]
) -> dict[str, Any]:
    """Score finished runs under each of the masks; `other_masks` tells what the result holds.

    The scaler and the statistics of each run stay those of its own training. Raises
    `ExperimentError` or `MaskError` if the data or a mask doesn't serve.
    """
    asked = Asked.model_validate(arguments)
    first = store.experiment(experiment_id)
    panel = panel_of(store.directory, first)
    frozen = prepare(first, panel)
    plans = list(_plans(store, asked, experiment_id, first))
    whole = len(asked.masks) * sum(len(runs) for _, runs, _ in plans)
    rows: list[dict[str, Any]] = []
    for plan, runs, why in plans:
        if why:
            rows += [_about(run) | {"why": why} for run in runs]
            tell((len(rows) * len(asked.masks)) / whole)
            continue
        own = frozen if plan is first else prepare(plan, panel)
        share = partial(_tell_part, tell, len(rows) * len(asked.masks), whole)
        rows += _scored(store, runs, plan, (own, frozen, panel), asked.masks, share)
    masks = [_facts(frozen, panel, first, mask) for mask in asked.masks]
    cells = frozen.common[predicted_rows(frozen, VALIDATION)]
    return {"cells": int(cells.sum()), "windows": len(cells), "masks": masks, "rows": rows}


def _tell_part(tell: Callable[[float], None], before: int, whole: int, done: int) -> None:
    tell((before + done) / whole)


def _plans(
    store: Store, asked: Asked, first_id: str, first: Experiment
) -> Iterator[tuple[Experiment, list[RunRow], str]]:
    """Yield the experiments with their finished runs, and why they can't be compared with the first."""
    wanted = set(asked.runs)
    for identity in dict.fromkeys((first_id, *asked.experiments)):
        plan = first if identity == first_id else store.experiment(identity)
        runs = [one for one in store.runs(identity) if one.id in wanted]
        yield plan, [one for one in runs if one.status == "finished"], unlike(first, plan)


def _scored(  # noqa: PLR0913, PLR0917 (runs of one experiment, their data, the masks)
    store: Store,
    runs: list[RunRow],
    plan: Experiment,
    data: tuple[Prepared, Prepared, Panel],
    masks: tuple[Column, ...],
    tell: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Return each run's scores under each mask, or why it has none."""
    own, frozen, panel = data
    found: dict[str, dict[str, Any]] = {run.id: _about(run) | {"scores": []} for run in runs}
    for place, mask in enumerate(masks):
        seen = under(own, frozen, panel, plan, mask.recipe)
        for number, run in enumerate(runs):
            tell(place * len(runs) + number)
            if "why" in found[run.id]:
                continue
            try:
                predicted = predict(store, run, plan, seen)
            except StoreError as error:
                found[run.id] = _about(run) | {"why": str(error)}
                continue
            scaled = predicted.scaled if own is frozen else rescaled(frozen, predicted)
            found[run.id]["scores"].append(_told(scores_of(frozen, scaled)))
    return list(found.values())


def _facts(frozen: Prepared, panel: Panel, plan: Experiment, mask: Column) -> dict[str, Any]:
    """Return what is told of a mask: what it hides, and how naive baselines score under it."""
    seen = under(frozen, frozen, panel, plan, mask.recipe)
    return {
        "name": mask.name,
        "family": mask.family,
        "rate": mask.rate,
        "hidden": hidden_share(seen),
        "blind": blind_windows(seen),
        "naive": {name: _told(both) for name, both in baseline_scores(seen).items()},
    }


def _about(run: RunRow) -> dict[str, Any]:
    return {
        "run": run.id,
        "experiment": run.experiment_id,
        "strategy": run.strategy,
        "seed": run.seed,
    }


def _told(both: tuple[Scores, Scores]) -> list[dict[str, float]]:
    return [asdict(one) for one in both]
