"""Runs services: begun together, asked to stop together, each in its time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

AGAIN_S = 5.0  # after a service has failed
GRACE_S = 20.0

log = structlog.get_logger(__name__)


class Service(Protocol):
    """Work that goes on until it is told to stop."""

    async def run(self) -> None:
        """Do the work until `stop` is called, and what must be done then."""

    def stop(self) -> None:
        """Ask `run` to end, from its event loop; at once, or soon, and for good."""


@asynccontextmanager
async def running(services: Sequence[Service], *, grace_s: float = GRACE_S) -> AsyncIterator[None]:
    """Run *services* while the context is open.

    Args:
        grace_s: how long they may take to end; then they are cancelled.
    """
    stopped = asyncio.Event()
    tasks = [asyncio.create_task(_keep_running(one, stopped)) for one in services]
    try:
        yield
    finally:
        stopped.set()
        for service in services:
            service.stop()
        await _end(tasks, grace_s)


async def run_until_stopped(services: Sequence[Service]) -> None:
    """Run *services* until SIGTERM or SIGINT."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(services):
        await stop.wait()


async def _keep_running(service: Service, stopped: asyncio.Event) -> None:
    """Run *service*, and again after a while if it fails: one defect must not end the others."""
    while not stopped.is_set():
        try:
            await service.run()
        except Exception:
            log.exception("a background service failed", service=type(service).__name__)
            await wait(stopped, AGAIN_S)
        else:
            return


async def _end(tasks: Sequence[asyncio.Task[None]], grace_s: float) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=grace_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Wait for *event*, at most *seconds*; return whether it is set."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
