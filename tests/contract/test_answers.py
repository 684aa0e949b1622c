"""Every answer that the document declares is given, and is what the document says of it.

For each operation a request is made that must bring about each declared status; a status without
a way to bring it about fails until somebody decides. Guards, too, what holds of every operation
and stands in the document's text: HEAD, the trailing slash, one 401 for every dead token.
"""

from __future__ import annotations

import pytest

# Answers that no request can bring about: 429 is for limits to come, 500 and 503 need a fault.
# tests/http brings those faults about.
NEED_A_FAULT = {"429", "500", "503"}


def without_a_scope(tenant, operation):
    [lacking, *_] = [scopes for scopes in tenant.live if not operation.scopes <= scopes]
    return tenant.live[lacking]


WAYS = {
    "200": lambda api, operation: api.ask(operation, api.own.full),
    "400": lambda api, operation: api.ask(operation, api.own.full, "no_such_parameter=1"),
    "401": lambda api, operation: api.ask(operation, None),
    "403": lambda api, operation: api.ask(operation, without_a_scope(api.own, operation)),
    "404": lambda api, operation: api.ask(
        operation,
        api.own.full,
        **{p.name: "42" for p in operation.parameters if p.where == "path"},
    ),
}


def test_every_declared_answer_is_given_as_declared(api, operation, body_of):
    declared = set(operation.raw["responses"]) - NEED_A_FAULT
    assert declared - set(WAYS) == set()
    for status in sorted(declared):
        body_of(operation, WAYS[status](api, operation), int(status))


def test_the_examples_of_the_document_lead_to_data(api, operation, body_of):
    body = body_of(operation, api.ask(operation, api.own.full), 200)
    assert body.get("data") != []


def test_dead_tokens_are_told_apart_by_nothing(api, operation, body_of):
    answers = [api.ask(operation, secret) for secret in api.own.dead.values()]
    bodies = [body_of(operation, answer, 401) for answer in answers]
    for body in bodies:
        del body["request_id"]
    assert bodies == [bodies[0]] * len(api.own.dead)
    assert len({answer.headers["WWW-Authenticate"] for answer in answers}) == 1


def test_a_token_that_lacks_the_scope_is_told_which(api, operation, lacking, body_of):
    answer = api.ask(operation, api.own.live[lacking])
    assert set(body_of(operation, answer, 403)["required_scopes"]) == operation.scopes


def test_head_answers_as_get_without_body(api, operation):
    for secret in (api.own.full, None):
        get = api.ask(operation, secret)
        head = api.ask(operation, secret, method="HEAD")
        assert head.content == b""
        assert head.status_code == get.status_code
        for headers in (get.headers, head.headers):
            for name in ("date", "x-request-id"):
                headers.pop(name, None)
        assert head.headers.multi_items() == get.headers.multi_items()


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "COPY"])
def test_other_methods_are_405_that_lists_those_of_the_path(api, document, operation, method):
    answer = api.ask(operation, api.own.full, method=method)
    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/problem+json"
    declared = {one.upper() for one in document.raw["paths"][operation.path] if one == "get"}
    assert set(answer.headers["Allow"].split(", ")) == declared | {"HEAD"}


def test_a_trailing_slash_is_another_path(api, document, operation):
    path = api.ask(operation, None).request.url.path
    answer = api.client.get(f"{path}/", headers={"Authorization": f"Bearer {api.own.full}"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
