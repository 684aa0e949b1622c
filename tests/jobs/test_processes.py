"""Background jobs in real processes: one at a time runs them, and another follows if it is killed.

Whichever way they are run: by `gateway jobs`, or within `gateway serve`.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from live_gateway import COMMAND, address, kept_environment, server_process
from processes import RUN_HERE, WITHIN_S, Process, jobs_process, until

from models import Account, Event, Lease, ScheduledJob


@pytest.fixture
def environment(database_url) -> dict[str, str]:
    return kept_environment() | {"DATABASE_URL": database_url}


@pytest.fixture
def start(environment, tmp_path) -> Iterator[Callable[[], Process]]:
    """Start `gateway jobs`, as often as it is called."""
    with ExitStack() as stack:
        logs = (tmp_path / f"jobs-{number}.log" for number in range(100))
        yield lambda: stack.enter_context(jobs_process(environment, next(logs)))


def old_event() -> None:
    account = Account.create(public_id="acct_old", name="Old", created_at=0)
    Event.create(
        public_id="evt_old", account=account, type="x.y", subject_id="app_1", occurred_at=0
    )


def test_of_several_one_runs_jobs_and_another_follows_when_it_is_killed(db, start):
    processes = [start() for _ in range(3)]
    until(lambda: any(one.runs_jobs() for one in processes), processes)
    until(lambda: all(one.events() for one in processes), processes)
    [holder] = [one for one in processes if one.runs_jobs()]
    others = [one for one in processes if one is not holder]

    holder.popen.send_signal(signal.SIGKILL)

    until(lambda: any(one.runs_jobs() for one in others), processes)
    assert len([one for one in others if one.runs_jobs()]) == 1


def test_one_that_is_stopped_gives_the_jobs_to_the_next_at_once(db, start):
    first = start()
    until(first.runs_jobs)
    assert first.stop() == 0
    assert Lease.get().holder == ""
    second = start()
    until(second.runs_jobs)


def test_a_job_that_is_due_is_done(db, start):
    old_event()
    one = start()
    until(lambda: not Event.select().exists(), [one])
    until(lambda: ScheduledJob.select().where(ScheduledJob.ended_at.is_null(False)).exists())


def test_workers_that_serve_run_jobs_in_one_of_them(db, environment, tmp_path):
    log = tmp_path / "log"
    with server_process(environment, log, "--workers", "2") as popen:
        address(popen, log)
        server = Process(popen, log)
        until(lambda: server.events().count("Application startup complete.") == 2)
        until(lambda: server.runs_jobs() and "background jobs run elsewhere" in log.read_text())
        assert server.events().count(RUN_HERE) == 1


def test_a_server_that_is_told_not_to_runs_none(db, environment, start, tmp_path):
    old_event()
    log = tmp_path / "log"
    environment |= {"GATEWAY_SERVE_JOBS": "off"}
    with server_process(environment, log) as popen:
        address(popen, log)
        assert not Lease.select().exists()
        one = start()
        until(lambda: not Event.select().exists(), [one])
        assert not Process(popen, log).runs_jobs()


def test_a_schema_that_is_out_of_date_is_refused(empty_database_url):
    environment = kept_environment() | {"DATABASE_URL": empty_database_url}
    done = subprocess.run(
        [COMMAND, "jobs"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 1
    assert "run `gateway migrate`" in done.stderr
