"""Where the lengths of lists are kept: counters by account and status, ranges of keys."""

from __future__ import annotations

from typing import Any

from peewee import fn

from gateway.reading import Ranges, Total
from models import KeyRange, RowCount


def counted(table: str, *where: Any) -> Total:
    """Return the number of the account's rows of *table*; *where* narrows `RowCount`."""
    return Total(RowCount, fn.SUM(RowCount.rows), (RowCount.table == table, *where))


def ranges(table: str, *, job_posting_id: Any = 0, status: Any = "") -> Ranges:
    """Return the ranges of a list: of all rows of *table*, or of those that are named."""
    return Ranges(
        KeyRange,
        start=(KeyRange.start_at, KeyRange.start_id),
        rows=KeyRange.rows,
        where=(
            KeyRange.table == table,
            KeyRange.job_posting_id == job_posting_id,
            KeyRange.status == status,
        ),
    )
