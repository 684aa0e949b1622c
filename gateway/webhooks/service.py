"""Puts the parts together, from settings and what is loaded: for commands, pages and processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
from peewee import Database

from gateway.bundle import Bundle
from gateway.disclosure import Disclosures, Recipient
from gateway.errors import ConfigError
from gateway.execution import Executor
from gateway.settings import Settings
from gateway.spec import Document
from gateway.spec.payloads import TEST
from gateway.webhooks.addresses import AddressRules
from gateway.webhooks.deliveries import Claimed, Disabled, Tried
from gateway.webhooks.dispatcher import Dispatcher, Pace
from gateway.webhooks.endpoints import Endpoints, Known
from gateway.webhooks.payload import Happened, Payloads
from gateway.webhooks.schedule import Schedule
from gateway.webhooks.sealing import Sealer, SealingError
from gateway.webhooks.sender import LIMIT_S, Sender, look_up
from models import UtcSecondsField, WebhookEndpoint


def endpoints_of(settings: Settings, document: Document) -> Endpoints:
    """Return what makes and changes endpoints."""
    known = Known(events=document.webhooks, scopes=document.scopes)
    return Endpoints(known, Sealer(settings.webhook_keys), rules_of(settings), look_up)


def rules_of(settings: Settings) -> AddressRules:
    """Return where webhooks may be sent."""
    return AddressRules(settings.webhook_allowed_networks, settings.webhook_plain_http)


def require_key(settings: Settings) -> None:
    """Return if the secrets of all endpoints can be opened; there may be no endpoints.

    Raises:
        ConfigError: they cannot. Deliveries would all fail, and nobody would know.
    """
    sealer = Sealer(settings.webhook_keys)
    try:
        for endpoint in WebhookEndpoint.select().iterator():
            for sealed in filter(None, (endpoint.secret, endpoint.old_secret)):
                sealer.open(sealed, endpoint.public_id)
    except SealingError as error:
        raise ConfigError(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is around webhooks in a process.

    Attributes:
        bundle: returns the one in force.
        clock: seconds since the Unix epoch.
        random: returns a number from 0 to below 1.
        disclosures: records what is sent; None: nothing does.
        disabled: is told of endpoints that had to be disabled.
        observe: is told how each try ended.
    """

    database: Database
    executor: Executor
    bundle: Callable[[], Bundle]
    clock: Callable[[], float]
    random: Callable[[], float]
    disclosures: Disclosures | None
    disabled: Callable[[Disabled], None] = lambda _disabled: None
    observe: Callable[[Tried], None] = lambda _tried: None


@asynccontextmanager
async def dispatcher(
    settings: Settings,
    around: Surroundings,
    *,
    schedule: Schedule | None = None,
    pace: Pace | None = None,
    limit_s: float = LIMIT_S,
) -> AsyncIterator[Dispatcher]:
    """Give a dispatcher that nobody has started.

    Args:
        schedule, pace, limit_s: others than those of Standard Webhooks, to see in short what takes
            days.
    """
    async with Sender(rules_of(settings), clock=around.clock, limit_s=limit_s) as sender:
        yield Dispatcher(
            around.database,
            renderer(
                Payloads(around.bundle().document, around.executor),
                around.bundle,
                around.disclosures,
            ),
            sender,
            Sealer(settings.webhook_keys),
            clock=around.clock,
            random=around.random,
            disabled=around.disabled,
            observe=around.observe,
            schedule=schedule,
            pace=pace,
        )


class Delivering:
    """The service that delivers (see `gateway.jobs`), in as many processes as there are."""

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around
        self._dispatcher: Dispatcher | None = None
        self._is_stopped = False

    async def run(self) -> None:
        """Deliver until `stop` is called; then let what is under way end, within limits."""
        async with dispatcher(self._settings, self._around) as one:
            self._dispatcher = one
            if not self._is_stopped:
                await one.run()

    def stop(self) -> None:
        """Ask `run` to end."""
        self._is_stopped = True
        if self._dispatcher is not None:
            self._dispatcher.stop()


def renderer(
    payloads: Payloads, bundle: Callable[[], Bundle], disclosures: Disclosures | None
) -> Callable[[Claimed], Awaitable[bytes]]:
    """Return what makes the body of a delivery, under the policy in force, and records it."""

    async def render(claimed: Claimed) -> bytes:
        if claimed.type == TEST:
            return test_body(claimed)
        in_force = bundle()
        happened = Happened(
            claimed.account,
            claimed.account_id,
            claimed.type,
            claimed.subject_id,
            claimed.occurred_at,
        )
        body = await payloads.render(in_force, happened, claimed.endpoint_id, claimed.scopes)
        if disclosures is not None:
            recipient = Recipient(
                account=claimed.account_id, token=claimed.endpoint_id, scopes=claimed.scopes
            )
            webhook = in_force.document.webhooks[claimed.type]
            message, revision = claimed.message_id, in_force.revision
            await disclosures.record_payload(recipient, webhook, message, revision, body)
        return body

    return render


def test_body(claimed: Claimed) -> bytes:
    """Return the body of a test: the id of the endpoint, and nothing that anybody has to hide."""
    return orjson.dumps(
        {
            "type": TEST,
            "timestamp": UtcSecondsField.document_value(claimed.occurred_at),
            "data": {"id": claimed.endpoint_id},
        }
    )
