"""Whole lines, whoever writes, whoever rotates, whoever dies."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.disclosure import DisclosureLog, History, log
from gateway.errors import ConfigError

LINE = b'{"n": %d}\n'
WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.disclosure import DisclosureLog

async def main(path, name, lines):
    log = DisclosureLog(path, max_bytes=150, keep=0)
    for n in range(lines):
        await log.write(b'{"writer": %d, "n": %d}\\n' % (name, n))

print("ready", flush=True)
sys.stdin.readline()  # all begin at once, however long each has taken to start
asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
"""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "disclosures.jsonl"


@pytest.fixture
def opened(path):
    """Open logs at the path; close them with the test."""
    made = []

    def opened(max_bytes: int = 1_000_000, keep: int = 0) -> DisclosureLog:
        made.append(DisclosureLog(path, max_bytes=max_bytes, keep=keep))
        return made[-1]

    yield opened
    for one in made:
        one.close()


def write(written: DisclosureLog, *numbers: int) -> None:
    async def all_of_them():
        for number in numbers:
            await written.write(LINE % number)

    asyncio.run(all_of_them())


def read(path: Path) -> list[int]:
    return [line["n"] for line in History(path).lines()]


def test_a_line_is_in_the_file_when_it_is_written(opened, path):
    write(opened(), 1)
    assert path.read_bytes() == LINE % 1


def test_only_the_owner_can_read_it(opened, path):
    write(opened(), 1)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_file_is_put_aside_and_nothing_is_lost(opened, path):
    numbers = range(100)
    write(opened(max_bytes=95), *numbers)
    assert read(path) == list(numbers)
    full = [one for _, one in log.rotated(path)]
    assert full[0].name == "disclosures.jsonl.1"
    assert len(full) > 9
    assert all(one.stat().st_size <= 95 for one in [*full, path])


def test_the_oldest_files_are_removed(opened, path):
    write(opened(max_bytes=9, keep=2), *range(5))
    assert read(path) == [2, 3, 4]
    assert [number for number, _ in log.rotated(path)] == [3, 4]


def test_a_line_longer_than_a_file_may_be_stands_alone(opened, path):
    write(opened(max_bytes=1), 1, 2)
    assert read(path) == [1, 2]
    assert len(log.rotated(path)) == 1


def test_a_file_that_a_tool_moved_away_is_left_alone(opened, path):
    written = opened()
    write(written, 1)
    path.rename(path.with_name("moved"))
    write(written, 2)
    assert read(path) == [2]


def test_what_was_cut_off_harms_no_other_line(opened, path):
    path.write_bytes(b'{"n": 0}\n{"n": 1, "cut')
    write(opened(), 2)
    history = History(path)
    assert [line["n"] for line in history.lines()] == [0, 2]
    assert history.damaged == 1


def test_a_folder_that_is_not_there_stops_the_start(tmp_path):
    path = tmp_path / "missing" / "log"
    with pytest.raises(ConfigError) as caught:
        DisclosureLog(path, max_bytes=1, keep=0).check()
    assert str(caught.value).startswith(f"{path}: the disclosure log cannot be written: No such")


def test_a_lock_that_is_never_let_go_is_an_error_in_the_end(opened, path, monkeypatch):
    monkeypatch.setattr(log, "WAIT_S", 0.02)
    other = opened()
    write(other, 1)
    with log._locked(other._file) as locked:
        assert locked
        with pytest.raises(TimeoutError):
            write(opened(), 2)
    assert read(path) == [1]


def test_a_full_disk_is_an_error_and_what_comes_later_is_whole(opened, path, monkeypatch):
    written = opened()
    write(written, 1)
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, line: real(file, line[:4]))
    with pytest.raises(OSError, match="in part only"):
        write(written, 2)
    monkeypatch.undo()
    write(written, 3)
    assert read(path) == [1, 3]


def test_several_processes_lose_and_mix_nothing_over_rotations(path):
    writers, lines = 3, 1_000
    words = [
        [sys.executable, "-c", WRITER, str(path), str(name), str(lines)] for name in range(writers)
    ]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(one, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for one in words
        ]
        assert [process.stdout.readline() for process in started] == ["ready\n"] * writers
        for process in started:
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.wait(timeout=60) for process in started] == [0] * writers
    found = list(History(path).lines())
    assert len(log.rotated(path)) > 300
    for name in range(writers):
        own = [line["n"] for line in found if line["writer"] == name]
        assert own == list(range(lines))
    assert len(found) == writers * lines
