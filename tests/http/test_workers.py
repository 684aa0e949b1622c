"""Several processes behind one port are one server: what binds in one binds in all."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from live_gateway import address, server_process

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 30
WORKERS = 2


@dataclass(frozen=True)
class Server:
    """A parent of two workers.

    Attributes:
        policies: a folder of its own, to be changed.
    """

    url: str
    process: subprocess.Popen[bytes]
    policies: Path
    log: Path

    def lines(self, pattern: str) -> list[dict[str, str]]:
        """Return the lines of the log whose event matches *pattern*."""
        logged = map(json.loads, self.log.read_text(encoding="utf-8").splitlines())
        return [line for line in logged if re.search(pattern, line["event"])]

    def wait_for(self, pattern: str, number: int) -> list[dict[str, str]]:
        """Return the lines of the log whose event matches, once there are *number* of them."""
        deadline = time.monotonic() + WITHIN_S
        while len(found := self.lines(pattern)) < number:
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)
        return found

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics").text

    def revisions(self) -> set[str]:
        """Return the revisions that answers name; each is asked of a connection of its own."""
        answers = [httpx.get(f"{self.url}/readyz") for _ in range(20)]
        for answer in answers:
            assert answer.json()["policy_revision"] == answer.headers["X-Policy-Revision"]
        return {answer.headers["X-Policy-Revision"] for answer in answers}


@pytest.fixture
def start(database_url, tmp_path):
    """Start workers with settings."""

    @contextmanager
    def start(**settings: str) -> Iterator[Server]:
        policies, log = tmp_path / "policies", tmp_path / "log"
        shutil.copytree(ROOT / "policies", policies)
        environment = {"DATABASE_URL": database_url, "GATEWAY_POLICIES": str(policies), **settings}
        with server_process(environment, log, "--workers", str(WORKERS)) as process:
            server = Server(address(process, log), process, policies, log)
            server.wait_for("Application startup complete", WORKERS)
            yield server

    return start


def change(policies: Path) -> None:
    with (policies / "application.yaml").open("a") as file:
        file.write("# another revision\n")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_changed_file_reaches_every_worker(start):
    with start() as server:
        [before] = server.revisions()
        change(server.policies)
        loaded = server.wait_for("policies reloaded", WORKERS)
        [after] = server.revisions()
    assert {(line["before"], line["policy_revision"]) for line in loaded} == {(before, after)}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_sighup_reaches_every_worker_and_restarts_none(start):
    with start(GATEWAY_POLICY_RELOAD_INTERVAL_S="0") as server:
        change(server.policies)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("policies reloaded", WORKERS)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("policies are those in force", WORKERS)
        assert len(server.revisions()) == 1
        assert len(server.lines("Application startup complete")) == WORKERS


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_wrong_file_stops_no_worker(start):
    with start() as server:
        before = server.revisions()
        (server.policies / "application.yaml").write_text("wrong")
        refused = server.wait_for("policies refused", WORKERS)
        assert server.revisions() == before
    assert {line["policy_revision"] for line in refused} == before
    assert all(line["level"] == "error" for line in refused)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_worker_answers_with_the_metrics_of_all(start):
    with start(GATEWAY_METRICS="on") as server:
        [revision] = server.revisions()
        for _ in range(30):
            httpx.get(f"{server.url}/api/v1/candidates")
        counted = 'gateway_requests_total{operation="list_candidates",status="401"} 30.0'
        for _ in range(20):
            assert counted in server.metrics()
        assert f'gateway_policy_workers{{revision="{revision}"}} 2.0' in server.metrics()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_worker_that_died_is_replaced_and_no_longer_counted_as_living(start):
    with start(GATEWAY_METRICS="on") as server:
        [revision] = server.revisions()
        [dead, *_] = server.lines("Started server process")
        os.kill(int(re.search(r"\d+", dead["event"])[0]), signal.SIGKILL)
        server.wait_for("Application startup complete", WORKERS + 1)
        assert f'gateway_policy_workers{{revision="{revision}"}} 2.0' in server.metrics()
