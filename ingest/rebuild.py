"""Derived data computed anew from the rows that it derives from: what `gateway rebuild` does.

It should find nothing to do; it is there for data that was changed by hand, and for the day on
which folding follows a newer Unicode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from peewee import Database

from ingest import letters
from ingest.derived import COUNTED, POSTING_COUNTS, current_stage
from ingest.dialects import Dialect, dialect_of
from ingest.ranges import Ranges
from ingest.records import RECORD_TYPES, Derived, RecordType
from models import Account

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What differed.

    Attributes:
        repaired: how many rows were wrong, by `table.column`; those of `row_count`,
            `letter_count`, `key_range` and of the search index as a whole.
        search_index: whether there is an index for search; without one it scans.
    """

    repaired: Mapping[str, int]
    search_index: bool

    @property
    def changed(self) -> bool:
        """Whether anything differed."""
        return any(self.repaired.values())


def rebuild(database: Database, account: Account | None = None) -> RebuildReport:
    """Compute all derived data of *account*, or of all accounts, anew; repair what differs."""
    dialect = dialect_of(database)
    owned = "TRUE" if account is None else f"account_id = {account.id:d}"
    with dialect.tuned(database), database.atomic():
        accounts = "TRUE" if account is None else f"id = {account.id:d}"
        database.execute_sql(f"UPDATE account SET revision = revision WHERE {accounts}")
        # The index first: it follows the columns, and a damaged one would stop their repair.
        repaired = {"candidate_search": dialect.repair_search_index(database)}
        for record_type in RECORD_TYPES:
            for column, derived in record_type.derived.items():
                name = f"{record_type.name}.{column}"
                repaired[name] = _repair_values(database, record_type, column, derived, owned)
        for name, expression in _expressions().items():
            repaired[name] = _repair_column(database, dialect, name, expression, owned)
        repaired["row_count"] = _repair_row_counts(database, owned)
        repaired["letter_count"] = sum(letters.repair(database, one) for one in _ids(account))
        repaired["key_range"] = sum(Ranges(database, one).repair() for one in _ids(account))
        report = RebuildReport(MappingProxyType(repaired), dialect.has_search_index(database))
        if report.changed:
            database.execute_sql(f"UPDATE account SET revision = revision + 1 WHERE {accounts}")
    return report


def _ids(account: Account | None) -> list[int]:
    """Return the keys of the accounts that are meant."""
    return [one.id for one in Account.select(Account.id)] if account is None else [account.id]


def _repair_values(
    database: Database, record_type: RecordType, column: str, derived: Derived, owned: str
) -> int:
    """Repair a column that is computed here, row by row. Returns how many rows were wrong."""
    table, place = record_type.name, database.param
    values = ", ".join(_as_given(record_type, name) for name in derived.of)
    repaired = last = 0
    while rows := database.execute_sql(
        f"SELECT id, {column}, {values} FROM {table} "
        f"WHERE {owned} AND id > {last} ORDER BY id LIMIT {BATCH}"
    ).fetchall():
        for key, stored, *of in rows:
            right = derived.value(*of)
            if stored != right:
                database.execute_sql(
                    f"UPDATE {table} SET {column} = {place} WHERE id = {place}", (right, key)
                )
                repaired += 1
        last = rows[-1][0]
    return repaired


def _as_given(record_type: RecordType, name: str) -> str:
    """Return the expression for a field's value as records give it: a reference is an id."""
    for field, parent in record_type.parents:
        if field.name == name:
            return f"(SELECT public_id FROM {parent.table} AS p WHERE p.id = {name})"
    return name


def _expressions() -> dict[str, str]:
    """Return the columns that the database can compute, by `table.column`."""
    counts = {
        f"job_posting.{column}": "(SELECT COUNT(*) FROM application "
        f"WHERE job_posting_id = job_posting.id AND status = '{status}')"
        for status, column in POSTING_COUNTS.items()
    }
    stage = current_stage("stage_progress", "application.id")
    return {"application.current_stage_id": stage, **counts}


def _repair_column(
    database: Database, dialect: Dialect, name: str, expression: str, owned: str
) -> int:
    table, _, column = name.partition(".")
    updated = database.execute_sql(
        f"UPDATE {table} SET {column} = {expression} "
        f"WHERE {owned} AND {column} {dialect.differs} {expression}"
    )
    return int(updated.rowcount)


def _repair_row_counts(database: Database, owned: str) -> int:
    counted = " UNION ALL ".join(
        f"SELECT account_id, '{table}' AS table_name, status, COUNT(*) AS row_count "
        f"FROM {table} WHERE {owned} GROUP BY account_id, status"
        for table in COUNTED
    )
    columns = "account_id, table_name, status, row_count"
    written = database.execute_sql(
        f"""
        INSERT INTO row_count ({columns})
        SELECT {columns} FROM (
            SELECT {columns} FROM ({counted}) AS counted
            EXCEPT
            SELECT {columns} FROM row_count
        ) AS wrong
        WHERE TRUE
        ON CONFLICT (account_id, table_name, status) DO UPDATE SET row_count = excluded.row_count
        """
    )
    # What is left are counts of rows that are not there.
    deleted = database.execute_sql(
        f"""
        DELETE FROM row_count
        WHERE {owned} AND NOT EXISTS (
            SELECT 1 FROM ({counted}) AS counted
            WHERE counted.account_id = row_count.account_id
                AND counted.table_name = row_count.table_name
                AND counted.status = row_count.status
        )
        """
    )
    return int(written.rowcount) + int(deleted.rowcount)
