"""uvicorn's HTTP/1.1, where what the lane can answer at once needs no task.

uvicorn makes a task of each request, whose turn comes later; of a request that is answered from
memory that is the larger part. Here requests for operations that have come in one turn of the event
loop are answered in the next one, one after the other. All else is uvicorn's: reading, parsing,
pipelining, time limits, the end of a connection, and every request that has to wait for something.

Knows the parts of uvicorn that it stands on: `pyproject.toml` names the version, and
`tests/http/test_protocol.py` holds that they are used.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.exchange import Reply
from gateway.lane import Lane

log = structlog.get_logger(__name__)


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lane = lane_within(self.app)
        self._turn = None if self._lane is None else TURNS.setdefault(self._lane, Turn())

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if self._turn is None or app is not self.app:  # uvicorn's own, when there are too many
            super()._start_asgi_task(cycle, app)
        else:
            self._turn.add(self, cycle)

    def start(self, cycle: Any) -> None:
        """Answer the request of *cycle* at once if that can be, else start its task."""
        whole = self._at_once(cycle)
        if whole is None:
            super()._start_asgi_task(cycle, self.app)
        else:
            self._write(cycle, whole)

    def _at_once(self, cycle: Any) -> Reply | None:
        # Who has gone, or does not read, is uvicorn's: it waits, and knows when to end.
        if self._lane is None or cycle.disconnected or self.flow.write_paused:
            return None
        try:
            return self._lane.at_once(cycle.scope)
        except Exception:
            log.exception("request could not be answered at once")
            return None

    def _write(self, cycle: Any, whole: Reply) -> None:
        status, head, body = whole
        common = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        last = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], common, head, last, body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


class Turn:
    """The requests of one turn of the event loop, which are answered in the next one.

    INVARIANT: they are answered by what the loop calls in its order, so after the snapshot of
    `gateway.execution` has ended that was begun before they came.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Protocol, Any]] = []

    def add(self, connection: Protocol, cycle: Any) -> None:
        """Take the request of *cycle*."""
        if not self._waiting:
            connection.loop.call_soon(self._run)
        self._waiting.append((connection, cycle))

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection, cycle in waiting:
            connection.start(cycle)


TURNS: WeakKeyDictionary[Lane, Turn] = WeakKeyDictionary()


def lane_within(app: Any) -> Lane | None:
    """Return the lane that *app* is, or that uvicorn has put something around; None: neither."""
    while app is not None and not isinstance(app, Lane):
        app = getattr(app, "app", None)
    return app
