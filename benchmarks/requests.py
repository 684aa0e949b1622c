"""Requests: how many each server answers, each pinned to one processor, the load to another.

All servers of a run are up from its begin to its end, and measured in turn: A B C, C B A … An idle
one costs nothing. So are the endpoints of one server, where those are to be compared. Before
anything is measured, `equality` compares what the servers answer.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import load, machine
from benchmarks.data import Data, connected
from benchmarks.endpoints import Endpoint, endpoints_of
from benchmarks.equality import questions_of, require_equal
from benchmarks.figures import alternating
from benchmarks.load import Unusable
from benchmarks.servers import Running, Server, running

WARM_UP_S = 2
# A round ends with a request on the way at each connection: worked on, and not counted. So a slow
# server gets longer rounds, in which that weighs little.
ANSWERS_A_CONNECTION = 10
MAX_ROUND_S = 8
MAX_ROUND_WITHOUT_ANSWERS_S = 30  # of a server that has not answered once while it warmed up
IDLE_WITHIN_S = 30
SERVERS, ENDPOINTS = "servers", "endpoints"
FILL = "fill"  # the endpoint whose answers are more than a cache may keep
FILL_S = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one server at one endpoint."""

    server: str
    endpoint: str
    round: int
    per_second: float
    per_cpu_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Results:
    """What a run has measured.

    Attributes:
        memory_bytes: of each server, after all load.
    """

    samples: list[Sample]
    memory_bytes: dict[str, int]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Results:
        """Return the results that *document* keeps."""
        return cls([Sample(**one) for one in document["samples"]], document["memory_bytes"])

    @property
    def document(self) -> dict[str, Any]:
        """What is kept."""
        return {
            "samples": [asdict(one) for one in self.samples],
            "memory_bytes": self.memory_bytes,
        }

    @property
    def servers(self) -> list[str]:
        """The servers in the order of the first round."""
        return list(dict.fromkeys(one.server for one in self.samples))

    @property
    def endpoints(self) -> list[str]:
        """The endpoints in their order."""
        return list(dict.fromkeys(one.endpoint for one in self.samples))

    def of(self, server: str, endpoint: str) -> list[Sample]:
        """Return the rounds of a server at an endpoint, in their order."""
        asked = (server, endpoint)
        rounds = [one for one in self.samples if (one.server, one.endpoint) == asked]
        return sorted(rounds, key=lambda one: one.round)


def measure(
    servers: Sequence[Server],
    endpoints: Sequence[str],
    data: Data,
    *,
    rounds: int,
    seconds: int,
    compared: str = SERVERS,
    connections: int = load.CONNECTIONS,
) -> Results:
    """Measure each server at each endpoint.

    Args:
        compared: what is asked in turn: `SERVERS` at one endpoint, or `ENDPOINTS` of one server.
    Raises:
        Unusable: a server fails, or answers with another status than it should.
    """
    with connected(data.url):
        known, questions = endpoints_of(data), questions_of(data)
    servers_on, load_on = machine.processors()
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        up = [stack.enter_context(running(one, data.url, servers_on, folder)) for one in servers]
        answering = [one for one in up if one.server.answers]
        if answering:
            require_equal(answering[0], answering[1:], questions)
        asked = {
            name: Asked(known[name], folder / name, load_on, connections) for name in endpoints
        }
        groups = [[(one, name) for one in up] for name in endpoints]
        if compared == ENDPOINTS:
            groups = [[(one, name) for name in endpoints] for one in up]
        for group in groups:
            lasting = [asked[name].lasting(one, seconds) for one, name in group]
            for number, place in alternating(range(len(group)), rounds):
                one, name = group[place]
                samples.append(asked[name].of(one, lasting[place], number))
            print(".", end="", flush=True, file=sys.stderr)
        print(file=sys.stderr)
        filling = Asked(known[FILL], folder / FILL, load_on, connections)
        for one in answering:
            filling.of(one, FILL_S, 0)
        memory = {one.server.name: machine.memory_bytes(one.pids) for one in up}
    return Results(samples, memory)


class Asked:
    """An endpoint, ready to be asked for by wrk."""

    def __init__(self, endpoint: Endpoint, file: Path, processor: int, connections: int) -> None:
        self._endpoint = endpoint
        self._file = file
        self._processor = processor
        self._connections = connections
        file.write_text("".join(f"{path}\n" for path in endpoint.paths))

    def lasting(self, one: Running, least: int) -> int:
        """Warm *one* up; return how many seconds its rounds shall last, *least* or more."""
        report = self._asked(one, WARM_UP_S)
        wait_until_idle(one.pids)
        if not report.requests:
            return max(least, MAX_ROUND_WITHOUT_ANSWERS_S)
        enough = ANSWERS_A_CONNECTION * self._connections * report.seconds
        return round(min(max(least, enough / report.requests), max(least, MAX_ROUND_S)))

    def of(self, one: Running, seconds: int, number: int) -> Sample:
        """Ask *one* for so long.

        Raises:
            Unusable: an answer failed or had another status than it should.
        """
        pids = one.pids
        before = machine.cpu_seconds(pids)
        report = self._asked(one, seconds)
        used = machine.cpu_seconds(pids) - before
        self._require_right(one.server, report)
        wait_until_idle(pids)
        return Sample(
            one.server.name,
            self._endpoint.name,
            number,
            report.requests / report.seconds,
            report.requests / used,
            report.p50_ms,
            report.p99_ms,
        )

    def _asked(self, one: Running, seconds: int) -> load.Report:
        return load.run(
            one.base,
            self._file,
            self._endpoint.token,
            seconds=seconds,
            processor=self._processor,
            connections=self._connections,
        )

    def _require_right(self, server: Server, report: load.Report) -> None:
        refusing = self._endpoint.status >= 400 and server.answers
        wanted = report.requests if refusing else 0
        if report.failed or report.refused != wanted or not report.requests:
            raise Unusable(
                f"{server.name}, {self._endpoint.name}: {report.requests} answers, of which "
                f"{report.refused} refused where {wanted} should be, and {report.failed} failed"
            )


def wait_until_idle(pids: list[int]) -> None:
    """Return when *pids* have left off what nobody waits for any more."""
    deadline = time.monotonic() + IDLE_WITHIN_S
    used = machine.cpu_seconds(pids)
    while time.monotonic() < deadline:
        time.sleep(0.1)
        before, used = used, machine.cpu_seconds(pids)
        if used - before <= 0.02:
            return
