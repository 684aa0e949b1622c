"""Two generators' Python clients read what the token shows: a name, or an id and nothing else."""

import pytest

FULL = {"id": "cand_ghi789", "first_name": "John", "last_name": "Doe", "email": "john@example.com"}
REDACTED = {"id": "cand_ghi789"}


@pytest.fixture
def full(client, live_gateway):
    return client.read(live_gateway.full_token)


@pytest.fixture
def redacted(client, live_gateway):
    return client.read(live_gateway.applications_token)


def application(candidate: dict[str, str], type_name: str) -> dict[str, object]:
    return {
        "id": "app_jkl012",
        "status": "active",
        "submitted_at": "2026-01-20T09:15:00+00:00",
        "stages": ["Screening", "Interview"],
        "completed": [True, False],
        "type": type_name,
        "candidate": candidate,
        "first_name": candidate.get("first_name"),
    }


def test_full_token_reads_the_candidate(full):
    assert full["application"] == application(FULL, "ApplicationCandidate")


def test_token_without_candidates_reads_a_reference(redacted):
    assert redacted["application"] == application(REDACTED, "ApplicationCandidateReference")


def test_pages_lead_to_every_application_once(full):
    ids = [one for page in full["pages"] for one in page["ids"]]
    assert [len(page["ids"]) for page in full["pages"]] == [20, 4]
    assert len(set(ids)) == len(ids) == full["pages"][0]["total"]


def test_every_candidate_of_a_page_has_the_form_that_the_token_shows(full, redacted):
    assert [page["candidates"] for page in full["pages"]] == [["ApplicationCandidate"]] * 2
    assert [page["candidates"] for page in redacted["pages"]] == (
        [["ApplicationCandidateReference"]] * 2
    )


def test_missing_application_is_a_typed_404(full, redacted):
    expected = {"status": 404, "parameters": [], "required_scopes": None}
    assert full["missing"] == redacted["missing"] == expected


def test_wrong_search_is_a_typed_400(full):
    assert full["wrong"] == {"status": 400, "parameters": ["search"], "required_scopes": None}


def test_candidates_are_listed_for_the_token_that_may(full):
    assert full["candidates"] == {"emails": ["john@example.com"]}


def test_candidates_are_a_typed_403_for_the_token_that_may_not(redacted):
    assert redacted["candidates"] == {
        "status": 403,
        "parameters": [],
        "required_scopes": ["candidates:read"],
    }
