"""A request runs the same number of statements whatever its rows."""

from __future__ import annotations

import pytest

from gateway.reading.plan import Statement

AT = "2026-01-01T00:00:00Z"


def people(count: int) -> list[dict]:
    posting = {
        "type": "job_posting",
        "id": "job_1",
        "title": "T",
        "status": "published",
        "employment_type": "full_time",
        "remote": True,
        "created_at": AT,
        "updated_at": AT,
    }
    stage = {
        "type": "stage",
        "id": "stg_1",
        "job_posting_id": "job_1",
        "name": "S",
        "stage_type": "default",
        "position": 0,
    }
    records = [posting, stage]
    for n in range(count):
        records += [
            {**posting, "id": f"job_x{n}"},
            {
                "type": "candidate",
                "id": f"cand_{n}",
                "first_name": "Ann",
                "last_name": "Lee",
                "status": "active",
                "created_at": AT,
            },
            {
                "type": "application",
                "id": f"app_{n}",
                "job_posting_id": "job_1",
                "candidate_id": f"cand_{n}",
                "status": "active",
                "submitted_at": AT,
                "created_at": AT,
                "updated_at": AT,
            },
            {
                "type": "stage_progress",
                "id": f"sp_{n}",
                "application_id": f"app_{n}",
                "stage_id": "stg_1",
                "status": "in_progress",
                "started_at": AT,
            },
        ]
    return records


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/job_postings", 4),  # the token, the total, the rows, their stages
        ("/candidates", 4),
        ("/candidates?search=ann", 4),
        ("/applications", 4),
        ("/applications?status=active&job_posting_id=job_1", 4),
        ("/job_postings/job_1/stages", 3),
        ("/candidates/cand_0", 3),
        ("/applications/app_0", 3),
        ("/token", 2),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_rows(
    gateway, path, statements, monkeypatch
):
    counted = []
    bound = Statement.bound
    monkeypatch.setattr(
        Statement, "bound", lambda self, values: counted.append(self) or bound(self, values)
    )
    numbers = []
    for count in (1, 20):
        account = gateway.account()
        gateway.load(account, *people(count))
        secret = gateway.token(account, "applications:read", "candidates:read", "job_postings:read")
        counted.clear()
        answer = gateway.get(path, secret)
        assert answer.status_code == 200
        numbers.append(len(counted))
    assert numbers == [statements, statements]


@pytest.mark.parametrize("path", ["/applications", "/candidates", "/job_postings"])
def test_totals_of_whole_lists_are_not_counted(gateway, acme, full, path, monkeypatch):
    seen = []
    bound = Statement.bound
    monkeypatch.setattr(
        Statement, "bound", lambda self, values: seen.append(self.sql) or bound(self, values)
    )
    assert gateway.get(path, full).json()["pagination"]["total_count"] > 0
    assert seen
    assert not any("COUNT(" in sql for sql in seen)
