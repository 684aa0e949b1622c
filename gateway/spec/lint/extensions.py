"""Are the server-side keys known, in their places, and of their shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.spec.raw import (
    CLASSIFICATION,
    CONTROLLER,
    DATA_OF,
    FILTERS_ON,
    PUBLIC,
    REQUIRED_SCOPES,
    SERVER_SIDE_KEYS,
    WEBHOOKS,
    is_object,
    mappings_in,
)
from gateway.strictyaml import YamlFile, pointer


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _classification(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("category"), str)


_OPERATION = r"/paths/[^/]+/[a-z]+"
_PARAMETER = rf"({_OPERATION}|/paths/[^/]+)/parameters/\d+|/components/parameters/[^/]+"

# Where each key stands (JSON pointer of what it stands on), what that is called, what it holds.
_SHAPES: dict[str, tuple[str, str, Callable[[Any], bool], str]] = {
    CONTROLLER: (_OPERATION, "an operation", lambda v: isinstance(v, str), "a module's name"),
    REQUIRED_SCOPES: (_OPERATION, "an operation", _strings, "a list of scopes"),
    DATA_OF: (
        r"/x-webhooks/[^/]+/post",
        "a webhook",
        lambda v: isinstance(v, str),
        "an operationId",
    ),
    FILTERS_ON: (_PARAMETER, "a parameter", _strings, "a list of `Component.property`"),
    PUBLIC: (r"/components/schemas/[^/]+", "a component schema", _strings, "a list of properties"),
    CLASSIFICATION: (
        r"/components/schemas/[^/]+/properties/[^/]+",
        "a property of a component schema",
        _classification,
        "a mapping with a `category`",
    ),
}

_KNOWN = SERVER_SIDE_KEYS | {WEBHOOKS}


def are_in_place(source: YamlFile) -> Iterator[Finding]:
    for at, value in mappings_in(source.data):
        for key in value:
            if key in _SHAPES:
                place, place_name, has_shape, shape_name = _SHAPES[key]
                if not re.fullmatch(place, at):
                    message = f"`{key}` means nothing here; put it on {place_name}"
                    yield source.finding(at + pointer(key), message)
                elif key == PUBLIC and not is_object(value):
                    message = f"`{key}` lists properties, and `{at.rpartition('/')[2]}` has none"
                    yield source.finding(at + pointer(key), message)
                elif not has_shape(value[key]):
                    yield source.finding(at + pointer(key), f"`{key}` must be {shape_name}")
            elif key.startswith("x-") and (hint := did_you_mean(key, _KNOWN - {key})):
                yield source.finding(at + pointer(key), f"unknown key `{key}`{hint}")
