"""Runs jobs when they are due: once for each time, however many processes there are.

When a job is due next is a row, which moves on from where it was seen: of two that ran the same job
for the same time, one moves it. It moves after the job has ended, so a job whose process was killed
is run again; its effects must bear that (see the package).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from anyio.to_thread import run_sync

from gateway.errors import ServiceUnavailable
from gateway.jobs.running import wait
from gateway.work import Work
from models import ScheduledJob

LOOKS_EVERY_S = 1.0
AGAIN_AFTER_S = 60

log = structlog.get_logger(__name__)

Observe = Callable[[str, bool], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done at an interval.

    Attributes:
        name: of its row.
        every_s: it is due at multiples of this since the Unix epoch, and once at the first start.
        run: does it; gets the time in seconds since the Unix epoch.
    """

    name: str
    every_s: int
    run: Callable[[int], None]

    def next_after(self, now: int) -> int:
        """Return when it is due after *now*."""
        return (now // self.every_s + 1) * self.every_s


class Scheduler:
    """A service that runs jobs. One at a time on one database; see `Alone`."""

    def __init__(
        self,
        jobs: Sequence[Job],
        work: Work,
        clock: Callable[[], float],
        observe: Observe = lambda _name, _is_done: None,
    ) -> None:
        """Run *jobs* by *clock*.

        Args:
            observe: is told of each run, and whether it succeeded.
        """
        self._jobs = jobs
        self._work = work
        self._clock = clock
        self._observe = observe
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Run what is due until `stop` is called, and end what is under way."""
        while not self._stopped.is_set():
            for job in self._jobs:
                if not self._stopped.is_set():
                    await run_sync(self.run_if_due, job)
            await wait(self._stopped, LOOKS_EVERY_S)

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopped.set()

    def run_if_due(self, job: Job) -> bool:
        """Run *job* if it is due; return whether it was. On the thread that calls."""
        now = int(self._clock())
        try:
            due_at = self._work.write(lambda: _due_at(job, now))
            if due_at > now:
                return False
            return self._run(job, due_at, now)
        except ServiceUnavailable:
            log.warning("background jobs wait for the database", job=job.name)
            return False

    def _run(self, job: Job, due_at: int, now: int) -> bool:
        try:
            self._work.write(lambda: job.run(now))
        except ServiceUnavailable:
            raise
        except Exception:
            log.exception("a background job failed", job=job.name)
            is_done = False
        else:
            is_done = True
        self._observe(job.name, is_done)
        next_at = job.next_after(now) if is_done else now + min(job.every_s, AGAIN_AFTER_S)
        self._work.write(lambda: _move_on(job, due_at, next_at, now, is_done=is_done))
        return True


def _due_at(job: Job, now: int) -> int:
    row: ScheduledJob | None = ScheduledJob.get_or_none(ScheduledJob.name == job.name)
    if row is None:
        ScheduledJob.insert(name=job.name, due_at=now).on_conflict_ignore().execute()
        row = ScheduledJob.get(ScheduledJob.name == job.name)
    return int(row.due_at)


def _move_on(job: Job, seen: int, next_at: int, now: int, *, is_done: bool) -> None:
    failures = 0 if is_done else ScheduledJob.failures + 1
    moved = ScheduledJob.update(due_at=next_at, ended_at=now, failures=failures)
    moved.where(ScheduledJob.name == job.name, ScheduledJob.due_at == seen).execute()
