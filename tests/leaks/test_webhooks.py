"""What webhooks send leaks nothing on its way: to receivers, into the log, on the pages.

`gateway serve`, as its users run it, tells endpoints of every set of scopes of rows of every kind.
No value that a set may not see is in what its receiver gets, or on the pages that show what it was
sent; none at all is in the lists, the log, the metrics or the disclosure log.
"""

from __future__ import annotations

import html
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from columns import DOCUMENT, Column, Scopes, label, scope_sets, visible
from cryptography.fernet import Fernet
from listening import listening
from live_gateway import kept_environment, serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from worlds import canaries, fill, public_id, records

import models
from gateway import sessions
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.settings import Settings
from gateway.web.cookies import SessionCookie
from gateway.webhooks.service import endpoints_of
from models import Account, Event, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint

CANARIES = canaries(records())
EVERYTHING = frozenset(DOCUMENT.scopes)
SEEN_BY = {scopes: visible(scopes) for scopes in scope_sets()}
TABLES = {
    "get_application": "application",
    "get_candidate": "candidate",
    "get_job_posting": "job_posting",
}
NUMBERS = (0, 1, 20)
KEY = Fernet.generate_key().decode()
SETTINGS = Settings(
    webhook_keys=(KEY,),
    webhook_allowed_networks=(ip_network("127.0.0.0/8"),),
    webhook_plain_http=True,
)
ENVIRONMENT = {
    "GATEWAY_WEBHOOK_KEY": KEY,
    "GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    "GATEWAY_WEBHOOK_PLAIN_HTTP": "on",
    "GATEWAY_LOG_LEVEL": "debug",
    "GATEWAY_METRICS": "on",
}
WITHIN_S = 60


