"""Starlette + sqlite3 by hand, with the gateway's SQL: documents from rows at each request."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from benchmarks.peers.python._access import Caller, not_found
from benchmarks.peers.python._documents import pagination
from benchmarks.peers.python._site import POSTING, parameters, site
from benchmarks.peers.python._store import Store

store = Store()


async def token_row(digest: str) -> Any:
    return store.token(digest)


def page_of(rows: list[tuple[int, Any]], page: int, total: int) -> bytes:
    data = [document for _, document in rows]
    return orjson.dumps({"data": data, "pagination": pagination(page, total)})


async def postings(request: Request, caller: Caller) -> bytes:
    page, status = parameters(request, status=("draft", "published", "closed"))
    total, keys = store.posting_keys(caller.account, page, status)
    return page_of(store.postings(keys, caller.full) if keys else [], page, total)


async def candidates(request: Request, caller: Caller) -> bytes:
    page, search = parameters(request, search=None)
    total, keys = store.candidate_keys(caller.account, page, search or "")
    return page_of(store.candidates(keys, caller.full) if keys else [], page, total)


async def applications(request: Request, caller: Caller) -> bytes:
    page, posting, status = parameters(
        request, job_posting_id=POSTING, status=("active", "rejected")
    )
    total, keys = store.application_keys(caller.account, page, status, posting)
    return page_of(store.applications(keys, caller.full) if keys else [], page, total)


async def application(request: Request, caller: Caller) -> bytes:
    id = request.path_params["id"]
    key = store.application_key(caller.account, id)
    if key is None:
        raise not_found(id)
    return orjson.dumps(store.applications([key], caller.full)[0][1])


app = site(
    token_row,
    {
        "postings": postings,
        "candidates": candidates,
        "applications": applications,
        "application": application,
    },
)
