"""`/metrics`: the numbers for operators, where the settings ask for it."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from gateway.exchange import Exchange, answer
from gateway.metrics import CONTENT_TYPE, Metrics


class Exposition:
    """Answers with all metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, Exchange.of(scope), 200, CONTENT_TYPE, self._metrics.exposition())
