"""The end of a token, after a page that says what ends with it."""

from __future__ import annotations

from starlette.responses import Response

from gateway import tokens
from gateway.web.page import Page
from gateway.web.pages.tokens import mine
from gateway.web.view import View, member


@member
def show(page: Page) -> Response:
    return page.render("tokens/revoke.html", token=mine.token(page), path_of=mine.path_of)


@member
def revoke(page: Page) -> Response:
    token = mine.token(page)
    tokens.revoke(token, by=page.actor, now=page.now)
    return page.redirect(mine.HOME, f"“{token.name}” is revoked, for good.")


VIEWS = (View("/settings/api/{id}/revoke", get=show, post=revoke),)
