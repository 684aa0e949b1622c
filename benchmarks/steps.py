"""Where the time of an answer that is not kept goes: the steps of the lane, each by itself.

In this process, without sockets: the application is the one that `gateway serve` runs, asked as the
protocol asks it, a batch of requests a turn of the event loop. A step's time is without that of the
steps within it. Rounds go up and down through the endpoints; a step is told by its median.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import orjson

from benchmarks.data import Data, connected
from benchmarks.endpoints import Endpoint, endpoints_of
from benchmarks.figures import alternating
from benchmarks.load import Unusable
from gateway import app, bundle, lane
from gateway.accesslog import AccessLog
from gateway.database import SqlitePool
from gateway.parameters import QueryParser
from gateway.reading import reader
from gateway.reload import Reloader
from gateway.security import Authenticator
from gateway.settings import Settings
from gateway.telemetry import Telemetry

ENDPOINTS = ("list", "list_redacted", "postings", "by_id")
ROUNDS = 8
REQUESTS = 500  # of a round
A_TURN = 16  # requests that come together
REST = "what is around them"
STEPS = (
    "the token",
    "the query's values",
    "SQL, to rows",
    "rows to documents",
    "documents to JSON",
    "the guard",
    "log line and request id",
    REST,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: the microseconds of one request, by step."""

    endpoint: str
    round: int
    us: dict[str, float]


class Stopwatch:
    """Times steps; what a step calls that is a step itself is not counted twice."""

    def __init__(self) -> None:
        self.ns: Counter[str] = Counter()
        self._within: list[int] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done in the context as *name*."""
        self._within.append(0)
        began = time.perf_counter_ns()
        try:
            yield
        finally:
            took = time.perf_counter_ns() - began
            self.ns[name] += took - self._within.pop()
            if self._within:
                self._within[-1] += took

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function*, counted as *name*."""

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return function(*args, **kwargs)

        return wrapper

    def timed_async(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the coroutine function *function*, which waits for nothing, counted as *name*."""

        @wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return await function(*args, **kwargs)

        return wrapper


def measure(data: Data, *, rounds: int = ROUNDS) -> list[Sample]:
    """Measure each endpoint on SQLite, with nothing kept.

    Raises:
        Unusable: an answer is not a 200, or not given at once.
    """
    watch = Stopwatch()
    with connected(data.url) as database, timing(watch), Path(os.devnull).open("w") as nowhere:
        endpoints = endpoints_of(data)
        settings = Settings(database_url=data.url, answer_cache_bytes=0)
        loaded = bundle.load(settings.openapi, settings.policies, {})
        reloader = Reloader(loaded, environment={}, interval_s=1)
        line = AccessLog(lambda: nowhere)
        served = app.create(settings, database, reloader, write_line=line)
        assert isinstance(served, lane.Lane)

        async def asked() -> list[Sample]:
            for name in ENDPOINTS:
                await a_round(served, endpoints[name], watch)  # what is compiled at first use
            return [
                Sample(name, number, await a_round(served, endpoints[name], watch))
                for number, name in alternating(ENDPOINTS, rounds)
            ]

        return asyncio.run(asked())


async def a_round(served: lane.Lane, endpoint: Endpoint, watch: Stopwatch) -> dict[str, float]:
    """Ask for the endpoint's addresses in turn; return what one takes, by step."""
    scopes = [scope_of(path, endpoint.token or "") for path in endpoint.paths]
    watch.ns.clear()
    for number in range(REQUESTS):
        if number % A_TURN == 0:
            await asyncio.sleep(0)
        with watch.step(REST):
            whole = served.at_once(dict(scopes[number % len(scopes)]))
        if whole is None or whole.status != endpoint.status:
            raise Unusable(f"{endpoint.name}: {whole and whole.status} at once")
    return {step: watch.ns[step] / REQUESTS / 1_000 for step in STEPS}


def scope_of(path: str, token: str) -> dict[str, Any]:
    """Return the ASGI scope that uvicorn makes of a GET."""
    address, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50_000),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": address,
        "raw_path": address.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())],
        "state": {},
    }


@contextmanager
def timing(watch: Stopwatch) -> Iterator[None]:
    """Put *watch* around each step."""
    plain = [
        (SqlitePool, "fetch", "SQL, to rows"),
        (QueryParser, "parse", "the query's values"),
        (reader.Reader, "_documents", "rows to documents"),
        (lane, "check", "the guard"),
        (Telemetry, "begin", "log line and request id"),
        (Telemetry, "end", "log line and request id"),
    ]
    dumps = watch.timed("documents to JSON", orjson.dumps)
    required = watch.timed_async("the token", Authenticator.required)
    with ExitStack() as stack:
        for owner, name, step in plain:
            stack.enter_context(patch.object(owner, name, watch.timed(step, getattr(owner, name))))
        stack.enter_context(patch.object(reader, "orjson", SimpleNamespace(dumps=dumps)))
        stack.enter_context(patch.object(Authenticator, "required", required))
        yield


def document(samples: list[Sample]) -> dict[str, Any]:
    """Return what is kept of *samples*."""
    return {"samples": [asdict(one) for one in samples]}
