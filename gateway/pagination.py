"""Pages: the list envelope and its arithmetic."""

from __future__ import annotations

from typing import Any

PAGE_SIZE = 20


def envelope(rows: list[dict[str, Any]], page: int, total: int) -> dict[str, Any]:
    """Return one page in the list envelope.

    Args:
        rows: the documents of this page, at most `PAGE_SIZE`.
        page: 1-based, as asked; it may lie beyond the end.
        total: how many rows there are on all pages.
    Returns:
        {"data": [...], "pagination": {...}}.
    Source: reference, "Pagination".
    """
    return {
        "data": rows,
        "pagination": {
            "current_page": page,
            "total_pages": -(-total // PAGE_SIZE),
            "total_count": total,
            "per_page": PAGE_SIZE,
        },
    }


def offset_of(page: int) -> int:
    """Return how many rows lie before *page*."""
    return (page - 1) * PAGE_SIZE
