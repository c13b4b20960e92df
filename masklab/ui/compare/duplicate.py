"""A new project with an experiment's settings, to change some of them and train again."""

from __future__ import annotations

from typing import Any

from masklab.runs.spec import Experiment
from masklab.training.config import ModelConfig, TrainingConfig
from masklab.ui import state
from masklab.ui.project import Project
from masklab.ui.train_form import TrainForm


def new_project_like(experiment_id: str) -> None:
    """Begin a project with an experiment's data, mask, split and settings, and put it on screen."""
    experiment = state.store().experiment(experiment_id)
    state.start_new()
    state.change(lambda _: project_like(experiment))


def project_like(experiment: Experiment) -> Project:
    """Return a project in which the Train page makes this experiment, but for its name."""
    return Project(
        name=f"{experiment.name}, again"[:80],
        data=experiment.data,
        split=experiment.split,
        history=(experiment.recipe,),
        form=form_of(experiment),
    )


def form_of(experiment: Experiment) -> dict[str, Any]:
    """Return the Train page's settings for an experiment.

    Seeds that don't follow one another become as many that do, from the lowest.
    """
    task = experiment.task.model_dump(mode="json", exclude={"kind", "targets"})
    strategies = [one.model_dump(mode="json") for one in experiment.strategies]
    told = {
        **experiment.model.model_dump(mode="json", include=set(ModelConfig.model_fields)),
        **experiment.training.model_dump(mode="json", include=set(TrainingConfig.model_fields)),
        **task,
        "task": experiment.task.kind,
        "targets": list(experiment.task.targets or ()),
        "strategies": [one["kind"] for one in strategies],
        "options": {
            one["kind"]: {name: value for name, value in one.items() if name != "kind"}
            for one in strategies
        },
        "seeds": len(experiment.seeds),
        "first_seed": min(experiment.seeds),
        "patience": experiment.training.patience or 0,
        "shortest": experiment.training.shortest or 0,
    }
    return {name: value for name, value in told.items() if name in TrainForm.model_fields}
