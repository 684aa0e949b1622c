"""Look-ups share statements on PostgreSQL, and none is answered from before it was asked."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.errors import ServiceUnavailable
from gateway.execution import Executor
from gateway.lookup import Lookup
from models import Account

WITHIN_S = 30

postgres_alone = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


def account(name: str) -> None:
    """Create an account, or rename the one that has the name as its id."""
    updated = Account.update(name=f"{name} renamed").where(Account.public_id == name).execute()
    if not updated:
        Account.create(public_id=name, name=name, created_at=0)


def by_id(executor: Executor) -> Lookup[str]:
    """Return a look-up of accounts' names."""

    def select(key):
        return Account.select(Account.public_id, Account.name).where(Account.public_id == key)

    return Lookup(executor, select, lambda row: row[0])


class Held(Executor):
    """Keeps what statements find until it is let go.

    Attributes:
        asked: the number of statements.
        found: that one has found something, which it keeps.
    """

    def __init__(self, database) -> None:
        super().__init__(database)
        self.asked = 0
        self.found = threading.Event()
        self._free = threading.Event()

    async def run(self, work, **options):
        def held(query):
            self.asked += 1
            found = work(query)
            self.found.set()
            assert self._free.wait(WITHIN_S)
            return found

        return await super().run(held, **options)

    async def has_found(self) -> None:
        assert await asyncio.to_thread(self.found.wait, WITHIN_S)

    def let_go(self) -> None:
        self._free.set()


def test_what_is_there_is_found_and_nothing_else(db):
    account("acct_1")
    account("acct_2")

    async def asked() -> list[str | None]:
        look_up = by_id(Executor(db))
        return await asyncio.gather(*(look_up(key) for key in ("acct_2", "acct_3", "acct_1", "")))

    assert asyncio.run(asked()) == ["acct_2", None, "acct_1", None]


def test_each_look_up_sees_what_was_written_before_it(db):
    async def asked() -> list[str | None]:
        look_up, seen = by_id(Executor(db)), []
        for _ in range(3):
            seen.append(await look_up("acct_1"))
            account("acct_1")
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(asked()) == [None, "acct_1", "acct_1 renamed"]


def test_look_ups_of_two_kinds_do_not_answer_for_each_other(db):
    account("acct_1")
    executor = Executor(db)
    shout = Lookup(
        executor,
        lambda key: Account.select(Account.public_id, Account.name).where(Account.public_id == key),
        lambda row: row[0].upper(),
    )

    async def asked() -> list[str | None]:
        return [await by_id(executor)("acct_1"), await shout("acct_1")]

    assert asyncio.run(asked()) == ["acct_1", "ACCT_1"]


@postgres_alone
def test_those_that_come_while_a_statement_runs_share_the_next_one(db):
    for number in range(20):
        account(f"acct_{number}")

    async def asked() -> None:
        executor = Held(db)
        look_up = by_id(executor)
        first = asyncio.create_task(look_up("acct_0"))
        await executor.has_found()
        keys = [f"acct_{number % 25}" for number in range(50)]  # five are of nobody
        others = asyncio.gather(*map(look_up, keys))
        await asyncio.sleep(0)
        executor.let_go()
        assert await first == "acct_0"
        assert await others == [key if int(key[5:]) < 20 else None for key in keys]
        assert executor.asked == 2

    asyncio.run(asked())


@postgres_alone
def test_a_statement_that_runs_answers_nobody_who_came_after_a_write(db):
    """It may have found what it looks for before."""
    account("acct_1")

    async def asked() -> list[str | None]:
        executor = Held(db)
        look_up = by_id(executor)
        first = asyncio.create_task(look_up("acct_1"))
        await executor.has_found()
        account("acct_1")
        second = asyncio.create_task(look_up("acct_1"))
        await asyncio.sleep(0)
        executor.let_go()
        return [await first, await second]

    assert asyncio.run(asked()) == ["acct_1", "acct_1 renamed"]


@postgres_alone
def test_who_goes_takes_nothing_from_who_waits_for_the_same(db):
    account("acct_1")

    async def asked() -> str | None:
        executor = Held(db)
        look_up = by_id(executor)
        going, waiting = (asyncio.create_task(look_up("acct_1")) for _ in range(2))
        await executor.has_found()
        going.cancel()
        await asyncio.sleep(0)
        executor.let_go()
        return await waiting

    assert asyncio.run(asked()) == "acct_1"


@postgres_alone
def test_a_failure_is_told_to_all_who_wait_and_the_next_statement_is_tried(db):
    account("acct_1")

    class Failing(Executor):
        away = True

        async def run(self, work, **options):
            if self.away:
                raise ServiceUnavailable("away")
            return await super().run(work, **options)

    async def asked() -> None:
        executor = Failing(db)
        look_up = by_id(executor)
        told = await asyncio.gather(
            *(look_up(f"acct_{n}") for n in range(3)), return_exceptions=True
        )
        assert [type(one) for one in told] == [ServiceUnavailable] * 3
        executor.away = False
        assert await look_up("acct_1") == "acct_1"

    asyncio.run(asked())
