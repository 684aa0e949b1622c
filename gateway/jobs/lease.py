"""Which process does what only one may do: whoever holds the row, for as long as it is renewed.

The time is the database's, so clocks of several machines need not agree.
"""

from __future__ import annotations

from typing import Any

from peewee import SQL, Database, SqliteDatabase

from gateway.database import writing
from models import Lease


class Leases:
    """The leases in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        is_sqlite = isinstance(database, SqliteDatabase)
        # Of the statement, not of its transaction: that may have waited for a lock.
        self._now: Any = SQL(
            "CAST(strftime('%s', 'now') AS INTEGER)"
            if is_sqlite
            else "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)"
        )

    def take(self, name: str, holder: str, duration_s: int) -> bool:
        """Take or renew the lease *name* for *holder*; return whether it is theirs.

        Args:
            holder: no two processes have the same one, even one after the other.
        """
        if self._is_anothers(name, holder):  # a look, which holds up no writer
            return False
        with writing(self._database):
            Lease.insert(name=name, holder="", expires_at=0).on_conflict_ignore().execute()
            # One statement looks and takes, so of two that try at once one has it.
            theirs = (Lease.holder == holder) | (Lease.expires_at <= self._now)
            taken = Lease.update(holder=holder, expires_at=self._now + duration_s)
            return bool(taken.where(Lease.name == name, theirs).execute())

    def release(self, name: str, holder: str) -> None:
        """Give the lease *name* up, if *holder* has it, so that another need not wait."""
        mine = (Lease.name == name) & (Lease.holder == holder)
        Lease.update(holder="", expires_at=0).where(mine).execute()

    def _is_anothers(self, name: str, holder: str) -> bool:
        live = (Lease.name == name) & (Lease.expires_at > self._now)
        return Lease.select().where(live, Lease.holder != holder).exists()
