"""Webhook endpoints that had to be disabled: their account's administrators are told."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from gateway import mail
from gateway.alerts.words import signed, time_of
from gateway.webhooks.deliveries import Disabled
from gateway.webhooks.endpoints import Because
from models import Account, WebhookEndpoint


class DisabledEndpoints:
    """Queues the mails; `Surroundings.disabled` of webhooks.

    Called in the transaction that disables: neither is there without the other.
    """

    def __init__(self, public_url: str, clock: Callable[[], float]) -> None:
        """Tell of endpoints at the time of *clock*.

        Args:
            public_url: what links begin with, without a slash at the end.
        """
        self._public_url = public_url
        self._clock = clock

    def __call__(self, disabled: Disabled) -> None:
        """Tell of one endpoint."""
        now = int(self._clock())
        query = WebhookEndpoint.select(WebhookEndpoint, Account).join(Account)
        endpoint = query.where(WebhookEndpoint.public_id == disabled.endpoint_id).get()
        # The host alone: the rest of an address may hold a key.
        host = urlsplit(endpoint.url).hostname or ""
        mail.queue(
            endpoint.account,
            f"endpoint-disabled:{endpoint.public_id}:{now}",
            f"Webhooks to {host} are disabled",
            self._text(endpoint, host, disabled.because),
            now=now,
        )

    def _text(self, endpoint: WebhookEndpoint, host: str, because: Because) -> str:
        name = f"{endpoint.description}, " if endpoint.description else ""
        lines = [
            f"A webhook endpoint of {endpoint.account.name} gets no more webhooks:",
            "",
            f"- {name}{host} ({endpoint.public_id})",
            f"  {_reason(endpoint, because)}",
            "",
            "What happens meanwhile is kept for 30 days. When the endpoint works again, enable it,",
            "and send again what it has missed:",
            "",
            f"{self._public_url}/settings/webhooks/{endpoint.public_id}",
        ]
        return signed(lines, endpoint.account)


def _reason(endpoint: WebhookEndpoint, because: Because) -> str:
    if because is Because.GONE:
        return "it has answered that it is gone for good (410)"
    return f"it has failed at every try since {time_of(endpoint.failing_since)}"
