"""What people write on experiments and runs: names, tags, notes; what they put away, and delete.

What is deleted is only marked, and can be brought back until `purge`; the store goes on to know it.
An experiment as a whole goes by the id None among its runs.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection
from typing import Any

from masklab.errors import StoreError
from masklab.runs import artifacts, queue
from masklab.runs.rows import ArtifactRow
from masklab.runs.store import Store

ARCHIVED = "archived"
"""The tag of what is out of sight."""
KEPT = 7 * 86_400.0
"""Seconds for which something deleted can be brought back."""
LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG = 200, 2_000, 60
_NOTES, _DELETED = "labels.notes", "labels.deleted"
_WHOLE = ""
"""The key of the experiment as a whole in a fact, where runs go by their ids."""


def rename(store: Store, experiment_id: str, name: str) -> None:
    """Give an experiment another name; raises `StoreError` for an empty or too long one."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise StoreError(
            f"The name has {len(name):,} characters; it should have 1 to {LONGEST_NAME}."
        )
    with store.database.write() as db:
        db.execute(
            "UPDATE experiments SET name = ?, spec = json_set(spec, '$.name', ?) WHERE id = ?",
            (name, name, experiment_id),
        )


def tag(store: Store, experiment_id: str, run_id: str | None, tags: Collection[str]) -> None:
    """Give a run these tags and no others; whether it is archived stays as it was.

    Raises `StoreError` for a tag that is too long.
    """
    wanted = [" ".join(one.split()) for one in tags]
    wanted = [one for one in dict.fromkeys(wanted) if one and one != ARCHIVED]
    long = next((one for one in wanted if len(one) > LONGEST_TAG), None)
    if long is not None:
        raise StoreError(
            f"The tag {long[:20]!r}… has {len(long):,} characters; it should have {LONGEST_TAG} at most."
        )
    with store.database.write() as db:
        db.execute(
            "DELETE FROM tags WHERE experiment_id = ? AND run_id IS ? AND tag != ?",
            (experiment_id, run_id, ARCHIVED),
        )
        for one in wanted:
            _add_tag(db, experiment_id, run_id, one)


def add_tag(store: Store, experiment_id: str, run_ids: Collection[str], word: str) -> None:
    """Give runs one tag more; nothing for an empty one."""
    known = store.tags(experiment_id)
    for run_id in run_ids:
        tag(store, experiment_id, run_id, [*known.get(run_id, ()), word])


def archive(
    store: Store, experiment_id: str, run_ids: Collection[str | None], *, back: bool = False
) -> None:
    """Put runs out of sight, or `back` in sight."""
    with store.database.write() as db:
        for run_id in run_ids:
            db.execute(
                "DELETE FROM tags WHERE experiment_id = ? AND run_id IS ? AND tag = ?",
                (experiment_id, run_id, ARCHIVED),
            )
            if not back:
                _add_tag(db, experiment_id, run_id, ARCHIVED)


def archived(store: Store, experiment_id: str) -> set[str | None]:
    """Return what is out of sight of an experiment."""
    return {run_id for run_id, tags in store.tags(experiment_id).items() if ARCHIVED in tags}


def note(store: Store, experiment_id: str, run_id: str | None, text: str) -> None:
    """Write a note on a run, in place of the one before; an empty one takes it away.

    Raises `StoreError` for one that is too long.
    """
    if len(text) > LONGEST_NOTE:
        raise StoreError(
            f"The note has {len(text):,} characters; it should have {LONGEST_NOTE:,} at most."
        )

    def written(notes: dict[str, Any]) -> dict[str, Any]:
        others = {one: said for one, said in notes.items() if one != (run_id or _WHOLE)}
        return {**others, run_id or _WHOLE: text} if text.strip() else others

    _change(store, experiment_id, _NOTES, written)


