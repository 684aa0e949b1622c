"""Imports that are killed at any moment leave no event without its write, no write without one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from records import application, as_lines, candidate, posting

from models import Application, Candidate, Event

COMMAND = Path(sys.executable).with_name("gateway")
ROUNDS = 8
ROWS = 1_500
WITHIN_S = 60


@pytest.fixture
def importing(database_url, account, tmp_path):
    """Return a function that begins an import of new rows in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment = {**kept, "DATABASE_URL": database_url}

    def begin(number: int) -> subprocess.Popen[bytes]:
        records = [posting()]
        for row in range(ROWS):
            person = f"cand_{number}x{row}"
            records += [
                candidate(person),
                application(f"app_{number}x{row}", candidate_id=person),
            ]
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(as_lines(records))
        command = [COMMAND, "import", path, "--account", account.public_id]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    return begin


def assert_told_of_what_is_there():
    for table, event_type in (
        (Candidate, "candidate.created"),
        (Application, "application.created"),
    ):
        stored = sorted(row.public_id for row in table.select(table.public_id))
        told = Event.select(Event.subject_id).where(Event.type == event_type)
        assert sorted(row.subject_id for row in told) == stored


def test_kills_during_imports_part_no_event_from_its_write(db, importing):
    began = time.monotonic()
    assert importing(0).wait(WITHIN_S) == 0
    whole_s = time.monotonic() - began
    assert Candidate.select().count() == ROWS
    assert_told_of_what_is_there()

    chance = random.Random(6)
    ends = []
    for number in range(1, ROUNDS + 1):
        process = importing(number)
        try:
            ends.append(process.wait(whole_s * chance.uniform(0.3, 1.1)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            ends.append(process.wait(WITHIN_S))
        assert_told_of_what_is_there()
        # All of it or nothing.
        assert Candidate.select().count() % ROWS == 0
    assert -signal.SIGKILL in ends
    assert set(ends) <= {0, -signal.SIGKILL}
