"""What a webhook sends: the envelope of Standard Webhooks around an operation's answer.

    {"type": "application.created", "timestamp": "2026-01-20T09:15:00Z", "data": {…}}

The document names the operation (`x-data-of`); nobody writes the bodies out, so they cannot differ
from its answers. Who may not call the operation is sent the id and nothing else. The headers are
the same for all webhooks, and are described here alone. So is the test that people send to see
whether it arrives: it is about nothing in the document.

Source: Standard Webhooks, "Payload structure" and "Webhook Headers".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.spec.document import Document, Webhook
from gateway.spec.raw import JSON, WEBHOOKS, example_of, successes_of

ID = "id"
TEST_ID = "webhook_test"
TEST = "webhook.test"  # the type of the events that people send to see whether they arrive
EXAMPLE_TIME = "2026-02-10T11:30:00Z"
EXAMPLE_ENDPOINT = "whe_9cTq2WbX5sLr81Yd"

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


_TEST_DATA = {
    "type": "object",
    "description": "The endpoint.",
    "additionalProperties": False,
    "required": [ID],
    "properties": {ID: {"type": "string", "description": "Of the endpoint."}},
}
_TEST_RESPONSES = {"2XX": {"description": "The test was received."}}


def body_schema(event_type: str, data: Mapping[str, Any]) -> _Json:
    """Return the schema of the body of an *event_type*, with *data* as that of its `data`."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "enum": [event_type]},
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
        responses = own.pop("responses")
        given = example(document, webhook)
        items[name] = {"post": own | _derived(name, data(document, webhook), given, responses)}
    if items:
        items[TEST] = {"post": _test()}
    return items


def _derived(event_type: str, data: Mapping[str, Any], example: Any, responses: Any) -> _Json:
    """Return what the description of a webhook has besides its own words."""
    body = {"schema": body_schema(event_type, data)}
    if example is not None:
        body["example"] = {"type": event_type, "timestamp": EXAMPLE_TIME, "data": example}
    return {
        "security": [],  # it is the receiver who checks
        "parameters": [_header(header) for header in _HEADERS],
        "requestBody": {"required": True, "content": {JSON: body}},
        "responses": responses,
    }


def _test() -> _Json:
    return {
        "operationId": TEST_ID,
        "summary": "Somebody wants to see whether it arrives",
        "description": (
            "Sent when somebody asks for it, to an endpoint of any types of events and scopes. Its"
            " `data` is the id of the endpoint. It is tried once; a 410 disables the endpoint."
        ),
        **_derived(TEST, _TEST_DATA, {ID: EXAMPLE_ENDPOINT}, _TEST_RESPONSES),
    }


def _header(name: str) -> _Json:
    schema, description = _HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "description": description,
        "required": True,
        "schema": schema,
    }
