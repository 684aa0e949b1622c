"""The list of endpoints: what each is told, and how it fares."""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.pages.webhooks.state import standing
from gateway.web.view import View, admin
from gateway.webhooks import endpoints
from gateway.webhooks.endpoints import MAX_ENDPOINTS


@admin
def show(page: Page) -> Response:
    found = endpoints.of_account(page.account)
    return page.render(
        "webhooks/list.html",
        rows=[(endpoint, standing(endpoint, page.now)) for endpoint in found],
        is_full=len(found) >= MAX_ENDPOINTS,
        most=MAX_ENDPOINTS,
        has_key=bool(page.settings.webhook_keys),
        name_of=within.name_of,
        path_of=within.path_of,
    )


VIEWS = (View(within.HOME, get=show),)
