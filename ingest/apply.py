"""The last half of an import: resolved rows are written to their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peewee import Database

from ingest.derived import initial_stages
from ingest.records import RECORD_TYPES, RecordType
from ingest.resolve import CREATED, UNCHANGED, UPDATED, resolved


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records of one type."""

    created: int
    updated: int
    unchanged: int


def count(database: Database) -> dict[str, Counts]:
    """Return what becomes of the resolved records, by type."""
    counts = {}
    for record_type in RECORD_TYPES:
        rows = dict(
            database.execute_sql(
                f"SELECT change, COUNT(*) FROM {resolved(record_type)} GROUP BY change"
            ).fetchall()
        )
        counts[record_type.name] = Counts(
            created=rows.get(CREATED, 0),
            updated=rows.get(UPDATED, 0),
            unchanged=rows.get(UNCHANGED, 0),
        )
    return counts


def apply(database: Database, account_id: int) -> None:
    """Write what is new and what differs; of derived data only what is a new row's own."""
    computed = {"application": initial_stages(database)}
    for record_type in RECORD_TYPES:
        _insert(database, record_type, account_id, computed.get(record_type.name, {}))
        _update(database, record_type)


def _insert(
    database: Database, record_type: RecordType, account_id: int, computed: Mapping[str, str]
) -> None:
    columns = {"id": "r.id", "account_id": str(account_id), "public_id": "r.public_id"}
    columns |= {name: f"r.{name}" for name in _written(record_type)}
    columns |= computed
    columns |= _defaults(record_type, columns)
    database.execute_sql(
        f"INSERT INTO {record_type.name} ({', '.join(columns)}) "
        f"SELECT {', '.join(columns.values())} FROM {resolved(record_type)} AS r "
        f"WHERE r.change = {CREATED}"
    )


def _update(database: Database, record_type: RecordType) -> None:
    database.execute_sql(
        f"UPDATE {record_type.name} "
        f"SET {', '.join(f'{name} = r.{name}' for name in _written(record_type))} "
        f"FROM {resolved(record_type)} AS r "
        f"WHERE {record_type.name}.id = r.id AND r.change = {UPDATED}"
    )


def _written(record_type: RecordType) -> list[str]:
    return [*(field.name for field in record_type.fields), *record_type.derived]


def _defaults(record_type: RecordType, given: Mapping[str, str]) -> dict[str, str]:
    """Return the remaining columns with the numbers that they begin with."""
    columns = record_type.model._meta.columns
    return {name: str(int(column.default)) for name, column in columns.items() if name not in given}
