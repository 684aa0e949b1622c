"""Starlette + sqlite3 by hand with the gateway's data design: rendered rows are kept in memory.

With `PEER_PAGES=on` whole answers are kept too. Both are valid while the account's revision is the
same, which is read with the token at each request.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request

from benchmarks.peers.python._access import Caller, not_found
from benchmarks.peers.python._documents import pagination
from benchmarks.peers.python._kept import Kept
from benchmarks.peers.python._site import POSTING, parameters, site
from benchmarks.peers.python._store import Store

BOUND = 32 << 20
Answer = Callable[[Request, Caller], Awaitable[bytes]]

store = Store()
rows = Kept(BOUND)
pages = Kept(BOUND) if os.environ.get("PEER_PAGES") == "on" else None


async def token_row(digest: str) -> Any:
    return store.token(digest)


def rendered(name: str, read: Any, keys: list[int], caller: Caller) -> list[bytes]:
    """Return the rendered rows of *keys*, in their order."""
    found = [rows.get((name, caller.full, key), caller.revision) for key in keys]
    missing = [key for key, value in zip(keys, found, strict=True) if value is None]
    if not missing:
        return found  # type: ignore[return-value]
    made = {}
    for key, document in read(missing, caller.full):
        made[key] = orjson.dumps(document)
        rows.set((name, caller.full, key), caller.revision, made[key])
    return [made[key] if value is None else value for key, value in zip(keys, found, strict=True)]


def page_of(parts: list[bytes], page: int, total: int) -> bytes:
    tail = orjson.dumps(pagination(page, total))
    return b'{"data":[%b],"pagination":%b}' % (b",".join(parts), tail)


def kept(answer: Answer) -> Answer:
    """Return *answer*, looked up before anything else, parameters included, if pages are kept."""
    if pages is None:
        return answer

    async def looked_up(request: Request, caller: Caller) -> bytes:
        key = (caller.account, caller.full, request.scope["path"], request.scope["query_string"])
        body = pages.get(key, caller.revision)
        if body is None:
            body = await answer(request, caller)
            pages.set(key, caller.revision, body)
        return body

    return looked_up


async def postings(request: Request, caller: Caller) -> bytes:
    page, status = parameters(request, status=("draft", "published", "closed"))
    total, keys = store.posting_keys(caller.account, page, status)
    return page_of(rendered("postings", store.postings, keys, caller), page, total)


async def candidates(request: Request, caller: Caller) -> bytes:
    page, search = parameters(request, search=None)
    total, keys = store.candidate_keys(caller.account, page, search or "")
    return page_of(rendered("candidates", store.candidates, keys, caller), page, total)


async def applications(request: Request, caller: Caller) -> bytes:
    page, posting, status = parameters(
        request, job_posting_id=POSTING, status=("active", "rejected")
    )
    total, keys = store.application_keys(caller.account, page, status, posting)
    return page_of(rendered("applications", store.applications, keys, caller), page, total)


async def application(request: Request, caller: Caller) -> bytes:
    id = request.path_params["id"]
    key = store.application_key(caller.account, id)
    if key is None:
        raise not_found(id)
    return rendered("applications", store.applications, [key], caller)[0]


app = site(
    token_row,
    {
        "postings": kept(postings),
        "candidates": kept(candidates),
        "applications": kept(applications),
        "application": kept(application),
    },
)
