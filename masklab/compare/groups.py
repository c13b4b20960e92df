"""Groups of runs for a picture: by strategy, experiment or any setting that differs among them.

A group's label begins as a strategy's does, `carry(hidden_size=32)`, so that colour, causality and
order follow from it wherever labels are read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from masklab.runs.rows import RunRow

STRATEGY, EXPERIMENT = "strategy", "experiment"

Parameters = Mapping[str, Mapping[str, str]]
"""Settings by run and dotted name, values as JSON: what `Store.parameters` gives."""


def varying(runs: Sequence[RunRow], parameters: Parameters) -> list[str]:
    """Return what these runs can be grouped by: strategy, experiment if several, settings that differ."""
    several = len({run.experiment_id for run in runs}) > 1
    known = [parameters.get(run.id, {}) for run in runs]
    names = dict.fromkeys(name for one in known for name in one)
    differ = [
        name
        for name in names
        if name != "strategy.kind" and len({one.get(name) for one in known}) > 1
    ]
    return [STRATEGY, *([EXPERIMENT] if several else []), *differ]


def labels(
    runs: Sequence[RunRow],
    parameters: Parameters,
    by: Sequence[str],
    experiments: Mapping[str, str],
) -> dict[str, str]:
    """Return each run's group by its id; `experiments`: names by id, told apart where they are equal.

    Runs that agree in all of `by` are one group; with nothing in it all runs are "all runs".
    """
    names = _told_apart(experiments)
    return {run.id: _label(run, parameters.get(run.id, {}), by, names) for run in runs}


def pairs(runs: Sequence[RunRow], parameters: Parameters, by: Sequence[str]) -> dict[str, int]:
    """Return a number for each run, equal for those that differ in nothing but their group.

    Differences between groups are taken among runs with the same number, seed by seed.
    """
    grouped = {*by, "strategy.kind"}
    if STRATEGY in by:
        grouped |= {name for name in varying(runs, parameters) if name.startswith("strategy.")}
    names = [name for name in varying(runs, parameters) if name not in grouped]
    keys = [
        (run.seed, *(_value(run, parameters.get(run.id, {}), name) for name in names))
        for run in runs
    ]
    numbers = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return {run.id: numbers[key] for run, key in zip(runs, keys, strict=True)}


def of_runs(run_ids: pd.Series, values: Mapping[str, Any]) -> pd.Series:
    """Return for each row what is known of its run, as categories where `run_ids` are: in no time.

    NaN where nothing is known; categories in the order of `values`.
    """
    if not isinstance(run_ids.dtype, pd.CategoricalDtype):
        return run_ids.map(dict(values))
    every = list(dict.fromkeys(values.values()))
    places = {value: place for place, value in enumerate(every)}
    known = [places[values[one]] if one in values else -1 for one in run_ids.cat.categories]
    codes = np.append(np.asarray(known, dtype=np.int64), -1)[run_ids.cat.codes]
    found = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(every)))
    return pd.Series(found, index=run_ids.index)


def words(name: str) -> str:
    """Return a setting's name as a menu shows it: "hidden size" for `model.hidden_size`."""
    return name.rpartition(".")[2].replace("_", " ").capitalize()


def _label(
    run: RunRow, settings: Mapping[str, str], by: Sequence[str], names: Mapping[str, str]
) -> str:
    said = [
        f"{name.rpartition('.')[2]}={_shown(settings.get(name))}"
        for name in by
        if name not in (STRATEGY, EXPERIMENT)
    ]
    if EXPERIMENT in by:
        said.append(f"in {names.get(run.experiment_id, run.experiment_id)}")
    if STRATEGY not in by:
        return ", ".join(said) or "all runs"
    kind, _, options = run.strategy.partition("(")
    inside = [*([options.removesuffix(")")] if options else []), *said]
    return f"{kind}({', '.join(inside)})" if inside else kind


def _value(run: RunRow, settings: Mapping[str, str], name: str) -> str | None:
    own = {STRATEGY: run.strategy, EXPERIMENT: run.experiment_id}
    return own.get(name, settings.get(name))


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    content = json.loads(value)
    return content if isinstance(content, str) else value


def _told_apart(experiments: Mapping[str, str]) -> dict[str, str]:
    often = Counter(experiments.values())
    return {
        identity: name if often[name] == 1 else f"{name} {identity[:4]}"
        for identity, name in experiments.items()
    }