class Receivers:
    """One for each endpoint, by its path: keeps all that comes."""

    def __init__(self) -> None:
        self.taken: dict[str, list[str]] = defaultdict(list)
        self._more = threading.Condition()

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        with self._more:
            self.taken[request.url.path].append(f"{request.headers.items()} {body.decode()}")
            self._more.notify_all()
        return Response("kqcanary of the receiver", status_code=200)

    def wait_for(self, path: str, number: int) -> list[str]:
        """Return all that has come to *path*, once it is *number* requests."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.taken[path]) >= number, WITHIN_S), path
            return list(self.taken[path])


@dataclass(frozen=True)
class Told:
    """A server that has told every endpoint of everything.

    Attributes:
        received: all of each request, by the scopes of its endpoint.
        endpoints: their public ids.
        client: of an administrator who is signed in.
    """

    received: dict[Scopes, list[str]]
    endpoints: dict[Scopes, str]
    client: httpx.Client
    log: Path
    disclosures: Path


def in_text(text: str) -> set[Column]:
    """Return the columns of which a value is in *text*, as it is or in HTML."""
    lower = html.unescape(text).lower()
    return set().union(*(of for value, of in CANARIES.items() if value in lower))


def leaked_in(text: str, scopes: Scopes) -> list[str]:
    """Return the values in *text* that *scopes* may not see."""
    lower = html.unescape(text).lower()
    return [value for value, of in CANARIES.items() if value in lower and not of & SEEN_BY[scopes]]


def make_events(account: Account) -> int:
    """Write an event of each type about some rows; return how many."""
    rows = [
        {
            "public_id": f"evt_leaks{one}x{number}",
            "account": account,
            "type": webhook.type,
            "subject_id": public_id(TABLES[webhook.operation.id], number),
            "occurred_at": int(time.time()),
        }
        for one, webhook in enumerate(DOCUMENT.webhooks.values())
        for number in NUMBERS
    ]
    Event.insert_many(rows).execute()
    return len(rows)


@pytest.fixture(scope="module")
def told(new_database, tmp_path_factory) -> Iterator[Told]:
    url, folder = new_database(), tmp_path_factory.mktemp("told")
    fill(url, records())
    receivers = Receivers()
    routes = [Route("/{scopes}", receivers.answer, methods=["POST"])]
    database = connect(url)
    environment = {
        **kept_environment(),
        **ENVIRONMENT,
        "DATABASE_URL": url,
        "GATEWAY_DISCLOSURE_LOG": str(folder / "disclosures.jsonl"),
    }
    paths = {scopes: f"/{number}" for number, scopes in enumerate(scope_sets())}
    try:
        with listening(Starlette(routes=routes)) as receiving, database.connection_context():
            account, user = Account.get(), User.get()
            maker = endpoints_of(SETTINGS, DOCUMENT)
            made = {
                scopes: maker.create(
                    account=account,
                    url=receiving + path,
                    events=[],
                    scopes=sorted(scopes),
                    by=SYSTEM,
                    now=int(time.time()),
                )[0].public_id
                for scopes, path in paths.items()
            }
            number = make_events(account)
            _, secret = sessions.begin(user, address="", agent="", now=int(time.time()))
            with serving(environment, folder / "log") as address:
                received = {
                    scopes: receivers.wait_for(path, number) for scopes, path in paths.items()
                }
                wait_until_written(number * len(paths))
                cookie = {SessionCookie(secure=False).name: secret}
                with httpx.Client(base_url=address, timeout=30, cookies=cookie) as client:
                    yield Told(received, made, client, folder / "log", folder / "disclosures.jsonl")
    finally:
        database.close_all()
        models.database.initialize(None)


def wait_until_written(number: int) -> None:
    """Wait until it is written down that *number* deliveries have arrived."""
    deadline = time.monotonic() + WITHIN_S
    while WebhookAttempt.select().count() < number:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def page(told: Told, *parts: str) -> str:
    answer = told.client.get("/".join(("/settings/webhooks", *parts)))
    assert answer.status_code == 200, answer.text
    return answer.text


def deliveries_to(told: Told, scopes: Scopes) -> list[WebhookDelivery]:
    query = WebhookDelivery.select().join(WebhookEndpoint)
    return list(query.where(WebhookEndpoint.public_id == told.endpoints[scopes]))


def test_no_receiver_gets_what_its_endpoint_may_not_see(told, scopes):
    """Headers included."""
    assert [leaked_in(request, scopes) for request in told.received[scopes]] == [[]] * len(
        told.received[scopes]
    )


def test_receivers_get_what_their_endpoints_may_see(told, scopes):
    """The control: there is something to leak."""
    met = in_text(" ".join(told.received[scopes]))
    assert met <= SEEN_BY[scopes]
    assert bool(met) == bool(scopes), label(scopes)


def test_the_page_of_a_delivery_shows_what_was_sent_and_no_more(told, scopes):
    for delivery in deliveries_to(told, scopes):
        shown = page(told, told.endpoints[scopes], "deliveries", delivery.public_id)
        assert leaked_in(shown, scopes) == [], (label(scopes), delivery.type)
        [attempt] = WebhookAttempt.select().where(WebhookAttempt.delivery == delivery)
        assert in_text(shown) == in_text(attempt.body)
        assert [one for one in told.received[scopes] if attempt.body in one]


def test_lists_show_ids_and_nothing_of_anybody(told, scopes):
    for parts in ((), (told.endpoints[scopes],), (told.endpoints[scopes], "deliveries")):
        assert in_text(page(told, *parts)) == set()
    deliveries = page(told, told.endpoints[scopes], "deliveries")
    assert public_id("candidate", 0) in deliveries, "the list is of deliveries"


def test_no_value_is_logged_counted_or_recorded(told):
    log = told.log.read_text(encoding="utf-8")
    assert log.count("webhook delivered") >= sum(map(len, told.received.values()))
    metrics = told.client.get("/metrics").text
    assert 'gateway_webhook_tries_total{result="delivered"}' in metrics
    disclosed = told.disclosures.read_text(encoding="utf-8")
    assert all(endpoint in disclosed for endpoint in told.endpoints.values())
    assert '"candidate.first_name"' in disclosed
    for text in (log, metrics, disclosed):
        assert in_text(text) == set()


def test_nothing_that_a_receiver_answers_is_kept(told):
    """It may echo what it was sent, or worse: into pages and logs that others read."""
    for delivery in deliveries_to(told, EVERYTHING):
        shown = page(told, told.endpoints[EVERYTHING], "deliveries", delivery.public_id)
        assert "kqcanary" not in shown
    assert "kqcanary" not in told.log.read_text(encoding="utf-8")
