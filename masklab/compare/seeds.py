"""The scores of runs by strategy and seed, over experiments that differ in seeds and strategies alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from masklab.compare.scores import Cells, Metric, Units, best_epochs, columns
from masklab.errors import MaskLabError
from masklab.runs.identity import fingerprint
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment
from masklab.runs.store import Store

Read = Callable[[str, tuple[str, ...]], pd.DataFrame]
"""Returns columns of an experiment's epoch reports, as `Store.reports` does."""

_ADDED = re.compile(r" · seeds? \d[\d, andto]*$")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class SeedScores:
    """What runs scored at the epoch whose weights were kept: one row a strategy and seed.

    `scores`: strategy, seed, score, scored (cells), run_id. `joined`: the experiments whose runs
    are in it; `left_out`: those that differ from the first in more than seeds and strategies.
    """

    scores: pd.DataFrame
    joined: tuple[str, ...]
    left_out: tuple[str, ...]


def seed_scores(  # noqa: PLR0913 - as in scores
    store: Store,
    experiment_ids: Sequence[str],
    *,
    runs: Iterable[RunRow] | None = None,
    read: Read | None = None,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
) -> SeedScores:
    """Return the scores of the finished runs of experiments, the first of which sets the rest.

    `runs`: those that may count, all by default; `read`: instead of `Store.reports`. Of two runs of one strategy and seed the one that
    ended last counts. Raises `StoreError` if the first experiment can't be read.
    """
    first, *others = experiment_ids
    asked = _settings(store.experiment(first))
    joined = [first, *(one for one in others if _settings_of(store, one) == asked)]
    known = [run for one in joined for run in store.runs(one)] if runs is None else runs
    ended = {run.id: run.ended or run.created for run in known if run.status == "finished"}
    read, wanted = read or store.reports, columns(cells, metric, units)
    frames = [best_epochs(read(one, wanted), cells, metric, units) for one in joined]
    found = pd.concat(frames, ignore_index=True)
    found = found[found["run_id"].isin(list(ended))]
    newest = found.assign(ended=found["run_id"].map(ended)).sort_values("ended", kind="stable")
    kept = newest.drop_duplicates(["strategy", "seed"], keep="last").sort_index()
    return SeedScores(
        kept[["strategy", "seed", "score", "scored", "run_id"]].reset_index(drop=True),
        tuple(joined),
        tuple(one for one in others if one not in joined),
    )


def differ_in_seeds_alone(store: Store, experiment_ids: Sequence[str]) -> bool:
    """Whether experiments agree in all but seeds and strategies, so that their runs are of one kind."""
    first, *others = [_settings_of(store, one) for one in experiment_ids]
    return first is not None and all(one == first for one in others)


def with_more_seeds(experiment: Experiment, count: int, used: Iterable[int]) -> Experiment:
    """Return the same experiment with `count` seeds that none of its runs has had, named so."""
    taken = {*used, *experiment.seeds}
    free = (seed for seed in range(len(taken) + count) if seed not in taken)
    seeds = tuple(seed for seed, _ in zip(free, range(count), strict=False))
    ending = f" · {_named(seeds)}"
    name = _ADDED.sub("", experiment.name)[: _LONGEST_NAME - len(ending)] + ending
    return experiment.model_copy(update={"seeds": seeds, "name": name})


def queue_more_seeds(store: Store, experiment_id: str, count: int, used: Iterable[int]) -> str:
    """Queue the same experiment with further seeds; return its id.

    Raises `MaskLabError` if the data or the store can't be read.
    """
    more = with_more_seeds(store.experiment(experiment_id), count, used)
    added = store.add_experiment(more, store.directory)
    store.set_fact(added, "origin", store.fact(experiment_id, "origin"))
    return added


def _settings(experiment: Experiment) -> tuple[str, bool]:
    """Return what two experiments must share to be scored alike: all but seeds and strategies.

    Strategies count in one way: one that reads no mask is scored on hidden cells too, and so the
    common cells of an experiment of such strategies alone are others.
    """
    bare = experiment.model_copy(update={"seeds": (), "strategies": ()})
    return fingerprint(bare), any(one.reads_mask for one in experiment.strategies)


def _settings_of(store: Store, experiment_id: str) -> tuple[str, bool] | None:
    try:
        return _settings(store.experiment(experiment_id))
    except MaskLabError:  # of another version, or deleted meanwhile
        return None


def _named(seeds: tuple[int, ...]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if len(seeds) > 2 and seeds[-1] - seeds[0] == len(seeds) - 1:
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds[:-1]))} and {seeds[-1]}"
