"""Payloads of webhooks leak no more than answers do: by canaries, and by worlds that differ.

The body of every type of events, about rows of every kind, for endpoints of every set of scopes.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from columns import DOCUMENT, OPENAPI, POLICIES, label, scope_sets, visible
from described import errors_of
from structlog.testing import capture_logs
from worlds import NOW, canaries, otherwise, public_id, records

from gateway import bundle
from gateway.execution import Executor
from gateway.published import Version
from gateway.webhooks import Happened, Payloads
from models import Account

CANARIES = canaries(records())
EVERYTHING = frozenset(DOCUMENT.scopes)
TABLES = {
    "get_application": "application",
    "get_candidate": "candidate",
    "get_job_posting": "job_posting",
}
NUMBERS = (0, 1, 2, 20)


@pytest.fixture
def bundle_in_force():
    """The shipped document and policies, with plans of their own."""
    return bundle.load(OPENAPI, POLICIES, {})


def bodies(gateway, bundle, scopes):
    """Return the body of each type of events about some rows, by type and subject."""
    with gateway.database.connection_context():
        [account] = Account.select()

    async def rendered():
        payloads = Payloads(DOCUMENT, Executor(gateway.database))
        found = {}
        for webhook in DOCUMENT.webhooks.values():
            for number in NUMBERS:
                subject = public_id(TABLES[webhook.operation.id], number)
                happened = Happened(account.id, account.public_id, webhook.type, subject, NOW)
                found[webhook.type, subject] = await payloads.render(
                    bundle, happened, "whk_1", scopes
                )
        return found

    return asyncio.run(rendered())


def values_in(body):
    text = body.decode().lower()
    return {value for value in CANARIES if value in text}


def test_no_payload_holds_what_its_scopes_may_not_see(gateway, bundle_in_force):
    with capture_logs() as logs:
        for scopes in scope_sets():
            seen = visible(scopes)
            for which, body in bodies(gateway, bundle_in_force, scopes).items():
                leaked = [value for value in values_in(body) if not CANARIES[value] & seen]
                assert leaked == [], (label(scopes), which)
    assert logs == []


def test_every_payload_is_what_the_document_of_its_scopes_describes(gateway, bundle_in_force):
    """In OpenAPI 3.1, narrowed to the endpoint's scopes: about rows of every kind."""
    for scopes in scope_sets():
        document = bundle_in_force.published.document(scopes, "/", Version.V3_1)
        for (event_type, subject), body in bodies(gateway, bundle_in_force, scopes).items():
            sent = json.loads(body)
            assert errors_of(document, event_type, sent) == [], (label(scopes), subject)
            fuller = {**sent, "data": {**sent["data"], "x": 1}}
            assert errors_of(document, event_type, fuller), (label(scopes), subject)


def test_payloads_of_all_scopes_hold_canaries(gateway, bundle_in_force):
    """The control: what is looked for is there to be found."""
    for which, body in bodies(gateway, bundle_in_force, EVERYTHING).items():
        assert values_in(body), which


def test_without_scopes_there_are_ids_and_nothing_else(gateway, bundle_in_force):
    for which, body in bodies(gateway, bundle_in_force, frozenset()).items():
        assert values_in(body) <= {which[1].lower()}, which


@pytest.mark.parametrize(
    "hidden_from", [one for one in scope_sets() if one != EVERYTHING], ids=label
)
def test_what_is_hidden_changes_no_payload(gateway, bundle_in_force, on_world, hidden_from):
    fewer = [scopes for scopes in scope_sets() if scopes <= hidden_from]
    asked = (*fewer, EVERYTHING)
    base = {scopes: bodies(gateway, bundle_in_force, scopes) for scopes in asked}
    with on_world(otherwise(hidden_from)) as other:
        given = {scopes: bodies(other, bundle_in_force, scopes) for scopes in asked}
    for scopes in fewer:
        assert given[scopes] == base[scopes], label(scopes)
    # The control: the worlds do differ.
    assert given[EVERYTHING] != base[EVERYTHING]
