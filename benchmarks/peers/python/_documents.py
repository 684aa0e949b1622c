"""Rows as documents: the keys of the API in its order. Rows come from queries.sql."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

PAGE_SIZE = 20
EPOCH = datetime(1970, 1, 1)


def time(seconds: int | None) -> str | None:
    """Return a time as documents show it."""
    if seconds is None:
        return None
    return (EPOCH + timedelta(seconds=seconds)).isoformat() + "Z"


def money(hundredths: int | None) -> str | None:
    """Return an amount as documents show it: at least one decimal."""
    if hundredths is None:
        return None
    units, rest = divmod(hundredths, 100)
    return f"{units}.{rest:02d}" if rest % 10 else f"{units}.{rest // 10}"


def grouped(rows: Iterable[Any], document: Callable[[Any], Any]) -> dict[int, list[Any]]:
    """Return the documents of child rows by the parent's key, which comes first in each."""
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(document(row))
    return groups


def history(row: Any) -> dict[str, Any]:
    _, id, stage_name, stage_type, status, started_at, completed_at = row
    return {
        "id": id,
        "stage_name": stage_name,
        "stage_type": stage_type,
        "status": status,
        "started_at": time(started_at),
        "completed_at": time(completed_at),
    }


def application(row: Any, histories: dict[int, list[Any]]) -> dict[str, Any]:
    """Return an application; its candidate is an id alone if the row ends before the names."""
    key, id, posting_id, candidate_id, stage, status, submitted_at, created_at, updated_at = row[:9]
    candidate = {"id": candidate_id}
    if len(row) > 9:
        candidate |= {"first_name": row[9], "last_name": row[10], "email": row[11]}
    return {
        "id": id,
        "job_posting_id": posting_id,
        "candidate_id": candidate_id,
        "current_stage_name": stage,
        "status": status,
        "submitted_at": time(submitted_at),
        "created_at": time(created_at),
        "updated_at": time(updated_at),
        "candidate": candidate,
        "stage_history": histories.get(key, []),
    }


def candidate_application(row: Any) -> dict[str, Any]:
    _, id, posting_id, posting_title, stage, status, submitted_at = row
    return {
        "id": id,
        "job_posting_id": posting_id,
        "job_posting_title": posting_title,
        "current_stage_name": stage,
        "status": status,
        "submitted_at": time(submitted_at),
    }


def candidate(row: Any, applications: dict[int, list[Any]]) -> dict[str, Any]:
    key, id, first_name, last_name, email, phone, status, github_username, created_at = row
    return {
        "id": id,
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "status": status,
        "github_username": github_username,
        "created_at": time(created_at),
        "applications": applications.get(key, []),
    }


def stage(row: Any) -> dict[str, Any]:
    _, id, name, stage_type, position = row
    return {"id": id, "name": name, "stage_type": stage_type, "position": position}


def posting(row: Any, stages: dict[int, list[Any]]) -> dict[str, Any]:
    key, id, title, status, department, location, employment_type, remote = row[:8]
    salary_min, salary_max, currency, period = row[8:12]
    published_at, closed_at, created_at, updated_at, active, rejected = row[12:]
    return {
        "id": id,
        "title": title,
        "status": status,
        "department": department,
        "location": location,
        "employment_type": employment_type,
        "remote": bool(remote),
        "salary_min": money(salary_min),
        "salary_max": money(salary_max),
        "salary_currency": currency,
        "salary_period": period,
        "published_at": time(published_at),
        "closed_at": time(closed_at),
        "created_at": time(created_at),
        "updated_at": time(updated_at),
        "stages": stages.get(key, []),
        "counts": {
            "total_applications": active + rejected,
            "active_applications": active,
            "rejected": rejected,
        },
    }


def pagination(page: int, total: int) -> dict[str, int]:
    """Return what stands beside `data` in a list."""
    return {
        "current_page": page,
        "total_pages": -(-total // PAGE_SIZE),
        "total_count": total,
        "per_page": PAGE_SIZE,
    }
