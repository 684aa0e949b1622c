"""The document as callers see it.

Made once per scope set, never by request. Scopes stay readable for people: they stand in the
descriptions; the key that the server reads them from is taken out with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.spec.document import Document
from gateway.spec.payloads import described
from gateway.spec.raw import SERVER_SIDE_KEYS, WEBHOOKS


def whole(document: Document) -> dict[str, Any]:
    """Return the raw *document* with what is derived for its webhooks. Not to be changed."""
    if WEBHOOKS not in document.raw:
        return dict(document.raw)
    return {**document.raw, WEBHOOKS: described(document)}


def published(raw: Mapping[str, Any], server_url: str) -> dict[str, Any]:
    """Return a deep copy of the document *raw* without the server-side keys.

    Args:
        raw: the result of `whole` or of `Policy.narrowed`.
        server_url: where it is served, base path included: `https://example.com/api/v1`.
    Returns:
        A document in the order of *raw*, `$ref`s kept.
    """
    return {**_without_server_side_keys(raw), "servers": [{"url": server_url}]}


def _without_server_side_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without_server_side_keys(item)
            for key, item in value.items()
            if key not in SERVER_SIDE_KEYS
        }
    if isinstance(value, list):
        return [_without_server_side_keys(item) for item in value]
    return value
