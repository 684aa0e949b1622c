"""A preview is what the live server gives: every operation, every set of scopes, every field."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from cells import paths_in

from gateway.preview import Shown, answer, previews

SCOPES = ("applications:read", "candidates:read", "job_postings:read")
SETS = [frozenset(some) for size in range(4) for some in combinations(SCOPES, size)]
NAMED = {
    "get_job_posting": "job_abc123",
    "get_candidate": "cand_ghi789",
    "get_application": "app_jkl012",
}


def path_of(operation) -> str:
    """Return where the reference's example of *operation* is."""
    path = operation.path.replace("{job_posting_id}", "job_abc123")
    return path.replace("{id}", NAMED.get(operation.id, ""))


@pytest.mark.parametrize("scopes", SETS, ids=lambda one: "+".join(sorted(one)) or "none")
def test_a_preview_has_the_fields_that_the_server_gives_and_no_other(gateway, acme, scopes):
    secret = gateway.token(acme, *scopes)
    for preview in previews(gateway.reloader.bundle.policy, scopes):
        live = gateway.get(path_of(preview.operation), secret)
        assert (live.status_code == 200) == preview.is_reached, preview.operation.id
        if not preview.is_reached:
            missing = set(live.json()["required_scopes"]) - scopes
            assert (live.status_code, missing) == (403, set(preview.needs))
            continue
        assert paths_in(json.loads(preview.text)) == paths_in(live.json()), preview.operation.id


@pytest.mark.parametrize("scopes", SETS, ids=lambda one: "+".join(sorted(one)) or "none")
def test_the_redaction_of_a_preview_leaves_of_the_whole_what_the_server_gives(
    gateway, acme, full, scopes
):
    """The preview's own redaction, put on what a token with every scope is given."""
    secret = gateway.token(acme, *scopes)
    policy = gateway.reloader.bundle.policy
    for operation in policy.model.document.operations.values():
        if operation.scopes <= scopes and operation.id != "get_token":  # it is of the token itself
            whole = gateway.get(path_of(operation), full).json()
            live = gateway.get(path_of(operation), secret).json()
            assert answer(policy.view(scopes), operation, whole) == live


def test_what_is_hidden_stands_in_its_place_and_says_what_is_missing(gateway):
    scopes = frozenset({"applications:read"})
    found = {one.operation.id: one for one in previews(gateway.reloader.bundle.policy, scopes)}
    hidden = [one for one in found["get_application"].lines if one.shown is Shown.NOTHING]
    assert [line.name for line in hidden] == ["first_name", "last_name", "email"]
    assert {line.needs for line in hidden} == {("candidates:read",)}
    assert {line.value for line in hidden} == {""}
    assert found["list_candidates"].needs == ("candidates:read",)


def test_a_preview_follows_the_policy_of_another_domain(library):
    """The second domain, whose document gives no examples: samples are made up."""
    policy = library.gateway.reloader.bundle.policy
    for scopes in (frozenset({"books:read"}), frozenset({"books:read", "desk:read"})):
        for preview in previews(policy, scopes):
            live = library(preview.operation.path.replace("{id}", "book_1"), *scopes)
            assert (live.status_code == 200) == preview.is_reached
            if preview.is_reached:
                assert paths_in(json.loads(preview.text)) == paths_in(live.json())
    [masked] = [
        line
        for one in previews(policy, frozenset({"books:read"}))
        if one.operation.id == "get_book"
        for line in one.lines
        if line.name == "borrower"
    ]
    assert (masked.value, masked.shown) == ('"t***"', Shown.PART)
    assert masked.needs == ("desk:read",)
