"""Where statements run: one snapshot a request, and a database that is away is a 503.

SQLite is an in-process library: its statements run on the event loop's own thread, for less than a
hop to another would cost. PostgreSQL is waited for in worker threads, as many as the pool has
connections.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import anyio
from anyio.to_thread import run_sync
from peewee import Database, PeeweeException, PostgresqlDatabase
from playhouse.pool import MaxConnectionsExceeded

from gateway.database import SqlitePool, is_unavailable
from gateway.errors import ServiceUnavailable

T = TypeVar("T")

MAX_CONCURRENT_READS = 20
AWAY = "The database cannot be reached. Try again soon."


class Query(Protocol):
    """Runs one SQL text and returns all of its rows."""

    def __call__(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]: ...


class Executor:
    """Runs work on the database for the event loop."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dialect = "postgres" if isinstance(database, PostgresqlDatabase) else "sqlite"
        self._limiter: anyio.CapacityLimiter | None = None
        self._file: tuple[int, int] | None = None

    async def run(self, work: Callable[[Query], T], *, snapshot: bool = False) -> T:
        """Run *work* with a `Query` and return what it returns.

        Args:
            snapshot: all statements of *work* see the same state of the database.
        Raises:
            ServiceUnavailable: the database is away.
        """
        if self.dialect == "sqlite":
            return self.run_blocking(work, snapshot=snapshot)
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(MAX_CONCURRENT_READS)
        return await run_sync(
            lambda: self.run_blocking(work, snapshot=snapshot), limiter=self._limiter
        )

    def run_blocking(self, work: Callable[[Query], T], *, snapshot: bool = False) -> T:
        """Do what `run` does, on the calling thread."""
        self._follow_file()
        try:
            return self._attempt(work, snapshot=snapshot)
        except (PeeweeException, MaxConnectionsExceeded) as error:
            if not is_unavailable(error):
                raise
        # A pooled connection may have died long ago: reads are repeated once, on a new one.
        try:
            return self._attempt(work, snapshot=snapshot)
        except (PeeweeException, MaxConnectionsExceeded) as error:
            if not is_unavailable(error):
                raise
            raise ServiceUnavailable(AWAY) from error

    def _follow_file(self) -> None:
        """Let go of a SQLite file that is no longer the one at its path.

        An open connection would go on reading what has been moved away or replaced, and a new one
        would make an empty file in the place of one that is missing.

        Raises:
            ServiceUnavailable: there is no file.
        """
        if not isinstance(self.database, SqlitePool):
            return
        try:
            status = os.stat(self.database.database)
        except OSError as error:
            raise ServiceUnavailable(AWAY) from error
        file = (status.st_dev, status.st_ino)
        if file != self._file:
            self.database.let_go()
            self._file = file

    def _attempt(self, work: Callable[[Query], T], *, snapshot: bool) -> T:
        with self.database.connection_context():
            if not snapshot:
                return work(self._query)
            with self._snapshot():
                return work(self._query)

    def _query(self, sql: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        rows: Sequence[tuple[Any, ...]] = self.database.execute_sql(sql, parameters).fetchall()
        return rows

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        begin = "BEGIN"
        if self.dialect == "postgres":
            begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        self.database.execute_sql(begin)
        try:
            yield
        except BaseException:
            self.database.execute_sql("ROLLBACK")
            raise
        self.database.execute_sql("COMMIT")
