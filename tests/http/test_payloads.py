"""A webhook's `data` is what the matching GET gives to a token of the endpoint's scopes.

Payloads are made beside a live gateway, from the same document, policies and database, and its
answers are what they are held against.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import combinations

import pytest
from cells import disagreements, paths_in
from described import errors_of
from structlog.testing import capture_logs

from gateway import preview, spec
from gateway.errors import ConfigError, NotFound
from gateway.execution import Executor
from gateway.policy.matrix import matrix
from gateway.policy.policy import View
from gateway.policy.shown import Shown
from gateway.published import Version
from gateway.settings import Settings
from gateway.webhooks import Happened, Payloads, Withheld
from models import Event

DOCUMENT = spec.load(Settings().openapi)
SETS = [
    frozenset(some)
    for size in range(len(DOCUMENT.scopes) + 1)
    for some in combinations(DOCUMENT.scopes, size)
]
FOLLOWERS = frozenset({"applications:read"})
SUBJECTS = {
    "get_application": "app_jkl012",
    "get_candidate": "cand_ghi789",
    "get_job_posting": "job_abc123",
}
AT = 1_768_900_500  # 2026-01-20T09:15:00Z
ENDPOINT = "whk_1"

label = "+".join
by_scopes = pytest.mark.parametrize("scopes", SETS, ids=lambda one: label(sorted(one)) or "none")
by_type = pytest.mark.parametrize("event_type", DOCUMENT.webhooks)


@pytest.fixture
def payloads(db):
    return Payloads(DOCUMENT, Executor(db))


@pytest.fixture
def in_force(gateway):
    return gateway.reloader.bundle


@pytest.fixture
def render(payloads, in_force, acme):
    """Make the body of what happened to the reference's example."""

    def render(event_type, scopes, account=acme, subject=None, by=in_force):
        subject = subject or SUBJECTS[DOCUMENT.webhooks[event_type].operation.id]
        happened = Happened(account.id, account.public_id, event_type, subject, AT)
        return asyncio.run(payloads.render(by, happened, ENDPOINT, frozenset(scopes)))

    return render


@by_scopes
@by_type
def test_data_is_the_answer_to_a_token_of_the_same_scopes_or_the_id_alone(
    gateway, acme, render, event_type, scopes
):
    operation = DOCUMENT.webhooks[event_type].operation
    subject = SUBJECTS[operation.id]
    answer = gateway.get(operation.path.replace("{id}", subject), gateway.token(acme, *scopes))
    expected = answer.text if operation.scopes <= scopes else json.dumps({"id": subject})
    assert answer.status_code == (200 if operation.scopes <= scopes else 403)

    body = render(event_type, scopes)
    sent = json.loads(body)
    assert list(sent) == ["type", "timestamp", "data"]
    assert (sent["type"], sent["timestamp"]) == (event_type, "2026-01-20T09:15:00Z")
    # Key for key, and in the same order.
    assert json.dumps(sent["data"]) == json.dumps(json.loads(expected))


@by_scopes
@by_type
def test_a_preview_has_the_fields_that_an_endpoint_is_sent_and_no_other(
    render, in_force, event_type, scopes
):
    webhook = in_force.document.webhooks[event_type]
    shown = preview.payload(in_force.policy, webhook, frozenset(scopes))
    sent = json.loads(render(event_type, scopes))
    assert paths_in(json.loads(shown.text)) == paths_in(sent)
    assert set(shown.needs) == webhook.operation.scopes - scopes
    hidden = [line for line in shown.lines if line.shown is preview.Shown.NOTHING]
    whole = paths_in(json.loads(render(event_type, frozenset(DOCUMENT.scopes))))
    assert bool(hidden) == (paths_in(sent) != whole)
    for line in hidden:  # whoever has what a line says is missing is sent it
        assert line.value == ""
        fuller = json.loads(render(event_type, frozenset(scopes).union(line.needs)))
        assert any(path.endswith(f"/{line.name}") for path in paths_in(fuller))


@by_scopes
@by_type
def test_the_body_is_what_the_document_of_the_scopes_describes(
    render, in_force, event_type, scopes
):
    body = json.loads(render(event_type, scopes))
    fuller = {**body, "data": {**body["data"], "x": 1}}
    for version in Version:
        narrowed = in_force.published.document(scopes, "/", version)
        assert errors_of(narrowed, event_type, body) == []
        assert errors_of(in_force.published.document(None, "/", version), event_type, body) == []
        assert errors_of(narrowed, event_type, fuller)


