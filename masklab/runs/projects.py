"""Projects of the app: JSON texts under revisions, so that two tabs don't overwrite each other."""

from __future__ import annotations

import time

from masklab.errors import StoreError
from masklab.runs.database import Database
from masklab.runs.rows import ProjectRow


class RevisionConflict(StoreError):  # noqa: N818 - an answer, not a failure
    """A project was saved by somebody else since it was read; `revision` is the newer one."""

    def __init__(self, project_id: str, revision: int) -> None:
        super().__init__(
            f"Project {project_id} was changed elsewhere, perhaps in another tab "
            f"(it is at revision {revision} now). Load it again, then repeat the change."
        )
        self.revision = revision


class UnknownProject(StoreError):  # noqa: N818 - likewise
    """No project of that id was ever saved."""


def save(database: Database, project_id: str, json_text: str, expected: int | None) -> int:
    """Save a project and return its new revision; see `Store.save_project`."""
    with database.write() as db:
        row = db.execute("SELECT revision FROM projects WHERE id = ?", (project_id,)).fetchone()
        revision = 0 if row is None else int(row["revision"])
        if expected is not None and expected != revision:
            raise RevisionConflict(project_id, revision)
        db.execute(
            "INSERT OR REPLACE INTO projects VALUES (?, ?, ?, ?)",
            (project_id, json_text, revision + 1, time.time()),
        )
    return revision + 1


def load(database: Database, project_id: str) -> tuple[str, int]:
    """Return a project's JSON and revision; raise `UnknownProject` if there is none."""
    with database.read() as db:
        row = db.execute(
            "SELECT json, revision FROM projects WHERE id = ?", (project_id,)
        ).fetchone()
    if row is None:
        raise UnknownProject(f"The store {database.directory} holds no project {project_id!r}.")
    return row["json"], int(row["revision"])


def known(database: Database) -> list[ProjectRow]:
    """Return all saved projects, the one saved last first."""
    with database.read() as db:
        rows = db.execute(
            "SELECT id, revision, updated FROM projects ORDER BY updated DESC, rowid DESC"
        ).fetchall()
    return [ProjectRow(**row) for row in rows]
