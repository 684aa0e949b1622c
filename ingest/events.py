"""What an import tells who listens: events, written in the transaction of what they tell of.

One statement for each type of events, from the tables that the import has already: no row of an
event passes through Python. What was created or changed is in the resolved rows, which stage an
application was in before in `STAGE_CHANGES`. An import that changes nothing tells nothing, one that
is rolled back told nothing.

The types are those that the OpenAPI document declares as webhooks; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from peewee import Database

from ingest.derived import STAGE_CHANGES
from ingest.dialects import Dialect
from ingest.records import TYPES
from ingest.resolve import CREATED, UPDATED, resolved


def _created(table: str) -> str:
    return f"FROM {resolved(TYPES[table])} AS changed WHERE changed.change = {CREATED}"


def _status_changed(table: str) -> str:
    return (
        f"FROM {resolved(TYPES[table])} AS changed "
        f"WHERE changed.change = {UPDATED} AND changed.status <> changed.stored_status"
    )


# Where the rows are that each type of events is about, parents before children.
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "job_posting.status_changed": _status_changed("job_posting"),
        "candidate.created": _created("candidate"),
        "application.created": _created("application"),
        "application.status_changed": _status_changed("application"),
        "application.stage_changed": (
            f"FROM {STAGE_CHANGES} AS moved JOIN application AS changed ON changed.id = moved.id "
            "WHERE moved.new_stage_id {differs} moved.old_stage_id"
        ),
    }
)


def write(database: Database, dialect: Dialect, account_id: int, now: int) -> None:
    """Write the events of an import whose rows and derived data have been written.

    Whoever calls holds the account's lock until the commit: so its events have ascending keys in
    the order of their commits.

    Args:
        now: whole seconds since the epoch.
    """
    for event_type, source in SOURCES.items():
        database.execute_sql(
            f"""
            INSERT INTO event (public_id, account_id, type, subject_id, occurred_at)
            SELECT {dialect.random_id("evt")}, {account_id:d}, '{event_type}', changed.public_id,
                {now:d}
            {source.replace("{differs}", dialect.differs)}
            ORDER BY changed.id
            """
        )
