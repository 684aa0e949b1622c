"""A job runs once for each time that it is due, whoever runs it, and again if it failed."""

from __future__ import annotations

import asyncio

import pytest

from gateway.jobs import Job, Scheduler
from gateway.work import Work
from models import ScheduledJob

HOUR = 3600
NOW = 1_768_471_200  # 2026-01-15T10:00:00Z


class Clock:
    def __init__(self) -> None:
        self.now = NOW + 10

    def __call__(self) -> float:
        return float(self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs() -> list[int]:
    return []


@pytest.fixture
def scheduler(db, clock):
    """Return a function that makes a scheduler, as another process would."""
    return lambda *jobs, **options: Scheduler(jobs, Work(db), clock, **options)


def test_a_job_runs_at_its_first_start_and_then_at_its_interval(scheduler, clock, runs):
    job, one = Job("j", HOUR, runs.append), scheduler()
    assert one.run_if_due(job)
    assert not one.run_if_due(job)
    clock.now = NOW + HOUR - 1
    assert not one.run_if_due(job)
    clock.now = NOW + HOUR
    assert one.run_if_due(job)
    assert runs == [NOW + 10, NOW + HOUR]


def test_several_schedulers_run_it_once_for_each_time(scheduler, clock, runs):
    job = Job("j", HOUR, runs.append)
    several = [scheduler() for _ in range(4)]
    for hour in range(3):
        clock.now = NOW + hour * HOUR
        for one in several:
            one.run_if_due(job)
    assert runs == [NOW, NOW + HOUR, NOW + 2 * HOUR]


def test_a_restart_does_not_run_it_again(scheduler, runs):
    job = Job("j", HOUR, runs.append)
    scheduler().run_if_due(job)
    scheduler().run_if_due(job)
    assert len(runs) == 1


def test_times_that_were_missed_are_made_up_once(scheduler, clock, runs):
    job, one = Job("j", HOUR, runs.append), scheduler()
    one.run_if_due(job)
    clock.now += 48 * HOUR
    one.run_if_due(job)
    one.run_if_due(job)
    assert len(runs) == 2


def test_a_job_that_fails_is_run_again_soon_and_others_go_on(scheduler, clock, runs):
    fails = [True]
    seen = []

    def run(now: int) -> None:
        runs.append(now)
        if fails:
            raise RuntimeError

    job = Job("j", HOUR, run)
    one = scheduler(observe=lambda name, is_done: seen.append((name, is_done)))
    one.run_if_due(job)
    assert not one.run_if_due(job)
    assert ScheduledJob.get().failures == 1
    fails.clear()
    clock.now += 60
    assert one.run_if_due(job)
    assert seen == [("j", False), ("j", True)]
    assert ScheduledJob.get().failures == 0


def test_it_ends_when_it_is_told_to(scheduler, runs):
    one = scheduler(Job("j", HOUR, runs.append))

    async def main() -> None:
        task = asyncio.create_task(one.run())
        while not runs:
            await asyncio.sleep(0.01)
        one.stop()
        await asyncio.wait_for(task, 10)

    asyncio.run(main())
    assert len(runs) == 1
