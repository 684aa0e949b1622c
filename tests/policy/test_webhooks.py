"""Webhooks under the policies: a payload shows what its operation shows, or the id alone.

Every set of scopes, every webhook, every leaf: what the leaves say, what the narrowed schema lets
out and what the data classes permit are held against each other.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from gateway import policy, spec
from gateway.policy.diff import Kind, OperationChange, diff
from gateway.policy.explain import explain
from gateway.policy.leaves import leaves
from gateway.policy.matrix import matrix
from gateway.policy.model import Model
from gateway.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENT = spec.load(Settings().openapi)
SETS = [
    frozenset(some)
    for size in range(len(DOCUMENT.scopes) + 1)
    for some in combinations(DOCUMENT.scopes, size)
]
NOBODY: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.of(DOCUMENT, policy.proved(DOCUMENT, policy.read(Settings().policies)))


@pytest.fixture
def view(hiring):
    return lambda *scopes: hiring.load().view(frozenset(scopes))


def sent(model: Model, event_type: str, scopes: frozenset[str]) -> set[str]:
    """Return the paths of what an endpoint is sent."""
    outlet = model.document.outlets[event_type]
    return {leaf.path for leaf in leaves(model, outlet) if leaf.decision(scopes).way.shown}


def paths_in(schema: dict[str, Any], of: dict[str, Any], at: str = "") -> set[str]:
    """Return the paths of what a Draft 4 schema lets out."""
    while "$ref" in of or "allOf" in of:
        name = of["$ref"] if "$ref" in of else of["allOf"][0].get("$ref")
        if name is None:
            break
        of = schema["definitions"][name.rpartition("/")[2]]
    if "items" in of:
        return paths_in(schema, of["items"], f"{at}[]")
    if "properties" not in of:
        return {at}
    return {
        path
        for name, inner in of["properties"].items()
        for path in paths_in(schema, inner, f"{at}.{name}" if at else name)
    }


@pytest.mark.parametrize("scopes", SETS, ids=lambda one: "+".join(sorted(one)) or "none")
@pytest.mark.parametrize("event_type", DOCUMENT.webhooks)
def test_a_payload_shows_what_the_answer_shows_to_a_token_of_the_same_scopes(
    model, hiring, event_type, scopes
):
    webhook = DOCUMENT.webhooks[event_type]
    operation = webhook.operation
    answered = {
        f"data.{leaf.path}" for leaf in leaves(model, operation) if leaf.decision(scopes).way.shown
    }
    expected = answered if operation.scopes <= scopes else {"data.id"}
    assert sent(model, event_type, scopes) == expected

    schema = hiring.load().view(scopes).payload_schema(event_type)
    let_out = paths_in(schema, schema["allOf"][0])
    assert let_out == expected | {"type", "timestamp"}


@pytest.mark.parametrize("scopes", SETS, ids=lambda one: "+".join(sorted(one)) or "none")
@pytest.mark.parametrize("event_type", DOCUMENT.webhooks)
def test_whatever_is_sent_the_data_classes_permit(model, event_type, scopes):
    policies = model.policies
    for leaf in leaves(model, DOCUMENT.outlets[event_type]):
        if leaf.field.category is None or not leaf.decision(scopes).way.shown:
            continue
        needs = policies.classes[leaf.field.category].needs
        acknowledged = [
            one.scopes <= scopes
            for one in policies.acknowledgements
            if (one.component, one.category) == (leaf.field.component, leaf.field.category)
        ]
        assert needs <= scopes or any(acknowledged), (leaf.path, scopes)


def test_the_schema_is_closed_and_wants_the_type(view):
    validator = Draft4Validator(view().payload_schema("application.created"))
    body = {
        "type": "application.created",
        "timestamp": "2026-01-20T09:15:00Z",
        "data": {"id": "app_jkl012"},
    }
    assert validator.is_valid(body)
    for wrong in (
        {**body, "type": "candidate.created"},
        {**body, "more": 1},
        {**body, "data": {"id": "app_jkl012", "status": "active"}},
        {**body, "data": {}},
        {**body, "data": {"id": "John"}},
        {key: body[key] for key in ("type", "data")},
    ):
        assert not validator.is_valid(wrong)


def test_the_matrix_has_a_table_for_each_webhook(model):
    made = matrix(model, [DOCUMENT.outlets["application.created"]])
    [table] = made.tables
    assert (table.operation.method, table.operation.path) == ("webhook", "get_application")
    rows = {leaf.path: [one.word for one in table.row(leaf)] for leaf in table.leaves}
    assert table.columns[0] == NOBODY
    assert set(rows["data.id"]) == {"value"}
    assert rows["data.status"][0] == "hidden"
    both = table.columns.index(frozenset({"applications:read", "candidates:read"}))
    followers = table.columns.index(frozenset({"applications:read"}))
    email = rows["data.candidate.email"]
    assert (email[followers], email[both]) == ("hidden", "value")


def test_explain_says_what_an_endpoint_lacks(model):
    found = {leaf.path: leaf for leaf in leaves(model, DOCUMENT.outlets["candidate.created"])}
    told = explain(found["data.email"], frozenset({"applications:read"}))
    assert not told.decision.way.shown
    assert [more.scopes for more in told.more] == [(frozenset({"candidates:read"}),)]
    assert explain(found["data.id"], NOBODY).more == ()


# --- the proof ------------------------------------------------------------------------------------


def test_an_id_that_is_not_everyones_breaks_the_proof(hiring):
    hiring.edit("candidate.yaml", "public: [id, status", "public: [status")
    hiring.edit("candidate.yaml", "show:\n", "show:\n  id: candidates:read\n")
    line = DOCUMENT.line_of("/x-webhooks/candidate.created/post")
    assert (
        f"hiring.yaml:{line}: webhook `candidate.created` sends `Candidate.id` to endpoints of any"
        " scopes, but it is not shown to everyone; make it public, or name another operation"
    ) in hiring.findings()


# --- what a change does ---------------------------------------------------------------------------


def changed(hiring, *edits: tuple[str, str, str]) -> Model:
    for name, old, new in edits:
        hiring.edit(name, old, new)
    return Model.of(hiring.document(), policy.read(hiring.path("candidate.yaml").parent))


def test_a_rule_that_shows_more_widens_the_payload_too(hiring, model):
    wider = changed(
        hiring,
        (
            "application_candidate.yaml",
            "last_name: candidates:read",
            "last_name: applications:read",
        ),
    )
    [change] = diff(model, wider).fields
    assert change.kind is Kind.WIDENING
    assert set(change.operations) > {"application.created", "application.stage_changed"}


def test_a_webhook_that_sends_another_answer_is_a_change(hiring, model):
    other = changed(
        hiring,
        (
            "document",
            "operationId: candidate_created\n      x-data-of: get_candidate",
            "operationId: candidate_created\n      x-data-of: get_job_posting",
        ),
    )
    made = diff(model, other)
    assert {one.operations for one in made.fields} == {("candidate.created",)}
    assert {one.kind for one in made.fields} == {Kind.WIDENING, Kind.NARROWING}


def test_a_webhook_that_comes_is_a_widening(hiring, model):
    without = changed(hiring, ("document", "  candidate.created:\n", "  candidate.made:\n"))
    assert set(diff(without, model).operations) == {
        OperationChange(Kind.WIDENING, "candidate.created", None, NOBODY),
        OperationChange(Kind.NARROWING, "candidate.made", NOBODY, None),
    }
