"""Where statements run: one snapshot a request, and a database that is away is a 503.

SQLite is an in-process library: its statements run on the event loop's own thread and on one
connection of the executor's own, for less than a hop to another thread or a turn at a pool would
cost. What takes long there has a thread and a connection of its own. PostgreSQL is waited for in
worker threads, as many as the pool has connections.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

import anyio
from anyio.to_thread import run_sync
from peewee import Database, PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from gateway.database import SqlitePool, is_unavailable
from gateway.errors import ServiceUnavailable

T = TypeVar("T")

MAX_CONCURRENT_READS = 20
AWAY = "The database cannot be reached. Try again soon."
FAILURES = (sqlite3.Error, PeeweeException, MaxConnectionsExceeded)
DATA_VERSION = "PRAGMA data_version"
MAX_REMEMBERED = 4_096
REPEATABLE_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Query(Protocol):
    """Runs one SQL text and returns all of its rows."""

    def __call__(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]: ...


class Executor:
    """Runs work on the database for the event loop.

    Attributes:
        epoch: grows whenever the database may have become another one (its file was replaced, a
            server was away): what was remembered of it is worth nothing then.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dialect = "sqlite" if isinstance(database, SqlitePool) else "postgres"
        self.epoch = 0
        self._attempt: Callable[..., Any] = _OnPool(database)
        self._apart: Callable[..., Any] = self._attempt
        if isinstance(database, SqlitePool):
            self._attempt = _OnFile(database, self._begin_epoch)
            self._apart = _OnFile(database, self._begin_epoch)
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(
        self, work: Callable[[Query], T], *, snapshot: bool = False, apart: bool = False
    ) -> T:
        """Run *work* with a `Query` and return what it returns.

        Args:
            snapshot: all statements of *work* see the same state of the database.
            apart: it takes long; on SQLite it gets a thread, so that other requests go on.
        Raises:
            ServiceUnavailable: the database is away.
        """
        if self.dialect == "sqlite" and not apart:
            return self.run_blocking(work, snapshot=snapshot)
        if self._limiter is None:
            most = MAX_CONCURRENT_READS if self.dialect == "postgres" else 1
            self._limiter = anyio.CapacityLimiter(most)
        attempt = self._apart if apart else self._attempt
        return await run_sync(
            lambda: self._run_blocking(attempt, work, snapshot), limiter=self._limiter
        )

    def remembered(self, key: Hashable, work: Callable[[Query], T]) -> T:
        """Run *work* on SQLite, or return what it gave under *key* if nothing was written since.

        SQLite says at the cost of no look-up whether anybody has written anything.

        Args:
            work: what it gives is decided by *key* and the data alone, and is not changed after.
        Raises:
            ServiceUnavailable: the database is away.
        """
        assert isinstance(self._attempt, _OnFile)  # noqa: S101
        on_file = self._attempt
        return self.run_blocking(lambda query: on_file.remembered(key, work, query))

    def run_blocking(self, work: Callable[[Query], T], *, snapshot: bool = False) -> T:
        """Do what `run` does, on the calling thread; for SQLite that is always the same one."""
        return self._run_blocking(self._attempt, work, snapshot)

    def _run_blocking(
        self, attempt: Callable[..., Any], work: Callable[[Query], T], snapshot: bool
    ) -> T:
        try:
            return attempt(work, snapshot)  # type: ignore[no-any-return]
        except FAILURES as error:
            if not is_unavailable(error):
                raise
        self._begin_epoch()
        # A pooled connection may have died long ago: reads are repeated once, on a new one.
        try:
            return attempt(work, snapshot)  # type: ignore[no-any-return]
        except FAILURES as error:
            if not is_unavailable(error):
                raise
            raise ServiceUnavailable(AWAY) from error

    def _begin_epoch(self) -> None:
        self.epoch += 1


class _OnPool:
    """Work on PostgreSQL, on a connection of the pool."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, work: Callable[[Query], T], snapshot: bool) -> T:
        with self._database.connection_context():
            if not snapshot:
                return work(self._query)
            self._database.execute_sql(REPEATABLE_READ)
            try:
                result = work(self._query)
            except BaseException:
                self._database.execute_sql("ROLLBACK")
                raise
            self._database.execute_sql("COMMIT")
            return result

    def _query(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        rows: Sequence[tuple[Any, ...]] = self._database.execute_sql(sql, parameters).fetchall()
        return rows


class _OnFile:
    """Work on SQLite, on one connection to the file that is at its path now.

    All work of one turn of the event loop has one snapshot, which ends before the next turn: what
    runs in a turn was asked before the turn began, so it sees every write that had ended when it
    was asked, and a transaction's locks are taken once for many requests. In a thread without an
    event loop each work has a snapshot of its own.
    """

    def __init__(self, database: SqlitePool, replaced: Callable[[], None]) -> None:
        self._database = database
        self._replaced = replaced
        self._connection: sqlite3.Connection | None = None
        self._in_turn = False
        self._file: tuple[int, int] | None = None
        self._memory: dict[Hashable, Any] = {}
        self._memory_of: object = None
        self._looked = False

    def __call__(self, work: Callable[[Query], T], snapshot: bool) -> T:
        if self._in_turn:
            return self._attempt(work)
        self._begin()
        try:
            # INVARIANT: the event loop runs what is called soon in that order, and what has been
            # received since after it; so the snapshot is older than no request that uses it.
            asyncio.get_running_loop().call_soon(self._end)
        except RuntimeError:
            try:
                return self._attempt(work)
            finally:
                self._end()
        return self._attempt(work)

    def remembered(self, key: Hashable, work: Callable[[Query], T], query: Query) -> T:
        """Return what *work* gives in this snapshot, which may be what it gave in one before.

        INVARIANT: `data_version` is asked within the snapshot that *work* would read. It changes
        whenever another connection has committed anything, and this one writes nothing.
        """
        if not self._looked:
            [[state]] = query(DATA_VERSION, ())
            if state != self._memory_of or len(self._memory) > MAX_REMEMBERED:
                self._memory.clear()
                self._memory_of = state
            self._looked = True
        if key not in self._memory:
            self._memory[key] = work(query)
        found: T = self._memory[key]
        return found

    def _begin(self) -> None:
        self._looked = False
        self._follow_file()
        if self._connection is None:
            self._connection = self._database.open()
        try:
            self._connection.execute("BEGIN")
        except sqlite3.Error:
            self._close()
            raise
        self._in_turn = True

    def _attempt(self, work: Callable[[Query], T]) -> T:
        try:
            return work(self._query)
        except sqlite3.Error:
            self._close()  # what has failed is not used again
            raise

    def _query(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        assert self._connection is not None  # noqa: S101
        return self._database.fetch(self._connection, sql, parameters)

    def _end(self) -> None:
        """End the snapshot, if an error has not ended it."""
        if self._in_turn and self._connection is not None:
            self._in_turn = False
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._close()

    def _close(self) -> None:
        self._in_turn = self._looked = False
        self._memory_of = None  # of another connection's states this one's say nothing
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow_file(self) -> None:
        """Let go of a file that is no longer the one at its path.

        An open connection would go on reading what has been moved away or replaced, and a new one
        would make an empty file in the place of one that is missing.

        Raises:
            ServiceUnavailable: there is no file.
        """
        try:
            status = os.stat(self._database.database)
        except OSError as error:
            raise ServiceUnavailable(AWAY) from error
        file = (status.st_dev, status.st_ino)
        if file == self._file:
            return
        self._close()
        self._database.let_go()
        self._file = file
        self._replaced()
