"""Guards the contract's "Values": the reference's JSON, key for key and in its order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

STAGES = [
    {"id": "stg_def456", "name": "Screening", "stage_type": "default", "position": 0},
    # The reference shows the first stage alone; the history of app_jkl012 needs this one too.
    {"id": "stg_ghi789", "name": "Interview", "stage_type": "interview", "position": 1},
]
EXAMPLES = json.loads((Path(__file__).parents[1] / "openapi" / "reference.json").read_text("utf-8"))


def same(answer, expected) -> None:
    """Equal values, and equal order of keys at every depth."""
    assert answer.status_code == 200, answer.text
    assert json.dumps(answer.json()) == json.dumps(expected)


def test_the_job_posting_of_the_reference_comes_back(gateway, full):
    expected = {**EXAMPLES["job_posting"], "stages": STAGES}
    same(gateway.get("/job_postings/job_abc123", full), expected)


def test_the_stages_of_the_reference_come_back(gateway, full):
    same(gateway.get("/job_postings/job_abc123/stages", full), {"data": STAGES})


def test_the_candidate_of_the_reference_comes_back(gateway, full):
    same(gateway.get("/candidates/cand_ghi789", full), EXAMPLES["candidate"])


def test_the_application_of_the_reference_comes_back(gateway, full):
    same(gateway.get("/applications/app_jkl012", full), EXAMPLES["application"])


def test_the_application_is_redacted_to_the_id_of_its_candidate(gateway, followers):
    expected = {**EXAMPLES["application"], "candidate": {"id": "cand_ghi789"}}
    same(gateway.get("/applications/app_jkl012", followers), expected)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/job_postings", "job_posting"),
        ("/candidates", "candidate"),
        ("/applications", "application"),
    ],
)
def test_an_item_of_a_list_is_the_document_of_its_id(gateway, full, path, key):
    item_id = EXAMPLES[key]["id"]
    pages = [gateway.get(f"{path}?page={page}", full).json()["data"] for page in (1, 2)]
    (item,) = [row for rows in pages for row in rows if row["id"] == item_id]
    same(gateway.get(f"{path}/{item_id}", full), item)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("120000", "120000.0"),
        ("120000.0", "120000.0"),
        ("120000.50", "120000.5"),
        ("99999.99", "99999.99"),
        ("0", "0.0"),
        ("0.05", "0.05"),
        ("999999999999.99", "999999999999.99"),
        (None, None),
    ],
)
def test_salaries_are_decimal_strings_with_at_least_one_decimal(gateway, acme, full, given, shown):
    gateway.load(acme, {"type": "job_posting", "id": "job_abc123", "salary_min": given})
    assert gateway.get("/job_postings/job_abc123", full).json()["salary_min"] == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z"),
        ("2026-01-15T10:00:00.999Z", "2026-01-15T10:00:00Z"),
        ("2026-01-15T10:00:00+05:30", "2026-01-15T04:30:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
        ("0001-01-02T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_times_are_utc_in_whole_seconds(gateway, acme, full, given, shown):
    gateway.load(acme, {"type": "job_posting", "id": "job_abc123", "published_at": given})
    assert gateway.get("/job_postings/job_abc123", full).json()["published_at"] == shown


def test_what_may_be_null_is_null_when_it_was_left_out(gateway, full):
    account = gateway.account("Sparse")
    at = "2026-01-01T00:00:00Z"
    gateway.load(
        account,
        {
            "type": "job_posting",
            "id": "job_1",
            "title": "T",
            "status": "draft",
            "employment_type": "x",
            "remote": True,
            "created_at": at,
            "updated_at": at,
        },
        {
            "type": "candidate",
            "id": "cand_1",
            "first_name": "A",
            "last_name": "B",
            "status": "new",
            "created_at": at,
        },
        {
            "type": "application",
            "id": "app_1",
            "job_posting_id": "job_1",
            "candidate_id": "cand_1",
            "status": "active",
            "submitted_at": at,
            "created_at": at,
            "updated_at": at,
        },
    )
    secret = gateway.token(account, "applications:read", "candidates:read", "job_postings:read")

    def nulls(path: str) -> list[str]:
        answer = gateway.get(path, secret)
        assert answer.status_code == 200, answer.text
        return [key for key, value in answer.json().items() if value is None]

    assert nulls("/job_postings/job_1") == [
        "department",
        "location",
        "salary_min",
        "salary_max",
        "salary_currency",
        "salary_period",
        "published_at",
        "closed_at",
    ]
    assert nulls("/candidates/cand_1") == ["email", "phone", "github_username"]
    assert nulls("/applications/app_1") == ["current_stage_name"]
