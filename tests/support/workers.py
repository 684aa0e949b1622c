"""`gateway serve --workers N` in processes of its own, and each of its workers asked by itself."""

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
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from live_gateway import address, kept_environment, server_process

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 30


@dataclass(frozen=True)
class Server:
    """A parent of workers.

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

    def pids(self) -> list[int]:
        """Return the processes of the workers, in the order of their starts."""
        started = self.lines("Started server process")
        return [int(re.search(r"\d+", line["event"])[0]) for line in started]

    def kill_one_worker(self) -> None:
        os.kill(self.pids()[0], signal.SIGKILL)

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics").text

    def revisions(self) -> set[str]:
        """Return the revisions that answers name; each is asked of a connection of its own."""
        answers = [httpx.get(f"{self.url}/readyz") for _ in range(20)]
        for answer in answers:
            assert answer.json()["policy_revision"] == answer.headers["X-Policy-Revision"]
        return {answer.headers["X-Policy-Revision"] for answer in answers}


@contextmanager
def running(
    database_url: str, policies: Path, log: Path, number: int, **settings: str
) -> Iterator[Server]:
    """Start a parent of so many workers, with settings; *policies* are made if they are missing."""
    if not policies.exists():
        shutil.copytree(ROOT / "policies", policies)
    environment = kept_environment()
    environment |= {"DATABASE_URL": database_url, "GATEWAY_POLICIES": str(policies)}
    environment |= settings
    with server_process(environment, log, "--workers", str(number)) as process:
        server = Server(address(process, log), process, policies, log)
        server.wait_for("Application startup complete", number)
        yield server


class Worker:
    """One of the workers behind a port, asked over a connection that it alone has taken."""

    def __init__(self, server: Server, pid: int) -> None:
        self._pid = pid
        self._others = [one for one in server.pids() if one != pid]
        self._address = urlsplit(server.url).netloc
        self._connection = self._connected()

    def __repr__(self) -> str:
        return f"worker {self._pid}"

    def get(self, path: str, secret: str) -> tuple[int, bytes]:
        """Return status and body."""
        try:
            return self._get(path, secret)
        except (OSError, HTTPException):  # an idle connection is closed in time
            self._connection.close()
            self._connection = self._connected()
            return self._get(path, secret)

    def close(self) -> None:
        self._connection.close()

    def _get(self, path: str, secret: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {secret}"}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _connected(self) -> HTTPConnection:
        """Connect while all others are stopped; once it is answered, they go on."""
        connection = HTTPConnection(self._address, timeout=WITHIN_S)
        for one in self._others:
            os.kill(one, signal.SIGSTOP)
        try:
            connection.request("GET", "/livez")
            connection.getresponse().read()
        finally:
            for one in self._others:
                os.kill(one, signal.SIGCONT)
        # A new connection, made without a word, could be another worker's.
        connection.auto_open = 0
        return connection
