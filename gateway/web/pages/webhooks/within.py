"""Which endpoints somebody may see and change: administrators the account's."""

from __future__ import annotations

from gateway.web.page import Page
from gateway.webhooks import endpoints, service
from gateway.webhooks.endpoints import Endpoints, host_of
from models import WebhookEndpoint

HOME = "/settings/webhooks"


def endpoint(page: Page) -> WebhookEndpoint:
    """Return the endpoint that the path names.

    INVARIANT: the one way to an endpoint. Of another account's and of none at all the answer is the
    same 404.
    """
    return named(page, page.sent.params["id"])


def named(page: Page, endpoint_id: str) -> WebhookEndpoint:
    """Return the account's endpoint with that id; a 404 if there is none."""
    return page.found(endpoints.one_of(page.account, endpoint_id))


def domain(page: Page) -> Endpoints:
    """Return what makes and changes endpoints."""
    return service.endpoints_of(page.settings, page.bundle.document)


def name_of(endpoint: WebhookEndpoint) -> str:
    """Return what people call it: its description, or where it is."""
    return endpoint.description or host_of(endpoint.url)


def path_of(endpoint: WebhookEndpoint, *more: str) -> str:
    """Return the path of the page of *endpoint*, or of one below it."""
    return "/".join((HOME, endpoint.public_id, *more))
