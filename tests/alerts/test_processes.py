"""Several real processes, a real mail server, real time: one mail, whoever is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from alerting import account, person, token
from live_gateway import address, kept_environment, server_process
from mailing import post_office
from processes import Process, jobs_process, until

from models import OutgoingMail, ScheduledJob

JOBS = 2


@pytest.fixture
def post():
    with post_office() as post:
        yield post


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[list[Process]]:
    """Run a server with two workers and two processes of `gateway jobs`."""
    log = folder / "serve.log"
    with ExitStack() as stack:
        popen = stack.enter_context(server_process(environment, log, "--workers", "2"))
        address(popen, log)
        logs = (folder / f"jobs-{number}.log" for number in range(JOBS))
        jobs = [stack.enter_context(jobs_process(environment, log)) for log in logs]
        yield [Process(popen, log), *jobs]


def look_again() -> None:
    """Make the look for unused tokens due, which comes each hour."""
    ScheduledJob.update(due_at=0).where(ScheduledJob.name == "tell of unused tokens").execute()


def has_looked() -> bool:
    return ScheduledJob.get(ScheduledJob.name == "tell of unused tokens").due_at > 0


def test_of_many_processes_one_sends_one_mail_and_the_next_takes_over(
    db, database_url, tmp_path, post
):
    acme = account()
    ann = person(acme, "ann")
    token(acme, ann, created_at=0)
    environment = kept_environment() | {"DATABASE_URL": database_url} | post.environment()
    environment |= {"GATEWAY_LOG_FORMAT": "json"}

    with jobs_process(environment, tmp_path / "first.log") as first:
        until(first.runs_jobs, [first])
        with running(environment, tmp_path) as others:
            post.wait_for(1)
            for _ in range(3):
                look_again()
                until(has_looked, [first, *others])
            assert post.addresses == ["ann@example.com"]

            first.popen.send_signal(signal.SIGKILL)
            globex = account("Globex")
            token(globex, person(globex, "dan"), created_at=0)
            look_again()

            until(lambda: len(post.received) == 2, others)
            assert post.addresses == ["ann@example.com", "dan@example.com"]
            until(lambda: not OutgoingMail.select().where(OutgoingMail.sent_at.is_null()).exists())
    assert len(post.received) == 2
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert logs.count('"mail sent"') == 2
    assert "@example.com" not in logs
