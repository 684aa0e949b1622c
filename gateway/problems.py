"""Errors become answers here, and nowhere else: `application/problem+json`, one shape.

Outermost on a request's way but for telemetry. Knows every kind of error that the layers below
raise: our own `Problem`s, the router's, Connexion's, and what nobody expected (a 500 that says
nothing; the log has the trace).
"""

from __future__ import annotations

import orjson
import structlog
from connexion.exceptions import ProblemException
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import (
    BadRequest,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from gateway.exchange import Exchange, Reply, reply, send_reply

CONTENT_TYPE = "application/problem+json"
NO_SUCH_PATH = "There is nothing at this path. See /docs for what there is."

log = structlog.get_logger(__name__)


class Problems:
    """ASGI middleware that answers for errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange.of(scope)
        started = False
        scope["app"] = self  # makes routers raise what they cannot answer, for us to answer

        async def observed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except Exception as error:
            problem = problem_of(error, exchange)
            if started:
                raise
            await send_problem(send, exchange, problem)


def problem_of(error: Exception, exchange: Exchange) -> Problem:
    """Return what the caller is told of *error*; logs what was not expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        known = _of_status(error.status_code, dict(error.headers or {}))
        if known is not None:
            return known
    if isinstance(error, ProblemException) and error.status < InternalError.status:
        return BadRequest("The request is not one that this operation accepts.")
    log.error("unexpected error", request_id=exchange.request_id, exc_info=error)
    return InternalError()


def _of_status(status: int, headers: dict[str, str]) -> Problem | None:
    if status == NotFound.status:
        return NotFound(NO_SUCH_PATH)
    if status == MethodNotAllowed.status:
        return MethodNotAllowed(sorted(headers.get("Allow", "GET, HEAD").split(", ")))
    return None


def reply_of(exchange: Exchange, problem: Problem) -> Reply:
    """Return *problem* as a whole answer."""
    body = orjson.dumps(problem.document(exchange.request_id))
    return reply(exchange, problem.status, CONTENT_TYPE, body, problem.headers)


async def send_problem(send: Send, exchange: Exchange, problem: Problem) -> None:
    """Send *problem* as the whole answer."""
    await send_reply(send, reply_of(exchange, problem))
