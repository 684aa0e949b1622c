"""What differs between SQLite and PostgreSQL for the import. All other SQL is the same on both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from peewee import Database, PostgresqlDatabase

LOCK_WAIT_S = 3_600


class Dialect(Protocol):
    """What the import asks of a database.

    Attributes:
        differs: the operator that compares two values of which either may be null.
        ordinal_type: the column type of a staged record's number.
    """

    differs: str
    ordinal_type: str

    def new_id(self, table: str) -> str:
        """Return an expression that gives new rows of *table* ids, ascending with `s.ordinal`.

        Nobody else adds rows meanwhile on SQLite; on PostgreSQL the order of evaluation is the
        order of the query.
        """

    def load(
        self, database: Database, table: str, columns: Sequence[str], rows: Sequence[Any]
    ) -> None:
        """Insert *rows*, tuples of *columns*, into a temporary table."""

    def filled(self, database: Database, table: str) -> None:
        """Take note that a temporary table has been filled."""

    def tuned(self, database: Database) -> Any:
        """Return a context in which the connection is set up for an import."""


class _Sqlite:
    differs = "IS NOT"
    ordinal_type = "INTEGER PRIMARY KEY"

    def new_id(self, table: str) -> str:
        return f"(SELECT COALESCE(MAX(id), 0) FROM {table}) + s.ordinal"

    def load(
        self, database: Database, table: str, columns: Sequence[str], rows: Sequence[Any]
    ) -> None:
        places = ", ".join("?" * len(columns))
        database.cursor().executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows
        )

    def filled(self, database: Database, table: str) -> None:
        pass  # its planner does well here without statistics

    @contextmanager
    def tuned(self, database: Database) -> Iterator[None]:
        # An import waits for the one before it. The file is read into the bounded cache, so that
        # memory stays flat, instead of being mapped into memory.
        usual = {}
        for pragma, value in (("busy_timeout", LOCK_WAIT_S * 1_000), ("mmap_size", 0)):
            usual[pragma] = database.execute_sql(f"PRAGMA {pragma}").fetchone()[0]
            database.execute_sql(f"PRAGMA {pragma} = {value}").fetchall()
        try:
            yield
        finally:
            for pragma, value in usual.items():
                database.execute_sql(f"PRAGMA {pragma} = {value}").fetchall()


class _Postgres:
    differs = "IS DISTINCT FROM"
    ordinal_type = "BIGINT"

    def new_id(self, table: str) -> str:
        return f"nextval(pg_get_serial_sequence('{table}', 'id'))"

    def load(
        self, database: Database, table: str, columns: Sequence[str], rows: Sequence[Any]
    ) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with database.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def filled(self, database: Database, table: str) -> None:
        database.execute_sql(f"ANALYZE {table}")  # autovacuum does not see temporary tables

    @contextmanager
    def tuned(self, database: Database) -> Iterator[None]:
        yield


def dialect_of(database: Database) -> Dialect:
    """Return the dialect that *database* speaks."""
    return _Postgres() if isinstance(database, PostgresqlDatabase) else _Sqlite()
