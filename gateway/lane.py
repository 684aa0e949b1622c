"""The compiled lane: an operation's way without the layers that stand between its steps.

Outermost. Takes the requests that are plainly one of the document's operations (a GET, no body, an
address of an ordinary length) and takes them through the very steps of the stack: token, scope,
query, handler, guard, record, each by the function that the stack calls, errors told by the same
`gateway.problems`. Everything else goes the long way, through the layers and Connexion.

Compiled at start from the endpoints that Connexion made of its operations, so there is one list of
routes and one of handlers. What it answers is what the stack would: tests send both the same and
compare bytes. `GATEWAY_LANE=off` leaves it out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Hashable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from starlette.convertors import Convertor
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answers import Answers
from gateway.disclosure import Disclosures
from gateway.errors import NotFound
from gateway.exchange import Exchange, Reply, reply, send_reply
from gateway.execution import Executor
from gateway.problems import problem_of, reply_of
from gateway.security import Authenticator, authorize
from gateway.stack import Endpoint, check
from gateway.telemetry import Telemetry

Match = tuple[Endpoint, Mapping[str, Any]]

MISSING_BYTES = 1 << 20
BODY_HEADERS = {b"content-length", b"transfer-encoding"}

first = itemgetter(0)


class Lane:
    """ASGI middleware that answers for operations, and leaves all else to *app*."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Routes,
        *,
        telemetry: Telemetry,
        authenticator: Authenticator,
        executor: Executor,
        answers: Answers,
        disclosures: Disclosures | None,
        max_url_bytes: int,
    ) -> None:
        self._app = app
        self._routes = routes
        self._telemetry = telemetry
        self._authenticator = authenticator
        self._executor = executor
        self._answers = answers
        # Apart, so that whoever guesses ids pushes nothing else out.
        self._missing = Answers(min(MISSING_BYTES, answers.max_bytes))
        self._disclosures = disclosures
        self._max_url_bytes = max_url_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        exchange = self._telemetry.begin(scope)
        began = time.perf_counter()
        try:
            whole = await self._reply(scope, exchange, *found)
            self._telemetry.started(exchange, whole.status)
            await send_reply(send, whole)
        finally:
            self._telemetry.end(scope, exchange, time.perf_counter() - began)

    def at_once(self, scope: Scope) -> Reply | None:
        """Return the answer to a request if there is no need to wait for anything on its way.

        None: the request is to take the usual way, from its begin. (Nothing has been done that
        doing it once more would make wrong: requests for operations read.)
        """
        found = self._find(scope) if self._executor.dialect == "sqlite" else None
        if found is None:
            return None
        exchange = self._telemetry.begin(scope)
        began = time.perf_counter()
        steps = self._reply(scope, exchange, *found)
        try:
            steps.send(None)
        except StopIteration as done:
            whole: Reply = done.value
        else:
            steps.close()
            return None
        self._telemetry.started(exchange, whole.status)
        self._telemetry.end(scope, exchange, time.perf_counter() - began)
        return whole

    def _find(self, scope: Scope) -> Match | None:
        return self._routes.find(scope["path"]) if self._is_plain(scope) else None

    def _is_plain(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not scope["root_path"]
            and len(scope["raw_path"]) + len(scope["query_string"]) <= self._max_url_bytes
            and BODY_HEADERS.isdisjoint(map(first, scope["headers"]))
        )

    async def _reply(
        self, scope: Scope, exchange: Exchange, endpoint: Endpoint, path: Mapping[str, str]
    ) -> Reply:
        try:
            body = await self._steps(scope, exchange, endpoint, path)
        except Exception as error:
            return reply_of(exchange, problem_of(error, exchange))
        return reply(exchange, 200, "application/json", body)

    async def _steps(
        self, scope: Scope, exchange: Exchange, endpoint: Endpoint, path: Mapping[str, str]
    ) -> bytes:
        operation = exchange.operation = endpoint.operation
        caller = exchange.caller = await self._authenticator.required(scope["headers"])
        authorize(operation, caller)
        # All that decides the answer, and the state of the data when the token was read. What is
        # read now may be newer, and is then kept for too old a state: nobody who has a newer one
        # finds it.
        view = exchange.bundle.policy.view(caller.scopes)
        asked = (scope["path"], scope["query_string"], caller.account, view)
        state = (self._executor.epoch, caller.revision)
        body = self._answers.get(asked, state)
        if body is None:
            body = await self._made(scope, exchange, endpoint, path, asked, state)
        if self._disclosures is not None:
            await self._disclosures.record(exchange, body)
        return body

    async def _made(
        self,
        scope: Scope,
        exchange: Exchange,
        endpoint: Endpoint,
        path: Mapping[str, str],
        asked: Hashable,
        state: object,
    ) -> bytes:
        """Return the body of an answer that is not kept, and keep it; or that there is none."""
        missing = self._missing.get(asked, state)
        if missing is not None:
            raise NotFound(missing.decode("utf-8"))
        query = scope["query_string"]
        length = len(scope["raw_path"]) + len(query)
        exchange.arguments = exchange.bundle.parsers[endpoint.operation.id].parse(query)
        try:
            rendered = await endpoint.render(exchange, path)
        except NotFound as error:
            self._missing.keep(asked, state, error.detail.encode("utf-8"), key_bytes=length)
            raise
        check(exchange, rendered.body)
        if rendered.lasts:
            self._answers.keep(asked, state, rendered.body, key_bytes=length)
        return rendered.body


class Routes:
    """The operations' paths, as Connexion's own routes match them."""

    def __init__(self, base_path: str, routes: Iterable[tuple[Route, Endpoint]]) -> None:
        self._base = base_path
        self._fixed: dict[str, Match] = {}
        self._templates: list[tuple[re.Pattern[str], Mapping[str, Convertor[Any]], Endpoint]] = []
        for route, endpoint in routes:
            if "GET" not in (route.methods or ()):
                continue
            if route.param_convertors:
                self._templates.append((route.path_regex, route.param_convertors, endpoint))
            elif self.find(base_path + route.path) is None:  # the first that matches has a path
                self._fixed[base_path + route.path] = (endpoint, {})

    def find(self, path: str) -> Match | None:
        """Return the endpoint at *path* with the values in the path; None: no operation is."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed
        if not path.startswith(self._base) or "\n" in path:  # no route crosses a line's end
            return None
        rest = path[len(self._base) :]
        for pattern, convertors, endpoint in self._templates:
            match = pattern.match(rest)
            if match is not None:
                values = match.groupdict()
                return endpoint, {name: convertors[name].convert(values[name]) for name in values}
        return None
