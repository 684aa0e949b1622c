"""What a caller may not see changes nothing of what it is answered.

Two databases with the same account and the same tokens, which differ in all that a scope set may
not see and in nothing else (`worlds.otherwise`), answer every token with those scopes, or fewer,
byte for byte alike: status, headers, body, and so totals and order. Every operation, every page,
filters, searches, ids, mistakes, other methods and the published document.

The databases' clocks stand still and requests name themselves, so that `Date` alone may differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from asking import Question, documents, mistakes, path_of, questions, rows_by_id
from columns import DOCUMENT, Property, Scopes, categories, label, scope_sets
from worlds import otherwise, records

EVERYTHING = frozenset(DOCUMENT.scopes)
OF_ONE_ANSWER = {"date"}
PREFIXES = ("job_kq", "cand_kq", "app_kq")
BY_ID = [f"{prefix}{number}" for prefix in PREFIXES for number in (1, 2, 20, "more")]
SEARCHES = ("search=kqother", "search=kqcandfirst", "search=kqothercandlast", "search=kq.example")


class Answer(NamedTuple):
    """All of an answer that may not differ."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def everything_asked() -> list[Question]:
    asked: list[Question] = list(documents())
    for operation in DOCUMENT.operations.values():
        own = list(questions(operation))
        asked += [*own, *mistakes(operation), *rows_by_id(operation, BY_ID)]
        asked += [Question("GET", f"{path_of(operation)}?{one}") for one in SEARCHES]
    return list(dict.fromkeys(asked))


ASKED = everything_asked()


def answers(gateway: Any, scopes: Scopes) -> dict[str, Answer]:
    """Return the answers to all that can be asked, by the question."""
    found = {}
    for question in ASKED:
        answer = question.ask(gateway.client, scopes)
        host = gateway.client.base_url.netloc
        headers = tuple(
            (name, value)
            for name, value in answer.headers.multi_items()
            if name not in OF_ONE_ANSWER
        )
        found[str(question)] = Answer(
            answer.status_code, headers, answer.content.replace(host, b"HOST")
        )
    return found


@pytest.fixture(scope="module")
def base(on_world) -> dict[Scopes, dict[str, Answer]]:
    """What each token is answered in the world that the others are compared with."""
    with on_world(records()) as gateway:
        return {scopes: answers(gateway, scopes) for scopes in scope_sets()}


@pytest.fixture(scope="module")
def others(on_world) -> dict[Scopes, dict[Scopes, dict[str, Answer]]]:
    """By whom it is hidden from: what the tokens that may not see it, and the full one, get."""
    found = {}
    for hidden_from in scope_sets():
        if hidden_from == EVERYTHING:
            continue
        with on_world(otherwise(hidden_from)) as gateway:
            fewer = [scopes for scopes in scope_sets() if scopes <= hidden_from]
            found[hidden_from] = {one: answers(gateway, one) for one in (*fewer, EVERYTHING)}
    return found


def test_hidden_values_change_no_answer(base, others):
    compared = 0
    for hidden_from, by_scopes in others.items():
        for scopes, given in by_scopes.items():
            if scopes == EVERYTHING:
                continue
            for question, answer in given.items():
                where = (label(hidden_from), label(scopes), question)
                assert answer == base[scopes][question], where
                compared += 1
    assert compared == len(ASKED) * sum(len(by_scopes) - 1 for by_scopes in others.values())


def test_every_status_that_can_be_asked_for_is_compared(base):
    """The control of the questions: they are not all refused."""
    statuses = {answer.status for given in base.values() for answer in given.values()}
    assert statuses >= {200, 400, 403, 404, 405}
    for operation in DOCUMENT.operations.values():
        for question in questions(operation):
            for scopes in scope_sets():
                expected = 200 if operation.scopes <= scopes else 403
                assert base[scopes][str(question)].status == expected, str(question)


def test_every_classified_field_differs_for_who_may_see_it(base, others):
    """The control of the worlds: each classified field is another one in some of them."""
    differing = set()
    for by_scopes in others.values():
        for operation in DOCUMENT.operations.values():
            for question in map(str, questions(operation)):
                bodies = [given[EVERYTHING][question].body for given in (base, by_scopes)]
                here = map(json.loads, bodies)
                differing |= set(differences(operation.response_schema, *here))
    assert set(categories()) <= differing


def differences(schema: Any, one: Any, other: Any) -> Iterator[Property]:
    """Yield each property, at any depth, whose value differs between two documents of *schema*."""
    target = DOCUMENT.resolve(schema)
    for part in (target.get("allOf") or target.get("anyOf") or ())[:1]:
        yield from differences(part, one, other)
    if "items" in target:
        for pair in zip(one, other, strict=False):
            yield from differences(target["items"], *pair)
    for name, described in target.get("properties", {}).items():
        if one[name] != other[name]:
            yield Property(DOCUMENT.component_of(schema) or "", name)
            yield from differences(described, one[name], other[name])
