"""The page that shows a secret, once: with the answer to the form that made it.

The secret is in no address, cookie, log or database, and in no cache. Reloading the page sends the
form again, which is refused: a form that makes a secret is taken once.
"""

from __future__ import annotations

import shlex

from starlette.responses import Response

from gateway.web.page import Page
from gateway.web.pages.tokens import mine
from models import Token


def shown_once(page: Page, token: Token, secret: str, *, is_new: bool) -> Response:
    """Return the page.

    Args:
        is_new: the token is; else its secret alone.
    """
    return page.render(
        "tokens/secret.html",
        token=token,
        secret=secret,
        is_new=is_new,
        curl=_curl(page, token, secret),
        path_of=mine.path_of,
    )


def _curl(page: Page, token: Token, secret: str) -> str:
    """Return a command that works: the first list that the token reaches, else the token itself."""
    document = page.bundle.document
    granted = frozenset(token.scopes.split())
    reached = [one for one in document.operations.values() if one.scopes <= granted]
    plain = [one for one in reached if not any(p.required for p in one.parameters)]
    plain.sort(key=lambda one: not one.scopes)
    path = plain[0].path if plain else ""
    address = page.absolute_url(document.base_path + path)
    return f'curl -H "Authorization: Bearer {secret}" {shlex.quote(address)}'
