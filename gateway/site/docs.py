"""`/docs`: a page to read and to try the API. Everything that it loads is served from here."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from gateway.errors import ConfigError
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
    return [
        Route("/docs", _Page(base_path, title), methods=["GET"]),
        Mount("/docs/assets", StaticFiles(directory=ASSETS)),
        Mount("/docs/swagger-ui", StaticFiles(directory=swagger_ui())),
    ]


def swagger_ui() -> Path:
    """Return the folder of Swagger UI's files in the package that brings them.

    Raises:
        ConfigError: the package is not as expected.
    """
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    folders = sorted(vendor.glob("swagger-ui-5.*"))
    if not folders:
        raise ConfigError(f"{vendor}: has no Swagger UI 5; install `swagger-ui-bundle-v2`")
    return folders[-1]


class _Page:
    """Answers with the page and the headers that hold a browser to it."""

    def __init__(self, base_path: str, title: str) -> None:
        template = Template((ASSETS / "docs.html").read_text(encoding="utf-8"))
        page = template.substitute(
            document=escape(f"{base_path.lstrip('/')}/openapi.json"), title=escape(title)
        )
        self._body = page.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "referrer-policy": "no-referrer",
        }
        exchange = Exchange.of(scope)
        await answer(send, exchange, 200, "text/html; charset=utf-8", self._body, headers)
