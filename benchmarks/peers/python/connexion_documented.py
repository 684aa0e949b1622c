"""Connexion + peewee as their documentation has it, with a careful count.

The specification routes, checks parameters and validates answers; scopes stand there as those of
OAuth 2.0, which Connexion enforces. Handlers are plain functions that return dictionaries, run in
Connexion's thread pool; rows are model instances, related ones joined or prefetched, lists cut by
`paginate`. Totals count the table itself, without its joins.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import yaml
from connexion.apps.asynchronous import AsyncApp
from connexion.context import request
from connexion.jsonifier import Jsonifier
from peewee import prefetch
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

import models
from benchmarks.peers.python import _access as access
from benchmarks.peers.python import _documents as documents
from benchmarks.peers.python._store import fold
from models import Account, Application, Candidate, JobPosting, Stage, StageProgress, Token

PAGE_SIZE = 20
OPERATIONS = ("list_job_postings", "list_candidates", "list_applications", "get_application")
DOCUMENT = Path(__file__).resolve().parents[3] / "openapi" / "hiring.yaml"


def connected() -> Any:
    """Return the database, bound to the models."""
    url = os.environ["DATABASE_URL"]
    options: dict[str, Any] = {"max_connections": 40, "timeout": 10}
    if url.startswith("sqlite:///"):
        pragmas = {"cache_size": -32_768, "mmap_size": 1 << 30}
        path = url.removeprefix("sqlite:///")
        opened: Any = PooledSqliteDatabase(
            path, pragmas=pragmas, check_same_thread=False, **options
        )
    else:
        opened = PooledPostgresqlDatabase(url, prefer_psycopg3=True, **options)
    models.database.initialize(opened)
    return opened


database = connected()


def token_info(token: str) -> dict[str, Any] | None:
    """Return what Connexion needs to know of a token; None: it is not live."""
    with database.connection_context():
        found = (
            Token.select(Token, Account)
            .join(Account)
            .where(Token.digest == access.digest(token))
            .first()
        )
    if found is None or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= time.time():
        return None
    return {"sub": found.public_id, "scope": found.scopes, "account": found.account.id}


def list_job_postings(page: int, token_info: Any, status: str | None = None) -> Any:
    """Answer with a page of job postings."""
    with database.connection_context():
        chosen = JobPosting.select().where(JobPosting.account == token_info["account"])
        if status is not None:
            chosen = chosen.where(JobPosting.status == status)
        total = chosen.count()
        rows = newest_first(chosen, JobPosting).paginate(page, PAGE_SIZE)
        stages = Stage.select().order_by(Stage.position, Stage.id)
        data = [posting(row) for row in prefetch(rows, stages)] if total else []
        return listed(data, page, total)


def list_candidates(page: int, token_info: Any, search: str | None = None) -> Any:
    """Answer with a page of candidates."""
    with database.connection_context():
        chosen = Candidate.select().where(Candidate.account == token_info["account"])
        text = fold(search or "")
        if text:
            chosen = chosen.where(
                Candidate.search_name.contains(text) | Candidate.search_email.contains(text)
            )
        total = chosen.count()
        rows = newest_first(chosen, Candidate).paginate(page, PAGE_SIZE)
        applications = (
            Application.select(Application, JobPosting, Stage)
            .join(JobPosting)
            .switch(Application)
            .left_outer_join(Stage)
            .order_by(Application.submitted_at, Application.id)
        )
        data = [candidate(row) for row in prefetch(rows, applications)] if total else []
        return listed(data, page, total)


def list_applications(
    page: int, token_info: Any, job_posting_id: str | None = None, status: str | None = None
) -> Any:
    """Answer with a page of applications."""
    caller = token_info
    with database.connection_context():
        chosen = Application.select().where(Application.account == caller["account"])
        if status is not None:
            chosen = chosen.where(Application.status == status)
        if job_posting_id is not None:
            posting = JobPosting.select(JobPosting.id).where(
                JobPosting.account == caller["account"], JobPosting.public_id == job_posting_id
            )
            chosen = chosen.where(Application.job_posting == posting)
        total = chosen.count()
        rows = newest_first(related(chosen), Application).paginate(page, PAGE_SIZE)
        data = [application(row, caller) for row in with_history(rows)] if total else []
        return listed(data, page, total)


def get_application(id: str, token_info: Any) -> Any:
    """Answer with one application."""
    caller = token_info
    with database.connection_context():
        chosen = Application.select().where(
            Application.account == caller["account"], Application.public_id == id
        )
        rows = with_history(related(chosen))
        if not rows:
            shown = headers(access.PROBLEM)
            return access.not_found(id).document(shown["X-Request-Id"]), 404, shown
        return application(rows[0], caller), 200, headers()


def related(chosen: Any) -> Any:
    """Return the query with what a row belongs to, so that no row asks for its own."""
    return (
        chosen.select_extend(JobPosting, Candidate, Stage)
        .join(JobPosting)
        .switch(Application)
        .join(Candidate)
        .switch(Application)
        .left_outer_join(Stage)
    )


def with_history(rows: Any) -> Any:
    """Return the rows with their histories, which are read in one query."""
    history = (
        StageProgress.select(StageProgress, Stage)
        .join(Stage)
        .order_by(StageProgress.started_at.asc(nulls="last"), StageProgress.id)
    )
    return prefetch(rows, history)


def newest_first(chosen: Any, model: Any) -> Any:
    return chosen.order_by(model.created_at.desc(), model.id.desc())


def listed(data: list[Any], page: int, total: int) -> Any:
    return {"data": data, "pagination": documents.pagination(page, total)}, 200, headers()


def application(row: Any, caller: Any) -> dict[str, Any]:
    shown = {"id": row.candidate.public_id}
    if "candidates:read" in caller["scope"].split():
        shown |= {
            "first_name": row.candidate.first_name,
            "last_name": row.candidate.last_name,
            "email": row.candidate.email,
        }
    return {
        "id": row.public_id,
        "job_posting_id": row.job_posting.public_id,
        "candidate_id": row.candidate.public_id,
        "current_stage_name": row.current_stage and row.current_stage.name,
        "status": row.status,
        "submitted_at": documents.time(row.submitted_at),
        "created_at": documents.time(row.created_at),
        "updated_at": documents.time(row.updated_at),
        "candidate": shown,
        "stage_history": [
            {
                "id": entry.public_id,
                "stage_name": entry.stage.name,
                "stage_type": entry.stage.stage_type,
                "status": entry.status,
                "started_at": documents.time(entry.started_at),
                "completed_at": documents.time(entry.completed_at),
            }
            for entry in row.stageprogress_set
        ],
    }


def candidate(row: Any) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone,
        "status": row.status,
        "github_username": row.github_username,
        "created_at": documents.time(row.created_at),
        "applications": [
            {
                "id": one.public_id,
                "job_posting_id": one.job_posting.public_id,
                "job_posting_title": one.job_posting.title,
                "current_stage_name": one.current_stage and one.current_stage.name,
                "status": one.status,
                "submitted_at": documents.time(one.submitted_at),
            }
            for one in row.application_set
        ],
    }


def posting(row: Any) -> dict[str, Any]:
    active, rejected = row.active_applications, row.rejected_applications
    return {
        "id": row.public_id,
        "title": row.title,
        "status": row.status,
        "department": row.department,
        "location": row.location,
        "employment_type": row.employment_type,
        "remote": bool(row.remote),
        "salary_min": documents.money(row.salary_min),
        "salary_max": documents.money(row.salary_max),
        "salary_currency": row.salary_currency,
        "salary_period": row.salary_period,
        "published_at": documents.time(row.published_at),
        "closed_at": documents.time(row.closed_at),
        "created_at": documents.time(row.created_at),
        "updated_at": documents.time(row.updated_at),
        "stages": [
            {
                "id": stage.public_id,
                "name": stage.name,
                "stage_type": stage.stage_type,
                "position": stage.position,
            }
            for stage in row.stage_set
        ],
        "counts": {
            "total_applications": active + rejected,
            "active_applications": active,
            "rejected": rejected,
        },
    }


def headers(content_type: str = "application/json") -> dict[str, str]:
    """Return the headers that the specification has for every answer."""
    sent = request.headers.get("x-request-id")  # type: ignore[attr-defined]
    return {"Content-Type": content_type, "X-Request-Id": access.request_id_of(sent)}


class Compact(Jsonifier):
    """JSON as the other servers write it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def dumps(self, data: Any, **_: Any) -> str:
        return self.json.dumps(data, separators=(",", ":"), ensure_ascii=False)  # type: ignore[no-any-return]


def document() -> dict[str, Any]:
    """Return the specification with the token as OAuth 2.0's, and the operations made here."""
    whole = yaml.safe_load(DOCUMENT.read_text())
    scopes: set[str] = set()
    paths = {}
    for path, item in whole["paths"].items():
        operation = item["get"]
        if operation["operationId"] in OPERATIONS:
            scopes |= set(operation["x-required-scopes"])
            operation["security"] = [{"token": operation["x-required-scopes"]}]
            operation["x-openapi-router-controller"] = __name__
            paths[path] = {"get": operation}
    flow = {"tokenUrl": "/none", "scopes": dict.fromkeys(sorted(scopes), "See the document.")}
    whole["components"]["securitySchemes"] = {
        "token": {
            "type": "oauth2",
            "flows": {"clientCredentials": flow},
            "x-tokenInfoFunc": f"{__name__}.token_info",
        }
    }
    whole.pop("security")
    whole["paths"] = paths
    return whole  # type: ignore[no-any-return]


app = AsyncApp(__name__, jsonifier=Compact())
app.add_api(document(), validate_responses=True, strict_validation=True)
