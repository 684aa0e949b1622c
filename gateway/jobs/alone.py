"""Runs a service in one process only: the one that holds its lease."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import structlog
from anyio.to_thread import run_sync

from gateway.errors import ServiceUnavailable
from gateway.jobs.lease import Leases
from gateway.jobs.running import Service, wait
from gateway.work import Work

LEASE_S = 15
TRIES_EACH = 3  # times that the lease is renewed, or asked for, while it lasts

log = structlog.get_logger(__name__)


class Alone:
    """A service that runs others, made anew each time, while this process holds the lease.

    If the holder dies, another process has the lease when it has run out, after `lease_s` at most
    and a third of it. A holder that cannot renew it in time (the database is away) stops first.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Service],
        leases: Leases,
        work: Work,
        *,
        lease_s: int = LEASE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Compete for the lease *name* to run what *make* makes."""
        self._name = name
        self._make = make
        self._leases = leases
        self._work = work
        self._lease_s = lease_s
        self._monotonic = monotonic
        self._holder = secrets.token_hex(16)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Compete until `stop` is called; then give the lease up."""
        is_told = False
        while not self._stopped.is_set():
            asked_at = self._monotonic()
            if await self._take():
                await self._serve(asked_at)
                is_told = False
            else:
                if not is_told:
                    log.info("background jobs run elsewhere, or wait", lease=self._name)
                is_told = True
                await wait(self._stopped, self._lease_s / TRIES_EACH)

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopped.set()

    async def _serve(self, taken_at: float) -> None:
        """Run the service until `stop` is called or the lease is lost."""
        service = self._make()
        task = asyncio.create_task(service.run())
        log.info("background jobs run here", lease=self._name)
        try:
            await self._renew(task, taken_at)
        finally:
            service.stop()
            await self._ended(task)

    async def _renew(self, task: asyncio.Task[None], taken_at: float) -> None:
        # Counted from before it was asked for: the row lasts longer than this process believes.
        while not self._stopped.is_set() and not task.done():
            await wait(self._stopped, self._lease_s / TRIES_EACH)
            if self._stopped.is_set():
                return
            asked_at = self._monotonic()
            if await self._take():
                taken_at = asked_at
            elif asked_at - taken_at >= self._lease_s * (TRIES_EACH - 1) / TRIES_EACH:
                log.warning("background jobs stop here: the lease is lost", lease=self._name)
                return

    async def _ended(self, task: asyncio.Task[None]) -> None:
        try:
            await task  # raises what it failed with
        finally:
            await self._release()

    async def _take(self) -> bool:
        def take() -> bool:
            return self._leases.take(self._name, self._holder, self._lease_s)

        try:
            return await run_sync(lambda: self._work.write(take))
        except ServiceUnavailable:
            return False

    async def _release(self) -> None:
        def release() -> None:
            self._leases.release(self._name, self._holder)

        try:
            await run_sync(lambda: self._work.write(release))
        except ServiceUnavailable:
            log.warning("the lease was not given up, and runs out", lease=self._name)
