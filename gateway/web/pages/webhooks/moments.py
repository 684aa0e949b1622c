"""Points in time that people type in: UTC, `2026-11-20T08:00`, as browsers send them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


def needed(text: str) -> int:
    """Return *text* in seconds since the epoch. Raises ValueError."""
    refused = ValueError("must be a day and a time, such as 2026-11-20T08:00")
    if not FORM.fullmatch(text):
        raise refused
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise refused from None


def optional(text: str) -> int | None:
    """Return *text* in seconds since the epoch; None for none. Raises ValueError."""
    return needed(text) if text.strip() else None


def meant(text: str) -> int | None:
    """Return *text* in seconds since the epoch; None for what is no time."""
    with suppress(ValueError):
        return needed(text)
    return None


def written(seconds: int) -> str:
    """Return a time as it would have been typed in."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M}"
