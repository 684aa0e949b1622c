"""The egress guard: the last look at an answer before it leaves.

Holds the bytes of every 200 against the document narrowed to the caller's scopes, in which what
the caller may not see does not exist. It is independent of the redaction (`gateway.reading`,
`View.redact`): it knows the schema, not the ways, and either one alone leaks nothing.

A hit is a 500 without data and an error log line without data.
"""

from __future__ import annotations

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
    """The compiled validators of one policy, by operation and view."""

    def __init__(self) -> None:
        self._validators: dict[tuple[str, View], Validator] = {}

    def breach(self, operation_id: str, view: View, body: bytes) -> Breach | None:
        """Return what is wrong with *body* for a caller with *view*; None: it may leave."""
        validator = self.validator(operation_id, view)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            return Breach("", "not JSON")
        if validator.is_valid(document):
            return None
        error = next(iter(validator.iter_errors(document)))
        return Breach(_pointer(error.instance_path), _pointer(error.schema_path))

    def validator(self, operation_id: str, view: View) -> Validator:
        """Return the compiled schema of the 200 answer, made at first use."""
        key = (operation_id, view)
        found = self._validators.get(key)
        if found is None:
            if len(self._validators) >= MAX_VALIDATORS:
                self._validators.clear()
            schema = view.schema(operation_id)
            found = self._validators[key] = jsonschema_rs.validator_for(
                schema, validate_formats=True
            )
        return found


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{token}" for token in path)
