"""The bound: a constant body of 10 kB on uvicorn, without routing, token or database."""

from __future__ import annotations

from typing import Any

BODY = b"x" * 10_000
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"10000")]


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Answer every request."""
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
