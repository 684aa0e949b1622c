"""Thirty days later the administrator has one mail: by the clock that the gateway is given."""

from __future__ import annotations

import time
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet
from listening import listening
from mailing import PUBLIC_URL, post_office
from scraping import wait_for_metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.mail import mail_of
from gateway.roles import Role
from gateway.settings import Settings
from gateway.webhooks.service import endpoints_of
from models import OutgoingMail, ScheduledJob, Token, User

DAY_S = 86_400
WITHIN_S = 30
WEBHOOKS = {
    "webhook_keys": (Fernet.generate_key().decode(),),
    "webhook_allowed_networks": (ip_network("127.0.0.0/8"),),
    "webhook_plain_http": True,
}


@pytest.fixture
def post():
    with post_office() as post:
        yield post


@pytest.fixture
def gateways(start, post):
    """Two gateways on one database, which send mail."""
    mail = mail_of(post.settings())
    return [start(mail=mail), start(mail=mail)]


@pytest.fixture
def acme(gateways):
    account = gateways[0].account()
    bob = User.create(public_id="usr_bob", email="bob@example.com", created_at=0)
    accounts.add_member(account, bob, Role.MEMBER, by=SYSTEM, now=0)
    return account


def until(condition) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def at(gateways, now: float) -> None:
    for one in gateways:
        one.clock.now = now


def look(gateways, now: float) -> None:
    """Let it be *now*, until everybody has looked for what there is to tell and to send."""
    at(gateways, now)
    for name in ("tell of unused tokens", "send mail"):
        row = ScheduledJob.name == name
        until(lambda row=row: (ScheduledJob.get(row).ended_at or 0) >= now)
    until(lambda: not OutgoingMail.select().where(OutgoingMail.sent_at.is_null()).exists())


def noted(gateway, secret: str) -> int:
    """Use a token; return when that was, once it is written down."""
    assert gateway.get("/job_postings", secret).status_code == 200
    now = int(gateway.clock())
    until(lambda: Token.get().last_used_at == now)
    return now


def test_thirty_days_after_its_last_use_the_administrator_has_one_mail(gateways, acme, post):
    gateway = gateways[0]
    secret = gateway.token(acme, "job_postings:read")
    used = noted(gateway, secret)

    look(gateways, used + 30 * DAY_S - 3_600)
    assert post.received == []

    for day in range(30, 34):
        look(gateways, used + day * DAY_S)
    [(address, message)] = post.received
    assert address == gateway.owners[acme.public_id].email
    assert message["Subject"] == "Unused API tokens of Acme"
    assert f"{PUBLIC_URL}/settings/api/{Token.get().public_id}" in message.get_content()
    assert secret not in message.get_content()

    again = noted(gateway, secret)  # which ends the spell
    look(gateways, again + 30 * DAY_S)
    assert len(post.received) == 2


def test_a_token_that_was_revoked_meanwhile_is_nobodys_concern(gateways, acme, post):
    gateway = gateways[0]
    gateway.token(acme, "job_postings:read")
    tokens.revoke(Token.get(), by=SYSTEM, now=int(gateway.clock()))
    look(gateways, gateway.clock() + 40 * DAY_S)
    assert post.received == []


def test_a_server_that_is_away_loses_no_mail(gateways, acme, post):
    gateway = gateways[0]
    gateway.token(acme, "job_postings:read")
    post.says = "451 later"
    later = gateway.clock() + 30 * DAY_S
    at(gateways, later)
    until(lambda: OutgoingMail.select().where(OutgoingMail.tries == 1).exists())
    post.says = "250 OK"
    at(gateways, later + 60)
    assert len(post.wait_for(1)) == 1


def test_mails_are_counted(start, post):
    gateway = start(mail=mail_of(post.settings()), metrics=True)
    gateway.token(gateway.account(), "job_postings:read")
    at([gateway], gateway.clock() + 30 * DAY_S)
    post.wait_for(1)
    text = wait_for_metric(gateway, 'gateway_mail_tries_total{result="sent"} 1.0')
    assert 'gateway_mail_tries_total{result="given up"} 0.0' in text


async def gone(_request: Request) -> Response:
    return Response(status_code=410)


def test_an_endpoint_that_is_gone_is_told_to_administrators(start, post, reference):
    telling = start(mail=mail_of(post.settings()), **WEBHOOKS)
    account = telling.account()
    maker = endpoints_of(Settings(**WEBHOOKS), telling.reloader.bundle.document)
    with listening(Starlette(routes=[Route("/in", gone, methods=["POST"])])) as url:
        given = {"account": account, "url": f"{url}/in", "events": [], "scopes": []}
        endpoint, _ = maker.create(**given, by=SYSTEM, now=0)
        telling.load(account, *reference)
        until(lambda: OutgoingMail.select().exists())
        at([telling], telling.clock() + 60)
        [(address, message)] = post.wait_for(1)
    assert address == telling.owners[account.public_id].email
    assert f"{PUBLIC_URL}/settings/webhooks/{endpoint.public_id}" in message.get_content()
