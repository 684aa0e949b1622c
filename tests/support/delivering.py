"""What tests of webhooks share: endpoints, events, and a loop with a clock of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

from gateway.audit import SYSTEM
from gateway.webhooks import deliveries
from gateway.webhooks.addresses import AddressRules
from gateway.webhooks.deliveries import Claimed, Disabled, Tried
from gateway.webhooks.dispatcher import Dispatcher, Pace
from gateway.webhooks.endpoints import Endpoints, Known
from gateway.webhooks.schedule import Schedule
from gateway.webhooks.sealing import Sealer
from gateway.webhooks.sender import Sender
from models import Account, Event, WebhookDelivery, WebhookEndpoint

KEY = "c2l4dGVlbiBieXRlcyB0d2ljZSwgdGhpcnR5LXR3byE="
LOOPBACK = AddressRules(allowed=(ip_network("127.0.0.0/8"),), plain_http=True)
CREATED, MOVED = "application.created", "application.stage_changed"
KNOWN = Known(events=(CREATED, MOVED, "candidate.created"), scopes=("applications:read",))
START = 1_790_000_000
WAIT_S = 60


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def rendered(claimed: Claimed) -> bytes:
    """Return a body as simple as can be."""
    body = {"type": claimed.type, "timestamp": "…", "data": {"id": claimed.subject_id}}
    return json.dumps(body).encode()


class World:
    """A database with an account, and what can be done in it."""

    def __init__(self, database: Any, account: Account) -> None:
        self.database = database
        self.account = account
        self.sealer = Sealer([KEY])
        self.clock = Clock()
        self.disabled: list[Disabled] = []
        self.tried: list[Tried] = []
        self._events = 0

    def endpoints(self, look_up: Callable[[str, int], list[str]] | None = None) -> Endpoints:
        return Endpoints(
            KNOWN, self.sealer, LOOPBACK, look_up or (lambda _host, _port: ["127.0.0.1"])
        )

    def endpoint(self, url: str = "http://127.0.0.1:9/", **values: Any) -> WebhookEndpoint:
        endpoint, _ = self.endpoints().create(
            **{
                "account": self.account,
                "url": url,
                "events": [],
                "scopes": [],
                "by": SYSTEM,
                "now": int(self.clock()),
                **values,
            }
        )
        return endpoint

    def happen(
        self, *subjects: str, type_: str = CREATED, account: Account | None = None
    ) -> list[str]:
        """Write an event about each of *subjects*; return their ids."""
        ids = []
        for subject in subjects:
            self._events += 1
            event = Event.create(
                public_id=f"evt_{self._events}",
                account=account or self.account,
                type=type_,
                subject_id=subject,
                occurred_at=int(self.clock()),
            )
            ids.append(event.public_id)
        return ids

    def fan_out(self) -> None:
        while deliveries.fan_out(now=int(self.clock())):
            pass

    def claim(self, process: str = "a", at_once: int = 100, lease_s: int = 60) -> list[Claimed]:
        return deliveries.claim(
            process, {}, now=int(self.clock()), lease_s=lease_s, at_once=at_once
        )

    def finish(self, *tried: Tried, schedule: Schedule | None = None) -> list[Disabled]:
        return deliveries.finish(tried, schedule or Schedule(), now=int(self.clock()))

    def stored(self, endpoint: WebhookEndpoint | None = None) -> dict[str, WebhookDelivery]:
        """Return the deliveries by message."""
        query = WebhookDelivery.select().order_by(WebhookDelivery.id)
        if endpoint is not None:
            query = query.where(WebhookDelivery.endpoint == endpoint)
        return {delivery.message_id: delivery for delivery in query}

    def states(self, endpoint: WebhookEndpoint | None = None) -> dict[str, str]:
        return {message: one.state for message, one in self.stored(endpoint).items()}

    def fresh(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        return WebhookEndpoint.get_by_id(endpoint.id)

    @asynccontextmanager
    async def delivering(
        self,
        *,
        render: Callable[[Claimed], Awaitable[bytes]] = rendered,
        limit_s: float = 5,
        schedule: Schedule | None = None,
        **pace: Any,
    ):
        """Run the loop, with this world's clock."""
        async with Sender(LOOPBACK, limit_s=limit_s, clock=self.clock) as sender:
            dispatcher = Dispatcher(
                self.database,
                render,
                sender,
                self.sealer,
                clock=self.clock,
                random=lambda: 0.0,
                disabled=self.disabled.append,
                observe=self.tried.append,
                schedule=schedule,
                pace=Pace(**{"poll_s": 0.01, "grace_s": 5.0, **pace}),
            )
            task = asyncio.create_task(dispatcher.run())
            try:
                yield dispatcher
            finally:
                dispatcher.stop()
                await task


async def until(true: Callable[[], Any]) -> None:
    """Wait until *true* says so."""
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.01)


def ids_of(claimed: Iterable[Claimed]) -> list[str]:
    return [one.message_id for one in claimed]
