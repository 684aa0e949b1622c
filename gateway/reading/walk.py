"""Searches that find much: pages by a walk over the listing's order instead of through an index.

An index of trigrams gives its matches in no order of ours: all must be read and sorted before the
first page is known. Where every second row matches, a walk over forty rows finds it. What is
shorter than a trigram is always walked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.execution import Query
from gateway.reading.declare import INDEX, SCAN, SHORT, Listing
from gateway.reading.plan import RowPlan, condition_of, page_statement, whole_statement

# What a match of the index costs, to look up and sort, in rows walked over.
SORTING = 3


class Walk:
    """The pages of a search, through all rows in order up to the page's last match.

    Attributes:
        rows: the statement of a page.
    """

    def __init__(self, listing: Listing, plan: RowPlan, variants: Mapping[str, str]) -> None:
        scanned = {name: SCAN if one == INDEX else one for name, one in variants.items()}
        condition = condition_of(listing, scanned)
        self.rows = page_statement(listing, plan, condition, paged=True)
        others = {name: one for name, one in variants.items() if one not in (INDEX, *SHORT)}
        self._of_all = whole_statement(listing, others)

    def is_shorter(self, query: Query, values: Mapping[str, Any], matches: int) -> bool:
        """Return whether the rows to walk over are fewer than the matches to sort, dearer each."""
        return self.length(query, values, matches) < matches * SORTING

    def length(self, query: Query, values: Mapping[str, Any], matches: int) -> float:
        """Return over how many rows it goes about, if *matches* of all are spread evenly."""
        found = query(self._of_all.sql, self._of_all.bound(values))
        every: int = int(found[0][0] or 0) if found else 0
        wanted = min(values["offset"] + values["limit"], matches)
        return float(wanted * every / matches)
