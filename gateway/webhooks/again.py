"""Sending on request: a delivery again, all since a time again, a test event.

For people who have mended their receiver, on the command line and on the Settings pages. What is
sent again keeps its message id, so a receiver that has it already can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.audit import Action, Actor, Subject, record, time_of
from gateway.database import writing
from gateway.errors import CommandError, echo
from gateway.ids import new_id
from gateway.spec.payloads import TEST
from gateway.webhooks.deliveries import Fate, is_unclaimed, missed
from gateway.webhooks.endpoints import State, host_of
from gateway.webhooks.history import one_of
from models import WebhookDelivery, WebhookEndpoint, database


def find_delivery(delivery_id: str, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Return the delivery to *endpoint* with the public id *delivery_id*.

    Raises:
        CommandError: there is none.
    """
    delivery = one_of(endpoint, delivery_id)
    if delivery is None:
        raise CommandError(
            f"no delivery `{echo(delivery_id)}` to webhook endpoint `{endpoint.public_id}`"
        )
    return delivery


def send_again(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, *, by: Actor, now: int
) -> bool:
    """Send one delivery to *endpoint* again, at once.

    Returns:
        False: it is being tried at this moment, and is left alone.
    Raises:
        CommandError: the endpoint is disabled.
    """
    _require_enabled(endpoint)
    with writing(database):
        if not _renew(WebhookDelivery.id == delivery.id, now):
            return False
        after = {"deliveries": 1, "message": delivery.message_id}
        _record(Action.WEBHOOK_SENT_AGAIN, endpoint, by=by, now=now, after=after)
    return True


def send_all_again(
    endpoint: WebhookEndpoint,
    since: int,
    *,
    delivered_too: bool = False,
    by: Actor,
    now: int,
) -> int:
    """Send what has not reached *endpoint* since a time; return how many deliveries that are.

    Events that happened while it was disabled too, as far as they are kept.

    Args:
        since: when the events happened: seconds since the Unix epoch.
        delivered_too: what has reached it too.
    Raises:
        CommandError: the endpoint is disabled.
    """
    _require_enabled(endpoint)
    with writing(database):
        # First: what is made now is pending already, and not counted twice.
        since_then = (WebhookDelivery.endpoint == endpoint) & (WebhookDelivery.occurred_at >= since)
        ended = [Fate.FAILED, *([Fate.DELIVERED] if delivered_too else [])]
        again = _renew(since_then & (WebhookDelivery.state << ended), now)
        again += missed(endpoint, since, now=now)
        after = {"deliveries": again, "since": time_of(since)}
        _record(Action.WEBHOOK_SENT_AGAIN, endpoint, by=by, now=now, after=after)
    return again


def send_test(
    endpoint: WebhookEndpoint,
    *,
    by: Actor,
    now: int,
    claim: str | None = None,
    claimed_until: int | None = None,
) -> WebhookDelivery:
    """Have an event sent that says that it is a test; return its delivery. It has one try.

    Args:
        claim: names the process that is going to send it; None: whichever comes first.
    Raises:
        CommandError: the endpoint is disabled.
    """
    _require_enabled(endpoint)
    with writing(database):
        delivery: WebhookDelivery = WebhookDelivery.create(
            public_id=new_id("whd"),
            endpoint=endpoint,
            message_id=new_id("evt"),
            type=TEST,
            subject_id=endpoint.public_id,
            occurred_at=now,
            created_at=now,
            state=Fate.PENDING,
            due_at=now,
            claim=claim,
            claimed_until=claimed_until,
        )
        _record(Action.WEBHOOK_TESTED, endpoint, by=by, now=now)
    return delivery


def _record(
    action: Action,
    endpoint: WebhookEndpoint,
    *,
    by: Actor,
    now: int,
    after: Mapping[str, Any] | None = None,
) -> None:
    subject = Subject(endpoint.public_id, endpoint.description or host_of(endpoint.url))
    record(action, subject, account=endpoint.account, by=by, now=now, after=after)


def _require_enabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.state != State.ENABLED:
        raise CommandError(
            f"webhook endpoint `{endpoint.public_id}` is disabled; enable it with "
            f"`gateway webhook enable {endpoint.public_id}`"
        )


def _renew(which: Any, now: int) -> int:
    """Make deliveries pending, due now, with all of their tries; leave those under way alone."""
    renewed = {"state": Fate.PENDING, "due_at": now, "tries": 0, "ended_at": None}
    changed: int = WebhookDelivery.update(renewed).where(which, is_unclaimed(now)).execute()
    return changed
