"""Ranges of keys: how many rows lie between two places of a list, so that a deep page is found.

A list's order, `created_at` then `id`, is divided into ranges of some hundreds of rows each, kept
in `key_range`. To find the 200,000th row, their counts are added up instead of the rows passed
over. The ranges of one list are without gaps: each reaches to the start of the next, the first one
begins before every key, the last one has no end. Where rows come or go, the ranges in which that
happens are counted anew, and divided when they have grown too long. Lists of a few hundred rows
have no ranges: there is nothing to pass over.

INVARIANT: a list with ranges has each of its rows in exactly one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from peewee import Database

from ingest.records import TYPES
from ingest.resolve import CREATED, UPDATED, resolved

# Rows. A range begins with SIZE and is divided beyond MOST; so many are passed over at most.
SIZE = 512
MOST = 2 * SIZE

# A list of which a quarter is touched is laid anew: cheaper than to look up each row's range.
FEW = 4

# Before every key: times are seconds, and years have four digits.
BEGINNING = (-(1 << 60), 0)

# In the columns of a list that is not narrowed by them.
ANY_POSTING, ANY_STATUS = 0, ""

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ordering:
    """The lists of one table that are narrowed by the same columns.

    Attributes:
        by_posting: there is a list for each job posting.
        by_status: there is a list for each status.
    """

    table: str
    by_posting: bool = False
    by_status: bool = False

    def columns(self, status: str = "status") -> str:
        """Return the two columns that tell the lists apart, as expressions over rows."""
        posting = "job_posting_id" if self.by_posting else str(ANY_POSTING)
        status = status if self.by_status else f"'{ANY_STATUS}'"
        return f"{posting} AS job_posting_id, {status} AS status"

    def own(self, account_id: int) -> str:
        """Return the condition for the ranges of these lists, in `key_range`."""
        return (
            f"account_id = {account_id} AND table_name = '{self.table}' "
            f"AND job_posting_id {'<>' if self.by_posting else '='} {ANY_POSTING} "
            f"AND status {'<>' if self.by_status else '='} '{ANY_STATUS}'"
        )


# Each has an index of its own, by these columns, then `created_at` and `id`.
ORDERINGS = (
    Ordering("job_posting"),
    Ordering("job_posting", by_status=True),
    Ordering("candidate"),
    Ordering("application"),
    Ordering("application", by_status=True),
    Ordering("application", by_posting=True),
    Ordering("application", by_posting=True, by_status=True),
)


@dataclass(frozen=True, slots=True)
class List:
    """One list: all rows of a table and account, or those of a job posting or a status."""

    ordering: Ordering
    account_id: int
    posting_id: int
    status: str


class Ranges:
    """The ranges of one account's lists."""

    def __init__(self, database: Database, account_id: int) -> None:
        self._database = database
        self._account_id = account_id

    def bring_up_to_date(self) -> None:
        """Bring the ranges in line with the resolved rows, which have been written."""
        for ordering in ORDERINGS:
            self._follow(ordering)

    def repair(self) -> int:
        """Compare the ranges with the rows, and lay anew what is wrong.

        Returns:
            How many ranges were wrong or missing.
        """
        return sum(self._repair(one) for ordering in ORDERINGS for one in self._lists_in(ordering))

    # --- what an import touches -------------------------------------------------------------------

    def _follow(self, ordering: Ordering) -> None:
        touched = _touched(ordering)
        counts = self._counts(f"({touched}) AS touched", "COUNT(*)", ordering)
        laid = self._counts(f"key_range WHERE {ordering.own(self._account_id)}", "SUM(row_count)",
            ordering)  # fmt: skip
        anew = [one for one, rows in counts.items() if rows * FEW >= laid.get(one, 0)]
        for one in laid.keys() & set(anew):
            self._clear(one)
        if counts.keys() & laid.keys() - set(anew):
            for range_id in self._ranges_with(ordering, touched):
                self._count_anew(range_id, ordering)
        for one in anew:
            if self._is_long(one):
                self._lay(one, BEGINNING, None)

    def _counts(self, source: str, rows: str, ordering: Ordering) -> dict[List, int]:
        found = self._database.execute_sql(
            f"SELECT job_posting_id, status, {rows} FROM {source} GROUP BY job_posting_id, status"
        ).fetchall()
        return {
            List(ordering, self._account_id, posting_id, status): int(number)
            for posting_id, status, number in found
        }

    def _ranges_with(self, ordering: Ordering, touched: str) -> list[int]:
        """Return the ranges in which a row has come or gone."""
        found = self._database.execute_sql(
            f"""
            SELECT DISTINCT (
                SELECT id FROM key_range
                WHERE account_id = {self._account_id} AND table_name = '{ordering.table}'
                    AND job_posting_id = touched.job_posting_id AND status = touched.status
                    AND (start_at, start_id) <= (touched.created_at, touched.id)
                ORDER BY start_at DESC, start_id DESC
                LIMIT 1
            )
            FROM ({touched}) AS touched
            """
        ).fetchall()
        return [range_id for (range_id,) in found if range_id is not None]

    def _count_anew(self, range_id: int, ordering: Ordering) -> None:
        """Count the rows of a range; divide it if it is too long, drop it if it is empty."""
        posting_id, status, *start = self._database.execute_sql(
            "SELECT job_posting_id, status, start_at, start_id FROM key_range "
            f"WHERE id = {range_id}"
        ).fetchone()
        self._database.execute_sql(f"DELETE FROM key_range WHERE id = {range_id}")
        one = List(ordering, self._account_id, posting_id, status)
        at, key = start
        self._lay(one, (at, key), self._start_after(one, (at, key)))

    # --- one list ---------------------------------------------------------------------------------

    def _lay(self, one: List, start: Key, end: Key | None) -> None:
        """Make the ranges from *start* up to *end*, where there are none.

        Without rows there is none; the one before then reaches so far.
        """
        rows = self._count(one, start, end)
        if not rows and start != BEGINNING:
            return
        while rows > MOST:
            self._insert(one, start, SIZE)
            start = self._key_at(one, start, SIZE)
            rows -= SIZE
        self._insert(one, start, rows)

    def _insert(self, one: List, start: Key, rows: int) -> None:
        place = self._database.param
        self._database.execute_sql(
            "INSERT INTO key_range (account_id, table_name, job_posting_id, status, start_at, "
            f"start_id, row_count) VALUES ({', '.join([place] * 7)})",
            (one.account_id, one.ordering.table, one.posting_id, one.status, *start, rows),
        )

    def _clear(self, one: List) -> None:
        where, values = self._ranges_of(one)
        self._database.execute_sql(f"DELETE FROM key_range WHERE {where}", values)

    def _count(self, one: List, start: Key, end: Key | None) -> int:
        where, values = self._rows_of(one, start, end)
        return int(self._value(f"SELECT COUNT(*) FROM {one.ordering.table} WHERE {where}", values))

    def _is_long(self, one: List) -> bool:
        where, values = self._rows_of(one, BEGINNING, None)
        return bool(
            self._database.execute_sql(
                f"SELECT id FROM {one.ordering.table} WHERE {where} "
                f"ORDER BY created_at, id LIMIT 1 OFFSET {MOST}",
                values,
            ).fetchone()
        )

    def _key_at(self, one: List, start: Key, offset: int) -> Key:
        where, values = self._rows_of(one, start, None)
        at, key = self._database.execute_sql(
            f"SELECT created_at, id FROM {one.ordering.table} WHERE {where} "
            f"ORDER BY created_at, id LIMIT 1 OFFSET {offset}",
            values,
        ).fetchone()
        return at, key

    def _start_after(self, one: List, start: Key) -> Key | None:
        where, values = self._ranges_of(one)
        place = self._database.param
        following = self._database.execute_sql(
            f"SELECT start_at, start_id FROM key_range WHERE {where} "
            f"AND (start_at, start_id) > ({place}, {place}) ORDER BY start_at, start_id LIMIT 1",
            (*values, *start),
        ).fetchone()
        return (following[0], following[1]) if following else None

    def _rows_of(self, one: List, start: Key, end: Key | None) -> tuple[str, tuple[object, ...]]:
        """Return the condition for the rows of a list from *start* up to *end*."""
        place = self._database.param
        conditions, values = [], list[object]()
        if one.ordering.by_posting:
            conditions.append(f"job_posting_id = {one.posting_id:d}")
        else:
            conditions.append(f"account_id = {one.account_id:d}")
        if one.ordering.by_status:
            conditions.append(f"status = {place}")
            values.append(one.status)
        conditions.append("(created_at, id) >= ({:d}, {:d})".format(*start))
        if end is not None:
            conditions.append("(created_at, id) < ({:d}, {:d})".format(*end))
        return " AND ".join(conditions), tuple(values)

    def _ranges_of(self, one: List) -> tuple[str, tuple[object, ...]]:
        """Return the condition for the ranges of a list."""
        place = self._database.param
        where = (
            f"account_id = {one.account_id:d} AND table_name = '{one.ordering.table}' "
            f"AND job_posting_id = {one.posting_id:d} AND status = {place}"
        )
        return where, (one.status,)

    def _value(self, query: str, values: tuple[object, ...]) -> int:
        (value,) = self._database.execute_sql(query, values).fetchone()
        return int(value)

    # --- all of them, for a rebuild ---------------------------------------------------------------

    def _lists_in(self, ordering: Ordering) -> Iterator[List]:
        """Yield the lists that have rows or ranges."""
        source = (
            f"(SELECT {ordering.columns()} FROM {ordering.table} "
            f"WHERE account_id = {self._account_id} "
            f"UNION ALL SELECT job_posting_id, status FROM key_range "
            f"WHERE {ordering.own(self._account_id)}) AS lists"
        )
        yield from self._counts(source, "COUNT(*)", ordering)

    def _repair(self, one: List) -> int:
        where, values = self._ranges_of(one)
        stored = self._database.execute_sql(
            f"SELECT start_at, start_id, row_count FROM key_range WHERE {where} "
            "ORDER BY start_at, start_id",
            values,
        ).fetchall()
        if not stored and not self._is_long(one):
            return 0
        wrong = self._wrong(one, stored)
        if wrong:
            self._clear(one)
            self._lay(one, BEGINNING, None)
        return wrong

    def _wrong(self, one: List, stored: list[tuple[int, int, int]]) -> int:
        """Return how many of the *stored* ranges are wrong, those that lack included."""
        starts = [(at, key) for at, key, _ in stored]
        wrong: int = sum(
            rows > MOST or rows != self._count(one, (at, key), end)
            for (at, key, rows), end in zip_longest(stored, starts[1:])
        )
        return wrong + (starts[:1] != [BEGINNING])


def _touched(ordering: Ordering) -> str:
    """Return the query for the keys at which rows have come or gone, each with its list."""
    rows = resolved(TYPES[ordering.table])
    now, was = ordering.columns(), ordering.columns("stored_status")
    moved = f"change = {UPDATED} AND (created_at <> stored_created_at"
    if ordering.by_status:
        moved += " OR status <> stored_status"
    return (
        f"SELECT {now}, created_at, id FROM {rows} WHERE change = {CREATED} OR {moved}) "
        f"UNION ALL SELECT {was}, stored_created_at, id FROM {rows} WHERE {moved})"
    )
