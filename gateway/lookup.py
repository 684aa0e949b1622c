"""Looking for rows by one key, for each request: as fresh as a statement of its own.

SQLite says at the cost of no look-up whether anybody has written anything, and until then what was
found is remembered. PostgreSQL does not, so every key is asked for; all that have come while a
statement ran are asked for by the next one. A look-up shares the way to the server, which is most
of what it costs, but never an answer from before it was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from peewee import Node, fn

from gateway.execution import Executor, Query
from gateway.reading.declare import bind
from gateway.reading.plan import Statement

T = TypeVar("T")

SOUGHT = "sought"


class Lookup(Generic[T]):
    """Finds what stands under a key.

    Attributes:
        statement: takes what is looked for as `SOUGHT`: on SQLite one key, on PostgreSQL a list.
    """

    def __init__(
        self,
        executor: Executor,
        select: Callable[[Node], Any],
        found: Callable[[Sequence[Any]], T],
    ) -> None:
        """Look for keys by one statement.

        Args:
            select: makes the query; given what is to be equal to the key's column. The first
                column of its rows is the key; it has at most one row for each.
            found: makes of the rest of a row what the look-up gives, which nobody changes after.
        """
        self._executor = executor
        self._found = found
        self._several = executor.dialect != "sqlite"
        self.statement = Statement.of(
            select(fn.ANY(bind(SOUGHT)) if self._several else bind(SOUGHT))
        )
        self._waiting: dict[str, asyncio.Future[T | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: str) -> T | None:
        """Return what is under *key* now; None: nothing is.

        Raises:
            ServiceUnavailable: the database is away.
        """
        if self._several:
            return await self._together(key)
        return self._executor.remembered((self, key), lambda query: self._find(query, key).get(key))

    def _find(self, query: Query, sought: str | Sequence[str]) -> Mapping[str, T]:
        rows = query(self.statement.sql, self.statement.bound({SOUGHT: sought}))
        return {key: self._found(rest) for key, *rest in rows}

    async def _together(self, key: str) -> T | None:
        """Return what the next statement finds.

        INVARIANT: a key is taken out of those that wait before its statement begins. Who asks
        after that waits for another statement, so it sees all that was written before it asked.
        """
        loop = asyncio.get_running_loop()
        waited = self._waiting.get(key)
        if waited is None:
            waited = self._waiting[key] = loop.create_future()
        if self._task is None:
            self._task = loop.create_task(self._serve())
        return await asyncio.shield(waited)  # others may wait for it too

    async def _serve(self) -> None:
        """Answer all that wait, and those that come meanwhile."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._answer(waiting)
        finally:
            self._task = None

    async def _answer(self, waiting: Mapping[str, asyncio.Future[T | None]]) -> None:
        keys = list(waiting)
        try:
            found = await self._executor.run(lambda query: self._find(query, keys))
        except Exception as error:
            for one in waiting.values():
                one.set_exception(error)
                one.exception()  # whoever waited for it may have gone
        except BaseException:
            for one in waiting.values():
                one.cancel()
            raise
        else:
            for key, one in waiting.items():
                one.set_result(found.get(key))
