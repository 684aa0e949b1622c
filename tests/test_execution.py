"""Reads of one turn of the event loop share a snapshot on SQLite, and none outlives the turn."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from shutil import copyfile

import pytest
import uvloop

from gateway.execution import Executor
from models import Account

COUNT = "SELECT COUNT(*) FROM account"
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

# PostgreSQL does not say whether anybody has written, so nothing is remembered of it.
sqlite_alone = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture(params=LOOPS)
def run(request):
    """Run a coroutine on one event loop or the other."""
    with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
        yield runner.run


def write(db) -> None:
    number = Account.select().count()
    Account.create(public_id=f"acct_{number}", name="A", created_at=0)


async def count(executor: Executor, **options) -> int:
    rows = await executor.run(lambda query: query(COUNT, ()), **options)
    return rows[0][0]


@pytest.mark.parametrize("snapshot", [False, True])
def test_what_was_written_before_a_turn_is_read_in_it(db, run, snapshot):
    async def turns() -> list[int]:
        executor, seen = Executor(db), []
        for _ in range(5):
            write(db)
            seen.append(await count(executor, snapshot=snapshot))
            await asyncio.sleep(0)
        return seen

    assert run(turns()) == [1, 2, 3, 4, 5]


def test_what_was_received_is_answered_from_a_later_snapshot(db, run):
    """A request that is sent after a write sees it, though others keep every turn busy."""
    executor = Executor(db)

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(str(await count(executor)).encode())
        await writer.drain()
        writer.close()

    async def busy(until: asyncio.Event) -> None:
        while not until.is_set():
            await count(executor)
            await asyncio.sleep(0)

    async def asked() -> list[int]:
        server = await asyncio.start_server(answered, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        done, seen = asyncio.Event(), []
        others = [asyncio.create_task(busy(done)) for _ in range(3)]
        for _ in range(50):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            write(db)
            writer.write(b"?")
            seen.append(int(await reader.read()))
            writer.close()
        done.set()
        await asyncio.gather(*others)
        server.close()
        return seen

    assert run(asked()) == list(range(1, 51))


def test_reads_of_one_turn_agree(db, dialect, run):
    async def one_turn() -> tuple[int, int]:
        executor = Executor(db)
        before = await count(executor)
        write(db)
        return before, await count(executor)

    if dialect == "sqlite":
        assert run(one_turn()) == (0, 0)


def test_without_an_event_loop_each_read_is_a_snapshot_of_its_own(db):
    executor = Executor(db)
    seen = []
    for _ in range(3):
        write(db)
        seen.append(executor.run_blocking(lambda query: query(COUNT, ()))[0][0])
    assert seen == [1, 2, 3]


def test_no_transaction_is_left_open(db, dialect, run):
    """Else the write-ahead log could never be taken into the file."""

    async def read() -> None:
        executor = Executor(db)
        await count(executor)
        await asyncio.sleep(0)
        if dialect == "sqlite":
            busy, _, _ = db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert not busy

    write(db)
    run(read())


def test_an_error_ends_the_snapshot_and_the_next_read_works(db, run):
    async def read() -> list[int]:
        executor, seen = Executor(db), []
        for _ in range(2):
            with pytest.raises(Exception, match="nowhere"):
                await executor.run(lambda query: query("SELECT 1 FROM nowhere", ()))
            write(db)
            seen.append(await count(executor))
            await asyncio.sleep(0)
        return seen

    assert run(read()) == [1, 2]


def remembered(executor: Executor, key: str = "count") -> int:
    return executor.remembered(key, lambda query: query(COUNT, ())[0][0])


@sqlite_alone
def test_what_is_remembered_ends_with_the_next_write(db, run):
    async def turns() -> list[int]:
        executor, seen = Executor(db), []
        for _ in range(3):
            write(db)
            seen += [remembered(executor) for _ in range(2)]
            await asyncio.sleep(0)
        return seen

    assert run(turns()) == [1, 1, 2, 2, 3, 3]


@sqlite_alone
def test_what_is_remembered_is_not_asked_again(db, run):
    asked = []

    async def turns(executor: Executor) -> None:
        for _ in range(3):
            executor.remembered("key", lambda _query: asked.append("key"))
            await asyncio.sleep(0)

    run(turns(Executor(db)))
    assert asked == ["key"]


@sqlite_alone
def test_each_key_has_a_memory_of_its_own(db):
    executor = Executor(db)
    assert [executor.remembered(key, lambda _query, key=key: key) for key in "ab"] == ["a", "b"]


@sqlite_alone
def test_no_more_is_remembered_than_there_is_room_for(db, run, monkeypatch):
    monkeypatch.setattr("gateway.execution.MAX_REMEMBERED", 10)
    executor = Executor(db)

    async def many() -> None:
        for number in range(100):
            executor.remembered(number, lambda _query: None)
            await asyncio.sleep(0)

    run(many())
    assert len(executor._attempt._memory) <= 11


@sqlite_alone
def test_nothing_is_remembered_of_a_file_that_was_replaced(db, run, database_url):
    """Two files can say that they are in the same state, and have other rows."""
    path = Path(database_url.removeprefix("sqlite:///"))
    write(db)
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_suffix(".other")
    copyfile(path, copy)
    with sqlite3.connect(copy) as other:
        other.execute("DELETE FROM account")
    other.close()

    async def before_and_after() -> list[int]:
        executor = Executor(db)
        seen = [remembered(executor)]
        await asyncio.sleep(0)
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        copy.rename(path)
        seen.append(remembered(executor))
        return seen

    assert run(before_and_after()) == [1, 0]
