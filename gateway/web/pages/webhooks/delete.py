"""The end of an endpoint, after a page that says what ends with it."""

from __future__ import annotations

from contextlib import suppress

from starlette.responses import Response

from gateway.errors import CommandError
from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.view import View, admin
from gateway.webhooks import endpoints, history


@admin
def show(page: Page) -> Response:
    endpoint = within.endpoint(page)
    return page.render(
        "webhooks/delete.html",
        endpoint=endpoint,
        waiting=history.waiting(endpoint),
        name_of=within.name_of,
        path_of=within.path_of,
    )


@admin
def delete(page: Page) -> Response:
    endpoint = within.endpoint(page)
    with suppress(CommandError):  # somebody else has at this moment
        endpoints.delete(endpoint, by=page.actor, now=page.now)
    return page.redirect(within.HOME, f"“{within.name_of(endpoint)}” is deleted.")


VIEWS = (View("/settings/webhooks/{id}/delete", get=show, post=delete),)
