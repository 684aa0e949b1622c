"""Memory stays flat however long a file is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = str(Path(__file__).parents[1] / "support")

ROWS = 500_000
LIMIT_MB = 200

# In a process of its own: what a process has used at most is never given back. (Not by getrusage:
# there the memory of the process that started it counts too.)
PROGRAM = r"""
import json, re, sys
from gateway import schema
from gateway.accounts import create_account
from gateway.audit import SYSTEM
from gateway.database import connect
from records import application, candidate, entry, posting, stage
import ingest

url, rows = sys.argv[1], int(sys.argv[2])
people = rows // 3

def records():
    for n in range(1_000):
        yield posting(f"job_{n}")
        yield stage(f"stg_{n}", job_posting_id=f"job_{n}")
    for n in range(people):
        name = f"{n * 7_919 % people:06}"
        yield entry(f"sp_{n}", application_id=f"app_{n}", stage_id=f"stg_{n % 1_000}")
        yield candidate(f"cand_{n}", first_name=name, email=f"{name}@example.com")
        yield application(f"app_{n}", job_posting_id=f"job_{n % 1_000}", candidate_id=f"cand_{n}")

class Lines:
    def __init__(self):
        self._lines = (json.dumps(record).encode() + b"\n" for record in records())
    def __enter__(self):
        return self
    def readline(self, size):
        return next(self._lines, b"")

database = connect(url)
with database.connection_context():
    schema.migrate(database)
    report = ingest.import_files(database, create_account("Large", by=SYSTEM, now=0), [Lines()])
print(sum(counts.created for counts in report.counts.values()))
status = open("/proc/self/status").read()
print(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1_024)
"""


@pytest.mark.timeout(1_200)
def test_memory_stays_flat(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"sqlite:///{tmp_path}/large.db", str(ROWS)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": SUPPORT},
    )
    created, used_mb = map(int, done.stdout.split())

    assert created >= ROWS
    assert used_mb < LIMIT_MB
