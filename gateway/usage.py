"""When each token was last used: collected in memory, written each second and at stop.

Beside a request's way: a request only notes its time. A write that finds the database busy or away
loses nothing; the next one tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from anyio.to_thread import run_sync
from peewee import Database, PeeweeException

from gateway.caller import NO_TOKEN
from gateway.database import is_unavailable
from models import Token

log = structlog.get_logger(__name__)


class LastUsed:
    """The last use of each token since the last write, by the token's primary key."""

    def __init__(self, database: Database, clock: Callable[[], float], interval_s: float) -> None:
        self._database = database
        self._clock = clock
        self._interval_s = interval_s
        self._pending: dict[int, int] = {}

    def note(self, token: int) -> None:
        """Note that *token* has been used now; `NO_TOKEN` is none."""
        if token != NO_TOKEN:
            self._pending[token] = int(self._clock())

    def flush(self) -> None:
        """Write what is pending."""
        pending, self._pending = self._pending, {}
        if not pending:
            return
        try:
            with self._database.connection_context(), self._database.atomic():
                # In one order, so that two workers never wait for each other.
                for token, used_at in sorted(pending.items()):
                    newer = Token.last_used_at.is_null() | (Token.last_used_at < used_at)
                    mark = Token.update(last_used_at=used_at).where((Token.id == token) & newer)
                    mark.execute()
        except PeeweeException as error:
            self._pending = pending | self._pending
            if not is_unavailable(error):
                raise
            log.warning("last uses not written yet", tokens=len(self._pending))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write at each interval while the context is open, and once more when it closes."""
        task = asyncio.create_task(self._write_regularly())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await run_sync(self.flush)

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await run_sync(self.flush)
            except Exception:
                log.exception("last uses could not be written")
