"""The loop that delivers, against receivers on the loopback that behave and that do not."""

import asyncio
import time
from collections import Counter

import peewee
import psycopg
import pytest
import structlog
from delivering import rendered, until
from receiving import raw_server, says, status
from standardwebhooks import Webhook

from gateway.disclosure import Unrecorded
from gateway.errors import NotFound
from gateway.webhooks import deliveries
from gateway.webhooks.payload import Withheld
from gateway.webhooks.schedule import Schedule
from models import WebhookAttempt, WebhookDelivery

AT_ONCE = Schedule(delays_s=(0,) * 9, longest_rest_s=0)
OK = status("204 No Content")


def failing_first(times):
    """Return an answer that fails the first *times* tries of each message."""
    seen = Counter()

    async def answer(request, writer):
        message = request.headers["webhook-id"]
        seen[message] += 1
        await status("500 No" if seen[message] <= times else "200 OK")(request, writer)

    return answer


async def never(_request, _writer):
    await asyncio.sleep(30)


def url_of(server, path="/hooks?key=private"):
    return f"http://127.0.0.1:{server.port}{path}"


def all_ended(world):
    pending = WebhookDelivery.state == "pending"
    return lambda: len(world.stored()) and not WebhookDelivery.select().where(pending).exists()


def test_every_event_arrives_signed(world):
    async def run():
        async with raw_server(OK) as server:
            _, secret = world.endpoints().create(
                account=world.account,
                url=url_of(server),
                events=[],
                scopes=[],
                by=deliveries.SYSTEM,
                now=0,
            )
            ids = world.happen(*(f"app_{number}" for number in range(30)))
            async with world.delivering():
                await until(lambda: len(server.requests) == 30)
        return secret, ids, server.requests

    world.clock.now = time.time()  # a verifier has no other clock
    secret, ids, requests = asyncio.run(run())
    assert {request.headers["webhook-id"] for request in requests} == set(ids)
    for request in requests:
        said = Webhook(secret).verify(request.body, request.headers)
        assert said["data"]["id"].startswith("app_")
    assert set(world.states().values()) == {"delivered"}


def test_a_message_keeps_its_id_in_every_try(world):
    async def run():
        async with raw_server(failing_first(2)) as server:
            world.endpoint(url_of(server))
            ids = world.happen("app_1", "app_2")
            async with world.delivering(schedule=AT_ONCE):
                await until(all_ended(world))
        return ids, [request.headers["webhook-id"] for request in server.requests]

    ids, received = asyncio.run(run())
    assert sorted(received) == sorted(ids * 3)
    assert [one.tries for one in world.stored().values()] == [3, 3]
    assert len(WebhookAttempt.select()) == 6


def test_a_message_is_given_up_after_the_last_try(world):
    async def run():
        async with raw_server(status("500 No")) as server:
            world.endpoint(url_of(server))
            world.happen("app_1")
            async with world.delivering(schedule=Schedule(delays_s=(0, 0), longest_rest_s=0)):
                await until(all_ended(world))
        return len(server.requests)

    assert asyncio.run(run()) == 3
    assert set(world.states().values()) == {"failed"}


def test_one_that_hangs_delays_no_other(world):
    async def run():
        async with raw_server(never) as hung, raw_server(OK) as well:
            world.endpoint(url_of(hung))
            good = world.endpoint(url_of(well))
            world.happen(*(f"app_{number}" for number in range(100)))
            async with world.delivering(limit_s=30, grace_s=0.0):
                await until(lambda: len(well.requests) == 100)
                # None of those that hang has ended yet: nothing has waited for them.
                assert (
                    WebhookAttempt.select()
                    .join(WebhookDelivery)
                    .where(WebhookDelivery.endpoint != good)
                    .count()
                    == 0
                )
                assert len(hung.requests) == 8
        return good

    good = asyncio.run(run())
    assert set(world.states(good).values()) == {"delivered"}


def test_one_that_nobody_listens_at_is_left_alone_and_delays_no_other(world):
    async def run():
        async with raw_server(OK) as well:
            async with raw_server(OK) as gone:
                dead = world.endpoint(url_of(gone))
            good = world.endpoint(url_of(well))
            world.happen(*(f"app_{number}" for number in range(100)))
            async with world.delivering():
                await until(lambda: len(well.requests) == 100)
        return dead, good

    dead, good = asyncio.run(run())
    assert set(world.states(good).values()) == {"delivered"}
    # Those that were under way at once, and then none: the clock stands still.
    assert 5 <= sum(one.tries for one in world.stored(dead).values()) <= 8
    assert world.fresh(dead).rests_until > world.clock()


