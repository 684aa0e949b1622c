"""A document of OpenAPI 3.0 as one of OpenAPI 3.1, where webhooks have a place of their own.

Connexion reads 3.0 alone, so the document stays 3.0 and this is derived: never edited, never read
back. Schemas become JSON Schema of 2020-12, which is what 3.1 took:

    nullable: true            `null` among the types (an `enum` stays as it is)
    exclusiveMinimum: true    the bound itself, in the place of `minimum`; maximum alike
    example: x                examples: [x]

What stands outside of schemas is the same in both versions, but for `x-webhooks`.

Source: OpenAPI Initiative, "Migrating from OpenAPI 3.0 to 3.1.0".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.spec.raw import WEBHOOKS

VERSION = "3.1.0"

_Json = dict[str, Any]

# Of an object that is no schema: values that are data, and may look like anything.
_DATA = frozenset({"example", "value", "default"})
# Of a schema: keywords that hold a schema, several by name, several in a list.
_ONE = frozenset({"items", "not", "additionalProperties"})
_LISTED = frozenset({"allOf", "anyOf", "oneOf"})
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def as_openapi_31(document: Mapping[str, Any]) -> _Json:
    """Return a published *document* of OpenAPI 3.0 in OpenAPI 3.1, with the keys in their order."""
    upgraded = {}
    for key, value in document.items():
        upgraded["webhooks" if key == WEBHOOKS else key] = _outside(value)
    components = upgraded.get("components")
    if components and "schemas" in components:
        schemas = document["components"]["schemas"]
        components["schemas"] = {name: as_json_schema(schemas[name]) for name in schemas}
    return {**upgraded, "openapi": VERSION}


def _outside(value: Any) -> Any:
    """Return what is no schema, with the schemas in it upgraded."""
    if isinstance(value, Mapping):
        return {
            key: item
            if key in _DATA
            else as_json_schema(item)
            if key == "schema"
            else _outside(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_outside(item) for item in value]
    return value


def as_json_schema(schema: Mapping[str, Any]) -> _Json:
    """Return a *schema* of OpenAPI 3.0 in JSON Schema 2020-12."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # OpenAPI 3.0 wants what is beside it ignored
    upgraded: _Json = {}
    for key, value in schema.items():
        if key == "nullable" or (key in _BOUNDS and value is False):
            continue
        if key in _BOUNDS.values() and schema.get(_exclusive(key)) is True:
            continue
        if key in _BOUNDS:
            upgraded[key] = schema[_BOUNDS[key]]
        elif key == "example":
            upgraded["examples"] = [value]
        else:
            upgraded[key] = _keyword(key, value)
    return _nullable(upgraded) if schema.get("nullable") else upgraded


def _exclusive(bound: str) -> str:
    return f"exclusive{bound.capitalize()}"


def _keyword(key: str, value: Any) -> Any:
    if key in _ONE and isinstance(value, Mapping):
        return as_json_schema(value)
    if key in _LISTED:
        return [as_json_schema(part) for part in value]
    if key == "properties":
        return {name: as_json_schema(value[name]) for name in value}
    return value


def _nullable(schema: _Json) -> _Json:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    # What describes the property stays beside; what constrains it is one of two.
    constraints = {key: schema[key] for key in schema if key in _LISTED | {"not"}}
    described = {key: schema[key] for key in schema if key not in constraints}
    return {**described, "anyOf": [constraints, {"type": "null"}]}
