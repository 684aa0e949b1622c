"""How large a request may be: 414 for its address, 413 for its body.

Before routing. No operation reads a body; one that is sent is bounded all the same.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import ContentTooLarge, UriTooLong


class Limits:
    """ASGI middleware that refuses what is too large."""

    def __init__(self, app: ASGIApp, *, max_url_bytes: int, max_body_bytes: int) -> None:
        self._app = app
        self._max_url_bytes = max_url_bytes
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # raw_path: as sent, before percent-decoding.
        if len(scope["raw_path"]) + len(scope["query_string"]) > self._max_url_bytes:
            raise UriTooLong(
                f"The address is longer than the {self._max_url_bytes} bytes that are read."
            )
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._max_body_bytes:
                raise self._too_large()
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        """Return *receive*, refusing a body without a declared length once it is too long."""
        received_bytes = 0

        async def counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_body_bytes:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> ContentTooLarge:
        return ContentTooLarge(
            f"The body is longer than the {self._max_body_bytes} bytes that are read."
        )