@by_type
def test_a_body_that_is_fuller_than_the_document_of_the_scopes_is_told(
    render, in_force, event_type
):
    """The control: what an endpoint of all scopes is sent is too much for one of none."""
    body = json.loads(render(event_type, DOCUMENT.scopes))
    for version in Version:
        assert errors_of(in_force.published.document(frozenset(), "/", version), event_type, body)


@by_scopes
@by_type
def test_every_cell_of_the_matrix_is_what_an_endpoint_is_sent(render, in_force, event_type, scopes):
    model = in_force.policy.model
    [table] = matrix(model, [DOCUMENT.outlets[event_type]]).tables
    whole, sent = (json.loads(render(event_type, one)) for one in (DOCUMENT.scopes, scopes))
    assert disagreements(table, scopes, whole, sent) == []


# --- the account ----------------------------------------------------------------------------------


def test_a_row_of_another_account_is_not_found(gateway, acme, render):
    with pytest.raises(NotFound):
        render("application.created", FOLLOWERS, account=gateway.account("Other"))


def test_what_is_there_no_more_is_not_found(render):
    with pytest.raises(NotFound):
        render("application.created", FOLLOWERS, subject="app_gone")


def test_a_type_that_the_document_does_not_have_is_an_error(payloads, in_force, acme):
    happened = Happened(acme.id, acme.public_id, "application.deleted", "app_jkl012", AT)
    with pytest.raises(KeyError):
        asyncio.run(payloads.render(in_force, happened, ENDPOINT, FOLLOWERS))


def test_an_event_of_an_import_can_be_rendered_as_it_stands(render, acme):
    told = list(Event.select().where(Event.account == acme))
    assert {one.type for one in told} == {"candidate.created", "application.created"}
    for one in told:
        assert json.loads(render(one.type, (), subject=one.subject_id))["data"] == {
            "id": one.subject_id
        }


# --- the guard ------------------------------------------------------------------------------------


@pytest.fixture
def leaky(monkeypatch):
    """Redact nothing: each component is shown whole, and the guard is what is left."""

    def everything(view, component):
        return Shown(view._shown.model, frozenset(DOCUMENT.scopes)).fields(component)

    monkeypatch.setattr(View, "fields", everything)


def test_the_guard_withholds_a_body_that_shows_too_much(render, leaky):
    with capture_logs() as logs, pytest.raises(Withheld):
        render("application.created", FOLLOWERS)
    [line] = logs
    assert line == {
        "event": "egress guard: delivery withheld",
        "log_level": "error",
        "event_type": "application.created",
        "endpoint": ENDPOINT,
        "pointer": "/data/candidate",
        "rule": line["rule"],
        "policy_revision": line["policy_revision"],
    }
    assert "John" not in str(logs)


def test_without_the_guard_it_would_have_left(render, leaky, in_force, monkeypatch):
    """The control: what the guard withheld is there to be withheld."""
    monkeypatch.setattr(type(in_force.guard), "payload_breach", lambda *_: None)
    assert b"John" in render("application.created", FOLLOWERS)


def test_without_the_guard_the_redaction_withholds_it_alone(render, in_force, monkeypatch):
    monkeypatch.setattr(type(in_force.guard), "payload_breach", lambda *_: None)
    assert b"John" not in render("application.created", FOLLOWERS)


def test_scopes_that_reach_nothing_read_nothing(render, payloads, monkeypatch):
    """The handler is not asked: what is not read cannot be sent."""

    async def reading(*_, **__):
        raise AssertionError

    for name in payloads._handlers:
        monkeypatch.setitem(payloads._handlers, name, reading)
    assert json.loads(render("application.created", ["candidates:read"]))["data"] == {
        "id": "app_jkl012"
    }
    with pytest.raises(AssertionError):
        render("application.created", FOLLOWERS)


# --- at start -------------------------------------------------------------------------------------


def test_a_handler_that_is_missing_stops_the_start(db):
    webhook = DOCUMENT.webhooks["candidate.created"]
    nowhere = replace(webhook, operation=replace(webhook.operation, id="get_nobody"))
    document = replace(DOCUMENT, webhooks={"candidate.created": nowhere})
    with pytest.raises(ConfigError, match=r"handlers\.candidates has no function `get_nobody`"):
        Payloads(document, Executor(db))
