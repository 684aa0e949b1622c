"""Redaction of a plain document: an allow-list walked along the document's schema.

Stands between a handler that gives a plain document and the egress guard, which it knows nothing
of. Keeps what a rule shows, at any depth; whatever has no place in the schema is not copied, and a
shape that the schema does not have is refused without telling the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.policy.shown import Shown
from gateway.spec.raw import is_object


def redact(shown: Shown, schema: Mapping[str, Any], body: Any) -> Any:
    """Return what is shown of *body*, a document of *schema*.

    At an `anyOf` of objects the rules of the first alternative hold, the most revealing one: the
    others are what may be left of it.

    Raises:
        TypeError: *body* has a shape that *schema* does not allow.
    """
    if body is None:
        return None
    document = shown.model.document
    target = document.resolve(schema)
    if is_object(target):
        return redact_object(shown, document.component_of(schema), body)
    if "items" in target:
        if not isinstance(body, list):
            raise TypeError(f"a list is wanted, not {type(body).__name__}")
        return [redact(shown, target["items"], item) for item in body]
    parts = target.get("allOf") or target.get("anyOf")
    if parts:
        return redact(shown, parts[0], body)
    if isinstance(body, (dict, list)):
        raise TypeError(f"a plain value is wanted, not {type(body).__name__}")
    return body


def redact_object(shown: Shown, component: str | None, body: Any) -> dict[str, Any]:
    """Return what is shown of *body*, an object of *component*. Raises as `redact`."""
    if component is None or not isinstance(body, dict):
        raise TypeError(f"an object of a component is wanted, not {type(body).__name__}")
    fields = shown.model.components[component].fields
    return {
        name: way.apply(redact(shown, fields[name].schema, body[name]))
        for name, way in shown.fields(component).items()
        if name in body
    }
