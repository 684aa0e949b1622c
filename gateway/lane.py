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
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.convertors import Convertor
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.disclosure import Disclosures
from gateway.exchange import Exchange, answer
from gateway.problems import problem_of, send_problem
from gateway.security import Authenticator, authorize
from gateway.stack import Endpoint, check_once
from gateway.telemetry import Telemetry

Match = tuple[Endpoint, Mapping[str, Any]]

BODY_HEADERS = (b"content-length", b"transfer-encoding")


class Lane:
    """ASGI middleware that answers for operations, and leaves all else to *app*."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Routes,
        *,
        telemetry: Telemetry,
        authenticator: Authenticator,
        disclosures: Disclosures | None,
        max_url_bytes: int,
    ) -> None:
        self._app = app
        self._routes = routes
        self._telemetry = telemetry
        self._authenticator = authenticator
        self._disclosures = disclosures
        self._max_url_bytes = max_url_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._routes.find(scope["path"]) if self._is_plain(scope) else None
        if found is None:
            await self._app(scope, receive, send)
            return
        exchange = self._telemetry.begin(scope)
        began = time.perf_counter()
        try:
            await self._answer(scope, send, exchange, *found)
        finally:
            self._telemetry.end(scope, exchange, time.perf_counter() - began)

    def _is_plain(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not scope["root_path"]
            and len(scope["raw_path"]) + len(scope["query_string"]) <= self._max_url_bytes
            and not any(name in BODY_HEADERS for name, _ in scope["headers"])
        )

    async def _answer(
        self,
        scope: Scope,
        send: Send,
        exchange: Exchange,
        endpoint: Endpoint,
        path: Mapping[str, str],
    ) -> None:
        try:
            body = await self._steps(scope, exchange, endpoint, path)
        except Exception as error:
            problem = problem_of(error, exchange)
            self._telemetry.started(exchange, problem.status)
            await send_problem(send, exchange, problem)
            return
        self._telemetry.started(exchange, 200)
        await answer(send, exchange, 200, "application/json", body)

    async def _steps(
        self, scope: Scope, exchange: Exchange, endpoint: Endpoint, path: Mapping[str, str]
    ) -> bytes:
        operation = exchange.operation = endpoint.operation
        caller = exchange.caller = await self._authenticator.required(scope["headers"])
        authorize(operation, caller)
        parser = exchange.bundle.parsers[operation.id]
        exchange.arguments = parser.parse(scope["query_string"])
        rendered = await endpoint.render(exchange, path)
        check_once(exchange, rendered)
        if self._disclosures is not None:
            await self._disclosures.record(exchange, rendered.body)
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
