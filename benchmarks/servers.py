"""The servers that are measured: how each is started, and on which databases it is at home.

The gateway is started as its users start it. A peer is a program of `benchmarks/peers/`; what it
stands for, and what it checks, is said in its own file.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from benchmarks import machine
from benchmarks.load import Unusable

PEERS = Path(__file__).with_name("peers")
BIN = Path(sys.executable).parent
START_WITHIN_S = 60
STOP_WITHIN_S = 15
SQLITE, POSTGRES = "sqlite", "postgres"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be measured.

    Attributes:
        title: what the tables call it.
        command: `{port}` stands for the port that it shall listen on.
        settings: its environment beside `DATABASE_URL` and `BENCH_DATABASE`.
        documented: refuses in its framework's own words, so that only the status is as ours.
        answers: whether it answers requests for data; the bound does not.
    """

    name: str
    title: str
    command: tuple[str, ...]
    databases: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    documented: bool = False
    answers: bool = True

    @property
    def missing(self) -> str | None:
        """What it needs and is not there; None: nothing."""
        if self.command[0] != "node":
            return None
        if shutil.which("node") is None:
            return "Node.js is not installed"
        if not (PEERS / "node_modules").is_dir():
            return "the packages of benchmarks/peers are not installed; try `make bench`"
        return None


def _gateway(name: str, title: str, **settings: str) -> Server:
    command = (str(BIN / "gateway"), "serve", "--port", "{port}")
    return Server(name, title, command, (SQLITE, POSTGRES), settings)


def _uvicorn(
    name: str,
    title: str,
    module: str,
    *databases: str,
    documented: bool = False,
    answers: bool = True,
    **settings: str,
) -> Server:
    options = ("--port", "{port}", "--no-access-log", "--log-level", "warning")
    command = (sys.executable, "-m", "uvicorn", f"benchmarks.peers.python.{module}:app", *options)
    return Server(name, title, command, databases, settings, documented, answers)


def _node(name: str, title: str, file: str, *options: str, documented: bool = False) -> Server:
    command = ("node", str(PEERS / "node" / file), "{port}", *options)
    return Server(name, title, command, (SQLITE,), documented=documented)


SERVERS = {
    server.name: server
    for server in (
        _gateway("gateway", "gateway, as installed"),
        _gateway("gateway-uncached", "gateway, no kept answers", GATEWAY_ANSWER_CACHE_BYTES="0"),
        _gateway(
            "gateway-stack",
            "gateway, no kept answers, no lane",
            GATEWAY_ANSWER_CACHE_BYTES="0",
            GATEWAY_LANE="off",
        ),
        _uvicorn(
            "constant", "constant body of 10 kB on uvicorn", "constant", SQLITE, answers=False
        ),
        _node("fastify-pages", "fastify, kept rows and answers", "fastify_fragments.js", "--pages"),
        _node("fastify-rows", "fastify, kept rows", "fastify_fragments.js"),
        _node("fastify-sql", "fastify, tuned SQL", "fastify_sql.js"),
        _uvicorn(
            "starlette-pages",
            "Starlette by hand, kept rows and answers",
            "starlette_kept",
            SQLITE,
            PEER_PAGES="on",
        ),
        _uvicorn("starlette-rows", "Starlette by hand, kept rows", "starlette_kept", SQLITE),
        _uvicorn("starlette-sql", "Starlette by hand, tuned SQL", "starlette_sqlite", SQLITE),
        _uvicorn("starlette-asyncpg", "Starlette + asyncpg by hand", "starlette_asyncpg", POSTGRES),
        _node(
            "express",
            "express + express-openapi-validator",
            "express_validator.js",
            documented=True,
        ),
        _uvicorn(
            "fastapi",
            "FastAPI + SQLAlchemy as documented",
            "fastapi_documented",
            SQLITE,
            POSTGRES,
            documented=True,
        ),
        _uvicorn(
            "connexion",
            "Connexion + peewee as documented",
            "connexion_documented",
            SQLITE,
            POSTGRES,
            documented=True,
        ),
    )
}


@dataclass(slots=True)
class Running:
    """A server that runs."""

    server: Server
    base: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        return machine.family(self.process.pid)

    def ask(
        self, path: str, token: str | None = None, request_id: str = "bench"
    ) -> tuple[int, str, bytes]:
        """Return status, content type and body of an answer."""
        headers = {"X-Request-Id": request_id}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with urlopen(Request(self.base + path, headers=headers), timeout=60) as answer:
                return answer.status, answer.headers["content-type"], answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.headers["content-type"], error.read()


@contextmanager
def running(
    server: Server,
    url: str,
    processor: int,
    folder: Path,
    *,
    path: str = "/livez",
    pause_s: float = 0.05,
) -> Iterator[Running]:
    """Run *server* on the database at *url*, pinned to one processor, once it answers at *path*.

    Args:
        pause_s: between two tries.
    Raises:
        Unusable: it does not answer in time; the message has the end of its log.
    """
    port = free_port()
    log = folder / f"{server.name}.log"
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": url,
        "BENCH_DATABASE": url.removeprefix("sqlite:///"),
        "NODE_ENV": "production",
        **server.settings,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [word.format(port=port) for word in server.command],
            stdout=output,
            stderr=output,
            env=environment,
            cwd=PEERS.parents[1],
            preexec_fn=partial(os.sched_setaffinity, 0, {processor}),  # noqa: PLW1509 - no threads here
        )
    try:
        found = Running(server, f"http://127.0.0.1:{port}", process, log)
        wait_until_answering(found, path, pause_s)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answering(one: Running, path: str, pause_s: float) -> None:
    """Return when *one* answers at *path*, with whatever status."""
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        try:
            one.ask(path)
        except (URLError, ConnectionError):
            if one.process.poll() is not None:
                break
            time.sleep(pause_s)
        else:
            return
    told = one.log.read_text(errors="replace")[-2_000:]
    raise Unusable(f"{one.server.name} did not start: {told}")


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
