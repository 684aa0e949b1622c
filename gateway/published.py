"""The document as it is published: whole for everyone, narrowed for a token.

Rendered once per view and format. Where the document is served differs from request to request
(host, proxy), so the text is kept with a mark in the place of the server's address.
"""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from gateway import spec
from gateway.policy import Policy
from gateway.spec import Document

SERVER_MARK = "http://server.invalid"
MAX_KEPT = 256
CONTENT_TYPES = {"json": "application/json", "yaml": "application/yaml"}


class PublishedDocuments:
    """The texts of the published document."""

    def __init__(self, document: Document, policy: Policy) -> None:
        self._document = document
        self._policy = policy
        self._kept: dict[tuple[frozenset[str] | None, str], str] = {}

    def document(self, scopes: frozenset[str] | None, server_url: str) -> dict[str, Any]:
        """Return the published document.

        Args:
            scopes: narrowed to what these reach and see; None: whole.
        """
        if scopes is None:
            return spec.published(spec.whole(self._document), server_url)
        return spec.published(self._policy.narrowed(scopes), server_url)

    def text(self, scopes: frozenset[str] | None, server_url: str, form: str) -> bytes:
        """Return the published document as `json` or `yaml`; arguments as for `document`."""
        known = None if scopes is None else scopes & set(self._document.scopes)
        key = (known, form)
        if key not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = render(self.document(known, SERVER_MARK), form)
        return self._kept[key].replace(SERVER_MARK, server_url).encode()


def render(document: dict[str, Any], form: str) -> str:
    """Return *document* as text: indented JSON, or YAML with the keys in their order."""
    if form == "json":
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    return yaml.dump(
        document,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
