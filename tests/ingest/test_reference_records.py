"""`examples/reference.jsonl` says what the API reference says.

The documents are put together here by plain Python, independent of the import, the counters and
the handlers; the contract suite asks the running API for the same ones.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import ingest

PATH = Path(__file__).parents[2] / "examples" / "reference.jsonl"

# The reference shows the first stage alone, as an example. The second one must exist, as the
# history of app_jkl012 passes through it and an entry's stage must belong to its posting; the id
# is ours, all else stands in that history.
STAGES = [
    {"id": "stg_def456", "name": "Screening", "stage_type": "default", "position": 0},
    {"id": "stg_ghi789", "name": "Interview", "stage_type": "interview", "position": 1},
]

JOB_POSTING = {
    "id": "job_abc123",
    "title": "Senior Rails Developer",
    "status": "published",
    "department": "Engineering",
    "location": "New York, NY",
    "employment_type": "full_time",
    "remote": True,
    "salary_min": "120000.0",
    "salary_max": "180000.0",
    "salary_currency": "USD",
    "salary_period": "year",
    "published_at": "2026-01-15T10:00:00Z",
    "closed_at": None,
    "created_at": "2026-01-10T08:30:00Z",
    "updated_at": "2026-02-01T14:20:00Z",
    "stages": STAGES,
    "counts": {"total_applications": 24, "active_applications": 18, "rejected": 6},
}

CANDIDATE = {
    "id": "cand_ghi789",
    "first_name": "John",
    "last_name": "Doe",
    "email": "john@example.com",
    "phone": "+1-555-0100",
    "status": "active",
    "github_username": "johndoe",
    "created_at": "2026-01-20T09:15:00Z",
    "applications": [
        {
            "id": "app_jkl012",
            "job_posting_id": "job_abc123",
            "job_posting_title": "Senior Rails Developer",
            "current_stage_name": "Interview",
            "status": "active",
            "submitted_at": "2026-01-20T09:15:00Z",
        }
    ],
}

APPLICATION = {
    "id": "app_jkl012",
    "job_posting_id": "job_abc123",
    "candidate_id": "cand_ghi789",
    "current_stage_name": "Interview",
    "status": "active",
    "submitted_at": "2026-01-20T09:15:00Z",
    "created_at": "2026-01-20T09:15:00Z",
    "updated_at": "2026-02-10T11:30:00Z",
    "candidate": {
        "id": "cand_ghi789",
        "first_name": "John",
        "last_name": "Doe",
        "email": "john@example.com",
    },
    "stage_history": [
        {
            "id": "sp_mno345",
            "stage_name": "Screening",
            "stage_type": "default",
            "status": "completed",
            "started_at": "2026-01-20T09:15:00Z",
            "completed_at": "2026-01-25T16:00:00Z",
        },
        {
            "id": "sp_pqr678",
            "stage_name": "Interview",
            "stage_type": "interview",
            "status": "in_progress",
            "started_at": "2026-01-25T16:00:00Z",
            "completed_at": None,
        },
    ],
}

PARENTS_OF_AN_ENTRY = ("application_id", "stage_id")

Record = dict[str, Any]


class Reference:
    """The records of the file, by type and id."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records

    def of(self, kind: str, **fields: str) -> list[Record]:
        """Return the records of *kind* that have *fields*, without their `type`."""
        wanted = {"type": kind, **fields}.items()
        return [
            {name: value for name, value in record.items() if name != "type"}
            for record in self.records
            if wanted <= record.items()
        ]

    def one(self, kind: str, **fields: str) -> Record:
        (record,) = self.of(kind, **fields)
        return record

    def history(self, application_id: str) -> list[Record]:
        """Return the entries of an application as documents show them."""
        history = []
        for entry in self.of("stage_progress", application_id=application_id):
            stage = self.one("stage", id=entry["stage_id"])
            entry |= {"stage_name": stage["name"], "stage_type": stage["stage_type"]}
            history.append({k: v for k, v in entry.items() if k not in PARENTS_OF_AN_ENTRY})
        return sorted(history, key=lambda entry: entry["started_at"])


@pytest.fixture(scope="module")
def reference() -> Reference:
    with PATH.open(encoding="utf-8") as lines:
        return Reference([json.loads(line) for line in lines])


def test_job_posting_is_the_one_of_the_reference(reference: Reference) -> None:
    stages = [
        {name: value for name, value in stage.items() if name != "job_posting_id"}
        for stage in reference.of("stage", job_posting_id="job_abc123")
    ]
    by_status = Counter(
        application["status"]
        for application in reference.of("application", job_posting_id="job_abc123")
    )
    document = reference.one("job_posting", id="job_abc123") | {
        "stages": sorted(stages, key=lambda stage: stage["position"]),
        "counts": {
            "total_applications": by_status.total(),
            "active_applications": by_status["active"],
            "rejected": by_status["rejected"],
        },
    }

    assert document == JOB_POSTING


def test_candidate_is_the_one_of_the_reference(reference: Reference) -> None:
    applications = [
        {
            "id": application["id"],
            "job_posting_id": application["job_posting_id"],
            "job_posting_title": reference.one("job_posting", id=application["job_posting_id"])[
                "title"
            ],
            "current_stage_name": reference.history(application["id"])[-1]["stage_name"],
            "status": application["status"],
            "submitted_at": application["submitted_at"],
        }
        for application in reference.of("application", candidate_id="cand_ghi789")
    ]

    candidate = reference.one("candidate", id="cand_ghi789")

    assert candidate | {"applications": applications} == CANDIDATE


def test_application_is_the_one_of_the_reference(reference: Reference) -> None:
    candidate = reference.one("candidate", id="cand_ghi789")
    history = reference.history("app_jkl012")
    document = reference.one("application", id="app_jkl012") | {
        "current_stage_name": history[-1]["stage_name"],
        "candidate": {name: candidate[name] for name in ("id", "first_name", "last_name", "email")},
        "stage_history": history,
    }

    assert document == APPLICATION


def test_examples_of_the_reference_are_first_in_their_lists(reference: Reference) -> None:
    newest_candidate = max(reference.of("candidate"), key=lambda record: record["created_at"])
    newest_application = max(reference.of("application"), key=lambda record: record["created_at"])

    assert newest_candidate["id"] == "cand_ghi789"
    assert newest_application["id"] == "app_jkl012"


def test_every_record_conforms_to_the_schema_of_the_import_format(reference: Reference) -> None:
    validator = jsonschema_rs.validator_for(ingest.SCHEMA)

    assert [record for record in reference.records if not validator.is_valid(record)] == []


def test_ids_are_there_once_and_references_lead_to_records(reference: Reference) -> None:
    ids = Counter(record["id"] for record in reference.records)
    led_to = {
        value
        for record in reference.records
        for name, value in record.items()
        if name.endswith("_id")
    }

    assert set(ids.values()) == {1}
    assert led_to <= ids.keys()


def test_rejected_applications_end_with_a_rejection_and_active_ones_do_not(
    reference: Reference,
) -> None:
    ends = {
        (application["status"], reference.history(application["id"])[-1]["status"])
        for application in reference.of("application")
    }

    assert ends == {("active", "in_progress"), ("rejected", "rejected")}


def test_nothing_happens_before_its_cause(reference: Reference) -> None:
    for application in reference.of("application"):
        history = reference.history(application["id"])
        moments = [JOB_POSTING["published_at"], application["submitted_at"]]
        for entry in history:
            moments += [entry["started_at"], entry["completed_at"] or entry["started_at"]]
        moments.append(application["updated_at"])

        assert moments == sorted(moments), application["id"]
