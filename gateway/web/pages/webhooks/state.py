"""An endpoint switched off and on, and what people are told of how it fares."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.view import View, admin
from gateway.webhooks import endpoints
from gateway.webhooks.endpoints import Because, State
from models import WebhookEndpoint

REASONS = {
    Because.ASKED: "An administrator has disabled it.",
    Because.GONE: "It answered 410: it does not want to be told any more.",
    Because.FAILING: "It had failed for three days.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an endpoint fares.

    Attributes:
        label: of its badge.
        kind: of the badge: `good`, `warn`, or nothing.
        reason: why it is disabled; empty: it is not.
        has_old: whether the secret before the last rotation signs too.
    """

    label: str
    kind: str
    reason: str
    has_old: bool

    @property
    def is_enabled(self) -> bool:
        return not self.reason


def standing(endpoint: WebhookEndpoint, now: int) -> Standing:
    """Return how *endpoint* fares."""
    has_old = endpoint.old_secret is not None and endpoint.old_secret_until > now
    if endpoint.state != State.ENABLED:
        return Standing(
            "Disabled", "", REASONS[Because(endpoint.disabled_because or Because.ASKED)], has_old
        )
    if endpoint.failing_since is not None:
        return Standing("Failing", "warn", "", has_old)
    return Standing("Enabled", "good", "", has_old)


@admin
def disable(page: Page) -> Response:
    endpoint = within.endpoint(page)
    endpoints.disable(endpoint, Because.ASKED, by=page.actor, now=page.now)
    return page.redirect(within.path_of(endpoint), "The webhook is disabled: nothing is sent.")


@admin
def enable(page: Page) -> Response:
    endpoint = within.endpoint(page)
    endpoints.enable(endpoint, by=page.actor, now=page.now)
    return page.redirect(within.path_of(endpoint), "The webhook is enabled from now on.")


VIEWS = (
    View("/settings/webhooks/{id}/disable", post=disable),
    View("/settings/webhooks/{id}/enable", post=enable),
)
