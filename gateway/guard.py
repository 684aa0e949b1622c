"""The egress guard: the last look at an answer, or at a webhook's body, before it leaves.

Holds the bytes of every 200, and of every delivery, against the document narrowed to the caller's
scopes, in which what the caller may not see does not exist. It is independent of the redaction
(`gateway.reading`, `View.redact`): it knows the schema, not the ways, and either one alone leaks
nothing.

A hit is a 500 without data and an error log line without data; a delivery is not made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import jsonschema_rs
import orjson

from gateway.policy import View

MAX_VALIDATORS = 4_096


class Validator(Protocol):
    """A compiled JSON Schema."""

    def is_valid(self, instance: Any) -> bool: ...

    def iter_errors(self, instance: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Breach:
    """Why an answer must not leave: the places in answer and schema, never the data."""

    pointer: str
    rule: str


class Guard:
    """The compiled validators of one policy, by operation or webhook, and view."""

    def __init__(self) -> None:
        self._validators: dict[tuple[str, str, View], Validator] = {}

    def breach(self, operation_id: str, view: View, body: bytes) -> Breach | None:
        """Return what is wrong with *body* for a caller with *view*; None: it may leave."""
        return _breach(self.validator(operation_id, view), body)

    def payload_breach(self, event_type: str, view: View, body: bytes) -> Breach | None:
        """Return what is wrong with *body* for an endpoint with *view*; None: it may leave."""
        return _breach(self.payload_validator(event_type, view), body)

    def validator(self, operation_id: str, view: View) -> Validator:
        """Return the compiled schema of the 200 answer, made at first use."""
        return self._kept("answer", operation_id, view, view.schema)

    def payload_validator(self, event_type: str, view: View) -> Validator:
        """Return the compiled schema of a webhook's body, made at first use."""
        return self._kept("payload", event_type, view, view.payload_schema)

    def _kept(
        self, kind: str, name: str, view: View, schema: Callable[[str], dict[str, Any]]
    ) -> Validator:
        key = (kind, name, view)
        found = self._validators.get(key)
        if found is None:
            if len(self._validators) >= MAX_VALIDATORS:
                self._validators.clear()
            found = self._validators[key] = jsonschema_rs.validator_for(
                schema(name), validate_formats=True
            )
        return found


def _breach(validator: Validator, body: bytes) -> Breach | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Breach("", "not JSON")
    if validator.is_valid(document):
        return None
    error = next(iter(validator.iter_errors(document)))
    return Breach(_pointer(error.instance_path), _pointer(error.schema_path))


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{token}" for token in path)
