"""An import from end to end: one transaction, one at a time for an account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from peewee import Database

from gateway.errors import CommandError
from ingest import events
from ingest.apply import Counts, apply, count
from ingest.derived import STAGE_CHANGES, bring_up_to_date
from ingest.dialects import dialect_of
from ingest.findings import Findings, Positions
from ingest.lines import read_lines
from ingest.records import RECORD_TYPES
from ingest.resolve import Resolver, resolved
from ingest.staging import stage
from models import Account


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would have done.

    Attributes:
        counts: what became of the records, by type.
    """

    counts: Mapping[str, Counts]
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether it made a difference."""
        return _changed(self.counts)


def import_files(
    database: Database,
    account: Account,
    files: Sequence[Path | BinaryIO],
    *,
    dry_run: bool = False,
    tell: bool = True,
    progress: Callable[[int], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
) -> ImportReport:
    """Load hiring data into *account*: all of it or nothing.

    Readers go on meanwhile. Another import into the same account waits for this one.

    Args:
        files: JSON Lines; a stream is named `-` in messages. What they may hold: `records.schema`.
        dry_run: only check, and say what would be done.
        tell: write the events of what changes, for who listens.
        progress: is told how many more bytes have been read, about once a MiB.
        clock: seconds, for the report.
        now: seconds since the epoch, for the events.
    Raises:
        ImportRefused: the data has faults; nothing was stored.
        CommandError: the account has been deleted meanwhile.
    Source: contract, section 3.
    """
    began = clock()
    dialect = dialect_of(database)
    findings, positions = Findings(), Positions()
    with dialect.tuned(database), database.atomic():
        # Temporary tables need no lock: it is taken when the files have been read.
        lines = read_lines(files, positions, findings, progress)
        stage(database, dialect, lines, findings)
        lock(database, account)
        Resolver(database, dialect, account.id, findings, positions).run()
        findings.refuse(positions)
        counts = count(database)
        if _changed(counts) and not dry_run:
            apply(database, account.id)
            bring_up_to_date(database, dialect, account.id)
            if tell:
                events.write(database, dialect, account.id, int(now()))
        _drop_temporary_tables(database)
    return ImportReport(counts, clock() - began)


def _changed(counts: Mapping[str, Counts]) -> bool:
    return any(one.created or one.updated for one in counts.values())


def lock(database: Database, account: Account) -> None:
    """Make other writers of *account* wait until the transaction ends; on SQLite, all writers.

    Raises:
        CommandError: there is no such account any more.
    """
    # The first statement that touches a table of the account: on SQLite an earlier one would pin
    # an old state of the database, in which nothing can be written any more.
    locked = database.execute_sql(
        f"UPDATE account SET revision = revision WHERE id = {account.id:d}"
    )
    if not locked.rowcount:
        raise CommandError(f"the account `{account.public_id}` has been deleted")


def _drop_temporary_tables(database: Database) -> None:
    # After a failure the transaction takes them along.
    for record_type in RECORD_TYPES:
        database.execute_sql(f"DROP TABLE {resolved(record_type)}")
    database.execute_sql(f"DROP TABLE IF EXISTS {STAGE_CHANGES}")
