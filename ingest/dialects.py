"""What differs between SQLite and PostgreSQL for the import. All other SQL is the same on both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from peewee import Database, DatabaseError, OperationalError, PostgresqlDatabase

LOCK_WAIT_S = 3_600

# Of temporary tables on SQLite; what is more goes to a file.
TEMPORARY_KIB = 32_768

# Made by the migrations: SQLite's table of trigrams, PostgreSQL's index of each column where the
# extension `pg_trgm` can be had.
SEARCH_INDEX = "candidate_search"
SEARCH_COLUMNS = ("search_name", "search_email")


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

    def random_id(self, prefix: str) -> str:
        """Return an expression for a new public id: *prefix*, `_` and 122 random bits or more."""

    def load(
        self, database: Database, table: str, columns: Sequence[str], rows: Sequence[Any]
    ) -> None:
        """Insert *rows*, tuples of *columns*, into a temporary table."""

    def filled(self, database: Database, table: str) -> None:
        """Take note that a temporary table has been filled."""

    def tuned(self, database: Database) -> AbstractContextManager[None]:
        """Return a context in which the connection is set up for an import."""

    def has_search_index(self, database: Database) -> bool:
        """Return whether search has an index; without one it scans."""

    def repair_search_index(self, database: Database) -> int:
        """Make the search index anew if it is missing or damaged; return whether it was, as 0 or 1.

        Raises nothing if the database cannot have one; see `has_search_index`.
        """


class _Sqlite:
    differs = "IS NOT"
    ordinal_type = "INTEGER PRIMARY KEY"

    def new_id(self, table: str) -> str:
        return f"(SELECT COALESCE(MAX(id), 0) FROM {table}) + s.ordinal"

    def random_id(self, prefix: str) -> str:
        return f"'{prefix}_' || lower(hex(randomblob(16)))"

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
        for pragma, value in (
            ("busy_timeout", LOCK_WAIT_S * 1_000),
            ("mmap_size", 0),
            ("temp.cache_size", -TEMPORARY_KIB),
        ):
            usual[pragma] = database.execute_sql(f"PRAGMA {pragma}").fetchone()[0]
            database.execute_sql(f"PRAGMA {pragma} = {value}").fetchall()
        try:
            yield
        finally:
            for pragma, value in usual.items():
                database.execute_sql(f"PRAGMA {pragma} = {value}").fetchall()

    def has_search_index(self, database: Database) -> bool:
        return bool(database.table_exists(SEARCH_INDEX))

    def repair_search_index(self, database: Database) -> int:
        command = f"INSERT INTO {SEARCH_INDEX} ({SEARCH_INDEX}"
        try:
            # Rank 1: compare with the content, too. Source: SQLite's documentation of FTS5.
            database.execute_sql(f"{command}, rank) VALUES ('integrity-check', 1)")
        except DatabaseError as error:
            if isinstance(error, OperationalError):  # no damage: locked, a full disk
                raise
            database.execute_sql(f"{command}) VALUES ('rebuild')")
            return 1
        return 0


class _Postgres:
    differs = "IS DISTINCT FROM"
    ordinal_type = "BIGINT"

    def new_id(self, table: str) -> str:
        return f"nextval(pg_get_serial_sequence('{table}', 'id'))"

    def random_id(self, prefix: str) -> str:
        return f"'{prefix}_' || replace(gen_random_uuid()::text, '-', '')"

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

    def has_search_index(self, database: Database) -> bool:
        return not self._missing_indexes(database)

    def repair_search_index(self, database: Database) -> int:
        missing = self._missing_indexes(database)
        if not missing:
            return 0
        try:
            with database.atomic():
                database.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:  # not installed on the server, or not allowed
            return 0
        for column in missing:
            database.execute_sql(
                f"CREATE INDEX candidate_{column} ON candidate USING gin ({column} gin_trgm_ops)"
            )
        return 1

    def _missing_indexes(self, database: Database) -> list[str]:
        return [
            column
            for column in SEARCH_COLUMNS
            if database.execute_sql(f"SELECT to_regclass('candidate_{column}')").fetchone()[0]
            is None
        ]


def dialect_of(database: Database) -> Dialect:
    """Return the dialect that *database* speaks."""
    return _Postgres() if isinstance(database, PostgresqlDatabase) else _Sqlite()
