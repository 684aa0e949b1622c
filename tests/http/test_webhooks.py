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
from live_gateway import Commands
from scraping import wait_for_metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit import SYSTEM
from gateway.disclosure import DisclosureLog, History
from gateway.guard import Breach, Guard
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
        self.look = lambda _request: None
        self._received: list[tuple[dict[str, str], bytes]] = []
        self._more = threading.Condition()

    async def answer(self, request: Request) -> Response:
        received = (dict(request.headers), await request.body())
        self.look(request)
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


@pytest.fixture
def disclosed(tmp_path):
    """Where the disclosure log is."""
    return tmp_path / "disclosures.jsonl"


@pytest.fixture
def counted(start, disclosed):
    """A gateway that delivers, records what it discloses, and counts."""
    return start(**WEBHOOKS, disclosure_log=disclosed, metrics=True)


def subscribed(gateway, receiver, *scopes, events=()):
    """Make an account with an endpoint at *receiver*; return both."""
    account = gateway.account()
    maker = endpoints_of(Settings(**WEBHOOKS), gateway.reloader.bundle.document)
    given = {"account": account, "url": receiver.url, "events": events, "scopes": scopes}
    endpoint, _ = maker.create(**given, by=SYSTEM, now=int(gateway.clock()))
    return account, endpoint


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


@pytest.mark.parametrize("key", ["", Fernet.generate_key().decode()], ids=["none", "another"])
def test_a_server_does_not_start_without_the_key_of_its_endpoints(
    telling, subscribe, database_url, key
):
    subscribe(telling.account(), "http://127.0.0.1:9/")
    server = Commands(database_url)
    if key:
        server.environment["GATEWAY_WEBHOOK_KEY"] = key
    assert "GATEWAY_WEBHOOK_KEY" in server.refuses("serve", "--port", "0")


def test_tries_are_counted(start, receiver, reference):
    telling = start(**WEBHOOKS, metrics=True)
    account, _ = subscribed(telling, receiver)
    telling.load(account, *reference)
    number = len(receiver.wait_for(Event.select().count()))
    text = wait_for_metric(telling, f'gateway_webhook_tries_total{{result="delivered"}} {number}.0')
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


def test_a_delivery_is_a_line_that_says_which_endpoint_was_given_what(
    counted, receiver, reference, disclosed
):
    account, endpoint = subscribed(
        counted, receiver, "applications:read", "candidates:read", events=["application.created"]
    )
    counted.load(account, *reference)
    created = Event.select().where(Event.type == "application.created")
    messages = {event.public_id: event.subject_id for event in created}
    receiver.wait_for(len(messages))
    line, *_ = [
        line for line in History(disclosed).lines() if messages[line["request_id"]] == "app_jkl012"
    ]
    components = line.pop("components")
    assert line == {
        "time": "2026-05-28T20:26:40.000Z",
        "request_id": next(key for key in messages if messages[key] == "app_jkl012"),
        "account": account.public_id,
        "token": endpoint.public_id,
        "operation": "application.created",
        "scopes": ["applications:read", "candidates:read"],
        "policy_revision": counted.reloader.bundle.revision,
    }
    assert components["ApplicationCandidate"]["ids"] == {"id": ["cand_ghi789"]}
    assert "email" in components["ApplicationCandidate"]["fields"]
    found = [one.token for one in History(disclosed).of("cand_ghi789")]
    assert set(found) == {endpoint.public_id}
    assert not [word for word in ("John", "john@example.com") if word in disclosed.read_text()]


def test_an_endpoint_that_is_told_ids_is_recorded_with_ids(counted, receiver, reference, disclosed):
    account, _ = subscribed(counted, receiver)
    counted.load(account, *reference)
    number = len(receiver.wait_for(Event.select().count()))
    lines = list(History(disclosed).lines())
    assert len(lines) == number
    fields = {
        name for line in lines for one in line["components"].values() for name in one["fields"]
    }
    assert fields == {"id"}


def test_the_line_is_there_before_the_delivery_leaves(counted, receiver, reference, disclosed):
    unrecorded = []

    def look(request):
        recorded = {line["request_id"] for line in History(disclosed).lines()}
        if request.headers["webhook-id"] not in recorded:
            unrecorded.append(request.headers["webhook-id"])

    receiver.look = look
    account, _ = subscribed(counted, receiver, "applications:read")
    counted.load(account, *reference)
    assert len(receiver.wait_for(Event.select().count())) > 0
    assert unrecorded == []


def test_a_delivery_that_cannot_be_recorded_waits_until_it_can(
    counted, receiver, reference, monkeypatch
):
    async def full(*_):
        raise OSError(28, "No space left on device")

    account, endpoint = subscribed(
        counted, receiver, "candidates:read", events=["candidate.created"]
    )
    with monkeypatch.context() as patched:
        patched.setattr(DisclosureLog, "write", full)
        counted.load(account, *reference)
        number = Event.select().where(Event.type == "candidate.created").count()
        wait_for_metric(counted, f"gateway_disclosure_log_failures_total {number}.0")
        # It has not cost a try, and nobody has failed.
        waiting = list(WebhookDelivery.select())
        assert [(one.state, one.tries) for one in waiting] == [("pending", 0)] * number
        assert WebhookEndpoint.get_by_id(endpoint.id).failures == 0
        assert receiver.wait_for(0) == []
    counted.clock.now += 60
    assert len(receiver.wait_for(number)) == number


def test_a_body_that_the_guard_withholds_is_counted_and_not_sent(
    counted, receiver, reference, monkeypatch, disclosed
):
    monkeypatch.setattr(Guard, "payload_breach", lambda *_: Breach("/data", "/required"))
    account, _ = subscribed(counted, receiver, "candidates:read", events=["candidate.created"])
    counted.load(account, *reference)
    number = Event.select().where(Event.type == "candidate.created").count()
    name = "gateway_webhook_egress_guard_hits_total"
    text = wait_for_metric(counted, f'{name}{{event="candidate.created"}} {number}.0')
    assert f'{name}{{event="application.created"}} 0.0' in text
    assert "gateway_webhook_duration_seconds_count 0.0" in text
    assert receiver.wait_for(0) == []
    assert not disclosed.read_bytes()
