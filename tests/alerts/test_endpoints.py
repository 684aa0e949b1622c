"""An endpoint that has to be disabled: its administrators get one mail, nobody else any."""

from __future__ import annotations

import asyncio

import pytest
from alerting import account, person
from delivering import World
from receiving import raw_server, status

from gateway.alerts import DisabledEndpoints
from gateway.audit import SYSTEM
from gateway.roles import Role
from gateway.webhooks.endpoints import Because, disable, enable
from models import OutgoingMail, WebhookEndpoint

URL = "https://gateway.example.com"
DAY_S = 86_400
WITHIN_S = 30
BUSY, GONE = status("503 Busy"), status("410 Gone")


@pytest.fixture
def acme(db):
    made = account()
    person(made, "ann")
    person(made, "bob", Role.MEMBER)
    person(account("Other"), "dan")
    return made


@pytest.fixture
def world(db, acme) -> World:
    made = World(db, acme)
    tell = DisabledEndpoints(URL, made.clock)

    class Telling(list):
        append = staticmethod(tell)

    made.disabled = Telling()
    return made


def answered(world: World, answer, endpoint: WebhookEndpoint | None = None) -> WebhookEndpoint:
    """Deliver once to a receiver that answers so; return the endpoint as it is then."""

    async def run() -> WebhookEndpoint:
        async with raw_server(answer) as server:
            url = f"http://127.0.0.1:{server.port}/a-key-in-the-path"
            if endpoint is None:
                this = world.endpoint(url, description="Board")
                world.happen("app_1")
            else:
                this = endpoint
                WebhookEndpoint.update(url=url).where(WebhookEndpoint.id == this.id).execute()
            world.tried.clear()
            async with world.delivering(), asyncio.timeout(WITHIN_S):
                while not world.tried:
                    await asyncio.sleep(0.01)
            return world.fresh(this)

    return asyncio.run(run())


def test_one_that_has_failed_for_three_days_is_told_of(world):
    endpoint = answered(world, BUSY)
    for _ in range(2):
        world.clock.now += DAY_S
        endpoint = answered(world, BUSY, endpoint)
    assert (endpoint.state, OutgoingMail.select().count()) == ("enabled", 0)
    world.clock.now += DAY_S
    endpoint = answered(world, BUSY, endpoint)
    assert (endpoint.state, endpoint.disabled_because) == ("disabled", "failing")
    [mail] = OutgoingMail.select()
    assert mail.user.email == "ann@example.com"
    assert mail.subject == "Webhooks to 127.0.0.1 are disabled"
    assert f"- Board, 127.0.0.1 ({endpoint.public_id})" in mail.text
    assert "it has failed at every try since 2026-09-21 14:13 UTC" in mail.text
    assert f"{URL}/settings/webhooks/{endpoint.public_id}\n" in mail.text
    assert "a-key-in-the-path" not in mail.text


def test_one_that_says_it_is_gone_is_told_of(world):
    answered(world, GONE)
    [mail] = OutgoingMail.select()
    assert "it has answered that it is gone for good (410)" in mail.text


def test_one_that_is_disabled_again_is_told_of_again(world):
    endpoint = answered(world, GONE)
    world.clock.now += DAY_S
    enable(endpoint, by=SYSTEM, now=int(world.clock()))
    world.happen("app_2")
    answered(world, GONE, endpoint)
    assert OutgoingMail.select().count() == 2


def test_one_that_somebody_disables_needs_no_mail(world):
    endpoint = world.endpoint()
    assert disable(endpoint, Because.ASKED, by=SYSTEM, now=int(world.clock()))
    assert OutgoingMail.select().count() == 0


def test_what_cannot_be_told_is_not_disabled_until_it_can(world, monkeypatch):
    tried = []

    def fail(*_arguments, **_options):
        tried.append(1)
        raise RuntimeError

    async def run():
        async with raw_server(GONE) as server:
            endpoint = world.endpoint(f"http://127.0.0.1:{server.port}/")
            world.happen("app_1")
            async with world.delivering(lease_s=0), asyncio.timeout(WITHIN_S):
                with monkeypatch.context() as broken:
                    broken.setattr("gateway.mail.queue", fail)
                    while not tried:
                        await asyncio.sleep(0.01)
                    assert world.fresh(endpoint).state == "enabled"
                while world.fresh(endpoint).state == "enabled":
                    await asyncio.sleep(0.01)

    asyncio.run(run())
    assert OutgoingMail.select().count() == 1
