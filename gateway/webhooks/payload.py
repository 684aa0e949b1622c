"""From an event to the body that an endpoint is sent.

The body's `data` is what the operation that the document names answers to a token of the
endpoint's scopes: made by the same handler through the same reader and policy, held by the egress
guard against the schema narrowed to these scopes. An endpoint whose scopes do not reach the
operation is sent the id alone; the handler is not even asked.

A body is made anew for each try, so that a policy or scopes that were narrowed meanwhile bind at
once, and a late try tells nothing that is out of date. It tells of the data as it is then, which
may be later than the event.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import orjson
import structlog

from gateway.bundle import Bundle
from gateway.caller import NO_TOKEN, Caller
from gateway.errors import ConfigError
from gateway.execution import Executor
from gateway.reading import Reader, Rendered
from gateway.spec import Document, Operation
from gateway.spec.payloads import ID

Handler = Callable[..., Awaitable[Any]]

# The key of a token that there is not: no operation that a webhook can name reads the caller's own.
# Nothing is kept of what a payload holds, so it matters not how new it is.
NO_REVISION = 0

log = structlog.get_logger(__name__)


class Withheld(Exception):
    """The egress guard did not let a body leave. It must not be sent; the log says where."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, as payloads tell of it.

    Attributes:
        account: primary key of the account.
        type: one of `Document.webhooks`.
        subject_id: public id of what it happened to.
        occurred_at: whole seconds since the epoch.
    """

    account: int
    account_id: str
    type: str
    subject_id: str
    occurred_at: int


class Payloads:
    """Makes the bodies of deliveries."""

    def __init__(self, document: Document, executor: Executor) -> None:
        """Find the handlers of the operations that webhooks name.

        Raises:
            ConfigError: one is missing.
        """
        operations = [webhook.operation for webhook in document.webhooks.values()]
        self._handlers = {operation.id: _handler(operation) for operation in operations}
        self._executor = executor

    async def render(
        self, bundle: Bundle, happened: Happened, endpoint_id: str, scopes: frozenset[str]
    ) -> bytes:
        """Return the body for an endpoint with *scopes*.

        Args:
            bundle: document and policy in force.
            endpoint_id: public id of the endpoint.
        Raises:
            KeyError: the document has no such type of events.
            NotFound: what it happened to is there no more, so there is nothing to tell.
            Withheld: the body does not conform to what the endpoint may see.
            ServiceUnavailable: the database is away.
        """
        document: dict[str, Any] = {
            "type": happened.type,
            "timestamp": _time(happened.occurred_at),
            "data": await self._data(bundle, happened, endpoint_id, scopes),
        }
        body = orjson.dumps(document)
        _check(bundle, happened, endpoint_id, scopes, body)
        return body

    async def _data(
        self, bundle: Bundle, happened: Happened, endpoint_id: str, scopes: frozenset[str]
    ) -> Any:
        webhook = bundle.document.webhooks[happened.type]
        operation = webhook.operation
        if not operation.scopes <= scopes:
            return {ID: happened.subject_id}
        view = bundle.policy.view(scopes)
        caller = Caller(
            happened.account, NO_TOKEN, happened.account_id, endpoint_id, scopes, NO_REVISION
        )
        reader = Reader(self._executor, bundle.plans, caller, view)
        given = await self._handlers[operation.id](
            reader, **{webhook.parameter: happened.subject_id}
        )
        if isinstance(given, Rendered):
            return orjson.Fragment(given.body)
        return view.redact(operation.response_schema, given)


def _check(
    bundle: Bundle, happened: Happened, endpoint_id: str, scopes: frozenset[str], body: bytes
) -> None:
    breach = bundle.guard.payload_breach(happened.type, bundle.policy.view(scopes), body)
    if breach is not None:
        log.error(
            "egress guard: delivery withheld",
            event_type=happened.type,
            endpoint=endpoint_id,
            pointer=breach.pointer,
            rule=breach.rule,
            policy_revision=bundle.revision,
        )
        raise Withheld


def _handler(operation: Operation) -> Handler:
    module = import_module(operation.controller)
    handler: Handler | None = getattr(module, operation.id, None)
    if handler is None:
        raise ConfigError(f"{operation.controller} has no function `{operation.id}`")
    return handler


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
