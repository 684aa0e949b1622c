"""The database's schema: made and upgraded by the files in `migrations/`, in their order.

A migration is applied in one transaction with its entry in the history. Two processes may migrate
at once: whoever comes second finds the work done.
"""

from __future__ import annotations

from pathlib import Path

from peewee import Database, PeeweeException
from playhouse.migrations import Runner

import models
from gateway.errors import ConfigError

MIGRATIONS = Path(models.__file__).resolve().parent / "migrations"


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
    """Apply what is pending; return the names of what this call has applied, in order."""
    applied: list[str] = []
    while missing := pending(database, directory):
        try:
            applied += Runner(database, str(directory)).up(missing[0])
        except PeeweeException:
            if missing[0] in pending(database, directory):
                raise
            # Another process has applied it meanwhile.
    return applied
