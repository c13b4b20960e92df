"""A training epoch on a series of 1M x 8 against its bare forward and backward steps.

The epoch draws its windows, gathers batches, hides fresh cells, learns (clipping, AdamW, schedule)
and pools its scores. The bare steps are the same network's forward and backward passes on the same
batches, gathered beforehand; "bare and optimiser" also takes the optimiser's steps.
"""

from __future__ import annotations

from benchmarks.made import made_panel
from benchmarks.measuring import Job, interleaved, ratios
from benchmarks.report import Progress, Report, Row
from masklab.runs.spec import Experiment, parse_experiment
from masklab.split import VALIDATION
from masklab.training.batches import Batch
from masklab.training.learner import Learner
from masklab.training.loop import Run
from masklab.training.loss import loss_of, scored_error
from masklab.training.prepare import prepare

UNIT = "bare steps"
TASKS, KINDS = ("forecast", "reconstruct"), ("mean_fill", "indicator", "carry", "reset")


def experiment(
    task: str, kinds: tuple[str, ...], window: int = 48, **training: int | None
) -> Experiment:
    """Return an experiment of default size with a mask over three tenths of the cells."""
    return parse_experiment(
        {
            "data": {"path": "made.csv"},
            "task": {"kind": task, "window": window},
            "recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]},
            "strategies": [{"kind": kind} for kind in kinds],
            "training": training,
        }
    )


def bare_steps(run: Run, batches: list[Batch], learner: Learner | None = None) -> None:
    """Go forward and backward over batches that lie ready."""
    for batch in batches:
        run.network.zero_grad()
        predicted = run.network(batch.values, batch.observed, batch.native, batch.clock)
        loss = loss_of(scored_error(predicted, batch.target, batch.own), batch.own, "mse")
        if learner is None:
            loss.backward()
        else:
            learner.learn(loss)


def whole_epoch(run: Run) -> Job:
    """Return a training epoch as a run goes through it."""
    learner = Learner(run.network, run.config, 1_000_000)
    return lambda: run._epoch(1, run._order(1), learner)


def measure(run: Run, task: str, turns: int) -> Row:
    """Time one run's epoch, its bare steps and its validation."""
    learner = Learner(run.network, run.config, 1_000_000)
    batches = list(run._batches(run._order(1), run.config.batch_size, fresh_in=1))
    jobs: dict[str, Job] = {
        UNIT: lambda: bare_steps(run, batches),
        "bare and optimiser": lambda: bare_steps(run, batches, learner),
        "epoch": whole_epoch(run),
        "validation": lambda: run._epoch(1, run.prepared.starts(VALIDATION)),
    }
    row = ratios(interleaved(jobs, turns), UNIT)
    return {"rows": len(run.prepared.values), "task": task, "strategy": run.strategy.label, **row}


def run(quick: bool, tell: Progress) -> Report:
    """Time both tasks; `quick` on a fiftieth of the rows, fewer windows, one strategy."""
    size = 20_000 if quick else 1_000_000
    panel, rows = made_panel(size), []
    for task in TASKS:
        plan = experiment(
            task, KINDS[-1:] if quick else KINDS, training_windows=128 if quick else 2000
        )
        tell(f"{task}: preparing {size:,} x 8 cells")
        prepared = prepare(plan, panel)
        for strategy in plan.strategies:
            tell(f"{task}: {strategy.label}")
            one = Run(prepared, strategy, 0, plan.model, plan.training)
            rows.append(measure(one, task, 1 if quick else 8))
    notes = ("Cost of a whole epoch relative to its bare forward and backward steps.",)
    return Report(f"Epoch on {size:,} x 8 cells", tuple(rows), notes)
