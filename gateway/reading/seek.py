"""Deep pages: where one begins, from kept counts of ranges instead of rows passed over.

OFFSET walks over every row before a page. A listing may declare `Ranges`: a table, kept by whoever
writes, of how many rows lie between two keys of the listing's order. Their counts are added up from
the nearer end of the list; what is left to pass over lies within one range. The rows are exactly
those that OFFSET gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Tuple

from gateway.errors import ConfigError
from gateway.execution import Query
from gateway.reading.declare import Listing, Ranges, bind
from gateway.reading.plan import Statement, ranges_statement

# How many rows a range has about: how many ranges are read at once follows from it.
TYPICAL = 512


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins.

    Attributes:
        after: the key that its rows lie after, in the listing's order; empty: all rows do.
        offset: how many of those rows lie before the page.
    """

    after: Sequence[Any]
    offset: int

    @property
    def values(self) -> dict[str, Any]:
        """The values to bind in the statement of the page, under `after_key`'s names."""
        return {**{_name(n): part for n, part in enumerate(self.after)}, "offset": self.offset}


class Seek:
    """Finds the places of a list's pages among its ranges."""

    def __init__(self, ranges: Ranges) -> None:
        self._newest_first = ranges_statement(ranges, descending=True)
        self._oldest_first = ranges_statement(ranges, descending=False)

    def place(self, query: Query, values: Mapping[str, Any], total: int) -> Place | None:
        """Return where the page begins that `offset` rows come before; None: there are no ranges.

        Args:
            total: how many rows the list has, in the same snapshot; more than `offset`.
        """
        offset = values["offset"]
        if offset < total // 2:
            return self._from_newest(query, values, offset)
        return self._from_oldest(query, values, offset, total)

    def _from_newest(self, query: Query, values: Mapping[str, Any], offset: int) -> Place | None:
        passed: int = 0
        after: Sequence[Any] = ()
        for *start, rows in _read(query, self._newest_first, values, offset):
            if passed + rows > offset:
                return Place(after, offset - passed)
            passed, after = passed + rows, start
        return None

    def _from_oldest(
        self, query: Query, values: Mapping[str, Any], offset: int, total: int
    ) -> Place | None:
        wanted = total - offset  # the page's first row is so many-th from the end
        passed: int = 0
        for *start, rows in _read(query, self._oldest_first, values, wanted):
            if passed >= wanted:
                return Place(start, passed - wanted)
            passed += rows
        return Place((), offset) if passed == total else None


def after_key(listing: Listing) -> Any:
    """Return the condition for the rows after a key, bound by the names of `Place.values`.

    Raises:
        ConfigError: the listing's order is not descending throughout.
    """
    if any(one.direction != "DESC" for one in listing.order):
        raise ConfigError("listings: ranges serve an order that is descending in every column")
    columns = [one.node for one in listing.order]
    return Tuple(*columns) < Tuple(*(bind(_name(n)) for n in range(len(columns))))


def _name(place: int) -> str:
    return f"after{place}"


def _read(
    query: Query, statement: Statement, values: Mapping[str, Any], rows: int
) -> Iterator[Sequence[Any]]:
    """Yield the ranges in the statement's order, read in as many as hold about *rows*."""
    limit = rows // TYPICAL + 2
    start = 0
    while found := query(
        statement.sql, statement.bound({**values, "limit": limit, "offset": start})
    ):
        yield from found
        if len(found) < limit:
            return
        start += limit
