"""`/livez`: the process answers. `/readyz`: so does the database, and its schema is current."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from starlette.types import Receive, Scope, Send

from gateway.errors import ServiceUnavailable
from gateway.exchange import Exchange, answer
from gateway.execution import Executor


class Live:
    """Says that the process is alive; asks nothing else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = orjson.dumps({"status": "ok"})
        await answer(send, Exchange.of(scope), 200, "application/json", body)


class Ready:
    """Says whether the server can answer; a 503 if it cannot."""

    def __init__(self, executor: Executor, pending: Callable[[], Sequence[str]]) -> None:
        self._executor = executor
        self._pending = pending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange.of(scope)
        if await self._executor.run(lambda _query: self._pending()):
            raise ServiceUnavailable("The database's schema is out of date.")
        body = orjson.dumps({"status": "ok", "policy_revision": exchange.bundle.revision})
        await answer(send, exchange, 200, "application/json", body)
