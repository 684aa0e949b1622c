"""Request ids, one log line a request, and the note of a token's use.

Outermost on a request's way. A log line holds the route's template, never the path as it was sent,
and never query values, personal data or tokens.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.bundle import Bundle
from gateway.exchange import KEY, Exchange
from gateway.usage import LastUsed

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
ERROR_STATUS = 400

log = structlog.get_logger("gateway.access")


class Telemetry:
    """ASGI middleware that begins and ends each exchange."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        bundle: Callable[[], Bundle],
        last_used: LastUsed,
        observers: Sequence[Callable[[Exchange, float], None]] = (),
    ) -> None:
        """Stand around *app*.

        Args:
            bundle: returns the one in force.
            observers: called when an exchange has ended, with the seconds that it took.
        """
        self._app = app
        self._bundle = bundle
        self._last_used = last_used
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(request_id_of(scope["headers"]), self._bundle())
        scope.setdefault("extensions", {})[KEY] = exchange
        began = time.perf_counter()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                _add_request_id(message, exchange.request_id)
                if exchange.caller is not None and exchange.status < ERROR_STATUS:
                    self._last_used.note(exchange.caller.token)
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            seconds = time.perf_counter() - began
            log.info("request", **_line(scope, exchange, seconds))
            for observe in self._observers:
                observe(exchange, seconds)


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the request's own id if it sent one that is well-formed, else a new one."""
    sent = [value for name, value in headers if name == b"x-request-id"]
    if len(sent) == 1 and REQUEST_ID.fullmatch(sent[0]):
        return sent[0].decode("ascii")
    return secrets.token_hex(16)


def _add_request_id(message: Message, request_id: str) -> None:
    headers = message["headers"] = list(message["headers"])
    if not any(name == b"x-request-id" for name, _ in headers):
        headers.append((b"x-request-id", request_id.encode("ascii")))


def _line(scope: Scope, exchange: Exchange, seconds: float) -> dict[str, Any]:
    line: dict[str, Any] = {
        "method": scope["method"],
        "status": exchange.status,
        "duration_ms": round(seconds * 1_000, 3),
        "request_id": exchange.request_id,
        "policy_revision": exchange.bundle.revision,
    }
    if exchange.operation is not None:
        line |= {"operation": exchange.operation.id, "route": exchange.operation.path}
    if exchange.caller is not None:
        line |= {"account": exchange.caller.account_id, "token": exchange.caller.token_id}
    return line


def _trace_without_values(_logger: Any, _method: str, event: Any) -> Any:
    """Replace an exception by its type and where it was raised.

    Messages of exceptions can hold what was being worked on (a driver quotes parameters).
    """
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = type(error).__qualname__
        event["trace"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def configure_logging(form: str, level: str) -> None:
    """Send all log lines, uvicorn's too, to stderr in one form.

    Args:
        form: `json` (one object a line) or `console` (for people).
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    if form == "json":
        renderer: Any = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _trace_without_values,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # What others log below a warning can hold parameters (peewee logs every statement).
    root.setLevel(logging.WARNING)
    for ours in ("gateway", "uvicorn.error"):
        logging.getLogger(ours).setLevel(level.upper())
    # Its own lines would hold query strings.
    logging.getLogger("uvicorn.access").disabled = True
