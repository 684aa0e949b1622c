"""A sample answer of an operation: the fullest of the document's examples, else one made up.

For pages that show people what an answer looks like; at no request. It holds nothing but what the
document says, so it can be shown to anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.spec.document import Document, Operation
from gateway.spec.raw import JSON, resolve, successes_of

# What stands for a value of which the document gives no example.
BY_FORMAT = {
    "date-time": "2026-01-15T10:00:00Z",
    "date": "2026-01-15",
    "email": "name@example.com",
    "idn-email": "name@example.com",
    "uri": "https://example.com/",
    "uuid": "6f1c9a2e-7b1d-4c3f-8a6e-0d9b2c7f1a34",
}
BY_TYPE = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}


def sample(document: Document, operation: Operation) -> Any:
    """Return a sample answer of *operation*, a plain document. Not to be changed."""
    [content] = successes_of(document.raw, operation.raw).values()
    media = content[JSON]
    examples = [resolve(document.raw, one)["value"] for one in media.get("examples", {}).values()]
    if "example" in media:
        examples.append(media["example"])
    if examples:
        return max(examples, key=_size)
    return _made_up(document, operation.response_schema, ())


def _size(value: Any) -> int:
    """Return how many values are in *value*."""
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, list):
        return sum(map(_size, value))
    return 1


def _made_up(document: Document, schema: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    """Return a value of *schema*; of a component inside itself, nothing."""
    component = document.component_of(schema)
    if component is not None and component in within:
        return None
    within = within if component is None else (*within, component)
    target = document.resolve(schema)
    if "example" in target:
        return target["example"]
    if "properties" in target:
        properties = target["properties"].items()
        return {name: _made_up(document, one, within) for name, one in properties}
    if "items" in target:
        item = _made_up(document, target["items"], within)
        return [] if item is None else [item]
    parts = target.get("allOf") or target.get("anyOf")
    if parts:
        return _made_up(document, parts[0], within)
    return _made_up_plainly(target)


def _made_up_plainly(schema: Mapping[str, Any]) -> Any:
    for key in ("default", "minimum"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    return BY_FORMAT.get(schema.get("format", "")) or BY_TYPE.get(schema.get("type", ""))
