"""The audit part alone, on every run of the newest experiment; for tests."""

from masklab.ui import state
from masklab.ui.compare import audit
from masklab.ui.compare.context import Context
from masklab.ui.score_choice import ScoreChoice

store = state.store()
experiment = store.experiments()[0]
runs = tuple(store.runs(experiment.id))
choice = ScoreChoice("common", "rmse", "scaled")
shown = frozenset(run.id for run in runs)
audit.show(Context((experiment,), runs, shown, choice, runs[0].strategy))
