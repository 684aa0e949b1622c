"""The database's schema: made and upgraded by the files in `migrations/`, in their order.

What is pending is applied in one transaction, under a lock: two processes may migrate at once, and
whoever comes second finds the work done. The history is in the table `schema_migration`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import Database, PostgresqlDatabase
from playhouse.migrations import MigrationError, Runner

import models
from gateway.errors import ConfigError

MIGRATIONS = Path(models.__file__).resolve().parent / "migrations"

# Of PostgreSQL's advisory lock; any number that nobody else takes.
LOCK = 4_713_201_880


def pending(database: Database, directory: Path = MIGRATIONS) -> list[str]:
    """Return the names of the migrations that the schema lacks, in order."""
    runner = Runner(database, str(directory))
    return [one.name for one in runner.status() if one.path and not one.applied]


def require_current(database: Database) -> None:
    """Return if no migration is pending.

    Raises:
        ConfigError: the schema is out of date.
    """
    if missing := pending(database):
        raise ConfigError(
            f"the database's schema is out of date ({', '.join(missing)} missing); "
            "run `gateway migrate`"
        )


def migrate(database: Database, directory: Path = MIGRATIONS) -> list[str]:
    """Apply what is pending: all of it or nothing.

    Returns:
        The names of what this call has applied, in order.
    Raises:
        ConfigError: the database is not one that can hold every character, or a migration cannot
            be applied.
    """
    _require_unicode(database)
    with _alone(database):
        try:
            applied: list[str] = Runner(database, str(directory)).up()
        except MigrationError as error:
            raise ConfigError(f"{directory}: {error}") from error
    return applied


def _require_unicode(database: Database) -> None:
    if not isinstance(database, PostgresqlDatabase):
        return
    (encoding,) = database.execute_sql("SHOW server_encoding").fetchone()
    if encoding != "UTF8":
        raise ConfigError(
            f"DATABASE_URL: the database's encoding is {encoding}; "
            "create one with `ENCODING 'UTF8' TEMPLATE template0`"
        )


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if isinstance(database, PostgresqlDatabase):
        with database.atomic():
            database.execute_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield
        return
    # Changing a table means replacing it, which must not cascade into the tables that refer to
    # it. The pragma has no effect within a transaction.
    database.execute_sql("PRAGMA foreign_keys = 0")
    try:
        with database.atomic("IMMEDIATE"):
            yield
            _require_sound_references(database)
    finally:
        database.execute_sql("PRAGMA foreign_keys = 1")


def _require_sound_references(database: Database) -> None:
    broken = database.execute_sql("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise ConfigError(
            f"after the migrations, row {broken[1]} of the table `{broken[0]}` would refer to no "
            "row; nothing was changed"
        )
