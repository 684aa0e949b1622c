"""Chance that falls the same way each time: everything random in the demo data comes from here.

Lowest in this package. Reads no clock and no hash order: the same words give the same sequence in
every process.
"""

from __future__ import annotations

import string
from random import Random

DAY_S = 86_400
MOST_DAYS_TO_OFFICE_HOUR = 4  # from a Friday to a Monday evening
_HOUR_S = 3_600
_OFFICE_OPENS_S = 8 * _HOUR_S
_OFFICE_OPEN_FOR_S = 9 * _HOUR_S
_WORKING_DAYS = 5
_WEEKDAY_OF_THE_EPOCH = 3  # 1970-01-01 was a Thursday

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH = 12


def chance(*words: object) -> Random:
    """Return the source of chance that *words* name."""
    return Random("/".join(map(str, words)))  # noqa: S311 - demo data must be foreseeable


def prefix_id(rng: Random, prefix: str) -> str:
    """Return *prefix*, `_` and 12 ASCII letters or digits, never the same twice in practice."""
    return f"{prefix}_" + "".join(rng.choices(_BASE62, k=_ID_LENGTH))


def share(rng: Random, probability: float) -> bool:
    """Return true in *probability* of the cases."""
    return rng.random() < probability


def office_hour(rng: Random, after: float) -> int:
    """Return a moment in office hours of the first working day that follows *after*'s day."""
    day = int(after) // DAY_S + 1
    while (day + _WEEKDAY_OF_THE_EPOCH) % 7 >= _WORKING_DAYS:
        day += 1
    return day * DAY_S + _OFFICE_OPENS_S + int(rng.random() * _OFFICE_OPEN_FOR_S)
