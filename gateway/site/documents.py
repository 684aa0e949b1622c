"""The published document: whole for everyone, narrowed for who shows a token."""

from __future__ import annotations

import re

from starlette.types import Receive, Scope, Send

from gateway.exchange import Exchange, answer
from gateway.published import CONTENT_TYPES, Version
from gateway.security import Authenticator

# The file names below the base path, each with format and version.
FILES = {
    "openapi.json": ("json", Version.V3_0),
    "openapi.yaml": ("yaml", Version.V3_0),
    "openapi-3.1.json": ("json", Version.V3_1),
    "openapi-3.1.yaml": ("yaml", Version.V3_1),
}

HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


class PublishedDocument:
    """Answers with the document as `json` or `yaml`, in a version of OpenAPI."""

    def __init__(
        self,
        form: str,
        authenticator: Authenticator,
        public_url: str | None,
        version: Version = Version.V3_0,
    ) -> None:
        self._form = form
        self._version = version
        self._authenticator = authenticator
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        exchange.caller = await self._authenticator.optional(scope["headers"])
        scopes = None if exchange.caller is None else exchange.caller.scopes
        base = exchange.bundle.document.base_path
        server_url = (self._public_url or address_of(scope)) + base
        body = exchange.bundle.published.text(scopes, server_url, self._form, self._version)
        headers = {"vary": "Authorization, Host"}
        await answer(send, exchange, 200, CONTENT_TYPES[self._form], body, headers)


def address_of(scope: Scope) -> str:
    """Return scheme and host that the request was sent to, as the client named them.

    Without exactly one Host header that names a host it is empty: what follows is then relative.
    """
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    root = str(scope.get("root_path", ""))
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
        return root
    return f"{scope['scheme']}://{hosts[0]}{root}"
