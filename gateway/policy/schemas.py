"""Schemas narrowed to what a scope set sees: in them, what the caller may not see does not exist.

From here come the schemas that the egress guard compiles and those of the narrowed document. It
knows schemas, not values: redaction (`gateway.policy.redact`) works without it, and it without
redaction; either one alone leaks nothing.

Runs once per scope set, not once per request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.policy.model import flat, place_in
from gateway.policy.shown import Shown
from gateway.policy.ways import Way
from gateway.spec import Webhook
from gateway.spec.draft4 import as_draft4, standalone
from gateway.spec.payloads import body_schema, reference_schema
from gateway.spec.raw import PUBLIC, SCHEMAS, is_object, references_in
from gateway.strictyaml import tokens_of


def answer_schema(shown: Shown, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return *schema*, of an answer, narrowed: a JSON Schema of Draft 4 that stands by itself."""
    root = schema_for(shown, schema)
    narrowed: dict[str, dict[str, Any]] = {}
    waiting = references_in(root)
    while waiting:
        name = tokens_of(waiting.pop())[-1]
        if name not in narrowed:
            narrowed[name] = component_for(shown, name)
            waiting += references_in(narrowed[name])
    return standalone(as_draft4(root), {name: as_draft4(narrowed[name]) for name in narrowed})


def payload_schema(shown: Shown, webhook: Webhook) -> dict[str, Any]:
    """Return the schema of the body that *webhook* sends, narrowed; form as of `answer_schema`."""
    return answer_schema(shown, body_schema(webhook.type, data_schema(shown, webhook)))


def data_schema(shown: Shown, webhook: Webhook) -> dict[str, Any]:
    """Return the schema of a payload's `data`, narrowed: the operation's answer, or the id."""
    if not shown.reaches(webhook.operation.id):
        return reference_schema(shown.model.document, webhook)
    return schema_for(shown, webhook.operation.response_schema)


def schema_for(shown: Shown, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return *schema* with each `anyOf` of components narrowed to the alternative that is kept."""
    place = place_in(shown.model.document, schema)
    narrowed = dict(schema) if place is None else _without_example(schema)
    if "items" in schema:
        narrowed["items"] = schema_for(shown, schema["items"])
    if "allOf" in schema:
        narrowed["allOf"] = [schema_for(shown, part) for part in schema["allOf"]]
    if place is None or "anyOf" not in schema:
        return narrowed
    del narrowed["anyOf"]
    kept = shown.alternative(place.alternatives)
    if kept is None:
        return {**narrowed, "not": {}}
    reference = {"$ref": SCHEMAS + kept}
    return {**narrowed, "allOf": [reference]} if narrowed else reference


def component_for(shown: Shown, name: str) -> dict[str, Any]:
    """Return the component schema *name* with only the properties that are shown, as shown."""
    schema = shown.model.document.schemas[name]
    if not is_object(schema):
        return schema_for(shown, schema)
    properties = {
        field: _property_for(shown, schema["properties"][field], way)
        for field, way in shown.fields(name).items()
    }
    narrowed = {**schema, "properties": properties}
    for key in ("required", PUBLIC):
        narrowed[key] = [field for field in schema.get(key, ()) if field in properties]
        if not narrowed[key]:  # Draft 4 and OpenAPI 3.0 forbid an empty `required`
            del narrowed[key]
    return _without_example(narrowed)


def _without_example(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return *schema*, of objects, without its example: that may hold what is not shown."""
    return {key: schema[key] for key in schema if key != "example"}


def _property_for(shown: Shown, schema: Mapping[str, Any], way: Way) -> dict[str, Any]:
    if way.identity:
        return schema_for(shown, schema)
    return way.narrowed(flat(shown.model.document, schema))
