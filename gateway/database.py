"""The database: from `DATABASE_URL` to a pooled connection, and what it means when it is away.

SQLite is opened with WAL, so readers go on while the one writer writes. PostgreSQL is reached
through psycopg 3. Nothing here knows a table.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from peewee import Database, PeeweeException
from playhouse.pool import (
    MaxConnectionsExceeded,
    PooledPostgresqlDatabase,
    PooledSqliteDatabase,
)

import models
from gateway.errors import ConfigError

MAX_CONNECTIONS = 32
POOL_WAIT_S = 5
BUSY_WAIT_S = 5
STALE_AFTER_S = 300

SQLITE_PRAGMAS = (
    ("journal_mode", "wal"),
    ("synchronous", "normal"),
    ("foreign_keys", 1),
    ("busy_timeout", BUSY_WAIT_S * 1_000),
    ("cache_size", -65_536),  # KiB
    ("mmap_size", 1 << 30),
    ("temp_store", "memory"),
)

EXPECTED = "`sqlite:///path/to/file.db` or `postgresql://user:password@host:port/name`"

# What the drivers say, by the start of SQLite's messages, when the database itself is away.
SQLITE_AWAY = (
    "unable to open database file",
    "disk I/O error",
    "database is locked",
    "database disk image is malformed",
    "file is not a database",
    "attempt to write a readonly database",
)


def connect(url: str) -> Database:
    """Open the database at *url* and bind the models to it.

    Returns:
        A pool of connections; each use stands in `with database.connection_context()`. No
        connection is made yet.
    Raises:
        ConfigError: the address is not one of a database that is supported.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        database: Database = _sqlite(url)
    elif scheme in ("postgresql", "postgres"):
        database = _postgresql(url)
    else:
        raise ConfigError(f"DATABASE_URL: unknown kind of database; it must be {EXPECTED}")
    models.database.initialize(database)
    return database


def is_unavailable(error: BaseException) -> bool:
    """Return whether *error* means that the database cannot be reached (and may come back)."""
    if isinstance(error, MaxConnectionsExceeded):
        return True
    cause = error.__cause__ or error.__context__ if isinstance(error, PeeweeException) else error
    if isinstance(cause, sqlite3.OperationalError | sqlite3.DatabaseError):
        return str(cause).startswith(SQLITE_AWAY)
    if isinstance(cause, psycopg.errors.OperationalError | psycopg.InterfaceError):
        return True
    return isinstance(error, PeeweeException) and type(error).__name__ == "InterfaceError"


def _sqlite(url: str) -> PooledSqliteDatabase:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url == prefix:
        raise ConfigError(f"DATABASE_URL: has no file; it must be {EXPECTED}")
    path = Path(unquote(url.removeprefix(prefix)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"DATABASE_URL: `{path.parent}` cannot be made: {error.strerror}"
        ) from error
    return PooledSqliteDatabase(
        str(path),
        pragmas=SQLITE_PRAGMAS,
        check_same_thread=False,
        timeout=POOL_WAIT_S,
        max_connections=MAX_CONNECTIONS,
    )


def _postgresql(url: str) -> PooledPostgresqlDatabase:
    try:
        named = urlsplit(url).path.strip("/")
    except ValueError:
        named = ""
    if not named:
        raise ConfigError(f"DATABASE_URL: names no database; it must be {EXPECTED}")
    return PooledPostgresqlDatabase(
        url,
        prefer_psycopg3=True,
        max_connections=MAX_CONNECTIONS,
        stale_timeout=STALE_AFTER_S,
        timeout=POOL_WAIT_S,
    )
