"""When a message is tried again.

Source: Standard Webhooks, "Deliverability and reliability": an example schedule of ten tries over
a bit more than three days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Seconds from the end of one try to the next.
DELAYS_S = (
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
JITTER = 0.2  # each delay is up to this part longer: what failed together does not return together

MAX_RETRY_AFTER_S = DAY

# An endpoint that fails this often in a row is left alone for a while, then asked with one message.
FAILURES_BEFORE_REST = 5
LONGEST_REST_S = 5 * MINUTE

DISABLE_AFTER_S = 3 * DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """The delays between tries.

    Attributes:
        delays_s: one for each try after the first.
        longest_rest_s: how long an endpoint that fails is left alone at most.
        disable_after_s: for how long an endpoint may fail without a success.
    """

    delays_s: Sequence[float] = DELAYS_S
    longest_rest_s: int = LONGEST_REST_S
    disable_after_s: int = DISABLE_AFTER_S

    def delay_s(self, tries: int, random: Callable[[], float]) -> int | None:
        """Return the seconds until the next try; None: that was the last one.

        Args:
            tries: how often it was tried.
            random: returns a number from 0 to below 1.
        """
        if tries > len(self.delays_s):
            return None
        return round(self.delays_s[tries - 1] * (1 + JITTER * random()))

    def rest_s(self, failures: int) -> int:
        """Return for how many seconds an endpoint is left alone after *failures* in a row."""
        if failures < FAILURES_BEFORE_REST:
            return 0
        doublings = min(failures - FAILURES_BEFORE_REST, 30)
        return min(1 << doublings, self.longest_rest_s)


def retry_after_s(value: str | None, *, now: float) -> int | None:
    """Return for how many seconds a receiver asks to be left alone; None: it does not.

    Args:
        value: of the header `Retry-After`: seconds or a date.
        now: seconds since the Unix epoch.
    Returns:
        At most a day: a receiver that says `9999999999` is not to be forgotten.
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(int(value[:12]), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    wait = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.fromtimestamp(now, UTC)
    return min(max(round(wait.total_seconds()), 0), MAX_RETRY_AFTER_S)
