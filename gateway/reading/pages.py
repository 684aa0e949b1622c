"""The totals and rows of lists, at a cost that does not grow with the account where it can be.

Three ways to a page: OFFSET from the list's start, for the first pages; from a key that is found in
ranges (`seek`); and, for searches that find much, by a walk over all rows (`walk`). The rows are
exactly the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.execution import Query
from gateway.reading.declare import INDEX, SCAN, Listing
from gateway.reading.plan import (
    RowPlan,
    condition_of,
    filters_in_use,
    kept_total,
    page_statement,
    whole_statement,
)
from gateway.reading.seek import Seek, after_key
from gateway.reading.walk import SORTING, Walk

# Rows before a page. Up to here, passing over them costs no more than to look for its place.
NEAR = 256

# Matches of a search: so many are counted and sorted while other requests wait.
MANY = 1_000
WITHOUT_END = -1


class Lengthy(Exception):
    """There is more to read than other requests should wait for."""


class Pages:
    """The total and the rows of a listing's pages, for one view and one set of filters in use.

    Attributes:
        lengthy: reading takes as long as the account is large.
    """

    def __init__(self, listing: Listing, plan: RowPlan, variants: Mapping[str, str]) -> None:
        condition = condition_of(listing, variants)
        self._from_start = page_statement(listing, plan, condition, paged=True)
        self._total = whole_statement(listing, variants)
        scanned = SCAN in variants.values()
        self.lengthy = scanned and kept_total(listing, variants) is None
        self._way = Walk(listing, plan, variants) if scanned and not self.lengthy else None
        ranges = listing.ranges.get(filters_in_use(variants))
        self._seek = Seek(ranges) if ranges else None
        if ranges:
            condition = condition & after_key(listing)
            self._from_key = page_statement(listing, plan, condition, paged=True)
        self._walk = Walk(listing, plan, variants) if INDEX in variants.values() else None

    def total(self, query: Query, values: Mapping[str, Any]) -> int:
        """Return how many rows the list has.

        Args:
            values: to bind; among them `most`, the number at which counting ends, or `WITHOUT_END`.
        Raises:
            Lengthy: there are as many as `most`, or more.
        """
        found = query(self._total.sql, self._total.bound(values))
        total = int(found[0][0] or 0) if found else 0
        if self._walk and total == values["most"]:
            raise Lengthy
        return total

    def rows(self, query: Query, values: Mapping[str, Any], total: int) -> Sequence[Any]:
        """Return the rows of one page.

        Args:
            values: to bind; among them `offset`, which is less than *total*.
            total: how many rows the list has, in the same snapshot.
        Raises:
            Lengthy: it is a long way to them, and counting ends at `most`.
        """
        if self._way and values["most"] != WITHOUT_END and self._is_far(query, values, total):
            raise Lengthy
        statement = self._from_start
        if self._seek and values["offset"] >= NEAR:
            place = self._seek.place(query, values, total)
            if place and place.after:
                statement, values = self._from_key, {**values, **place.values}
        if self._walk and total >= MANY and self._walk.is_shorter(query, values, total):
            statement = self._walk.rows
        return query(statement.sql, statement.bound(values))

    def _is_far(self, query: Query, values: Mapping[str, Any], total: int) -> bool:
        """Return whether it is a longer way to a page than other requests should wait for."""
        return bool(self._way and self._way.length(query, values, total) > MANY * SORTING)
