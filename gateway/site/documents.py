"""The published document: whole for everyone, narrowed for who shows a token."""

from __future__ import annotations

import re

from starlette.types import Receive, Scope, Send

from gateway.exchange import Exchange, answer
from gateway.published import CONTENT_TYPES
from gateway.security import Authenticator

HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


class PublishedDocument:
    """Answers with the document as `json` or `yaml`."""

    def __init__(self, form: str, authenticator: Authenticator, public_url: str | None) -> None:
        self._form = form
        self._authenticator = authenticator
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        exchange.caller = await self._authenticator.optional(scope["headers"])
        scopes = None if exchange.caller is None else exchange.caller.scopes
        base = exchange.bundle.document.base_path
        server_url = (self._public_url or address_of(scope)) + base
        body = exchange.bundle.published.text(scopes, server_url, self._form)
        headers = {"vary": "Authorization, Host"}
        await answer(send, exchange, 200, CONTENT_TYPES[self._form], body, headers)


def address_of(scope: Scope) -> str:
    """Return scheme and host that the request was sent to, as the client named them.

    A Host header that is none leaves the address empty: what follows it is then relative.
    """
    host = next((v.decode("latin-1") for n, v in scope["headers"] if n == b"host"), "")
    root = scope.get("root_path", "")
    return f"{scope['scheme']}://{host}{root}" if HOST.fullmatch(host) else str(root)
