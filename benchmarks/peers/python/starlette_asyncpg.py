"""Starlette + asyncpg by hand on PostgreSQL, with the gateway's SQL."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from starlette.requests import Request

from benchmarks.peers.python import _documents as documents
from benchmarks.peers.python._access import Caller, not_found
from benchmarks.peers.python._queries import TEXTS
from benchmarks.peers.python._site import POSTING, parameters, site
from benchmarks.peers.python._store import fold

CONNECTIONS = 20  # as many as the gateway reads on at once
NAMED = re.compile(r"(?<!:):([a-z_]+)")
FOUND = "account_id = :account AND (search_name LIKE :search OR search_email LIKE :search)"
# Where SQLite asks its trigrams; PostgreSQL's own serve LIKE.
SEARCH = {
    "count_search": f"SELECT COUNT(*) AS total FROM candidate WHERE {FOUND}",
    "candidate_ids_search": (
        f"SELECT id FROM candidate WHERE {FOUND} "
        "ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset"
    ),
}


class Statement:
    """A statement of queries.sql with PostgreSQL's numbered parameters."""

    def __init__(self, text: str) -> None:
        self._names: list[str] = []
        self.sql = NAMED.sub(self._numbered, text.replace("IN (:keys)", "= ANY(:keys)"))

    def _numbered(self, match: re.Match[str]) -> str:
        if match[1] not in self._names:
            self._names.append(match[1])
        return f"${self._names.index(match[1]) + 1}"

    def bound(self, values: dict[str, Any]) -> list[Any]:
        """Return the values in the order of the parameters."""
        return [values[name] for name in self._names]


STATEMENTS = {name: Statement(text) for name, text in (TEXTS | SEARCH).items()}
pool: Any = None


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    global pool
    async with asyncpg.create_pool(  # type: ignore[no-untyped-call]
        os.environ["DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS
    ) as pool:
        yield


async def rows(connection: Any, name: str, **values: Any) -> list[Any]:
    statement = STATEMENTS[name]
    found: list[Any] = await connection.fetch(statement.sql, *statement.bound(values))
    return found


async def token_row(digest: str) -> Any:
    found = await rows(pool, "token", digest=digest)
    return found[0] if found else None


async def chosen(
    connection: Any, count: str, ids: str, page: int, **values: Any
) -> tuple[int, list[int]]:
    """Return how many rows a list has, and the primary keys of a page."""
    counted = await rows(connection, count, **values)
    total = int((counted and counted[0][0]) or 0)
    offset = (page - 1) * documents.PAGE_SIZE
    if offset >= total:
        return total, []
    return total, [key for (key,) in await rows(connection, ids, offset=offset, **values)]


def page_of(data: list[Any], page: int, total: int) -> bytes:
    return orjson.dumps({"data": data, "pagination": documents.pagination(page, total)})


async def applications_of(connection: Any, keys: Sequence[int], full: bool) -> list[Any]:
    if not keys:
        return []
    name = "applications" if full else "applications_redacted"
    found = await rows(connection, name, keys=keys)
    histories = documents.grouped(await rows(connection, "histories", keys=keys), documents.history)
    return [documents.application(tuple(row), histories) for row in found]


async def postings(request: Request, caller: Caller) -> bytes:
    page, status = parameters(request, status=("draft", "published", "closed"))
    suffix = "_status" if status else ""
    values = {"account": caller.account, "table": "job_posting", "status": status}
    async with pool.acquire() as connection, connection.transaction(**SNAPSHOT):
        names = f"count{suffix}", f"posting_ids{suffix}"
        total, keys = await chosen(connection, *names, page, **values)
        data = []
        if keys:
            found = await rows(connection, "postings", keys=keys)
            stages = documents.grouped(await rows(connection, "stages", keys=keys), documents.stage)
            data = [documents.posting(tuple(row), stages) for row in found]
    return page_of(data, page, total)


async def candidates(request: Request, caller: Caller) -> bytes:
    page, search = parameters(request, search=None)
    values: dict[str, Any] = {"account": caller.account, "table": "candidate"}
    suffix = ""
    if text := fold(search or ""):
        suffix = "_search"
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["search"] = f"%{escaped}%"
    async with pool.acquire() as connection, connection.transaction(**SNAPSHOT):
        names = f"count{suffix}", f"candidate_ids{suffix}"
        total, keys = await chosen(connection, *names, page, **values)
        data = []
        if keys:
            found = await rows(connection, "candidates", keys=keys)
            applications = documents.grouped(
                await rows(connection, "candidate_applications", keys=keys),
                documents.candidate_application,
            )
            data = [documents.candidate(tuple(row), applications) for row in found]
    return page_of(data, page, total)


async def applications(request: Request, caller: Caller) -> bytes:
    page, posting, status = parameters(
        request, job_posting_id=POSTING, status=("active", "rejected")
    )
    suffix = ("_of_posting" if posting else "") + ("_status" if status else "")
    values = {
        "account": caller.account,
        "table": "application",
        "status": status,
        "job_posting_id": posting,
    }
    async with pool.acquire() as connection, connection.transaction(**SNAPSHOT):
        names = f"count{suffix}", f"application_ids{suffix}"
        total, keys = await chosen(connection, *names, page, **values)
        data = await applications_of(connection, keys, caller.full)
    return page_of(data, page, total)


async def application(request: Request, caller: Caller) -> bytes:
    id = request.path_params["id"]
    async with pool.acquire() as connection, connection.transaction(**SNAPSHOT):
        found = await rows(connection, "application_id", account=caller.account, id=id)
        if not found:
            raise not_found(id)
        data = await applications_of(connection, [found[0][0]], caller.full)
    return orjson.dumps(data[0])


# Total, page and histories agree, as the gateway's do.
SNAPSHOT = {"isolation": "repeatable_read", "readonly": True}

app = site(
    token_row,
    {
        "postings": postings,
        "candidates": candidates,
        "applications": applications,
        "application": application,
    },
    lifespan=lifespan,
)
