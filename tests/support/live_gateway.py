"""The gateway as its users run it: the command, in processes of its own, on the reference's data.

For tests that look at it from outside and change nothing in it: one server a test run (one for
each of its workers), on SQLite.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        log: what the server has logged so far.
    """

    url: str
    full_token: str
    applications_token: str
    log: Path


def kept_environment() -> dict[str, str]:
    """Return what a server of ours needs of our environment.

    PYTHONPATH too: in the copy of a mutant, its server must be the mutant's.
    """
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}


class Commands:
    """Runs `gateway …` with an environment of its own."""

    def __init__(self, database_url: str) -> None:
        self.environment = {**kept_environment(), "DATABASE_URL": database_url}

    def run(self, *words: str, stdin: str = "") -> str:
        """Return what the command prints."""
        done = self._done(words, stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def refuses(self, *words: str) -> str:
        """Return what the command says of why it does not do it."""
        done = self._done(words)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr

    def _done(self, words: tuple[str, ...], stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment,
            check=False,
        )

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
    log = folder / "log"
    with serving(gateway.environment, log) as url:
        yield LiveGateway(url, full, narrow, log)


@contextmanager
def serving(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run `gateway serve` on a free port; give its address once it listens."""
    with server_process(environment, log) as server:
        yield address(server, log)


@contextmanager
def server_process(
    environment: Mapping[str, str], log: Path, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `gateway serve` on a free port; end it with the context."""
    words = [COMMAND, "serve", "--port", "0", *options]
    with (
        log.open("wb") as output,
        subprocess.Popen(words, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            yield server
        finally:
            server.terminate()


def address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Return the address that the server's log names."""
    deadline = time.monotonic() + START_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        if match := re.search(r"running on (http://[0-9.:]+)", log.read_text(encoding="utf-8")):
            return match[1]
        time.sleep(0.05)
    pytest.fail(log.read_text(encoding="utf-8"))
