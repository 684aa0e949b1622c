"""Whether a POST comes from a page of ours: two guards, each enough against a forged one.

The browser's own word: `Sec-Fetch-Site`, or `Origin` where that is not sent. And a secret of the
form: a digest of the cookie that another site cannot read, so it needs no storage, and is another
one after each sign-in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

FIELD = "form_key"


def is_of_ours(fetch_site: str | None, origin: str | None, origins: Collection[str]) -> bool:
    """Return whether the browser says that the request was made by a page of ours.

    A program that is no browser sends neither header; it has no cookies of others to abuse.

    Args:
        fetch_site, origin: the request's `Sec-Fetch-Site` and `Origin`; None: not sent.
        origins: what our pages are reached under: `https://example.com`.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return origin is None or origin in origins


def form_key(secret: str) -> str:
    """Return what forms of the browser with the cookie *secret* must carry."""
    return hmac.new(secret.encode("ascii"), b"form", hashlib.sha256).hexdigest()


def is_form_key(presented: str, secret: str) -> bool:
    """Return whether *presented* is the key of forms of the browser with the cookie *secret*."""
    return hmac.compare_digest(presented.encode("utf-8", "replace"), form_key(secret).encode())
