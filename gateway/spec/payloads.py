"""What a webhook sends: the envelope of Standard Webhooks around an operation's answer.

    {"type": "application.created", "timestamp": "2026-01-20T09:15:00Z", "data": {…}}

The document names the operation (`x-data-of`); nobody writes the bodies out, so they cannot differ
from its answers. Who may not call the operation is sent the id and nothing else. The headers are
the same for all webhooks, and are described here alone.

Source: Standard Webhooks, "Payload structure" and "Webhook Headers".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.spec.document import Document, Webhook
from gateway.spec.raw import JSON, WEBHOOKS, example_of, successes_of

ID = "id"
EXAMPLE_TIME = "2026-02-10T11:30:00Z"

_Json = dict[str, Any]

_HEADERS = {
    "webhook-id": (
        {"type": "string"},
        "Names this message. The same in every try, so a message that comes twice shows.",
    ),
    "webhook-timestamp": (
        {"type": "string", "pattern": "^[0-9]+$"},
        "When this try was made, in whole seconds since 1970. Refuse one that is minutes old.",
    ),
    "webhook-signature": (
        {"type": "string"},
        "Signatures of id, timestamp and body as Standard Webhooks makes them, with a blank between"
        " each two. One that verifies with your endpoint's secret is enough.",
    ),
}


def body_schema(webhook: Webhook, data: Mapping[str, Any]) -> _Json:
    """Return the schema of the body that *webhook* sends, with *data* as that of its `data`."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "enum": [webhook.type]},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened.",
            },
            "data": dict(data),
        },
    }


def reference_schema(document: Document, webhook: Webhook) -> _Json:
    """Return the schema of `data` for who may not call the operation: the id alone."""
    answer = document.resolve(webhook.operation.response_schema)
    return {
        "type": "object",
        "description": "The id alone: the scopes of the endpoint do not reach more.",
        "additionalProperties": False,
        "required": [ID],
        "properties": {ID: answer["properties"][ID]},
    }


def whole_data(document: Document, webhook: Webhook) -> _Json:
    """Return the schema of `data` for any endpoint, the fuller alternative first."""
    return {"anyOf": [webhook.operation.response_schema, reference_schema(document, webhook)]}


def whole_example(document: Document, webhook: Webhook) -> Any:
    """Return an example of `data` with everything in it; None: the operation has none."""
    return example_of(document.raw, answer_of(document, webhook))


def answer_of(document: Document, webhook: Webhook) -> Mapping[str, Any]:
    """Return the media type, with schema and examples, of the operation's answer."""
    [content] = successes_of(document.raw, webhook.operation.raw).values()
    media: Mapping[str, Any] = content[JSON]
    return media


def described(
    document: Document,
    data: Callable[[Document, Webhook], Mapping[str, Any]] = whole_data,
    example: Callable[[Document, Webhook], Any] = whole_example,
) -> _Json:
    """Return the webhooks with bodies and headers, as OpenAPI has them, by type of events.

    Args:
        data: gives the schema of the `data` of a webhook.
        example: gives an example of it, or None.
    """
    items = {}
    for name, item in document.raw.get(WEBHOOKS, {}).items():
        webhook = document.webhooks[name]
        own = dict(item["post"])
        body = {"schema": body_schema(webhook, data(document, webhook))}
        given = example(document, webhook)
        if given is not None:
            body["example"] = {"type": name, "timestamp": EXAMPLE_TIME, "data": given}
        derived = {
            "security": [],  # it is the receiver who checks
            "parameters": [_header(header) for header in _HEADERS],
            "requestBody": {"required": True, "content": {JSON: body}},
            "responses": own.pop("responses"),
        }
        items[name] = {"post": own | derived}
    return items


def _header(name: str) -> _Json:
    schema, description = _HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "description": description,
        "required": True,
        "schema": schema,
    }
