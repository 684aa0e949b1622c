"""`gateway webhook`."""

import json
import re
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from described import errors_of
from listening import listening
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FIELDS = [
    "id",
    "url",
    "description",
    "events",
    "scopes",
    "state",
    "disabled_because",
    "failing_since",
    "old_secret_until",
    "account_id",
    "created_at",
]


class Receiver:
    """Answers as it is told to, and keeps what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 204
        self.received: list[tuple[bytes, dict[str, str]]] = []

    async def answer(self, request: Request) -> Response:
        self.received.append((await request.body(), dict(request.headers)))
        return Response(status_code=self.status)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with listening(Starlette(routes=[Route("/in", receiver.answer, methods=["POST"])])) as url:
        receiver.url = f"{url}/in"
        yield receiver


@pytest.fixture(autouse=True)
def webhook_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_WEBHOOK_KEY", Fernet.generate_key().decode())
    monkeypatch.setenv("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("GATEWAY_WEBHOOK_PLAIN_HTTP", "on")


@pytest.fixture
def create(account: str) -> tuple[str, ...]:
    return ("webhook", "create", "--account", account, "--url", "http://127.0.0.1:9/in?k=v")


def listed(gateway, account: str) -> list[dict]:
    return gateway.json("webhook", "list", "--account", account)


def test_key_makes_a_key_that_the_setting_takes(gateway, create, monkeypatch):
    key = gateway.done("webhook", "key")
    assert key != gateway.json("webhook", "key")["key"]
    monkeypatch.setenv("GATEWAY_WEBHOOK_KEY", key)
    assert gateway.done(*create).startswith("whsec_")


def test_create_prints_the_secret_alone_once(gateway, create, account, stored):
    result = gateway(*create)
    assert result.exit_code == 0
    secret = result.stdout.rstrip("\n")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert secret not in result.stderr
    for text in (
        stored(),
        gateway.done("webhook", "list", "--account", account),
        gateway.done("webhook", "list", "--account", account, "--json"),
    ):
        assert secret.removeprefix("whsec_") not in text


def test_create_as_json(gateway, create, account):
    words = ("--event", "candidate.created", "--scope", "candidates:read", "--description", "HR")
    created = gateway.json(*create, *words)
    assert list(created)[:2] == ["id", "secret"]
    assert created.pop("secret").startswith("whsec_")
    assert list(created) == FIELDS
    assert (created["events"], created["scopes"]) == (["candidate.created"], ["candidates:read"])
    assert (created["state"], created["description"]) == ("enabled", "HR")
    assert listed(gateway, account) == [created]


def test_without_a_key_nothing_is_created(gateway, create, account, monkeypatch):
    monkeypatch.delenv("GATEWAY_WEBHOOK_KEY")
    assert gateway.refusal(*create).startswith("GATEWAY_WEBHOOK_KEY: is not set")
    assert listed(gateway, account) == []


def test_a_private_address_is_refused(gateway, create, account, monkeypatch):
    monkeypatch.delenv("GATEWAY_WEBHOOK_ALLOWED_NETWORKS")
    assert gateway.refusal(*create) == (
        "the webhook's address must have one of the ports 80, 443, 8080, 8443"
    )
    url = ("--url", "http://127.0.0.1/")
    assert gateway.refusal(*create[:-2], *url) == (
        "the webhook's address the host's address is not a public one"
    )
    assert listed(gateway, account) == []


def test_an_unknown_event_is_refused_with_a_hint(gateway, create):
    assert gateway.refusal(*create, "--event", "application.stage_change") == (
        "unknown type of events `application.stage_change`; "
        "did you mean `application.stage_changed`?"
    )


def test_the_table_shows_hosts_and_no_addresses(gateway, create, account):
    gateway.done(*create, "--description", "HR", "--scope", "candidates:read")
    heading, row = gateway.done("webhook", "list", "--account", account).splitlines()
    assert re.split(" {2,}", heading)[:3] == ["ID", "HOST", "DESCRIPTION"]
    cells = re.split(" {2,}", row)
    assert cells[1:3] + cells[4:] == [
        "127.0.0.1:9",
        "HR",
        "candidates:read",
        "enabled",
        "not failing",
    ]
    assert "k=v" not in row


def test_update_changes_what_it_names(gateway, create, account):
    endpoint = gateway.json(*create)["id"]
    update = ("webhook", "update", endpoint)
    assert gateway.json(*update, "--scope", "applications:read")["scopes"] == ["applications:read"]
    assert gateway.json(*update, "--no-scopes")["scopes"] == []
    assert gateway.json(*update, "--event", "candidate.created")["events"] == ["candidate.created"]
    assert gateway.json(*update, "--url", "http://127.0.0.1:10/")["url"] == "http://127.0.0.1:10/"
    assert gateway(*update).exit_code == 2
    assert gateway(*update, "--no-scopes", "--scope", "candidates:read").exit_code == 2


def test_rotate_prints_a_new_secret(gateway, create, account):
    made = gateway.json(*create)
    secret = gateway.done("webhook", "rotate", made["id"])
    assert secret.startswith("whsec_")
    assert secret != made["secret"]
    assert listed(gateway, account)[0]["old_secret_until"] is not None
    gateway.done("webhook", "rotate", made["id"], "--keep-s", "0")
    assert listed(gateway, account)[0]["old_secret_until"] is None


def test_disable_enable_and_delete(gateway, create, account):
    endpoint = gateway.json(*create)["id"]
    for _ in range(2):
        gateway.done("webhook", "disable", endpoint)
    [shown] = listed(gateway, account)
    assert (shown["state"], shown["disabled_because"]) == ("disabled", "asked")
    assert "is disabled" in gateway.refusal("webhook", "test", endpoint)
    for _ in range(2):
        gateway.done("webhook", "enable", endpoint)
    assert listed(gateway, account)[0]["state"] == "enabled"
    gateway.done("webhook", "delete", endpoint)
    assert listed(gateway, account) == []
    assert gateway.refusal("webhook", "delete", endpoint) == (
        f"no webhook endpoint `{endpoint}`; see `gateway webhook list`"
    )


def test_a_test_event_is_sent_now_and_said_to_be_one(gateway, create, receiver):
    made = gateway.json(*create[:-1], receiver.url)
    said = gateway.done("webhook", "test", made["id"])
    assert re.fullmatch(r"delivered: 204 after \d+ ms", said)
    [(body, headers)] = receiver.received
    message = Webhook(made["secret"]).verify(body, headers)
    assert (message["type"], message["data"]) == ("webhook.test", {"id": made["id"]})
    for scopes in ("", "applications:read", "applications:read,candidates:read"):
        document = json.loads(gateway.done("spec", "--openapi", "3.1", "--scopes", scopes))
        assert errors_of(document, "webhook.test", message) == []
        assert errors_of(document, "webhook.test", {**message, "data": {}})


def test_a_test_event_that_does_not_arrive_is_exit_1_and_is_not_tried_again(
    gateway, create, receiver
):
    endpoint = gateway.json(*create[:-1], receiver.url)["id"]
    receiver.status = 500
    assert "was not delivered: 500 after" in gateway.refusal("webhook", "test", endpoint)
    [delivery] = gateway.json("webhook", "deliveries", endpoint)
    assert (delivery["state"], delivery["tries"], delivery["due_at"]) == ("failed", 1, None)


def test_deliveries_are_listed_and_filtered(gateway, create, receiver):
    endpoint = gateway.json(*create[:-1], receiver.url)["id"]
    gateway.done("webhook", "test", endpoint)
    receiver.status = 503
    gateway("webhook", "test", endpoint)
    found = gateway.json("webhook", "deliveries", endpoint)
    assert [(one["state"], one["status"]) for one in found] == [("failed", 503), ("delivered", 204)]
    assert gateway.json("webhook", "deliveries", endpoint, "--state", "failed") == found[:1]
    assert gateway.json("webhook", "deliveries", endpoint, "--limit", "1") == found[:1]
    assert "webhook.test" in gateway.done("webhook", "deliveries", endpoint)
    assert "did you mean `failed`" in gateway.refusal(
        "webhook", "deliveries", endpoint, "--state", "Failed"
    )


def test_deliveries_are_sent_again(gateway, create, receiver):
    endpoint = gateway.json(*create[:-1], receiver.url)["id"]
    receiver.status = 500
    gateway("webhook", "test", endpoint)
    [delivery] = gateway.json("webhook", "deliveries", endpoint)
    again = ("webhook", "send-again", endpoint)
    assert gateway.done(*again, "--delivery", delivery["id"]) == "1 delivery to be sent again"
    [pending] = gateway.json("webhook", "deliveries", endpoint)
    assert (pending["state"], pending["message_id"]) == ("pending", delivery["message_id"])
    since = ("--since", "2026-01-01T00:00:00Z")
    assert gateway.json(*again, *since) == {"sent_again": 0}
    assert gateway(*again).exit_code == 2
    assert gateway(*again, *since, "--delivery", "x").exit_code == 2
    assert "must be a time" in gateway.refusal(*again, "--since", "yesterday")
    assert "no delivery" in gateway.refusal(*again, "--delivery", "whd_x")
