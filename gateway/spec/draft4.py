"""A schema of OpenAPI 3.0 as JSON Schema, Draft 4.

OpenAPI 3.0 took Draft 4, changed `null` and added annotations; validators know Draft 4 alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_OPENAPI_SCHEMAS = "#/components/schemas/"
_DEFINITIONS = "#/definitions/"

# What constrains a value. All else (descriptions, examples, extensions) is for people.
_CONSTRAINTS = (
    *("type", "enum", "format", "pattern", "minLength", "maxLength", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    *("required", "additionalProperties", "not"),
)


def as_draft4(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return *schema* without annotations, `nullable` as Draft 4 says it.

    A reference to `#/components/schemas/X` becomes one to `#/definitions/X`.
    """
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace(_OPENAPI_SCHEMAS, _DEFINITIONS, 1)}
    translated: dict[str, Any] = {key: schema[key] for key in _CONSTRAINTS if key in schema}
    if "items" in schema:
        translated["items"] = as_draft4(schema["items"])
    if "properties" in schema:
        properties = schema["properties"]
        translated["properties"] = {name: as_draft4(properties[name]) for name in properties}
    for keyword in ("allOf", "anyOf"):
        if keyword in schema:
            translated[keyword] = [as_draft4(part) for part in schema[keyword]]
    return _nullable(translated) if schema.get("nullable") else translated


def _nullable(translated: dict[str, Any]) -> dict[str, Any]:
    if "type" not in translated:
        return {"anyOf": [translated, {"type": "null"}]}
    # It adds to the type alone: an `enum` says itself whether null is among its values.
    # Source: OpenAPI Initiative, "Clarify Semantics of `nullable` in OpenAPI 3.0".
    return {**translated, "type": [translated["type"], "null"]}


def standalone(
    root: Mapping[str, Any], definitions: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the translated *root* with *definitions*, as a schema that stands by itself."""
    return {"$schema": DRAFT_4, "allOf": [root], "definitions": definitions}
