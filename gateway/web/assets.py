"""Style, script and icon, under names that change with their content.

So a browser keeps each for good, and never shows a page with the style of another version. Read
once at start, and held in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import NotFound

FOLDER = Path(__file__).parent / "assets"
PATH = "/settings/assets"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    content_type: str


class Assets:
    """All assets, and the ASGI application that serves them."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._names: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for file in files:
            content = file.read_bytes()
            name = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:16]}{file.suffix}"
            self._names[file.name] = name
            self._assets[name] = Asset(content, TYPES[file.suffix])

    @classmethod
    def shipped(cls) -> Assets:
        """Return the assets in `gateway/web/assets`."""
        return cls(sorted(path for path in FOLDER.iterdir() if path.suffix in TYPES))

    def path(self, name: str) -> str:
        """Return the path of the asset *name*: `/settings/assets/settings.3f2a….css`."""
        return f"{PATH}/{self._names[name]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asset = self._assets.get(scope["path_params"]["name"])
        if asset is None:
            raise NotFound("There is no such file.")
        await Response(asset.content, headers=self._headers(asset))(scope, receive, send)

    def _headers(self, asset: Asset) -> Mapping[str, str]:
        return {
            "content-type": asset.content_type,
            "cache-control": "public, max-age=31536000, immutable",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
        }
