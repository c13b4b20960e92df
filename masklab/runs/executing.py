"""Who trains the runs of a store: the executor that was chosen for it, this machine unless told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from masklab.catalogue import members, union
from masklab.errors import StoreError
from masklab.runs.executors.executor import Executor
from masklab.runs.executors.local import LocalExecutor

if TYPE_CHECKING:
    from masklab.runs.store import Store

EXECUTORS: dict[str, type[Executor]] = members("masklab.runs.executors", Executor)

SETTING = "executor"
"""The store's setting: the executor's fields, its `kind` among them."""

_ANY: TypeAdapter[Any] = TypeAdapter(union(EXECUTORS))


def executor_of(store: Store) -> Executor:
    """Return the executor that was chosen for a store; raise `StoreError` if it isn't known here."""
    chosen = store.setting(SETTING)
    if chosen is None:
        return LocalExecutor()
    try:
        found: Executor = _ANY.validate_python(chosen)
    except ValidationError as error:
        raise StoreError(
            f"The store {store.directory} is set to an executor that this version of MaskLab doesn't "
            f"know: {chosen!r:.200}. Choose one anew, with `masklab run --executor` or in the app."
        ) from error
    return found


def choose_executor(store: Store, executor: Executor) -> None:
    """Let an executor train the store's runs from now on; who looked after it before leaves."""
    store.set_setting(SETTING, executor.model_dump(mode="json"))


def ensure_training(store: Store) -> None:
    """See to it that the store's waiting runs get trained by its executor; returns at once.

    Raises `StoreError` in words if the executor can't; the runs stay in the queue.
    """
    executor_of(store).ensure(store)


def replaced(store: Store, executor: Executor) -> bool:
    """Whether another kind of executor, or the same one elsewhere, was chosen for the store.

    False if none was chosen: then whoever looks after it goes on.
    """
    chosen = store.setting(SETTING)
    if chosen is None:
        return False
    mine = executor.model_dump(mode="json")
    return any(chosen.get(name) != mine.get(name) for name in ("kind", "scheduler"))
