"""Work that may write, in threads: of pages and of background jobs, beside the API's requests.

It goes through the models, with a connection of the pool open. What is away, or busy for longer
than the pool or SQLite's lock is waited for, is a `ServiceUnavailable`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from peewee import Database, PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from gateway.database import SqlitePool, is_unavailable
from gateway.errors import ServiceUnavailable

T = TypeVar("T")

AWAY = "The database cannot be reached, or is busy with an import. Try again soon."
FAILURES = (PeeweeException, MaxConnectionsExceeded)


class Work:
    """Does work on the database, on the thread that calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: tuple[int, int] | None = None

    def read(self, work: Callable[[], T]) -> T:
        """Do *work*, which only reads: once more if its connection has died in the pool.

        Raises:
            ServiceUnavailable: the database is away.
        """
        try:
            return self.write(work)
        except ServiceUnavailable:
            return self.write(work)

    def write(self, work: Callable[[], T]) -> T:
        """Do *work* once. It says by itself what belongs into one transaction.

        Raises:
            ServiceUnavailable: the database is away or busy.
        """
        self._follow_file()
        try:
            with self._database.connection_context():
                return work()
        except FAILURES as error:
            if not is_unavailable(error):
                raise
            raise ServiceUnavailable(AWAY) from error

    def _follow_file(self) -> None:
        """Let go of a SQLite file that is no longer the one at its path; see `Executor`."""
        if not isinstance(self._database, SqlitePool):
            return
        try:
            status = os.stat(self._database.database)
        except OSError as error:
            raise ServiceUnavailable(AWAY) from error
        file = (status.st_dev, status.st_ino)
        if self._file is not None and file != self._file:
            self._database.let_go()
        self._file = file
