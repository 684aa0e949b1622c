"""Times as they come in: RFC 3339 with an offset, kept as whole seconds since the Unix epoch.

Lowest layer: imports nothing of the project. The way out is `models.UtcSecondsField`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

# `datetime.fromisoformat` alone takes more: week dates, times without an offset, no separators.
_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}):(\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_seconds(text: str) -> int:
    """Return the time *text*, its fraction of a second cut, as seconds since the Unix epoch.

    A leap second is the second after it: the epoch does not count them.

    Raises:
        ValueError: it is no RFC 3339 time, or no time between the years 1 and 9999 in UTC.
    """
    try:
        if _has_usual_form(text):
            return int(datetime.fromisoformat(text).timestamp())
        return _from_any_form(text)
    except (ValueError, OverflowError) as error:
        if _RFC_3339.fullmatch(text):
            raise ValueError("is not a time that exists") from error
        raise ValueError("must be a time with an offset, such as 2026-01-15T10:00:00Z") from error


def _from_any_form(text: str) -> int:
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, minute, second, offset = match.groups()
    leaps = second == "60"
    text = f"{day}T{minute}:{'59' if leaps else second}{offset.upper()}"
    # The conversion to UTC refuses what it puts before the year 1 or after 9999.
    moment = datetime.fromisoformat(text).astimezone(UTC)
    if leaps and (moment.hour, moment.minute) != (23, 59):
        raise ValueError(text)
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds + leaps


def _has_usual_form(text: str) -> bool:
    """Return whether *text* is like `2026-01-15T10:00:00Z`, no leap second: the quick way.

    `fromisoformat` takes nothing but digits in the other places.
    """
    return (
        len(text) == len("2026-01-15T10:00:00Z")
        and text.isascii()
        and text[4] == text[7] == "-"
        and text[13] == text[16] == ":"
        and text[10] == "T"
        and text[17] != "6"
        and text[19] == "Z"
    )
