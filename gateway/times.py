"""Times as they come in: RFC 3339 with an offset, kept as whole seconds since the Unix epoch.

Lowest layer: imports nothing of the project. The way out is `models.UtcSecondsField`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# `datetime.fromisoformat` alone takes more: week dates, times without an offset, no separators.
_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_seconds(text: str) -> int:
    """Return the time *text*, its fraction of a second cut, as seconds since the Unix epoch.

    Raises:
        ValueError: it is no RFC 3339 time, or no time between the years 1 and 9999 in UTC.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError("must be a time with an offset, such as 2026-01-15T10:00:00Z")
    day, time, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a time that exists") from error
    return (moment - _EPOCH) // timedelta(seconds=1)