def test_one_whose_bodies_take_long_to_make_delays_no_other(world):
    slow = asyncio.Event()

    async def render(claimed):
        if claimed.endpoint == stuck.id:
            await slow.wait()
        return await rendered(claimed)

    async def run():
        async with raw_server(OK) as server:
            good = world.endpoint(url_of(server))
            world.happen(*(f"app_{number}" for number in range(100)))
            async with world.delivering(render=render):
                await until(lambda: len(server.requests) == 100)
                assert set(world.states(stuck).values()) == {"pending"}
                slow.set()
        return good

    stuck = world.endpoint()
    good = asyncio.run(run())
    assert set(world.states(good).values()) == {"delivered"}


def test_a_stop_lets_tries_end_and_gives_back_those_that_do_not(world):
    arrived = asyncio.Event()

    async def slow(request, writer):
        arrived.set()
        await asyncio.sleep(0.2)
        await OK(request, writer)

    async def run():
        async with raw_server(slow) as server, raw_server(never) as hung:
            patient, other = world.endpoint(url_of(server)), world.endpoint(url_of(hung))
            world.happen("app_1")
            async with world.delivering(limit_s=30, grace_s=1.0):
                await arrived.wait()
        return patient, other

    patient, other = asyncio.run(run())
    [ended], [unended] = world.stored(patient).values(), world.stored(other).values()
    assert (ended.state, ended.tries) == ("delivered", 1)
    assert (unended.state, unended.tries, unended.claim) == ("pending", 0, None)


def test_the_body_is_made_anew_for_each_try(world):
    """So a policy or a scope that was narrowed meanwhile binds the next try already."""
    made = []

    async def render(_claimed):
        made.append(1)
        return b'{"n":%d}' % len(made)

    async def run():
        async with raw_server(failing_first(1)) as server:
            world.endpoint(url_of(server))
            world.happen("app_1")
            async with world.delivering(schedule=AT_ONCE, render=render):
                await until(all_ended(world))
        return [request.body for request in server.requests]

    assert asyncio.run(run()) == [b'{"n":1}', b'{"n":2}']
    assert [one.body for one in WebhookAttempt.select()] == ['{"n":1}', '{"n":2}']


@pytest.mark.parametrize(
    ("error", "state", "tries"),
    [
        (Withheld(), "failed", 3),
        (RuntimeError("a defect"), "failed", 3),
        (NotFound("there is none"), "dropped", 1),
        (KeyError("no such type"), "dropped", 1),
    ],
)
def test_without_a_body_nothing_is_sent(world, error, state, tries, monkeypatch):
    monkeypatch.setattr("gateway.webhooks.dispatcher.UNMADE_S", 0)

    async def render(_claimed):
        raise error

    async def run():
        async with raw_server(OK) as server:
            world.endpoint(url_of(server))
            world.happen("app_1")
            schedule = Schedule(delays_s=(0, 0))
            async with world.delivering(render=render, schedule=schedule):
                await until(all_ended(world))
        return server.connections

    assert asyncio.run(run()) == 0
    [delivery] = world.stored().values()
    assert (delivery.state, delivery.tries) == (state, tries)
    assert [one.body for one in WebhookAttempt.select()] == [None] * tries


def test_a_body_that_cannot_be_recorded_costs_no_try(world):
    async def render(_claimed):
        raise Unrecorded("a full disk")

    async def run():
        async with raw_server(OK) as server:
            endpoint = world.endpoint(url_of(server))
            world.happen("app_1")
            async with world.delivering(render=render):
                await until(lambda: world.tried)
        return server.connections, endpoint

    connections, endpoint = asyncio.run(run())
    assert connections == 0
    [delivery] = world.stored().values()
    assert (delivery.state, delivery.tries) == ("pending", 0)
    assert delivery.due_at > world.clock()
    assert world.fresh(endpoint).failures == 0


def test_a_secret_that_cannot_be_opened_sends_nothing(world, monkeypatch):
    monkeypatch.setattr("gateway.webhooks.dispatcher.UNMADE_S", 0)

    async def run():
        async with raw_server(OK) as server:
            endpoint = world.endpoint(url_of(server))
            other = world.endpoint()
            endpoint.secret = other.secret
            endpoint.save()
            world.happen("app_1")
            async with world.delivering(schedule=Schedule(delays_s=())):
                await until(lambda: world.states(endpoint) == {"evt_1": "failed"})
        return server.connections

    assert asyncio.run(run()) == 0


