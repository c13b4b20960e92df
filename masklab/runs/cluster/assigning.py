"""Claim a run for the head and let a worker train it."""

from __future__ import annotations

import uuid
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.errors import MaskLabError
from masklab.runs import artifacts, facts, halving, logs
from masklab.runs.cluster.attending import Attended
from masklab.runs.cluster.link import Link, LinkLostError, Node
from masklab.runs.cluster.messages import Assignment, FileRef
from masklab.runs.desk import SETTING, StoreDesk

if TYPE_CHECKING:
    from masklab.runs.ledger import Claim, Ledger, Waiting
    from masklab.runs.spec import Experiment
    from masklab.runs.store import Store


def assign(ledger: Ledger, link: Link, waiting: Waiting, node: Node) -> Attended | None:
    """Let a worker train a waiting run; None if it is gone meanwhile, or can't be trained.

    Raises `LinkLostError` if the scheduler is gone; the run waits again.
    """
    claim = ledger.claim(waiting.run_id, node.address)
    if claim is None:
        return None
    say = partial(logs.add, ledger.store.directory, claim.run_id)
    desk = StoreDesk(ledger, claim, say=say)
    try:
        assignment, files = _assignment(ledger.store, claim, desk)
        takes_gpu = node.has_gpu and waiting.device != "cpu"
        task = link.submit(assignment, node, takes_gpu=takes_gpu)
    except LinkLostError:
        ledger.give_back(claim.run_id, claim.process, "returned", "The Dask scheduler is gone.")
        raise
    except (MaskLabError, OSError) as error:
        ledger.end(claim.run_id, claim.process, "failed", str(error))
        return None
    say(f"Given to {node.address}.")
    return Attended(assignment.token, desk, link, node.address, task, files)


def _assignment(store: Store, claim: Claim, desk: StoreDesk) -> tuple[Assignment, dict[str, Path]]:
    """Return what the worker is told, and the files that it may ask for, by SHA-256."""
    experiment = _experiment(store, claim.experiment_id)
    data = Path(experiment.data.path)
    refs = [FileRef(experiment.data.content(), data.name, data.stat().st_size)]
    files = {refs[0].sha256: data}
    for row in desk.whole_checkpoints():
        path = artifacts.path_of(store.directory, row)
        refs.append(FileRef(row.sha256, path.name, row.bytes))
        files[row.sha256] = path
    assignment = Assignment(
        token=uuid.uuid4().hex,
        run_id=claim.run_id,
        experiment_id=claim.experiment_id,
        spec=experiment.model_dump_json(),
        strategy=claim.strategy,
        seed=claim.seed,
        data=refs[0],
        checkpoints=tuple(refs[1:]),
        every=store.setting(SETTING),
        rungs=halving.rungs_of(experiment),
        tells_facts=not facts.are_known(store, claim.experiment_id),
    )
    return assignment, files


@lru_cache(maxsize=4)
def _experiment(store: Store, experiment_id: str) -> Experiment:
    return store.experiment(experiment_id)
