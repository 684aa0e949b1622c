"""No token is shown what its scopes do not cover: every operation, with every set of scopes.

Held against two statements that know no policy: the classes of data (`x-data-classification` in
the document, policies/classes.yaml) and the document that the server itself gives this token.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import strictyaml

CLASSES = strictyaml.load(Path(__file__).parents[2] / "policies" / "classes.yaml").data


def may_see(component: str | None, category: str, scopes: frozenset[str]) -> bool:
    """Tell whether data of *category* in *component* is for a token with *scopes*."""
    accepted = [CLASSES["classes"][category]["needs"]]
    accepted += [
        one["with"]
        for one in CLASSES["acknowledge"]
        if (one["component"], one["category"]) == (component, category)
    ]
    return any(set(needed) <= scopes for needed in accepted)


def leaks(
    document: Any, schema: Any, whole: Any, shown: Any, scopes: frozenset[str], at: str = ""
) -> Iterator[str]:
    """Yield the place of each classified value of *whole* that stands in *shown* without right."""
    component, target = document.component_of(schema), document.resolve(schema)
    if "items" in target:
        for number, pair in enumerate(zip(whole, shown, strict=False)):
            yield from leaks(document, target["items"], *pair, scopes, f"{at}/{number}")
    for part in (target.get("allOf") or target.get("anyOf") or ())[:1]:
        yield from leaks(document, part, whole, shown, scopes, at)
    for name, of_property in target.get("properties", {}).items():
        if name not in shown:
            continue
        category = of_property.get("x-data-classification", {}).get("category")
        if category and not may_see(component, category, scopes):
            if shown[name] == whole[name]:
                yield f"{at}/{name}"
        else:
            both = (whole[name], shown[name])
            yield from leaks(document, of_property, *both, scopes, f"{at}/{name}")


def values_of(document: Any, schema: Any, body: Any, category: str | None = None) -> Iterator[str]:
    """Yield each text of *body* whose property, or one around it, is classified as PII."""
    target = document.resolve(schema)
    if isinstance(body, str) and category == "PII":
        yield body
    for item in body if "items" in target else ():
        yield from values_of(document, target["items"], item, category)
    for part in (target.get("allOf") or target.get("anyOf") or ())[:1]:
        yield from values_of(document, part, body, category)
    for name, of_property in target.get("properties", {}).items():
        inner = of_property.get("x-data-classification", {}).get("category", category)
        if isinstance(body, dict) and name in body:
            yield from values_of(document, of_property, body[name], inner)


@pytest.fixture(scope="session")
def narrowed_documents(api) -> dict[frozenset[str], Any]:
    """The documents that the server gives, by the scopes of the token that asks."""
    documents = {}
    for scopes, secret in api.own.live.items():
        headers = {"Authorization": f"Bearer {secret}"}
        answer = api.client.get("/api/v1/openapi.json", headers=headers)
        assert answer.status_code == 200
        documents[scopes] = answer.json()
    return documents


@pytest.fixture(scope="session")
def people(api, document) -> set[str]:
    """Texts of the account's candidates that occur in nothing else: addresses, telephones."""
    listing = document.operations["list_candidates"]
    body = api.ask(listing, api.own.full).json()
    values = values_of(document, listing.response_schema, body)
    return {value for value in values if "@" in value or value.startswith("+")}


def test_answers_show_no_class_of_data_that_the_scopes_do_not_cover(
    api, document, operation, allowed, body_of
):
    whole = api.ask(operation, api.own.full).json()
    shown = body_of(operation, api.ask(operation, api.own.live[allowed]), 200)
    assert list(leaks(document, operation.response_schema, whole, shown, allowed)) == []


def test_answers_satisfy_the_document_that_the_token_is_given(
    api, operation, allowed, narrowed_documents, resolve, errors_of
):
    narrowed = narrowed_documents[allowed]
    described = narrowed["paths"][operation.path][operation.method]
    response = resolve(narrowed, described["responses"]["200"])
    schema = response["content"]["application/json"]["schema"]
    body = api.ask(operation, api.own.live[allowed]).json()
    assert [error.message for error in errors_of(narrowed, schema, body)] == []


def test_the_document_that_a_token_is_given_has_nothing_that_it_cannot_reach(
    operation, lacking, narrowed_documents
):
    assert operation.path not in narrowed_documents[lacking]["paths"]


def test_who_may_not_see_candidates_meets_no_person_anywhere(api, operation, allowed, people):
    expected = people if may_see(None, "PII", allowed) else set()
    answer = api.ask(operation, api.own.live[allowed])
    seen = answer.text + str(answer.headers.multi_items())
    assert {person for person in people if person in seen} <= expected


def test_an_embedded_candidate_is_an_id_and_nothing_else(api, document, body_of):
    """The reference's own sentence, word for word."""
    followers = api.own.live[frozenset({"applications:read"})]
    for name in ("list_applications", "get_application"):
        operation = document.operations[name]
        body = body_of(operation, api.ask(operation, followers), 200)
        for row in body.get("data", [body]):
            assert row["candidate"] == {"id": row["candidate_id"]}
