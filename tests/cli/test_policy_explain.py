"""`gateway policy explain`: its form and refusals. What it says is tested in tests/policy."""

import re

APPLICATION = ("policy", "explain", "--operation", "get_application")


def test_it_says_how_a_field_is_shown_by_which_line_and_what_is_missing(gateway):
    words = ("--scopes", "applications:read", "--field", "candidate.first_name")
    head, columns, row = gateway.done(*APPLICATION, *words).replace("\n\n", "\n").splitlines()
    assert head == (
        "get_application is reached with applications:read; it requires applications:read"
    )
    assert columns.split() == ["FIELD", "CLASS", "SHOWN", "MISSING", "RULE"]
    assert re.fullmatch(
        r"candidate\.first_name +PII +hidden +candidates:read +\S*"
        r"policies/application_candidate\.yaml:7",
        row,
    )


def test_an_operation_that_is_not_reached_is_told_with_what_is_missing(gateway):
    made = gateway.json(*APPLICATION, "--scopes", "")
    assert not made["reached"]
    by_field = {one["field"]: one for one in made["fields"]}
    assert by_field["id"]["shown"] == "not reached"
    assert re.search(r"openapi/hiring\.yaml:\d+$", by_field["id"]["rule"])
    assert by_field["id"]["missing"] == [{"for": "value", "any_of": [["applications:read"]]}]
    assert by_field["candidate.email"]["missing"] == [
        {"for": "value", "any_of": [["applications:read", "candidates:read"]]}
    ]


def test_a_way_that_shows_a_part_is_named(gateway, monkeypatch, tmp_path):
    from pathlib import Path

    books = Path(__file__).parents[1] / "second_domain"
    monkeypatch.setenv("GATEWAY_OPENAPI", str(books / "library.yaml"))
    monkeypatch.setenv("GATEWAY_POLICIES", str(books / "policies"))
    words = ("--scopes", "", "--field", "borrower")
    printed = gateway.done("policy", "explain", "--operation", "get_book", *words)
    missing = "books:read, desk:read; books:read for mask(first 1, last 0)"
    assert missing in printed


def test_places_below_the_working_directory_are_told_from_there(gateway, policies, monkeypatch):
    monkeypatch.chdir(policies.parent)
    words = ("--scopes", "applications:read", "--field", "id")
    assert gateway.json(*APPLICATION, *words)["fields"][0]["rule"] == (
        "policies/application.yaml:5"
    )


def test_unknown_names_are_refused_with_the_closest(gateway):
    assert gateway.refusal(
        "policy", "explain", "--operation", "get_candidates", "--scopes", ""
    ) == ("unknown operation `get_candidates`; did you mean `get_candidate`?")
    assert gateway.refusal(*APPLICATION, "--scopes", "candidate:read") == (
        "unknown scope `candidate:read`; did you mean `candidates:read`?"
    )
    assert gateway.refusal(*APPLICATION, "--scopes", "", "--field", "candidate.emial") == (
        "unknown field `candidate.emial`; did you mean `candidate.email`?"
    )
    assert gateway.refusal(*APPLICATION, "--scopes", "", "--field", "shoe size") == (
        "unknown field `shoe size`; leave out `--field` to see those of `get_application`"
    )


def test_operation_and_scopes_must_be_given(gateway):
    assert gateway("policy", "explain", "--scopes", "").exit_code == 2
    assert gateway(*APPLICATION).exit_code == 2
