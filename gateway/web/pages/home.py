"""`/settings` leads to the first page; what is below it and nowhere else is a 404."""

from __future__ import annotations

from starlette.responses import Response

from gateway.errors import NotFound
from gateway.web.page import NOT_THERE, Page
from gateway.web.view import View, member, public


@member
def home(page: Page) -> Response:
    return page.redirect(page.menu()[0].path)


@public
def nothing(page: Page) -> Response:
    raise NotFound(NOT_THERE)


VIEWS = (
    View("/settings", get=home),
    View("/settings/{rest:path}", get=nothing, post=nothing),
)
