"""From an import to a receiver: what happened is told at once, and no more than allowed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet
from listening import listening
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import models
from gateway import server
from gateway.audit import SYSTEM
from gateway.errors import ConfigError
from gateway.settings import Settings
from gateway.webhooks import again
from gateway.webhooks.service import endpoints_of
from models import Account, Event, WebhookDelivery, WebhookEndpoint

WITHIN_S = 30
KEY = Fernet.generate_key().decode()
WEBHOOKS = {
    "webhook_keys": (KEY,),
    "webhook_allowed_networks": (ip_network("127.0.0.0/8"),),
    "webhook_plain_http": True,
}


class Receiver:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self._received: list[tuple[dict[str, str], bytes]] = []
        self._more = threading.Condition()

    async def answer(self, request: Request) -> Response:
        received = (dict(request.headers), await request.body())
        with self._more:
            self._received.append(received)
            self._more.notify_all()
        return Response(status_code=self.status)

    def wait_for(self, number: int) -> list[tuple[dict[str, str], bytes]]:
        """Return what has come, once it is *number* messages."""
        with self._more:
            assert self._more.wait_for(lambda: len(self._received) >= number, WITHIN_S)
            return list(self._received)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    routes = [Route("/in", receiver.answer, methods=["POST"])]
    with listening(Starlette(routes=routes)) as url:
        receiver.url = f"{url}/in"
        yield receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def telling(start):
    """A gateway that delivers webhooks."""
    return start(**WEBHOOKS)


@pytest.fixture
def subscribe(telling):
    """Make an endpoint of an account; return it."""

    def subscribe(account, url, *scopes) -> WebhookEndpoint:
        maker = endpoints_of(Settings(**WEBHOOKS), telling.reloader.bundle.document)
        given = {"account": account, "url": url, "events": [], "scopes": scopes}
        endpoint, _ = maker.create(**given, by=SYSTEM, now=int(telling.clock()))
        return endpoint

    return subscribe


def data_of(received):
    """Return each body's `data` by type and id."""
    bodies = [json.loads(body) for _, body in received]
    return {(body["type"], body["data"]["id"]): body["data"] for body in bodies}


def test_an_import_is_told_to_each_endpoint_by_its_scopes(telling, subscribe, receiver, reference):
    account = telling.account()
    subscribe(account, receiver.url, "applications:read")
    telling.load(account, *reference)
    told = data_of(receiver.wait_for(Event.select().count()))
    secret = telling.token(account, "applications:read")
    assert (
        told["application.created", "app_jkl012"]
        == telling.get("/applications/app_jkl012", secret).json()
    )
    assert told["application.created", "app_jkl012"]["candidate"] == {"id": "cand_ghi789"}
    assert told["candidate.created", "cand_ghi789"] == {"id": "cand_ghi789"}


def test_two_endpoints_of_one_account_are_each_shown_what_is_theirs(
    telling, subscribe, receiver, reference
):
    account = telling.account()
    with receiving() as other:
        subscribe(account, receiver.url)
        subscribe(account, other.url, "applications:read", "candidates:read")
        telling.load(account, *reference)
        events = Event.select().count()
        narrow, wide = data_of(receiver.wait_for(events)), data_of(other.wait_for(events))
    assert narrow["application.created", "app_jkl012"] == {"id": "app_jkl012"}
    assert wide["application.created", "app_jkl012"]["candidate"]["first_name"] == "John"
    assert {headers["webhook-id"] for headers, _ in receiver.wait_for(events)} == {
        headers["webhook-id"] for headers, _ in other.wait_for(events)
    }


def test_what_happens_in_another_account_is_not_told(telling, subscribe, receiver, reference):
    mine, other = telling.account(), telling.account("Other")
    subscribe(mine, receiver.url)
    telling.load(other, *reference)
    telling.load(mine, *reference)
    events = Event.select().where(Event.account == mine)
    received = receiver.wait_for(events.count())
    assert {headers["webhook-id"] for headers, _ in received} <= {one.public_id for one in events}


def test_without_a_key_nothing_is_delivered(start, receiver, reference):
    quiet = start()
    account = quiet.account()
    maker = endpoints_of(Settings(**WEBHOOKS), quiet.reloader.bundle.document)
    maker.create(account=account, url=receiver.url, events=[], scopes=[], by=SYSTEM, now=0)
    quiet.load(account, *reference)
    assert WebhookDelivery.select().count() == 0


@pytest.mark.parametrize("keys", [(), (Fernet.generate_key().decode(),)])
def test_a_server_does_not_start_without_the_key_of_its_endpoints(
    telling, subscribe, database_url, keys
):
    subscribe(telling.account(), "http://127.0.0.1:9/")
    try:
        with pytest.raises(ConfigError, match="GATEWAY_WEBHOOK_KEY"):
            server.assemble(Settings(database_url=database_url, webhook_keys=keys))
    finally:  # it has opened the database, and is the one that the models are bound to
        models.database.obj.close_all()
        models.database.initialize(telling.database)


def test_tries_are_counted(start, receiver, reference):
    telling = start(**WEBHOOKS, metrics=True)
    account = telling.account()
    maker = endpoints_of(Settings(**WEBHOOKS), telling.reloader.bundle.document)
    maker.create(account=account, url=receiver.url, events=[], scopes=[], by=SYSTEM, now=0)
    telling.load(account, *reference)
    number = len(receiver.wait_for(Event.select().count()))
    wanted = f'gateway_webhook_tries_total{{result="delivered"}} {number}.0'
    deadline = time.monotonic() + WITHIN_S
    while wanted not in (text := telling.client.get("/metrics").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.02)
    assert f"gateway_webhook_duration_seconds_count {number}.0" in text
    assert 'gateway_webhook_tries_total{result="given up"} 0.0' in text


def test_scopes_that_are_taken_away_bind_the_next_try(telling, subscribe, receiver, reference):
    account = telling.account()
    endpoint = subscribe(account, receiver.url, "applications:read", "candidates:read")
    telling.load(account, *reference)
    number = len(receiver.wait_for(Event.select().count()))
    maker = endpoints_of(Settings(**WEBHOOKS), telling.reloader.bundle.document)
    maker.update(endpoint, scopes=[], by=SYSTEM, now=int(telling.clock()))
    again.send_all_again(endpoint, 0, delivered_too=True, by=SYSTEM, now=int(telling.clock()))
    late = receiver.wait_for(number + 1)[number:]
    assert [list(json.loads(body)["data"]) for _, body in late] == [["id"]] * len(late)


def test_what_is_older_than_thirty_days_goes_while_serving(db, start, reference):
    account = Account.create(public_id="acct_old", name="Old", created_at=0)
    Event.create(
        public_id="evt_old", account=account, type="x.y", subject_id="app_1", occurred_at=0
    )
    start(**WEBHOOKS)
    deadline = time.monotonic() + WITHIN_S
    while Event.select().exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
