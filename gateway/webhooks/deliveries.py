"""Deliveries in the database: events become them, processes claim them, tries end them.

Several processes may work on one database. A claim has an end: what a process that was killed had
claimed is taken by another after it, so everything is delivered at least once; in normal work no
two processes try the same.

Everything here blocks, and each function is a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any

from peewee import PeeweeException, PostgresqlDatabase, fn

from gateway.audit import SYSTEM
from gateway.database import writing
from gateway.ids import new_id
from gateway.webhooks.endpoints import Because, State, disable
from gateway.webhooks.schedule import FAILURES_BEFORE_REST, Schedule
from models import Account, Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint, database

EVENTS_AT_ONCE = 500


class Fate(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up after the last try, or the endpoint said that it is gone
    DROPPED = "dropped"  # there was nothing to tell any more


class Unsent(StrEnum):
    """Why a try did not reach the receiver, for a reason of ours: the `error` of the try."""

    NO_DATA = "no data"  # what it was about is there no more
    WITHHELD = "withheld"  # by the egress guard
    UNRECORDED = "not recorded"  # the disclosure log could not be written
    NO_DATABASE = "no database"
    UNSIGNED = "not signed"
    NO_BODY = "no body"  # a defect


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process is to try now, with what it needs.

    Attributes:
        key, endpoint: primary keys.
        claim: the process.
        tries: before this one.
        secrets: sealed; the current one first.
    """

    key: int
    endpoint: int
    claim: str
    message_id: str
    type: str
    subject_id: str
    occurred_at: int
    tries: int
    account: int
    account_id: str
    endpoint_id: str
    url: str
    scopes: frozenset[str]
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a try ended.

    Attributes:
        status: of the answer; None: there was none.
        error: why there was none, or why nothing was sent.
        body: as it was sent; None: nothing was.
        fate: PENDING: to be tried again.
        due_at: when; None unless it is pending.
        counts: whether this was one of the tries that a delivery has.
        asked: whether the receiver was asked, so that the try tells something about it.
        wait_s: for how long the receiver asks to be left alone.
    """

    claimed: Claimed
    at: int
    duration_ms: int = 0
    status: int | None = None
    error: str | None = None
    body: bytes | None = None
    fate: Fate = Fate.PENDING
    due_at: int | None = None
    counts: bool = True
    asked: bool = True
    wait_s: int = 0
    gone: bool = False

    @property
    def outcome(self) -> str:
        """What became of the delivery, in words for operators."""
        return {
            Fate.PENDING: "to be retried",
            Fate.DELIVERED: "delivered",
            Fate.FAILED: "given up",
            Fate.DROPPED: "dropped",
        }[self.fate]


@dataclass(frozen=True, slots=True)
class Disabled:
    """An endpoint that was disabled because of how tries ended."""

    endpoint_id: str
    because: Because


def fan_out(*, now: int) -> bool:
    """Turn new events into deliveries, some for each endpoint.

    INVARIANT: an endpoint's `last_event` moves in the transaction that makes the deliveries, and
    only from where this process has seen it; so each event becomes one delivery, whoever else is
    at it, and none if the process dies on the way.

    Returns:
        Whether there may be more.
    """
    more = False
    for endpoint in _endpoints_with_news():
        with writing(database):
            found = _events_after(endpoint)
            if found and _advance(endpoint, found[-1].id):
                _make(endpoint, found, now=now)
                more = more or len(found) == EVENTS_AT_ONCE
    return more


def missed(endpoint: WebhookEndpoint, since: int, *, now: int) -> int:
    """Make deliveries of the events since *since* that *endpoint* has none of; return how many."""
    query = Event.select().where(Event.account == endpoint.account_id, Event.occurred_at >= since)
    last = 0
    with writing(database):
        before = _count(endpoint)
        while found := list(query.where(Event.id > last).order_by(Event.id).limit(EVENTS_AT_ONCE)):
            _make(endpoint, found, now=now)
            last = found[-1].id
        return _count(endpoint) - before


def claim(
    process: str, busy: Mapping[int, int], *, now: int, lease_s: int, at_once: int
) -> list[Claimed]:
    """Claim what is due, in order, for each endpoint as much as it may have at once.

    A delivery waits while an older one about the same subject is untried or being tried: so the
    order is kept, except that one that has failed does not hold up those after it.

    Args:
        process: names whoever claims.
        busy: how many deliveries this process is trying now, by endpoint.
        at_once: how many of one endpoint it may.
    """
    with_work = _endpoints_with_work(now)
    taken: list[Claimed] = []
    for endpoint in with_work:
        # One that fails all the time is asked with one message whether it is back.
        limit = 1 if endpoint.failures >= FAILURES_BEFORE_REST else at_once
        free = limit - busy.get(endpoint.id, 0)
        if free <= 0:
            continue
        try:
            taken += _claim_of(endpoint, process, free, now=now, until=now + lease_s)
        except PeeweeException:
            # What is claimed must be tried, or it waits until the claims end. What ails the
            # database is met again in the next round.
            if not taken:
                raise
            break
    return taken


def claimed_by(delivery: WebhookDelivery, process: str, *, now: int) -> Claimed:
    """Return *delivery*, which *process* has claimed already."""
    query = WebhookEndpoint.select(WebhookEndpoint, Account).join(Account)
    endpoint = query.where(WebhookEndpoint.id == delivery.endpoint).get()
    return _claimed(endpoint, delivery, process, now)


def finish(tried: Iterable[Tried], schedule: Schedule, *, now: int) -> list[Disabled]:
    """Write down how tries ended; return which endpoints that has disabled.

    A try whose claim has passed to another process meanwhile is left to that one.
    """
    # Who says that it is gone has the last word.
    ordered = sorted(tried, key=lambda one: (one.claimed.endpoint, one.gone, one.at))
    disabled: list[Disabled] = []
    with writing(database):
        # Endpoints first and in one order, as whoever deletes them does: nobody waits in a circle.
        _lock({one.claimed.endpoint for one in ordered})
        for key, group in groupby(ordered, attrgetter("claimed.endpoint")):
            mine = [one for one in group if _end(one)]
            _remember(key, [one for one in mine if one.counts])
            disabled += _judge(key, [one for one in mine if one.asked], schedule, now=now)
    return disabled


def release(process: str, keys: Sequence[int]) -> None:
    """Give claims back: the deliveries can be tried by others at once."""
    if keys:
        mine = (WebhookDelivery.id << list(keys)) & (WebhookDelivery.claim == process)
        WebhookDelivery.update(claim=None, claimed_until=None).where(mine).execute()


def is_unclaimed(now: int) -> Any:
    """Return the condition that no process is trying a delivery."""
    until = WebhookDelivery.claimed_until
    return until.is_null() | (until <= now)


def _endpoints_with_news() -> list[WebhookEndpoint]:
    news = Event.select(Event.id).where(
        Event.account == WebhookEndpoint.account, Event.id > WebhookEndpoint.last_event
    )
    query = WebhookEndpoint.select().where(WebhookEndpoint.state == State.ENABLED, fn.EXISTS(news))
    return list(query.order_by(WebhookEndpoint.id))


def _events_after(endpoint: WebhookEndpoint) -> list[Event]:
    query = Event.select().where(
        Event.account == endpoint.account_id, Event.id > endpoint.last_event
    )
    return list(query.order_by(Event.id).limit(EVENTS_AT_ONCE))


def _advance(endpoint: WebhookEndpoint, to: int) -> bool:
    """Move `last_event` on; return False if somebody else has, or the endpoint is disabled."""
    unmoved = (
        (WebhookEndpoint.id == endpoint.id)
        & (WebhookEndpoint.last_event == endpoint.last_event)
        & (WebhookEndpoint.state == State.ENABLED)
    )
    return bool(WebhookEndpoint.update(last_event=to).where(unmoved).execute())


def _make(endpoint: WebhookEndpoint, events: Iterable[Event], *, now: int) -> None:
    wanted = endpoint.events.split()
    rows = [_row(endpoint, event, now) for event in events if event.type in wanted]
    if rows:
        # Endpoint and event are unique together: what is there already stays as it is.
        WebhookDelivery.insert_many(rows).on_conflict_ignore().execute()


def _count(endpoint: WebhookEndpoint) -> int:
    count: int = WebhookDelivery.select().where(WebhookDelivery.endpoint == endpoint.id).count()
    return count


def _row(endpoint: WebhookEndpoint, event: Event, now: int) -> dict[str, Any]:
    return {
        "public_id": new_id("whd"),
        "endpoint": endpoint.id,
        "message_id": event.public_id,
        "type": event.type,
        "subject_id": event.subject_id,
        "occurred_at": event.occurred_at,
        "created_at": now,
        "state": Fate.PENDING,
        "due_at": now,
        "tries": 0,
    }


def _endpoints_with_work(now: int) -> list[WebhookEndpoint]:
    due = WebhookDelivery.select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint == WebhookEndpoint.id,
        WebhookDelivery.due_at <= now,
        is_unclaimed(now),
    )
    query = WebhookEndpoint.select(WebhookEndpoint, Account).join(Account)
    awake = (WebhookEndpoint.state == State.ENABLED) & (WebhookEndpoint.rests_until <= now)
    return list(query.where(awake, fn.EXISTS(due)).order_by(WebhookEndpoint.id))


def _claim_of(
    endpoint: WebhookEndpoint, process: str, limit: int, *, now: int, until: int
) -> list[Claimed]:
    with writing(database):
        rows = list(_next(endpoint, now).limit(limit))
        keys = [row.id for row in rows]
        if not keys:
            return []
        mark = WebhookDelivery.update(claim=process, claimed_until=until)
        mark.where(WebhookDelivery.id << keys).execute()
    return [_claimed(endpoint, row, process, now) for row in rows]


def _next(endpoint: WebhookEndpoint, now: int) -> Any:
    older = WebhookDelivery.alias("older")
    waited_for = older.select(older.id).where(
        older.endpoint == WebhookDelivery.endpoint,
        older.subject_id == WebhookDelivery.subject_id,
        older.id < WebhookDelivery.id,
        older.due_at.is_null(False),
        (older.tries == 0) | (older.claimed_until > now),
    )
    query = WebhookDelivery.select().where(
        WebhookDelivery.endpoint == endpoint.id,
        WebhookDelivery.due_at <= now,
        is_unclaimed(now),
        ~fn.EXISTS(waited_for),
    )
    query = query.order_by(WebhookDelivery.due_at, WebhookDelivery.id)
    if isinstance(database.obj, PostgresqlDatabase):
        query = query.for_update(skip_locked=True)
    return query


def _claimed(endpoint: WebhookEndpoint, row: WebhookDelivery, process: str, now: int) -> Claimed:
    secrets = [endpoint.secret]
    if endpoint.old_secret is not None and now < endpoint.old_secret_until:
        secrets.append(endpoint.old_secret)
    return Claimed(
        key=row.id,
        endpoint=endpoint.id,
        claim=process,
        message_id=row.message_id,
        type=row.type,
        subject_id=row.subject_id,
        occurred_at=row.occurred_at,
        tries=row.tries,
        account=endpoint.account_id,
        account_id=endpoint.account.public_id,
        endpoint_id=endpoint.public_id,
        url=endpoint.url,
        scopes=frozenset(endpoint.scopes.split()),
        secrets=tuple(secrets),
    )


def _lock(endpoints: Iterable[int]) -> None:
    if isinstance(database.obj, PostgresqlDatabase):
        query = WebhookEndpoint.select(WebhookEndpoint.id).order_by(WebhookEndpoint.id)
        list(query.where(WebhookEndpoint.id << list(endpoints)).for_update())


def _end(one: Tried) -> bool:
    """Write one try down; return False if its claim is not this process's any more."""
    changes: dict[str, Any] = {
        "claim": None,
        "claimed_until": None,
        "state": one.fate,
        "due_at": one.due_at,
        "ended_at": None if one.fate is Fate.PENDING else one.at,
    }
    if one.counts:
        changes |= {
            "tries": WebhookDelivery.tries + 1,
            "status": one.status,
            "error": one.error,
            "duration_ms": one.duration_ms,
        }
    mine = (WebhookDelivery.id == one.claimed.key) & (WebhookDelivery.claim == one.claimed.claim)
    if not WebhookDelivery.update(changes).where(mine).execute():
        return False
    if one.counts:
        WebhookAttempt.create(
            delivery=one.claimed.key,
            at=one.at,
            duration_ms=one.duration_ms,
            status=one.status,
            error=one.error,
            body=None if one.body is None else one.body.decode(),
        )
    return True


