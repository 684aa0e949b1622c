"""Request ids, one log line a request, and the note of a token's use.

Outermost on a request's way. A log line holds the route's template, never the path as it was sent,
and never query values, personal data or tokens.
"""

from __future__ import annotations

import logging
import os
import re
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
ID_BYTES = 16
AHEAD_BYTES = 256 * ID_BYTES

log = structlog.get_logger("gateway.access")


def log_line(line: dict[str, Any]) -> None:
    """Log the line of a request by the way of all log lines."""
    log.info("request", **line)


class Telemetry:
    """ASGI middleware that begins and ends each exchange."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        bundle: Callable[[], Bundle],
        last_used: LastUsed,
        observers: Sequence[Callable[[Exchange, float], None]] = (),
        write_line: Callable[[dict[str, Any]], None] = log_line,
    ) -> None:
        """Stand around *app*.

        Args:
            bundle: returns the one in force.
            observers: called when an exchange has ended, with the seconds that it took.
            write_line: called with the log line of each request.
        """
        self._app = app
        self._bundle = bundle
        self._last_used = last_used
        self._observers = observers
        self._write_line = write_line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = self.begin(scope)
        scope.setdefault("extensions", {})[KEY] = exchange
        began = time.perf_counter()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.started(exchange, message["status"])
                _add_request_id(message, exchange.request_id)
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            self.end(scope, exchange, time.perf_counter() - began)

    def begin(self, scope: Scope) -> Exchange:
        """Return the exchange of a request that has arrived."""
        return Exchange(request_id_of(scope["headers"]), self._bundle())

    def started(self, exchange: Exchange, status: int) -> None:
        """Note that the answer to *exchange* starts."""
        exchange.status = status
        if exchange.caller is not None and status < ERROR_STATUS:
            self._last_used.note(exchange.caller.token)

    def end(self, scope: Scope, exchange: Exchange, seconds: float) -> None:
        """Log and count *exchange*, which took *seconds*."""
        self._write_line(_line(scope, exchange, seconds))
        for observe in self._observers:
            observe(exchange, seconds)


class _Random:
    """Random bytes from the operating system, fetched for many ids at once."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def __call__(self) -> str:
        """Return 16 bytes, in hexadecimal digits."""
        start = self._used
        if start == len(self._bytes):
            self._bytes, start = os.urandom(AHEAD_BYTES), 0
        self._used = start + ID_BYTES
        return self._bytes[start : self._used].hex()


new_request_id = _Random()


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the request's own id if it sent one that is well-formed, else a new one."""
    sent = [value for name, value in headers if name == b"x-request-id"]
    if len(sent) == 1 and REQUEST_ID.fullmatch(sent[0]):
        return sent[0].decode("ascii")
    return new_request_id()


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
