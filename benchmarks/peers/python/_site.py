"""Routes, token, scope, parameters and problems of the servers written by hand on Starlette."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.python import _access as access
from benchmarks.peers.python._access import Caller, Refused

PAGE = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
POSTING = re.compile(r"job_[0-9A-Za-z]{1,64}")
MAX_PAGE = 2_147_483_647
MAX_SEARCH = 200

Answer = Callable[[Request, Caller], Awaitable[bytes]]
TokenRow = Callable[[str], Awaitable[Any]]


def site(token_row: TokenRow, answers: dict[str, Answer], **options: Any) -> Starlette:
    """Return a server.

    Args:
        token_row: returns the row of a digest: scopes, expires_at, revoked_at, account, revision.
        answers: the bodies by operation: postings, candidates, applications, application.
        options: of Starlette.
    """

    def endpoint(name: str, scope: str) -> Callable[[Request], Awaitable[Response]]:
        answer = answers[name]

        async def respond(request: Request) -> Response:
            secret = access.secret_of(request.headers.get("authorization"))
            row = await token_row(access.digest(secret))
            caller = access.admitted(row, scope, time.time())
            return Response(await answer(request, caller), media_type="application/json")

        return respond

    base = "/api/v1"
    return Starlette(
        routes=[
            Route(f"{base}/job_postings", endpoint("postings", "job_postings:read")),
            Route(f"{base}/candidates", endpoint("candidates", "candidates:read")),
            Route(f"{base}/applications", endpoint("applications", "applications:read")),
            Route(f"{base}/applications/{{id}}", endpoint("application", "applications:read")),
        ],
        exception_handlers={Refused: refuse},
        **options,
    )


async def refuse(request: Request, refused: Exception) -> Response:
    """Answer for a refusal."""
    assert isinstance(refused, Refused)
    request_id = access.request_id_of(request.headers.get("x-request-id"))
    return Response(
        orjson.dumps(refused.document(request_id)),
        refused.status,
        {**refused.headers, "x-request-id": request_id},
        access.PROBLEM,
    )


def parameters(request: Request, **allowed: Collection[str] | re.Pattern[str] | None) -> Any:
    """Return the page and the values of the parameters *allowed*, in their order.

    Args:
        allowed: by name: the values or the pattern that it may have; None: any text.
    Raises:
        Refused: there is another parameter or value.
    """
    if not request.url.query:
        return 1, *(None for _ in allowed)
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Refused(400, "A parameter is given more than once.")
    page = given.pop("page", "1")
    if not PAGE.fullmatch(page) or int(page) > MAX_PAGE:
        raise Refused(400, "`page` must be a whole number from 1.")
    values = [given.pop(name, None) for name in allowed]
    if given:
        raise Refused(400, "There is no such parameter.")
    for value, rule in zip(values, allowed.values(), strict=True):
        if value is not None and not _conforms(value, rule):
            raise Refused(400, "A parameter has a value that it cannot have.")
    return int(page), *values


def _conforms(value: str, rule: Collection[str] | re.Pattern[str] | None) -> bool:
    if rule is None:
        return len(value) <= MAX_SEARCH
    if isinstance(rule, re.Pattern):
        return rule.fullmatch(value) is not None
    return value in rule
