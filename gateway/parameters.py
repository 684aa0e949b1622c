"""Strict parameters: what a request may ask is what the document says, and nothing else.

Compiled once per operation from the document; on a request's way it comes after the scope check.
Every wrong parameter is reported, with `allowed` for closed sets and `did_you_mean` for a close
miss. Path parameters are not checked here: an id that cannot exist is a 404, like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from gateway.errors import MAX_ECHO, BadRequest, ParameterError, echo
from gateway.hints import closest
from gateway.spec import Operation

WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
MAX_DIGITS = 20


class _Refused(Exception):
    """A value is not acceptable; carries the error to report."""

    def __init__(
        self, detail: str, allowed: tuple[str, ...] = (), meant: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.allowed = allowed
        self.meant = meant


Check = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One query parameter: how its text becomes a value."""

    name: str
    required: bool
    default: Any
    check: Check


class QueryParser:
    """Turns an operation's raw query string into the arguments of its handler."""

    def __init__(self, operation: Operation) -> None:
        self._parameters = {
            parameter.name: QueryParameter(
                parameter.name,
                parameter.required,
                parameter.schema.get("default"),
                _check_for(parameter.schema),
            )
            for parameter in operation.parameters
            if parameter.where == "query"
        }
        self._defaults = {
            p.name: p.default for p in self._parameters.values() if p.default is not None
        }
        self._required = [p.name for p in self._parameters.values() if p.required]

    def parse(self, query_string: bytes) -> dict[str, Any]:
        """Return the arguments by name, defaults filled in.

        Raises:
            BadRequest: with an error for each wrong parameter.
        """
        if not query_string and not self._required:
            return dict(self._defaults)
        arguments: dict[str, Any] = {}
        errors: list[ParameterError] = []
        seen: set[str] = set()
        room = MAX_ECHO  # for all unknown names of one answer together
        for name, raw in _pairs(query_string):
            parameter = self._parameters.get(name)
            if parameter is None:
                errors.append(self._unknown(name, room))
                room = max(room - len(name), 0)
                continue
            if name in seen:
                errors.append(ParameterError(name, "is given more than once"))
                continue
            seen.add(name)
            try:
                arguments[name] = parameter.check(_text(raw))
            except _Refused as refused:
                errors.append(ParameterError(name, refused.detail, refused.allowed, refused.meant))
        errors.extend(
            ParameterError(name, "is required") for name in self._required if name not in seen
        )
        if errors:
            raise BadRequest.of(errors)
        return self._defaults | arguments

    def _unknown(self, name: str, room: int) -> ParameterError:
        known = list(self._parameters)
        accepted = ", ".join(f"`{one}`" for one in known) or "none"
        words = [name, *re.findall(r"\w+", name)]
        meant = next((match for word in words if (match := closest(word, known))), None)
        return ParameterError(
            echo(name, room),
            f"is not a parameter of this operation; it accepts {accepted}",
            did_you_mean=meant,
        )


def _pairs(query_string: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and raw value of each pair, in order."""
    for pair in query_string.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield _decoded(name).decode("utf-8", "replace"), _decoded(value)


def _decoded(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")  # strict: encoded surrogates are refused too
    except UnicodeDecodeError:
        raise _Refused("is not valid UTF-8") from None
    if "\0" in text:
        raise _Refused("contains the character NUL")
    return text


def _check_for(schema: Mapping[str, Any]) -> Check:
    if "enum" in schema:
        return _one_of(tuple(map(str, schema["enum"])))
    if schema["type"] == "integer":
        return _integer(schema.get("minimum"), schema.get("maximum"))
    if schema["type"] == "boolean":
        return lambda text: _one_of(("true", "false"))(text) == "true"
    return _string(schema)


def _one_of(allowed: tuple[str, ...]) -> Check:
    def check(text: str) -> str:
        if text not in allowed:
            listed = ", ".join(f"`{value}`" for value in allowed)
            raise _Refused(f"must be one of {listed}", allowed, closest(text, allowed))
        return text

    return check


def _integer(minimum: int | None, maximum: int | None) -> Check:
    bounds = "".join(
        f" {word} {bound}"
        for word, bound in (("from", minimum), ("to", maximum))
        if bound is not None
    )
    detail = f"must be a whole number{bounds}, in ASCII digits without sign or leading zero"

    def check(text: str) -> int:
        if len(text) > MAX_DIGITS or not WHOLE_NUMBER.fullmatch(text):
            raise _Refused(detail)
        value = int(text)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise _Refused(detail)
        return value

    return check


def _string(schema: Mapping[str, Any]) -> Check:
    # JSON Schema's own patterns and lengths: Python's `$` would let a final newline through.
    valid = jsonschema_rs.validator_for(dict(schema)).is_valid
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")

    def check(text: str) -> str:
        if valid(text):
            return text
        if len(text) < shortest:
            raise _Refused(f"must have at least {shortest} characters")
        if longest is not None and len(text) > longest:
            raise _Refused(f"must have at most {longest} characters")
        raise _Refused(f"must match the pattern {schema['pattern']}")

    return check
