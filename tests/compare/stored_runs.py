"""Runs that were really trained into a store, in this process."""

from __future__ import annotations

from contextlib import nullcontext

from masklab.runs.course import follow
from masklab.runs.desk import StoreDesk
from masklab.runs.ledger import Ledger
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.training.prepare import prepare


def train_into(store: Store, experiment: Experiment) -> str:
    """Train every run of an experiment; return its id."""
    experiment_id = store.add_experiment(experiment, ".")
    ledger, known = Ledger(store), store.experiment(experiment_id)
    prepared = prepare(known, known.load_panel(store.directory))
    strategies = {one.label: one for one in known.strategies}
    for run in store.runs(experiment_id):
        claim = ledger.claim(run.id)
        assert claim is not None
        desk = StoreDesk(ledger, claim, say=lambda _: None)
        follow(prepared, known, strategies[run.strategy], run.seed, desk, nullcontext)
    return experiment_id