def _remember(key: int, counted: Sequence[Tried]) -> None:
    """Let the endpoint say how its last try went."""
    if counted:
        last = max(counted, key=lambda one: one.at)
        WebhookEndpoint.update(
            last_tried_at=last.at, last_status=last.status, last_error=last.error
        ).where(WebhookEndpoint.id == key).execute()


def _judge(key: int, tried: Sequence[Tried], schedule: Schedule, *, now: int) -> list[Disabled]:
    """Keep book of an endpoint's health: let it rest if it fails, disable it if it has for days.

    Args:
        tried: in the order in which it was asked.
    """
    failed = list(takewhile(lambda one: one.fate is not Fate.DELIVERED, reversed(tried)))
    row = WebhookEndpoint.id == key
    if len(failed) < len(tried):
        well = {"failures": 0, "failing_since": None, "rests_until": 0}
        unwell = (WebhookEndpoint.failures > 0) | WebhookEndpoint.failing_since.is_null(False)
        WebhookEndpoint.update(well).where(row, unwell).execute()
    if not failed:
        return []
    worse = {
        "failures": WebhookEndpoint.failures + len(failed),
        "failing_since": fn.COALESCE(WebhookEndpoint.failing_since, failed[-1].at),
    }
    WebhookEndpoint.update(worse).where(row).execute()
    endpoint = WebhookEndpoint.get_by_id(key)
    wait_s = max(schedule.rest_s(endpoint.failures), *(one.wait_s for one in failed))
    if wait_s:
        WebhookEndpoint.update(rests_until=now + wait_s).where(row).execute()
    return _disabled(endpoint, failed, schedule, now=now)


def _disabled(
    endpoint: WebhookEndpoint, failed: Iterable[Tried], schedule: Schedule, *, now: int
) -> list[Disabled]:
    if any(one.gone for one in failed):
        because = Because.GONE
    elif now - endpoint.failing_since >= schedule.disable_after_s:
        because = Because.FAILING
    else:
        return []
    if not disable(endpoint, because, by=SYSTEM, now=now):
        return []
    return [Disabled(endpoint.public_id, because)]
