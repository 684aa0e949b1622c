"""Connexion's stack, with our steps in its places.

Connexion routes the operations of the document and runs the steps in their order: route, token and
scope, parameters, handler, egress guard. The steps themselves are plain functions elsewhere; this
module is the only one that knows Connexion's seams:

    security_map    `ScopedBearer`: both header forms, and scopes that are really enforced
    validator_map   `StrictParameters` before the handler, `GuardedResponse` after it
    api_cls         `EndpointApi`: handlers bound once at start, not at each request
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import orjson
import structlog
from connexion.apps.asynchronous import AsyncApi, AsyncApp
from connexion.exceptions import InvalidSpecification
from connexion.lifecycle import ConnexionRequest
from connexion.middleware.abstract import ROUTING_CONTEXT
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.response_validation import ResponseValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.operations.abstract import AbstractOperation
from connexion.options import SwaggerUIOptions
from connexion.security import BearerSecurityHandler
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from gateway.disclosure import Disclosures
from gateway.errors import ConfigError, Finding, InternalError, echo
from gateway.exchange import Exchange, answer
from gateway.execution import Executor
from gateway.reading import Reader, Rendered
from gateway.security import Authenticator, authorize
from gateway.spec import Document, Operation

Handler = Callable[..., Awaitable[Any]]

log = structlog.get_logger(__name__)


def build(
    document: Document,
    authenticator: Authenticator,
    executor: Executor,
    disclosures: Disclosures | None = None,
) -> AsyncApp:
    """Return the ASGI application that answers for the operations of *document*.

    The stack is built at once, so a handler that is missing stops the start.

    Args:
        disclosures: records what answers hold; None: nothing does.
    Raises:
        ConfigError: Connexion refuses the document.
    """
    app = AsyncApp(
        "gateway",
        middlewares=[
            ExactRouting,
            SecurityMiddleware,
            RequestValidationMiddleware,
            ResponseValidationMiddleware,
        ],
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        security_map={"bearer": scoped_bearer(document, authenticator)},
        validator_map={
            "parameter": StrictParameters,
            "response": {"application/json": partial(GuardedResponse, disclosures)},
        },
        validate_responses=True,
    )
    innermost = app._middleware_app
    innermost.api_cls = endpoint_api(document, executor)
    innermost.router.redirect_slashes = False
    # As data: a file Connexion would render as a Jinja template, and parse once more.
    try:
        app.add_api(deepcopy(dict(document.raw)), base_path=document.base_path)
    except InvalidSpecification as error:
        message = f"Connexion refuses it: {echo(str(error.message))}"
        raise ConfigError(Finding(message, document.path)) from error
    # Connexion builds its stack at the first request; a wrong one must stop the start (3.3).
    app.middleware.app, app.middleware.middleware_stack = app.middleware._build_middleware_stack()
    return app


class ExactRouting(RoutingMiddleware):
    """Routing without redirects: a trailing slash is another path, and there is none."""

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        super().add_api(*args, **kwargs)
        self.router.redirect_slashes = False
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]


def scoped_bearer(document: Document, authenticator: Authenticator) -> type[BearerSecurityHandler]:
    """Return the security handler for `type: http, scheme: bearer`: token, then scope."""
    operations = by_connexions_id(document)

    async def verify(request: ConnexionRequest) -> dict[str, Any]:
        exchange = Exchange.of(request.scope)
        routed = request.scope["extensions"][ROUTING_CONTEXT]["operation_id"]
        exchange.operation = operations[routed]
        caller = await authenticator.required(request.scope["headers"])
        exchange.caller = caller
        authorize(exchange.operation, caller)
        return {}

    class ScopedBearer(BearerSecurityHandler):
        def get_fn(self, security_scheme: Any, required_scopes: Any) -> Any:
            return verify

    return ScopedBearer


class StrictParameters:
    """Connexion's place for parameter validation: the query, as the document says."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def validate(self, scope: Scope) -> None:
        exchange = Exchange.of(scope)
        operation, _ = exchange.admitted
        exchange.arguments = exchange.bundle.parsers[operation.id].parse(scope["query_string"])


class GuardedResponse:
    """Connexion's place for response validation: the egress guard, then the disclosure log."""

    def __init__(self, disclosures: Disclosures | None, scope: Scope, **_kwargs: Any) -> None:
        self._exchange = Exchange.of(scope)
        # An answer to HEAD has no body that could disclose anything.
        self._disclosures = None if scope["method"] == "HEAD" else disclosures

    def wrap_send(self, send: Send) -> Send:
        """Return a *send* that holds the answer back until the guard has seen all of it."""
        held: list[Message] = []
        body = bytearray()

        async def guarded(message: Message) -> None:
            held.append(message)
            if message["type"] != "http.response.body":
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                check(self._exchange, bytes(body))
                if self._disclosures is not None:
                    await self._disclosures.record(self._exchange, bytes(body))
                for one in held:
                    await send(one)

        return guarded


def check(exchange: Exchange, body: bytes) -> None:
    """Return if *body* may leave.

    Raises:
        InternalError: it does not conform to what the caller may see.
    """
    operation, caller = exchange.admitted
    bundle = exchange.bundle
    breach = bundle.guard.breach(operation.id, bundle.policy.view(caller.scopes), body)
    if breach is not None:
        exchange.withheld = True
        log.error(
            "egress guard: answer withheld",
            operation=operation.id,
            pointer=breach.pointer,
            rule=breach.rule,
            policy_revision=bundle.revision,
            request_id=exchange.request_id,
        )
        raise InternalError


class Endpoint:
    """One operation with its handler, as the innermost ASGI application."""

    def __init__(self, operation: Operation, handler: Handler, executor: Executor) -> None:
        self.operation = operation
        self._handler = handler
        self._executor = executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        rendered = await self.render(exchange, scope["path_params"])
        await answer(send, exchange, 200, "application/json", rendered.body)

    async def render(self, exchange: Exchange, path: Mapping[str, Any]) -> Rendered:
        """Return the body of the answer: what the handler gives, as the caller may see it."""
        operation, caller = exchange.admitted
        view = exchange.bundle.policy.view(caller.scopes)
        reader = Reader(self._executor, exchange.bundle.plans, caller, view)
        given = await self._handler(reader, **path, **exchange.arguments)
        if isinstance(given, Rendered):
            return given
        body = orjson.dumps(view.redact(operation.response_schema, given))
        return Rendered(body, lasts=False)


def endpoint_api(document: Document, executor: Executor) -> type[AsyncApi]:
    """Return the API class that binds each operation of Connexion's to its `Endpoint`."""
    operations = by_connexions_id(document)

    class EndpointApi(AsyncApi):
        def make_operation(self, operation: AbstractOperation) -> Any:
            ours = operations[operation.operation_id]
            return Endpoint(ours, operation.function, executor)

    return EndpointApi


def by_connexions_id(document: Document) -> Mapping[str, Operation]:
    """Return the operations by the ids that Connexion gives them: the path of the function."""
    return {f"{one.controller}.{one.id}": one for one in document.operations.values()}


def routes_of(app: AsyncApp) -> list[tuple[Route, Endpoint]]:
    """Return the routes that Connexion made of the document's operations, in their order."""
    layers: Iterable[Any] = app.middleware.middleware_stack or ()
    [routing] = [one for one in layers if isinstance(one, ExactRouting)]
    [mount] = [route for route in routing.router.routes if isinstance(route, Mount)]
    [[api]] = app._middleware_app.apis.values()
    endpoints: Any = api.operations
    routes: Iterable[Any] = mount.routes
    return [(route, endpoints[route.endpoint.operation_id]) for route in routes]
