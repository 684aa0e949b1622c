"""What runs alone runs in one process, and goes on in another when that is gone."""

from __future__ import annotations

import asyncio

import pytest

from gateway.jobs import Alone, Leases
from gateway.jobs.running import running
from gateway.work import Work
from models import Lease


class Recorder:
    """A service that notes when it runs."""

    def __init__(self, log: list[str], name: str) -> None:
        self._log = log
        self._name = name
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        self._log.append(f"{self._name} begins")
        await self._stopped.wait()
        self._log.append(f"{self._name} ends")

    def stop(self) -> None:
        self._stopped.set()


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def alone(db, log):
    def make(name: str, lease_s: int = 3, **options) -> Alone:
        leases, work = Leases(db), Work(db)
        return Alone("jobs", lambda: Recorder(log, name), leases, work, lease_s=lease_s, **options)

    return make


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def test_of_several_one_runs_and_the_next_follows_when_it_stops(alone, log):
    async def main() -> None:
        first, second = alone("first"), alone("second")
        async with running([first]):
            await until(lambda: log)
            async with running([second]):
                await asyncio.sleep(0.2)
                assert log == ["first begins"]
                first.stop()
                await until(lambda: len(log) == 3)
        assert log == ["first begins", "first ends", "second begins", "second ends"]

    asyncio.run(main())
    assert Lease.get().holder == ""


def test_who_has_lost_the_lease_stops(alone, log):
    async def main() -> None:
        async with running([alone("first")]):
            await until(lambda: log)
            Lease.update(holder="another", expires_at=2**40).execute()
            await until(lambda: len(log) == 2)
            assert log == ["first begins", "first ends"]

    asyncio.run(main())
    assert Lease.get().holder == "another"


def test_a_service_that_fails_gives_the_lease_up(db, log):
    class Failing(Recorder):
        async def run(self) -> None:
            await super().run() if log else log.append("failed")
            raise RuntimeError

    async def main() -> None:
        one = Alone("jobs", lambda: Failing(log, "first"), Leases(db), Work(db), lease_s=1)
        with pytest.raises(RuntimeError):
            await one.run()

    asyncio.run(main())
    assert (log, Lease.get().holder) == (["failed"], "")
