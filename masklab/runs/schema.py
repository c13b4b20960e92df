"""The tables of a run store, and the steps that bring an older store up to date."""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x4D6C6162  # "Mlab": tells our files from other programs' databases

_FIRST_CELLS = ("common", "own", "common_original", "own_original")
SETS_OF_4 = ("observed", "hidden", "observed_original", "hidden_original")

CELLS = _FIRST_CELLS + SETS_OF_4
"""The score groups of an epoch report, those in the data's own units too; some came with version 4."""

METRICS = ("mse", "mae", "rmse", "mre", "mase")

SCORE_COLUMNS = tuple(f"{cells}_{name}" for cells in CELLS for name in (*METRICS, "count"))

# As version 1 had them: what came later is added by later steps.
_FIRST_SCORES = ",\n".join(
    f"    {cells}_{name} {'INTEGER NOT NULL' if name == 'count' else 'REAL'}"
    for cells in _FIRST_CELLS
    for name in ("mse", "mae", "rmse", "mre", "count")
)

_FIRST = (
    """CREATE TABLE experiments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    created REAL NOT NULL
)""",
    # `process` names the one process that may write about a run: a superseded worker is refused.
    """CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    strategy_json TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'finished', 'stopped', 'failed')),
    starts INTEGER NOT NULL DEFAULT 0,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL,
    best_score REAL,
    seconds REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    pid INTEGER,
    process TEXT,
    heartbeat REAL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    UNIQUE (experiment_id, strategy_json, seed)
)""",
    "CREATE INDEX runs_by_status ON runs (status, experiment_id, position)",
    f"""CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    training_loss REAL,
    learning_rate REAL NOT NULL,
    seconds REAL NOT NULL,
    is_best INTEGER NOT NULL,
{_FIRST_SCORES},
    UNIQUE (run_id, epoch)
)""",
    """CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    experiment_id TEXT REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
)""",
    "CREATE INDEX events_by_run ON events (run_id)",
    """CREATE TABLE facts (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment_id, name)
)""",
    """CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated REAL NOT NULL
)""",
)

# MASE is NULL in epochs of before.
_MASE = tuple(f"ALTER TABLE reports ADD COLUMN {cells}_mase REAL" for cells in _FIRST_CELLS)

# Runs get a status more, and what a queue, a resumption and several machines need. SQLite changes no
# CHECK in place: the table is written anew. `place`: turn in the queue among those of one priority.
# `deaths`: workers lost since the last new epoch. `rung`: epoch at which a run waits for its peers.
# `newest`: id of the report written last. `columns`: reports once more, see columns.py.
_QUEUE = (
    """CREATE TABLE runs_of_3 (
    id TEXT PRIMARY KEY,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    strategy_json TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'paused', 'finished', 'stopped', 'failed')),
    starts INTEGER NOT NULL DEFAULT 0,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL,
    best_score REAL,
    seconds REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    pid INTEGER,
    process TEXT,
    heartbeat REAL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    priority INTEGER NOT NULL DEFAULT 0,
    place REAL NOT NULL,
    deaths INTEGER NOT NULL DEFAULT 0,
    rung INTEGER NOT NULL DEFAULT 0,
    resumed_from INTEGER NOT NULL DEFAULT 0,
    device TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL DEFAULT '',
    memory INTEGER,
    environment TEXT NOT NULL DEFAULT '{}',
    newest INTEGER NOT NULL DEFAULT 0,
    UNIQUE (experiment_id, strategy_json, seed)
)""",
    """INSERT INTO runs_of_3 (id, experiment_id, position, strategy, strategy_json, seed, status, starts,
    stop_requested, epoch, epochs, best_score, seconds, message, pid, process, heartbeat, created,
    started, ended, place, newest)
SELECT r.id, r.experiment_id, r.position, r.strategy, r.strategy_json, r.seed, r.status, r.starts,
    r.stop_requested, r.epoch, r.epochs, r.best_score, r.seconds, r.message, r.pid, r.process,
    r.heartbeat, r.created, r.started, r.ended,
    row_number() OVER (ORDER BY e.position, r.position),
    (SELECT coalesce(max(p.id), 0) FROM reports p WHERE p.run_id = r.id)
FROM runs r JOIN experiments e ON e.id = r.experiment_id""",
    "DROP TABLE runs",
    "ALTER TABLE runs_of_3 RENAME TO runs",
    "CREATE INDEX runs_by_status ON runs (status, priority DESC, place)",
    """CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    epoch INTEGER,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created REAL NOT NULL
)""",
    "CREATE INDEX artifacts_by_run ON artifacts (experiment_id, run_id, kind)",
    """CREATE TABLE parameters (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
)""",
    """CREATE TABLE tags (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    UNIQUE (experiment_id, run_id, tag)
)""",
    """CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)""",
    """CREATE TABLE columns (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
)""",
    *(
        f"CREATE TRIGGER columns_go_at_{change} AFTER {change} ON reports "  # noqa: S608
        f"BEGIN DELETE FROM columns WHERE run_id = {row}.run_id; END"
        for change, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
    ),
)

# Scores on two more sets of cells: in epochs of before NULL, on no cell. Columns are packed anew, with
# theirs.
_SETS = (
    *(
        f"ALTER TABLE reports ADD COLUMN {cells}_{name} "
        f"{'INTEGER NOT NULL DEFAULT 0' if name == 'count' else 'REAL'}"
        for cells in SETS_OF_4
        for name in (*METRICS, "count")
    ),
    "DELETE FROM columns",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _MASE, _QUEUE, _SETS)
"""Statements that lead from each version to the next: entry 0 from an empty file to version 1."""

VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version that the file carries; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether the file holds another program's tables."""
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(tables) and owner != APPLICATION_ID


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file from its version to `VERSION`, all of it or nothing."""
    # A table that is written anew must not take along what refers to it.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for version in range(version_of(connection), VERSION):
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA foreign_keys = ON")
