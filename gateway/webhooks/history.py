"""What was sent and is on its way, for people to look at; and how long it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import CommandError, echo
from gateway.hints import did_you_mean
from gateway.webhooks.deliveries import Fate
from gateway.webhooks.schedule import DAY
from models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint

KEPT_S = 30 * DAY
REMOVED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which deliveries; what is None does not matter.

    Attributes:
        type: of events.
        subject_id: public id of what the event is about.
        since: when they were made at the earliest: seconds since the Unix epoch.
    """

    state: Fate | None = None
    type: str | None = None
    subject_id: str | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Deliveries, newest first.

    Attributes:
        number: of this page, 1-based.
        has_next: whether older ones follow.
    """

    deliveries: Sequence[WebhookDelivery]
    number: int
    has_next: bool


def page(endpoint: WebhookEndpoint, which: Filter, number: int, size: int) -> Page:
    """Return the page *number* (1-based) of *size* deliveries to *endpoint*."""
    query = WebhookDelivery.select().where(WebhookDelivery.endpoint == endpoint.id)
    for condition in _conditions(which):
        query = query.where(condition)
    newest = query.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    found = list(newest.limit(size + 1).offset((number - 1) * size))
    return Page(found[:size], number, len(found) > size)


def one_of(endpoint: WebhookEndpoint, delivery_id: str) -> WebhookDelivery | None:
    """Return the delivery to *endpoint* with that public id; None: there is none."""
    found: WebhookDelivery | None = WebhookDelivery.get_or_none(
        WebhookDelivery.endpoint == endpoint.id, WebhookDelivery.public_id == delivery_id
    )
    return found


def tries(delivery: WebhookDelivery) -> Sequence[WebhookAttempt]:
    """Return each try of *delivery*, oldest first, with the body as it was sent."""
    query = WebhookAttempt.select().where(WebhookAttempt.delivery == delivery.id)
    return list(query.order_by(WebhookAttempt.id))


def waiting(endpoint: WebhookEndpoint) -> int:
    """Return how many deliveries are on their way to *endpoint*."""
    pending = (WebhookDelivery.endpoint == endpoint.id) & WebhookDelivery.due_at.is_null(False)
    number: int = WebhookDelivery.select().where(pending).count()
    return number


def checked_state(text: str | None) -> Fate | None:
    """Return the state that somebody has typed in; None: they have not.

    Raises:
        CommandError: there is no such state.
    """
    if text is None:
        return None
    try:
        return Fate(text)
    except ValueError as error:
        listed = ", ".join(f"`{fate}`" for fate in Fate)
        hint = did_you_mean(text, list(Fate), f"; there are {listed}")
        raise CommandError(f"unknown state `{echo(text)}`{hint}") from error


def remove_old(*, now: int) -> int:
    """Delete events and deliveries older than `KEPT_S`; return how many rows.

    In small pieces, each its own transaction, so that nobody waits for long.
    """
    # No index on when events happened: the oldest stand first in their table, and a million are
    # looked through in 0.1 s, once an hour; the index would make each event dearer by a sixth.
    removed = 0
    for table, old in (
        (WebhookDelivery, WebhookDelivery.created_at < now - KEPT_S),
        (Event, Event.occurred_at < now - KEPT_S),
    ):
        while keys := [row.id for row in table.select(table.id).where(old).limit(REMOVED_AT_ONCE)]:
            removed += table.delete().where(table.id << keys).execute()
    return removed


def _conditions(which: Filter) -> list[Any]:
    delivery = WebhookDelivery
    wanted = (
        (delivery.state, which.state),
        (delivery.type, which.type),
        (delivery.subject_id, which.subject_id),
    )
    conditions = [column == value for column, value in wanted if value is not None]
    if which.since is not None:
        conditions.append(delivery.created_at >= which.since)
    return conditions
