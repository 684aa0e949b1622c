"""The document as it is published: whole for everyone, narrowed for a token.

In OpenAPI 3.0, as it is written, and derived from that in 3.1, which has a place for webhooks.
Rendered once per view, version and format. Where the document is served differs from request to
request (host, proxy), so the text is kept with a mark in the place of the server's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import orjson
import yaml

from gateway import spec
from gateway.policy import Policy
from gateway.spec import Document

SERVER_MARK = "http://server.invalid"
MAX_KEPT = 256


class Version(StrEnum):
    """Of OpenAPI."""

    V3_0 = "3.0"
    V3_1 = "3.1"


CONTENT_TYPES = {"json": "application/json", "yaml": "application/yaml"}


class PublishedDocuments:
    """The texts of the published document."""

    def __init__(self, document: Document, policy: Policy) -> None:
        self._document = document
        self._policy = policy
        self._kept: dict[tuple[frozenset[str] | None, str, Version], str] = {}

    def document(
        self, scopes: frozenset[str] | None, server_url: str, version: Version = Version.V3_0
    ) -> dict[str, Any]:
        """Return the published document.

        Args:
            scopes: narrowed to what these reach and see; None: whole.
        """
        raw = spec.whole(self._document) if scopes is None else self._policy.narrowed(scopes)
        return published(raw, server_url, version)

    def text(
        self,
        scopes: frozenset[str] | None,
        server_url: str,
        form: str,
        version: Version = Version.V3_0,
    ) -> bytes:
        """Return the published document as `json` or `yaml`; arguments as for `document`."""
        known = None if scopes is None else scopes & set(self._document.scopes)
        key = (known, form, version)
        if key not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = render(self.document(known, SERVER_MARK, version), form)
        return self._kept[key].replace(SERVER_MARK, server_url).encode()


def published(raw: Mapping[str, Any], server_url: str, version: Version) -> dict[str, Any]:
    """Return what is published of a *raw* document; see `gateway.spec.published`."""
    document = spec.published(raw, server_url)
    return spec.as_openapi_31(document) if version is Version.V3_1 else document


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
