"""The first half of an import: lines become rows of temporary tables, in batches.

A record is checked here as far as it can be by itself. One that has faults is staged too, by its id
alone, so that references to it are not faults of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from peewee import Database

from gateway.hints import did_you_mean
from ingest.dialects import Dialect
from ingest.findings import Findings
from ingest.lines import Record, decode, printable
from ingest.records import RECORD_TYPES, TYPES, RecordType

BATCH = 2_000

# Of one type: records of one source have few different sets of keys.
MAX_PLANS = 256

_ABSENT = object()


def staged(record_type: RecordType) -> str:
    """Return the name of the temporary table of a type's records as they came."""
    return f"staged_{record_type.name}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How records with certain keys become rows.

    Attributes:
        given: the set of the fields among the keys.
        stored: for each key, what stores its value.
        arrange: picks a row's columns from the stored values and, after those, null.
        derived: what is computed, each with the places of the values that it takes.
    """

    given: int
    stored: tuple[Callable[[Any], Any], ...]
    arrange: Callable[[Sequence[Any]], tuple[Any, ...]]
    derived: tuple[tuple[Callable[..., Any], tuple[int, ...]], ...]


class StagedTable:
    """Rows of one type on their way into their temporary table.

    Its columns are `ordinal`, the number of the record's line; `given`, the set of the fields that
    the record gives, null if it has faults; `public_id`; the fields; and what is derived from
    them, null where the record does not give all that it takes.
    """

    def __init__(self, record_type: RecordType, database: Database, dialect: Dialect) -> None:
        self.record_type = record_type
        self._database = database
        self._dialect = dialect
        self._rows: list[tuple[Any, ...]] = []
        names = [field.name for field in record_type.fields]
        self._columns = ("ordinal", "given", "public_id", *names, *record_type.derived)
        self._checks = {
            "type": (_as_it_is, False),
            "id": (record_type.id.stored, False),
            **{field.name: (field.kind.stored, field.null) for field in record_type.fields},
        }
        self._plan = lru_cache(MAX_PLANS)(self._make_plan)

    def _make_plan(self, keys: tuple[str, ...]) -> Plan:
        """Return the plan for records with *keys*. Raises ValueError if they are faulty."""
        if "id" not in keys or not self._checks.keys() >= set(keys):
            raise ValueError("`id` is missing, or a field is unknown")
        places = {key: place for place, key in enumerate(keys)}
        absent = len(keys)
        derived = [
            (one.value, tuple(places[name] for name in one.of))
            if places.keys() >= set(one.of)
            else (_nothing, ())
            for one in self.record_type.derived.values()
        ]
        return Plan(
            given=self.record_type.bits(*keys),
            stored=tuple(_or_null(*self._checks[key]) for key in keys),
            arrange=itemgetter(
                places["id"], *(places.get(field.name, absent) for field in self.record_type.fields)
            ),
            derived=tuple(derived),
        )

    def create(self) -> None:
        """Make the temporary table."""
        types = [
            self._dialect.ordinal_type,
            "BIGINT",
            "TEXT",
            *(field.kind.column_type for field in self.record_type.fields),
            *("TEXT" for _ in self.record_type.derived),
        ]
        columns = ", ".join(
            f"{name} {column_type}"
            for name, column_type in zip(self._columns, types, strict=True)
        )  # fmt: skip
        self._database.execute_sql(f"CREATE TEMPORARY TABLE {staged(self.record_type)} ({columns})")

    def add(self, ordinal: int, record: Record) -> None:
        """Stage a record.

        Raises:
            ValueError: it has faults; see `faults`.
        """
        plan = self._plan(tuple(record))
        values = [stored(value) for stored, value in zip(plan.stored, record.values(), strict=True)]
        derived = [derive(*[values[place] for place in places]) for derive, places in plan.derived]
        values.append(None)
        self._append((ordinal, plan.given, *plan.arrange(values), *derived))

    def add_faulty(self, ordinal: int, record: Record) -> None:
        """Stage a record that has faults, so that references to it are none."""
        try:
            public_id = self.record_type.id.stored(record.get("id"))
        except ValueError:
            return  # no reference can lead to it
        rest = len(self._columns) - 3
        self._append((ordinal, None, public_id, *(None for _ in range(rest))))

    def faults(self, record: Record) -> Iterable[str]:
        """Yield a message for each fault of *record*."""
        if "id" not in record:
            yield "`id` is missing"
        for name, value in record.items():
            if name in self._checks:
                yield from _fault(name, value, *self._checks[name])
            else:
                known = ", ".join(self._checks)
                fields = f"; the keys of `{self.record_type.name}` are {known}"
                yield f"unknown field `{printable(name)}`{did_you_mean(name, self._checks, fields)}"

    def flush(self) -> None:
        """Write what is pending."""
        if self._rows:
            self._dialect.load(self._database, staged(self.record_type), self._columns, self._rows)
            self._rows = []

    def _append(self, row: tuple[Any, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.flush()


def _as_it_is(value: Any) -> Any:
    return value


def _or_null(stored: Callable[[Any], Any], null: bool) -> Callable[[Any], Any]:
    """Return *stored*, but for null where that may be."""
    return (lambda value: None if value is None else stored(value)) if null else stored


def _nothing() -> None:
    return None


def _fault(name: str, value: Any, stored: Callable[[Any], Any], null: bool) -> Iterable[str]:
    if value is None:
        if not null:
            yield f"`{name}` must not be null"
        return
    try:
        stored(value)
    except ValueError as error:
        yield f"`{name}` {error}"


def stage(
    database: Database,
    dialect: Dialect,
    lines: Iterable[tuple[int, bytes]],
    findings: Findings,
) -> None:
    """Fill the temporary tables, one for each type of records, from *lines*.

    Args:
        findings: where the faults of single lines and records go.
    """
    tables = {one.name: StagedTable(one, database, dialect) for one in RECORD_TYPES}
    for table in tables.values():
        table.create()
    for ordinal, line in lines:
        try:
            record = decode(line)
            table = tables[_type_of(record)]
        except ValueError as error:
            findings.add(ordinal, str(error))
            _stage_undecoded(tables, ordinal, line)
            continue
        try:
            table.add(ordinal, record)
        except ValueError:
            table.add_faulty(ordinal, record)
            for fault in table.faults(record):
                findings.add(ordinal, fault)
    for table in tables.values():
        table.flush()
        dialect.filled(database, staged(table.record_type))


def _stage_undecoded(tables: Mapping[str, StagedTable], ordinal: int, line: bytes) -> None:
    """Stage a line that was refused as a whole, if a lenient reading finds a record in it."""
    try:
        record = orjson.loads(line)
        tables[_type_of(record)].add_faulty(ordinal, record)
    except (ValueError, AttributeError):  # not JSON, not an object, or of no known type
        return


def _type_of(record: Record) -> str:
    name = record.get("type", _ABSENT)
    if type(name) is str and name in TYPES:
        return name
    if name is _ABSENT:
        raise ValueError(f"`type` is missing; it must be one of {', '.join(TYPES)}")
    if type(name) is not str:
        raise ValueError(f"`type` must be one of {', '.join(TYPES)}")
    hint = did_you_mean(name, TYPES, f"; it must be one of {', '.join(TYPES)}")
    raise ValueError(f"unknown type `{printable(name)}`{hint}")
