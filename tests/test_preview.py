"""Previews compare: what a change of scopes turns, line by line. See also tests/http."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from gateway import policy, spec
from gateway.policy import Policy
from gateway.policy.grants import gained, openings
from gateway.preview import Preview, Shown, Turn, answer, previews
from gateway.spec.samples import sample

ROOT = Path(__file__).parents[1]
NONE: frozenset[str] = frozenset()
APPLICATIONS = frozenset({"applications:read"})
BOTH = frozenset({"applications:read", "candidates:read"})


@cache
def shipped() -> Policy:
    return policy.load(ROOT / "policies", spec.load(ROOT / "openapi" / "hiring.yaml"), {})


@cache
def library() -> Policy:
    folder = ROOT / "tests" / "second_domain"
    return policy.load(folder / "policies", spec.load(folder / "library.yaml"), {})


def found(of: Policy, operation_id: str, *sets: frozenset[str]) -> Preview:
    return next(one for one in previews(of, *sets) if one.operation.id == operation_id)


def turns(preview: Preview) -> dict[str | None, Turn]:
    return {line.name: line.turn for line in preview.lines if line.turn}


def test_what_is_printed_is_json_in_the_documents_order():
    whole = sample(shipped().model.document, shipped().model.document.operations["get_application"])
    for scopes in (NONE, APPLICATIONS, BOTH):
        for preview in previews(shipped(), scopes):
            if preview.is_reached:
                given = sample(shipped().model.document, preview.operation)
                left = answer(shipped().view(scopes), preview.operation, given)
                assert json.loads(preview.text) == left
    printed = json.loads(found(shipped(), "get_application", BOTH).text)
    assert json.dumps(printed) == json.dumps(whole)


def test_the_fullest_example_is_the_sample():
    document = shipped().model.document
    candidate = sample(document, document.operations["get_application"])["candidate"]
    assert list(candidate) == ["id", "first_name", "last_name", "email"]


def test_a_new_token_has_nothing_to_compare_with():
    assert not any(one.turns for one in previews(shipped(), BOTH))


def test_an_unchanged_set_turns_nothing():
    assert not any(one.turns for one in previews(shipped(), BOTH, BOTH))


def test_a_scope_that_is_added_is_a_gain_line_by_line():
    preview = found(shipped(), "get_application", BOTH, APPLICATIONS)
    assert turns(preview) == dict.fromkeys(["first_name", "last_name", "email"], Turn.GAINED)
    assert found(shipped(), "get_candidate", BOTH, APPLICATIONS).turn is Turn.GAINED


def test_a_scope_that_is_taken_away_is_a_loss_line_by_line():
    preview = found(shipped(), "get_application", APPLICATIONS, BOTH)
    assert turns(preview) == dict.fromkeys(["first_name", "last_name", "email"], Turn.LOST)
    assert preview.hidden == 3
    lost = found(shipped(), "get_candidate", APPLICATIONS, BOTH)
    assert (lost.turn, lost.lines, lost.needs) == (Turn.LOST, (), ("candidates:read",))


def test_what_is_shown_in_part_is_compared_by_what_it_reveals():
    books, desk = frozenset({"books:read"}), frozenset({"books:read", "desk:read"})
    assert turns(found(library(), "get_book", desk, books)) == {"borrower": Turn.GAINED}
    fewer = found(library(), "get_book", books, desk)
    assert turns(fewer) == {"borrower": Turn.LOST}
    [line] = [line for line in fewer.lines if line.turn]
    assert line.shown is Shown.PART


def test_an_object_that_appears_is_new_as_a_whole(monkeypatch: pytest.MonkeyPatch):
    """Not so in a shipped policy: what is around always shows its id."""
    seen = found(shipped(), "get_application", BOTH, APPLICATIONS)
    view = type(shipped().view(BOTH))
    redact = view.redact

    def without_candidate(self, schema, body):
        left = redact(self, schema, body)
        if self.scopes == APPLICATIONS and isinstance(left, dict):
            left.pop("candidate", None)
        return left

    monkeypatch.setattr(view, "redact", without_candidate)
    preview = found(shipped(), "get_application", BOTH, APPLICATIONS)
    start = [line.name for line in preview.lines].index("candidate")
    assert [line.turn for line in preview.lines[start : start + 6]] == [Turn.GAINED] * 6
    assert preview.text == seen.text


def test_a_scope_is_told_by_what_it_opens():
    told = {one.scope: one for one in openings(shipped().model)}
    assert list(told) == ["job_postings:read", "candidates:read", "applications:read"]
    candidates = told["candidates:read"]
    assert [one.id for one in candidates.operations] == ["list_candidates", "get_candidate"]
    [elsewhere] = candidates.fields
    assert [one.id for one in elsewhere.operations] == ["list_applications", "get_application"]
    assert elsewhere.names == ("candidate.first_name", "candidate.last_name", "candidate.email")
    assert [one.category for one in candidates.classes] == ["PII"]


def test_what_is_gained_is_told_by_operations_and_fields():
    change = gained(shipped().model, APPLICATIONS, BOTH)
    assert [one.id for one in change.operations] == ["list_candidates", "get_candidate"]
    [fields] = change.fields
    assert fields.names == ("candidate.first_name", "candidate.last_name", "candidate.email")
    assert not gained(shipped().model, BOTH, APPLICATIONS)
    assert not gained(shipped().model, BOTH, BOTH)
    assert [one.id for one in gained(shipped().model, NONE, APPLICATIONS).operations] == [
        "list_applications",
        "get_application",
    ]
