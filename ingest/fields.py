"""The kinds of values that a record's fields can have: what is accepted, and what is stored for it.

Each kind says the same thing twice, in JSON Schema for the people who write records and as a
function for the import; tests hold the two together. Nothing here echoes a value: it may be a
person's data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from gateway.hints import did_you_mean
from gateway.times import epoch_seconds

MAX_TEXT = 255
MAX_EMAIL = 254
MAX_ID = 64
MAX_POSITION = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        schema: what is accepted, null aside, as JSON Schema.
        column_type: of the staging tables, in SQL that both databases understand.
        stored: returns what the column keeps of a value. Its ValueError says what must be; it is
            the only error that it raises, whatever it is given.
    """

    schema: dict[str, Any]
    column_type: str
    stored: Callable[[Any], Any]


def _text(value: Any) -> str:
    if type(value) is str and 1 <= len(value) <= MAX_TEXT:
        return value
    raise ValueError(f"must be a text of 1 to {MAX_TEXT} characters")


TEXT = Kind({"type": "string", "minLength": 1, "maxLength": MAX_TEXT}, "TEXT", _text)


# The format is judged by the library that guards the answers, so what is stored can be answered.
# The pattern refuses `Ann <ann@example.com>`, which it takes for an address.
EMAIL_SCHEMA = {
    "type": "string",
    "format": "idn-email",
    "pattern": r"^[^\s<>]+$",
    "maxLength": MAX_EMAIL,
}
_is_email = jsonschema_rs.Draft202012Validator(EMAIL_SCHEMA, validate_formats=True).is_valid


def _email(value: Any) -> str:
    if type(value) is str and _is_email(value):
        return value
    raise ValueError(f"must be an e-mail address of at most {MAX_EMAIL} characters")


EMAIL = Kind(EMAIL_SCHEMA, "TEXT", _email)


# Of one record and its neighbours, more than half of the times have been met just before.
_epoch_seconds = lru_cache(1_024)(epoch_seconds)


def _time(value: Any) -> int:
    if type(value) is str:
        return _epoch_seconds(value)
    raise ValueError("must be a time with an offset, such as 2026-01-15T10:00:00Z")


TIME = Kind({"type": "string", "format": "date-time"}, "BIGINT", _time)


_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


def _amount(value: Any) -> int:
    match = _AMOUNT.fullmatch(value) if type(value) is str else None
    if match is None:
        raise ValueError('must be a decimal number in quotes, such as "120000.0"')
    units, rest = match.groups()
    return int(units) * 100 + int((rest or "").ljust(2, "0"))


AMOUNT = Kind({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}, "BIGINT", _amount)


def _flag(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise ValueError("must be true or false")


FLAG = Kind({"type": "boolean"}, "BOOLEAN", _flag)


def _position(value: Any) -> int:
    if type(value) is int and 0 <= value <= MAX_POSITION:
        return value
    raise ValueError(f"must be a whole number from 0 to {MAX_POSITION}")


POSITION = Kind({"type": "integer", "minimum": 0, "maximum": MAX_POSITION}, "BIGINT", _position)


def choice(*words: str) -> Kind:
    """Return the kind of a closed set of *words*."""
    allowed = frozenset(words)
    listed = ", ".join(f"`{word}`" for word in words)

    def stored(value: Any) -> str:
        if type(value) is str:
            if value in allowed:
                return value
            raise ValueError(f"must be one of {listed}{did_you_mean(value, words)}")
        raise ValueError(f"must be one of {listed}")

    return Kind({"enum": list(words)}, "TEXT", stored)


def prefix_id(prefix: str) -> Kind:
    """Return the kind of ids that start with *prefix* and an underscore."""
    start = f"{prefix}_"
    pattern = f"{start}[0-9A-Za-z]{{1,{MAX_ID}}}"
    is_id = re.compile(pattern).fullmatch

    def stored(value: Any) -> str:
        if type(value) is str and is_id(value):
            return value
        raise ValueError(f"must be an id: `{start}` and 1 to {MAX_ID} letters or digits")

    return Kind({"type": "string", "pattern": f"^{pattern}$"}, "TEXT", stored)
