"""Times as they come in: RFC 3339 with an offset, kept as whole seconds since the Unix epoch.

Lowest layer: imports nothing of the project. The way out is `models.UtcSecondsField`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

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
    try:
        moment = datetime.fromisoformat(text if _has_usual_form(text) else _usual_form(text))
        since = moment.astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError) as error:
        if _RFC_3339.fullmatch(text):
            raise ValueError("is not a time that exists") from error
        raise ValueError("must be a time with an offset, such as 2026-01-15T10:00:00Z") from error
    return since.days * 86_400 + since.seconds


def _usual_form(text: str) -> str:
    """Return *text* in capitals and without the fraction of a second. Raises ValueError."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, time, offset = match.groups()
    return f"{day}T{time}{offset.upper()}"


def _has_usual_form(text: str) -> bool:
    """Return whether *text* is like `2026-01-15T10:00:00Z`: half the time of an import's check.

    `fromisoformat` takes nothing but digits in the other places.
    """
    return (
        len(text) == len("2026-01-15T10:00:00Z")
        and text.isascii()
        and text[4] == text[7] == "-"
        and text[13] == text[16] == ":"
        and text[10] == "T"
        and text[19] == "Z"
    )
