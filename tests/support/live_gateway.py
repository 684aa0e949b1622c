"""The gateway as its users run it: the command, in processes of its own, on the reference's data.

For tests that look at it from outside and change nothing in it: one server a test run (one for
each of its workers), on SQLite.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("gateway")
SCOPES = ("job_postings:read", "candidates:read", "applications:read")
OWNER = "owner@example.com"
START_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class LiveGateway:
    """A server that runs.

    Attributes:
        url: without a slash at the end.
        full_token: has every scope.
        applications_token: has `applications:read` alone.
    """

    url: str
    full_token: str
    applications_token: str


class Commands:
    """Runs `gateway …` with an environment of its own."""

    def __init__(self, database_url: str) -> None:
        self.environment = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url}

    def run(self, *words: str, stdin: str = "") -> str:
        """Return what the command prints."""
        done = subprocess.run(
            [COMMAND, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def token(self, account: str, *scopes: str) -> str:
        """Create a token; return its secret."""
        options = [word for scope in scopes for word in ("--scope", scope)]
        words = ("token", "create", "--account", account, "--user", OWNER, "--name", "test")
        return str(json.loads(self.run(*words, *options, "--json"))["token"])


@pytest.fixture(scope="session")
def live_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("live_gateway")
    gateway = Commands(f"sqlite:///{folder}/gateway.db")
    gateway.run("migrate")
    account = gateway.run("account", "create", "Acme")
    gateway.run("user", "create", OWNER, "--password-stdin", stdin="correct horse battery staple")
    gateway.run("member", "add", "--account", account, "--user", OWNER)
    gateway.run("import", str(ROOT / "examples" / "reference.jsonl"), "--account", account)
    full, narrow = gateway.token(account, *SCOPES), gateway.token(account, "applications:read")
    with serving(gateway.environment, folder / "log") as url:
        yield LiveGateway(url, full, narrow)


@contextmanager
def serving(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run `gateway serve`; give its address once it is ready."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = [COMMAND, "serve", "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(words, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            assert is_ready(url, server), log.read_text(encoding="utf-8")
            yield url
        finally:
            server.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; False if it ended or takes too long."""
    deadline = time.monotonic() + START_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            return httpx.get(f"{url}/readyz").is_success
        except httpx.TransportError:
            time.sleep(0.05)
    return False
