"""The second half of an import: staged records meet what is stored, set by set.

For each type a temporary table is made of the rows as they shall be: fields that a record leaves
out are those of the stored row, references are keys, new rows have theirs. What it takes more than
one record to see is checked on the way. Nothing is written outside of temporary tables; whoever
calls holds the account's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from peewee import Database

from ingest.dialects import Dialect
from ingest.findings import MAX_FINDINGS, Findings, Positions
from ingest.records import RECORD_TYPES, TYPES, Field, Parent, RecordType
from ingest.staging import staged

CREATED, UPDATED, UNCHANGED = 0, 1, 2

# What counts, ranges of keys and counts of letters are kept by.
KEPT = ("status", "created_at", "search_name", "search_email")

PARENTS = frozenset(parent.table for one in RECORD_TYPES for _, parent in one.parents)

Message = Callable[..., str]


def resolved(record_type: RecordType) -> str:
    """Return the name of the temporary table of a type's rows as they shall be.

    Its columns are those of the type's table that come from records, and `ordinal`, `given` as in
    the staged ones; `stored_id`, the key of a row that exists; `stored_…`, what it has in the
    columns of `KEPT`, where the table has those; `change`: `CREATED`, `UPDATED` or `UNCHANGED`;
    `moved_…`, whether a parent differs from the stored one that must stay.
    """
    return f"resolved_{record_type.name}"


class Resolver:
    """Resolves the staged records of one import into one account."""

    def __init__(
        self,
        database: Database,
        dialect: Dialect,
        account_id: int,
        findings: Findings,
        positions: Positions,
    ) -> None:
        self._database = database
        self._dialect = dialect
        self._account_id = account_id
        self._findings = findings
        self._positions = positions

    def run(self) -> None:
        """Make the table of each type; report what is wrong with the import as a whole."""
        for record_type in RECORD_TYPES:
            self._refuse_ids_that_are_there_twice(record_type)
            self._make_table(record_type)
            self._complete_derived(record_type)
            self._refuse_new_rows_without_required_fields(record_type)
            for field, parent in record_type.parents:
                self._refuse_references_to_nothing(record_type, field, parent)
                if parent.fixed:
                    self._refuse_moves(record_type, field, parent)
            if record_type.same:
                self._refuse_parents_that_disagree(record_type, record_type.same)

    # --- the rows as they shall be ----------------------------------------------------------------

    def _make_table(self, record_type: RecordType) -> None:
        table = resolved(record_type)
        columns = ",\n".join(
            f"{expression} AS {name}" for name, expression in self._columns(record_type)
        )
        joins = "\n".join(
            f"LEFT JOIN {resolved(TYPES[parent.table])} AS {_new(field)} "
            f"ON {_new(field)}.public_id = s.{field.name}"
            for field, parent in record_type.parents
        )
        self._database.execute_sql(
            f"""
            CREATE TEMPORARY TABLE {table} AS
            SELECT {columns}
            FROM {staged(record_type)} AS s
            LEFT JOIN {record_type.name} AS stored
                ON stored.account_id = {self._account_id} AND stored.public_id = s.public_id
            {joins}
            ORDER BY s.ordinal
            """
        )
        self._database.execute_sql(f"DROP TABLE {staged(record_type)}")
        if record_type.name in PARENTS:
            self._database.execute_sql(f"CREATE INDEX {table}_public_id ON {table} (public_id)")
        self._dialect.filled(self._database, table)

    def _columns(self, record_type: RecordType) -> Iterator[tuple[str, str]]:
        """Yield the name and the expression of each column of the resolved table."""
        yield "ordinal", "s.ordinal"
        yield "given", "s.given"
        yield "stored_id", "stored.id"
        yield (
            "id",
            f"CASE WHEN stored.id IS NULL THEN {self._dialect.new_id(record_type.name)} "
            "ELSE stored.id END",
        )
        yield "public_id", "s.public_id"
        for field in record_type.fields:
            yield field.name, f"CASE WHEN {_gives(field)} THEN {self._value(field)} " \
                f"ELSE stored.{field.name} END"  # fmt: skip
            if field.name in KEPT:
                yield f"stored_{field.name}", f"stored.{field.name}"
        for field, parent in record_type.parents:
            if parent.fixed:
                yield _moved(field), f"{_gives(field)} AND {self._value(field)} " \
                    f"<> stored.{field.name}"  # fmt: skip
        for name, derived in record_type.derived.items():
            bits = record_type.bits(*derived.of)
            yield name, f"CASE WHEN (s.given & {bits}) = {bits} THEN s.{name} " \
                f"WHEN (s.given & {bits}) = 0 THEN stored.{name} END"  # fmt: skip
            if name in KEPT:
                yield f"stored_{name}", f"stored.{name}"
        yield "change", self._change(record_type)

    def _value(self, field: Field) -> str:
        """Return the expression for the value that a record gives."""
        if field.parent is None:
            return f"s.{field.name}"
        return (
            f"COALESCE({_new(field)}.id, (SELECT id FROM {field.parent.table} "
            f"WHERE account_id = {self._account_id} AND public_id = s.{field.name}))"
        )

    def _change(self, record_type: RecordType) -> str:
        differs = " OR ".join(
            f"({_gives(field)} AND {self._value(field)} {self._dialect.differs} "
            f"stored.{field.name})"
            for field in record_type.fields
            if not (field.parent and field.parent.fixed)
        )
        return (
            f"CASE WHEN stored.id IS NULL THEN {CREATED} "
            f"WHEN {differs} THEN {UPDATED} ELSE {UNCHANGED} END"
        )

    def _complete_derived(self, record_type: RecordType) -> None:
        """Derive what takes fields of which a record gives one and the stored row another."""
        table = resolved(record_type)
        for name, derived in record_type.derived.items():
            bits = record_type.bits(*derived.of)
            partly = f"stored_id IS NOT NULL AND (given & {bits}) NOT IN (0, {bits})"
            last = 0
            while rows := self._database.execute_sql(
                f"SELECT ordinal, {', '.join(derived.of)} FROM {table} "
                f"WHERE {partly} AND ordinal > {last} ORDER BY ordinal LIMIT 1000"
            ).fetchall():
                for ordinal, *values in rows:
                    place = self._database.param
                    self._database.execute_sql(
                        f"UPDATE {table} SET {name} = {place} WHERE ordinal = {place}",
                        (derived.value(*values), ordinal),
                    )
                last = rows[-1][0]

    # --- what is wrong ----------------------------------------------------------------------------

    def _refuse_ids_that_are_there_twice(self, record_type: RecordType) -> None:
        table = staged(record_type)
        twice = f"SELECT public_id, MIN(ordinal) AS earliest FROM {table} GROUP BY public_id " \
            "HAVING COUNT(*) > 1"  # fmt: skip
        again = f"FROM {table} AS s JOIN ({twice}) AS twice ON twice.public_id = s.public_id " \
            "WHERE s.ordinal > twice.earliest"  # fmt: skip

        def message(public_id: str, earliest: int) -> str:
            path, line = self._positions.of(earliest)
            return f"`{public_id}` stands on {path}:{line} already; keep one"

        if self._report(f"SELECT s.ordinal, s.public_id, twice.earliest {again}", message):
            self._database.execute_sql(
                f"DELETE FROM {table} WHERE ordinal IN (SELECT s.ordinal {again})"
            )

    def _refuse_new_rows_without_required_fields(self, record_type: RecordType) -> None:
        required = record_type.required

        def message(public_id: str, given: int) -> str:
            missing = required & ~given
            names = ", ".join(f"`{f.name}`" for f in record_type.fields if f.bit & missing)
            return f"`{public_id}` is new and lacks {names}"

        self._report(
            f"SELECT ordinal, public_id, given FROM {resolved(record_type)} "
            f"WHERE stored_id IS NULL AND (given & {required}) <> {required}",
            message,
        )

    def _refuse_references_to_nothing(
        self, record_type: RecordType, field: Field, parent: Parent
    ) -> None:
        label = TYPES[parent.table].label

        def message() -> str:
            return (
                f"`{field.name}` leads to no {label} of this import or of the account; "
                "add it, or correct the id"
            )

        self._report(
            f"SELECT ordinal FROM {resolved(record_type)} "
            f"WHERE (given & {field.bit}) <> 0 AND {field.name} IS NULL",
            message,
        )

    def _refuse_moves(self, record_type: RecordType, field: Field, parent: Parent) -> None:
        label = TYPES[parent.table].label

        def message(public_id: str, stays: str) -> str:
            return f"`{public_id}` cannot move to another {label}; its `{field.name}` is `{stays}`"

        self._report(
            f"""
            SELECT r.ordinal, r.public_id, parent.public_id AS stays
            FROM {resolved(record_type)} AS r
            JOIN {record_type.name} AS stored ON stored.id = r.stored_id
            JOIN {parent.table} AS parent ON parent.id = stored.{field.name}
            WHERE r.{_moved(field)}
            """,
            message,
        )

    def _refuse_parents_that_disagree(self, record_type: RecordType, column: str) -> None:
        (one, one_parent), (other, other_parent) = record_type.parents

        def message() -> str:
            return f"`{one.name}` and `{other.name}` lead to records whose `{column}` differ"

        self._report(
            f"""
            SELECT r.ordinal
            FROM {resolved(record_type)} AS r
            {_joined(one, one_parent)}
            {_joined(other, other_parent)}
            WHERE {_either(one, column)} <> {_either(other, column)}
            """,
            message,
        )

    def _report(self, query: str, message: Message) -> bool:
        """Report each row of *query*; return whether there are any.

        Args:
            query: selects `ordinal` and what *message* takes.
        """
        first = self._database.execute_sql(
            f"SELECT * FROM ({query}) AS found ORDER BY ordinal LIMIT {MAX_FINDINGS}"
        ).fetchall()
        for ordinal, *values in first:
            self._findings.add(ordinal, message(*values))
        if len(first) == MAX_FINDINGS:
            counted = self._database.execute_sql(f"SELECT COUNT(*) FROM ({query}) AS found")
            self._findings.add_unlisted(counted.fetchone()[0] - MAX_FINDINGS)
        return bool(first)


def _gives(field: Field) -> str:
    return f"(s.given & {field.bit}) <> 0"


def _new(field: Field) -> str:
    return f"new_{field.name}"


def _moved(field: Field) -> str:
    return f"moved_{field.name}"


def _joined(field: Field, parent: Parent) -> str:
    """Return the joins to a row's parent, in the import and stored; see `_either`."""
    return (
        f"LEFT JOIN {resolved(TYPES[parent.table])} AS {_new(field)} "
        f"ON {_new(field)}.id = r.{field.name} "
        f"LEFT JOIN {parent.table} AS old_{field.name} ON old_{field.name}.id = r.{field.name}"
    )


def _either(field: Field, column: str) -> str:
    return f"COALESCE({_new(field)}.{column}, old_{field.name}.{column})"
