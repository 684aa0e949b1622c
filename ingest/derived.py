"""Derived data: kept right in the transaction of the rows that it derives from.

What an import touches is brought up to date by the difference that it makes, set by set; `rebuild`
computes the same things anew from the rows themselves. The search index needs nothing of this: the
databases keep it.
"""

from __future__ import annotations

from peewee import Database

from ingest import letters
from ingest.dialects import Dialect
from ingest.ranges import Ranges
from ingest.records import TYPES
from ingest.resolve import CREATED, UNCHANGED, UPDATED, resolved

# Those that have a list of their own.
COUNTED = ("job_posting", "candidate", "application")

# The statuses that postings count, and the column of each.
POSTING_COUNTS = {"active": "active_applications", "rejected": "rejected_applications"}

# A temporary table: the stored applications whose history an import touches, with the stage they
# were in and the one they are in. With `stored_status` of the resolved rows it says what happened.
STAGE_CHANGES = "stage_changes"


def current_stage(entries: str, application_id: str) -> str:
    """Return the expression for the key of the stage that an application is in.

    That is the stage of its last entry in progress, else of its last, in history order: by
    `started_at`, nulls last, then by insertion. Source: contract, section 3.

    Args:
        entries: the table of the history's entries.
        application_id: an expression for the application's key.
    """
    return f"""(
        SELECT entry.stage_id
        FROM {entries} AS entry
        WHERE entry.application_id = {application_id}
        ORDER BY (entry.status = 'in_progress') DESC,
            (entry.started_at IS NULL) DESC, entry.started_at DESC, entry.id DESC
        LIMIT 1
    )"""


def bring_up_to_date(database: Database, dialect: Dialect, account_id: int) -> None:
    """Bring all derived data in line with the resolved rows, which have been written."""
    _current_stages(database, dialect)
    _posting_counts(database)
    for table in COUNTED:
        _row_counts(database, account_id, table)
    letters.bring_up_to_date(database, dialect, account_id)
    Ranges(database, account_id).bring_up_to_date()
    database.execute_sql(f"UPDATE account SET revision = revision + 1 WHERE id = {account_id}")


def initial_stages(database: Database) -> dict[str, str]:
    """Return the column of new applications that their entries, all new too, decide.

    Written with the row: on PostgreSQL an update costs as much as the row itself.
    """
    entries = resolved(TYPES["stage_progress"])
    database.execute_sql(f"CREATE INDEX {entries}_application_id ON {entries} (application_id)")
    return {"current_stage_id": current_stage(entries, "r.id")}


def _current_stages(database: Database, dialect: Dialect) -> None:
    database.execute_sql(
        f"""
        CREATE TEMPORARY TABLE {STAGE_CHANGES} AS
        SELECT application.id AS id, application.current_stage_id AS old_stage_id,
            {current_stage("stage_progress", "application.id")} AS new_stage_id
        FROM (
            SELECT DISTINCT entry.application_id
            FROM {resolved(TYPES["stage_progress"])} AS entry
            LEFT JOIN {resolved(TYPES["application"])} AS own ON own.id = entry.application_id
            WHERE entry.change <> {UNCHANGED} AND (own.change IS NULL OR own.change <> {CREATED})
        ) AS touched
        JOIN application ON application.id = touched.application_id
        """
    )
    database.execute_sql(
        f"""
        UPDATE application SET current_stage_id = changed.new_stage_id
        FROM {STAGE_CHANGES} AS changed
        WHERE application.id = changed.id
            AND changed.new_stage_id {dialect.differs} changed.old_stage_id
        """
    )


def _posting_counts(database: Database) -> None:
    differences = ", ".join(
        f"SUM(CASE WHEN status = '{status}' THEN 1 ELSE 0 END) "
        f"- SUM(CASE WHEN stored_status = '{status}' THEN 1 ELSE 0 END) AS {column}"
        for status, column in POSTING_COUNTS.items()
    )
    added = ", ".join(
        f"{column} = job_posting.{column} + made.{column}" for column in POSTING_COUNTS.values()
    )
    database.execute_sql(
        f"""
        UPDATE job_posting SET {added}
        FROM (
            SELECT job_posting_id, {differences}
            FROM {resolved(TYPES["application"])}
            WHERE change <> {UNCHANGED}
            GROUP BY job_posting_id
        ) AS made
        WHERE job_posting.id = made.job_posting_id
        """
    )


def _row_counts(database: Database, account_id: int, table: str) -> None:
    rows = resolved(TYPES[table])
    database.execute_sql(
        f"""
        INSERT INTO row_count (account_id, table_name, status, row_count)
        SELECT {account_id}, '{table}', status, SUM(difference)
        FROM (
            SELECT status, 1 AS difference FROM {rows} WHERE change <> {UNCHANGED}
            UNION ALL
            SELECT stored_status, -1 FROM {rows} WHERE change = {UPDATED}
        ) AS made
        GROUP BY status
        HAVING SUM(difference) <> 0
        ON CONFLICT (account_id, table_name, status)
        DO UPDATE SET row_count = row_count.row_count + excluded.row_count
        """
    )
    database.execute_sql(f"DELETE FROM row_count WHERE account_id = {account_id} AND row_count = 0")