def notes(store: Store, experiment_id: str) -> dict[str | None, str]:
    """Return the notes of an experiment's runs, and under None its own."""
    found = store.fact(experiment_id, _NOTES) or {}
    return {run_id or None: text for run_id, text in found.items()}


def delete(store: Store, experiment_id: str, run_ids: Collection[str | None]) -> None:
    """Mark runs, or the whole experiment, as deleted; what still waits or trains is stopped."""
    now = time.time()
    marks = {run_id or _WHOLE: now for run_id in run_ids}
    with store.database.write() as db:
        for run_id in run_ids:
            if run_id is None:
                queue.stop(db, "experiment_id = ?", experiment_id)
            else:
                queue.stop(db, "id = ?", run_id)
    _change(store, experiment_id, _DELETED, lambda known: {**known, **marks})


def restore(store: Store, experiment_id: str, run_ids: Collection[str | None]) -> None:
    """Bring back what was deleted and not yet purged."""
    gone = {run_id or _WHOLE for run_id in run_ids}
    _change(
        store,
        experiment_id,
        _DELETED,
        lambda known: {one: then for one, then in known.items() if one not in gone},
    )


def deleted(store: Store, experiment_id: str) -> set[str | None]:
    """Return what is marked as deleted of an experiment."""
    return {run_id or None for run_id in store.fact(experiment_id, _DELETED) or {}}


def put_away(store: Store) -> dict[str, set[str]]:
    """Return the experiments that are out of sight as a whole: under "archived" and "deleted"."""
    with store.database.read() as db:
        shelved = db.execute(
            "SELECT experiment_id FROM tags WHERE run_id IS NULL AND tag = ?", (ARCHIVED,)
        ).fetchall()
        marked = db.execute(
            "SELECT experiment_id, value FROM facts WHERE name = ?", (_DELETED,)
        ).fetchall()
    return {
        ARCHIVED: {row[0] for row in shelved},
        "deleted": {row[0] for row in marked if _WHOLE in json.loads(row[1])},
    }


def purge(store: Store, older_than: float = KEPT) -> int:
    """Delete for good what was marked more than so many seconds ago; return how many things.

    A run that still trains ends by itself, as after `Store.delete_experiment`.
    """
    limit, gone = time.time() - older_than, 0
    with store.database.read() as db:
        marked = db.execute(
            "SELECT experiment_id, value FROM facts WHERE name = ?", (_DELETED,)
        ).fetchall()
    for experiment_id, value in marked:
        old = [one for one, then in json.loads(value).items() if then <= limit]
        gone += len(old)
        if _WHOLE in old:
            store.delete_experiment(experiment_id)
        elif old:
            _purge_runs(store, experiment_id, old)
    return gone


def _purge_runs(store: Store, experiment_id: str, run_ids: list[str]) -> None:
    files: list[ArtifactRow] = [
        row for run_id in run_ids for row in store.artifacts(experiment_id, run_id)
    ]
    artifacts.remove(store.database, files)
    with store.database.write() as db:
        db.executemany("DELETE FROM runs WHERE id = ?", [(one,) for one in run_ids])
    restore(store, experiment_id, run_ids)


def _add_tag(db: sqlite3.Connection, experiment_id: str, run_id: str | None, word: str) -> None:
    db.execute(
        "INSERT INTO tags SELECT id, ?, ? FROM experiments WHERE id = ?",
        (run_id, word, experiment_id),
    )


def _change(
    store: Store,
    experiment_id: str,
    name: str,
    step: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Change a fact in one piece: others may change it at the same moment."""
    with store.database.write() as db:
        row = db.execute(
            "SELECT value FROM facts WHERE experiment_id = ? AND name = ?", (experiment_id, name)
        ).fetchone()
        db.execute(
            "INSERT OR REPLACE INTO facts SELECT id, ?, ? FROM experiments WHERE id = ?",
            (name, json.dumps(step({} if row is None else json.loads(row[0]))), experiment_id),
        )
