"""The leakage audit: what a trained run could have seen, and was not to see, tried out on itself.

`auditing.audit` audits a run at hand, `compute` those of a store (see `masklab.compare.jobs`);
`results` reads what the store keeps of it. This file imports nothing, so that a page may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from masklab.compare.jobs import Tell
    from masklab.runs.store import Store


def compute(store: Store, experiment_id: str, arguments: dict[str, Any], tell: Tell) -> Any:
    """Audit the run `arguments["run"]` and return `Audit.as_json`; or each of `arguments["runs"]`.

    Of several, each result is kept as a job of its own; returned are the ids. Raises `StoreError` for
    a run without weights, and in the end if some of several could not be audited.
    """
    from masklab.compare.leakage import stored  # noqa: PLC0415 - imports torch

    if "run" in arguments:
        found = stored.audit_run(store, experiment_id, str(arguments["run"]))
        return found.as_json()
    return stored.audit_runs(store, experiment_id, list(arguments["runs"]), tell)
