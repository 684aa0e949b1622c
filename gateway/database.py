"""The database: from `DATABASE_URL` to a pool of connections, and what it means when it is away.

SQLite is opened with WAL, so readers go on while the one writer writes. PostgreSQL is reached
through psycopg 3. Nothing here knows a table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
from peewee import Database, SqliteDatabase
from playhouse.pool import (
    MaxConnectionsExceeded,
    PooledPostgresqlDatabase,
    PooledSqliteDatabase,
)
from psycopg.conninfo import conninfo_to_dict

import models
from gateway.errors import ConfigError

MAX_CONNECTIONS = 32
POOL_WAIT_S = 5
BUSY_WAIT_S = 5
CONNECT_WAIT_S = 5
STALE_AFTER_S = 300

# Of each connection. A migrated file stays in WAL mode; the pragma is there for the first one.
SQLITE_PRAGMAS = (
    ("busy_timeout", BUSY_WAIT_S * 1_000),  # ms
    ("journal_mode", "wal"),
    ("synchronous", "normal"),  # a power cut may lose the last commits, never the file
    ("foreign_keys", 1),
    ("cache_size", -32_768),  # KiB, negative to say so
    ("mmap_size", 1 << 30),  # bytes
)

SQLITE_PREFIX = "sqlite:///"
EXPECTED = "`sqlite:///path/to/file.db` or `postgresql://user:password@host:port/name`"

SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
# SQLSTATE classes: connection lost, not enough resources, stopped by an operator, I/O error; and
# the one code that a server gives which is a standby since a failover.
POSTGRES_AWAY = ("08", "53", "57P", "58", "25006")


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


@contextmanager
def writing(database: Any) -> Iterator[None]:
    """Open a transaction that is going to write, or join the one that is open.

    SQLite's usual one begins as a reader's, and its first write is refused, however long it would
    wait, if somebody else has written since. This one waits for its turn before it reads.

    Args:
        database: or the proxy in `models`.
    """
    opened = getattr(database, "obj", database)
    immediate = isinstance(opened, SqliteDatabase) and not opened.in_transaction()
    with opened.atomic("IMMEDIATE") if immediate else opened.atomic():
        yield


def is_unavailable(error: BaseException) -> bool:
    """Return whether *error* means that the database is away and may come back: a 503.

    Args:
        error: of peewee, its pool or a driver. (The pool's own is a ValueError.)
    """
    # Peewee raises its own error while it handles the driver's.
    return any(_says_away(one) for one in (error, error.__cause__, error.__context__))


def _says_away(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # missing where the driver refuses itself
        return code is not None and code & 0xFF in SQLITE_AWAY
    if isinstance(error, psycopg.OperationalError):
        # Without a SQLSTATE: no connection, or one that broke.
        return error.sqlstate is None or error.sqlstate.startswith(POSTGRES_AWAY)
    if isinstance(error, psycopg.Error):
        return error.sqlstate is not None and error.sqlstate.startswith(POSTGRES_AWAY)
    return isinstance(error, MaxConnectionsExceeded)


class _PostgresqlPool(PooledPostgresqlDatabase):
    """Closes what it discards: peewee 4.5 drops a dead connection with its socket still open."""

    def __init__(self, name: str, **parameters: Any) -> None:
        PooledPostgresqlDatabase.__init__(
            self,
            name,
            prefer_psycopg3=True,
            max_connections=MAX_CONNECTIONS,
            stale_timeout=STALE_AFTER_S,
            timeout=POOL_WAIT_S,
            **parameters,
        )

    def _is_closed(self, connection: psycopg.Connection) -> bool:
        closed: bool = PooledPostgresqlDatabase._is_closed(self, connection)
        if closed:
            connection.close()
        return closed


class SqlitePool(PooledSqliteDatabase):
    """A pool that can let go of a file that is no longer the one at its path."""

    def __init__(self, path: str, **parameters: Any) -> None:
        PooledSqliteDatabase.__init__(self, path, **parameters)
        self._outdated: set[Any] = set()

    def open(self) -> sqlite3.Connection:
        """Return a connection beside the pool, with the same settings; the caller closes it."""
        connection: sqlite3.Connection = SqliteDatabase._connect(self)  # type: ignore[attr-defined]
        return connection

    def fetch(
        self, connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        """Run one SQL text on a *connection* of `open` and return all of its rows."""
        return connection.execute(sql, parameters).fetchall()

    def let_go(self) -> None:
        """Close the pool's connections: the idle ones now, those in use when they come back."""
        with self._pool_lock:
            self._outdated |= set(self._in_use)
            self.close_idle()

    def _can_reuse(self, connection: sqlite3.Connection) -> bool:
        key = self.conn_key(connection)
        if key in self._outdated:
            self._outdated.discard(key)
            return False
        reusable: bool = PooledSqliteDatabase._can_reuse(self, connection)
        return reusable


def _sqlite(url: str) -> SqlitePool:
    path = unquote(url.removeprefix(SQLITE_PREFIX))
    if not url.startswith(SQLITE_PREFIX) or not path:
        raise ConfigError(f"DATABASE_URL: names no file; it must be {EXPECTED}")
    if path == ":memory:" or "?" in url:
        raise ConfigError(
            "DATABASE_URL: SQLite takes the path of a file and nothing else; "
            f"try `{SQLITE_PREFIX}path/to/file.db`"
        )
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"DATABASE_URL: the folder `{folder}` cannot be made: {error.strerror}; "
            "name one that can be written to"
        ) from error
    return SqlitePool(
        path,
        pragmas=SQLITE_PRAGMAS,
        check_same_thread=False,  # connections move between threads, one at a time
        max_connections=MAX_CONNECTIONS,
        timeout=POOL_WAIT_S,
    )


def _postgresql(url: str) -> _PostgresqlPool:
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's message may quote the part that has the password, and so would its traceback.
        raise ConfigError(
            f"DATABASE_URL: libpq cannot read the address; it must be {EXPECTED}, "
            "with special characters percent-encoded"
        ) from None
    name = parameters.pop("dbname", None)
    if not name:
        raise ConfigError(f"DATABASE_URL: names no database; it must be {EXPECTED}")
    defaults = {"client_encoding": "UTF8", "connect_timeout": CONNECT_WAIT_S}
    return _PostgresqlPool(str(name), **(defaults | parameters))
