"""Records of the import format with sensible fields; a test names those that it is about."""

from __future__ import annotations

import json
from typing import Any

DAY = "2026-01-15T10:00:00Z"

Record = dict[str, Any]


def posting(id: str = "job_a", **fields: Any) -> Record:
    return {
        "type": "job_posting",
        "id": id,
        "title": "Engineer",
        "status": "published",
        "employment_type": "full_time",
        "remote": True,
        "created_at": DAY,
        "updated_at": DAY,
    } | fields


def stage(id: str = "stg_a", **fields: Any) -> Record:
    return {
        "type": "stage",
        "id": id,
        "job_posting_id": "job_a",
        "name": "Screening",
        "stage_type": "default",
        "position": 0,
    } | fields


def candidate(id: str = "cand_a", **fields: Any) -> Record:
    return {
        "type": "candidate",
        "id": id,
        "first_name": "Ann",
        "last_name": "Lee",
        "status": "active",
        "created_at": DAY,
    } | fields


def application(id: str = "app_a", **fields: Any) -> Record:
    return {
        "type": "application",
        "id": id,
        "job_posting_id": "job_a",
        "candidate_id": "cand_a",
        "status": "active",
        "submitted_at": DAY,
        "created_at": DAY,
        "updated_at": DAY,
    } | fields


def entry(id: str = "sp_a", **fields: Any) -> Record:
    return {
        "type": "stage_progress",
        "id": id,
        "application_id": "app_a",
        "stage_id": "stg_a",
        "status": "completed",
        "started_at": DAY,
    } | fields


def one_of_each() -> list[Record]:
    """Return a record of each type, parents first."""
    return [posting(), stage(), candidate(), application(), entry()]


def as_lines(records: list[Record]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()