def test_a_database_that_is_away_for_a_while_loses_nothing(world, monkeypatch):
    original, calls = deliveries.finish, []

    def finish(*arguments, **values):
        calls.append(1)
        if len(calls) == 1:
            raise psycopg.OperationalError("the connection is lost")
        return original(*arguments, **values)

    monkeypatch.setattr(deliveries, "finish", finish)
    monkeypatch.setattr("gateway.webhooks.dispatcher.AWAY_S", 0.01)

    async def run():
        async with raw_server(OK) as server:
            world.endpoint(url_of(server))
            world.happen("app_1", "app_2", "app_3")
            async with world.delivering():
                await until(all_ended(world))
        return [request.headers["webhook-id"] for request in server.requests]

    assert sorted(asyncio.run(run())) == ["evt_1", "evt_2", "evt_3"]


def test_what_is_written_down_is_not_told_again_if_the_database_goes_away_after_it(
    world, monkeypatch
):
    original, failed = deliveries.fan_out, []

    def fan_out(**values):
        if not failed and world.tried:
            failed.append(1)
            raise peewee.OperationalError from psycopg.OperationalError("the connection is lost")
        return original(**values)

    monkeypatch.setattr(deliveries, "fan_out", fan_out)
    monkeypatch.setattr("gateway.webhooks.dispatcher.AWAY_S", 0.01)

    async def run():
        async with raw_server(OK) as server:
            world.endpoint(url_of(server))
            world.happen("app_1", "app_2", "app_3")
            async with world.delivering():
                await until(lambda: failed and all_ended(world)())

    asyncio.run(run())
    assert sorted(one.claimed.message_id for one in world.tried) == ["evt_1", "evt_2", "evt_3"]


def test_what_is_claimed_is_tried_though_the_database_goes_away_meanwhile(world, monkeypatch):
    """The clock stands still: claims that were lost would never end."""
    original, asked = deliveries._claim_of, []

    def claim_of(endpoint, *arguments, **values):
        asked.append(endpoint.id)
        if len(asked) == 2:
            raise peewee.OperationalError from psycopg.OperationalError("the connection is lost")
        return original(endpoint, *arguments, **values)

    monkeypatch.setattr(deliveries, "_claim_of", claim_of)
    monkeypatch.setattr("gateway.webhooks.dispatcher.AWAY_S", 0.01)

    async def run():
        async with raw_server(OK) as server:
            both = [world.endpoint(url_of(server)) for _ in range(2)]
            world.happen("app_1", "app_2", "app_3")
            async with world.delivering():
                await until(lambda: len(server.requests) == 6)
        return both

    both = asyncio.run(run())
    assert sorted(set(asked)) == [one.id for one in both]
    assert all(set(world.states(one).values()) == {"delivered"} for one in both)


def test_who_must_know_is_told_that_an_endpoint_is_disabled(world):
    async def run():
        async with raw_server(status("410 Gone")) as server:
            endpoint = world.endpoint(url_of(server))
            world.happen("app_1")
            async with world.delivering():
                await until(all_ended(world))
        return endpoint

    endpoint = asyncio.run(run())
    assert [one.endpoint_id for one in world.disabled] == [endpoint.public_id]
    assert world.states() == {"evt_1": "failed"}


def test_retry_after_is_honoured(world):
    async def run():
        async with raw_server(status("503 Busy", "Retry-After: 3600")) as server:
            world.endpoint(url_of(server))
            world.happen("app_1")
            async with world.delivering():
                await until(lambda: [one.tries for one in world.stored().values()] == [1])

    asyncio.run(run())
    [delivery] = world.stored().values()
    assert delivery.due_at == int(world.clock()) + 3600


def test_a_log_line_tells_what_happened_but_no_address_and_no_data(world):
    async def render(claimed):
        return b'{"name": "canary-name", ' + (await rendered(claimed))[1:]

    async def run():
        async with raw_server(
            says("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\ncanary-it")
        ) as server:
            world.endpoint(url_of(server, "/canary-path?key=canary-key"))
            world.happen("app_1")
            async with world.delivering(render=render):
                await until(lambda: world.tried)

    with structlog.testing.capture_logs() as lines:
        asyncio.run(run())
    assert "canary" not in repr(lines)
    [line] = [line for line in lines if line["event"] == "webhook not delivered"]
    assert (line["message"], line["status"], line["tries"]) == ("evt_1", 500, 1)
