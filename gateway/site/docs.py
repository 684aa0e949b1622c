"""`/docs`: a page to read and to try the API. Everything that it loads is served from here."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from swagger_ui_bundle import swagger_ui_path

from gateway.errors import NotFound
from gateway.exchange import Exchange, answer

ASSETS = Path(__file__).parent / "assets"

# Swagger UI styles its elements from script; nothing may be loaded from, or sent to, elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def routes(base_path: str, title: str) -> list[BaseRoute]:
    """Return the routes of the page and its assets.

    Args:
        base_path: of the API; the page shows the document that is served below it.
    """
    page = rendered(base_path, title)
    return [
        Route("/", _Entrance(), methods=["GET"]),
        Route("/docs", _Page(page), methods=["GET"]),
        Mount("/docs/assets", _Assets(assets_of(page))),
    ]


def rendered(base_path: str, title: str) -> str:
    """Return the page. Its addresses are relative, so that it works behind a path prefix too."""
    template = Template((ASSETS / "docs.html").read_text(encoding="utf-8"))
    return template.substitute(
        document=escape(f"{base_path.lstrip('/')}/openapi.json"), title=escape(title)
    )


def assets_of(page: str) -> frozenset[str]:
    """Return the names of the assets that *page* refers to."""
    return frozenset(re.findall(r'"docs/assets/([^"]+)"', page))


class _Entrance:
    """Leads who opens the bare address to the page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"location": "docs"}
        await answer(send, Exchange.of(scope), 307, "text/plain; charset=utf-8", b"", headers)


class _Page:
    """Answers with the page and the headers that hold a browser to it."""

    def __init__(self, page: str) -> None:
        self._body = page.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "referrer-policy": "no-referrer",
        }
        exchange = Exchange.of(scope)
        await answer(send, exchange, 200, "text/html; charset=utf-8", self._body, headers)


class _Assets(StaticFiles):
    """Answers with our own files and Swagger UI's: those that the page refers to, no others.

    Swagger UI's folder holds a page of its own that would load a document from another host.
    """

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(directory=ASSETS)
        self.all_directories.append(swagger_ui_path)
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.get_path(scope) not in self._names:
            raise HTTPException(NotFound.status)
        # Whole files only: what is wrong with a range would be told in another shape than ours.
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        # Kept by the browser, which asks before each use whether it has changed (`ETag`, 304).
        response.headers["cache-control"] = "no-cache"
        response.headers["accept-ranges"] = "none"
        response.headers["x-content-type-options"] = "nosniff"
        return response
