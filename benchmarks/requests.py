"""Requests: how many each server answers, each pinned to one processor, the load to another.

All servers of a run are up from its begin to its end, and measured in turn: A B C, C B A … An idle
one costs nothing. Before anything is measured, `equality` compares what they answer.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import load, machine
from benchmarks.data import Data, connected
from benchmarks.endpoints import Endpoint, endpoints_of
from benchmarks.equality import questions_of, require_equal
from benchmarks.figures import alternating
from benchmarks.load import Unusable
from benchmarks.servers import Running, Server, running

WARM_UP_S = 1.0


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


def measure(
    servers: Sequence[Server],
    endpoints: Sequence[str],
    data: Data,
    *,
    rounds: int,
    seconds: float,
    connections: int = load.CONNECTIONS,
) -> Results:
    """Measure each server at each endpoint.

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
        require_equal(answering[0], answering[1:], questions)
        for name in endpoints:
            endpoint = known[name]
            asked = Asked(endpoint, folder / name, load_on, connections)
            for one in up:
                asked.of(one, WARM_UP_S, 0)
            for number, one in alternating(up, rounds):
                samples.append(asked.of(one, seconds, number))
            print(".", end="", flush=True, file=sys.stderr)
        print(file=sys.stderr)
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

    def of(self, one: Running, seconds: float, number: int) -> Sample:
        """Ask *one* for so long.

        Raises:
            Unusable: an answer failed or had another status than it should.
        """
        pids = one.pids
        before = machine.cpu_seconds(pids)
        report = load.run(
            one.base,
            self._file,
            self._endpoint.token,
            seconds=seconds,
            processor=self._processor,
            connections=self._connections,
        )
        used = machine.cpu_seconds(pids) - before
        self._require_right(one.server, report)
        return Sample(
            one.server.name,
            self._endpoint.name,
            number,
            report.requests / report.seconds,
            report.requests / used,
            report.p50_ms,
            report.p99_ms,
        )

    def _require_right(self, server: Server, report: load.Report) -> None:
        refusing = self._endpoint.status >= 400 and server.answers
        wanted = report.requests if refusing else 0
        if report.failed or report.refused != wanted or not report.requests:
            raise Unusable(
                f"{server.name}, {self._endpoint.name}: {report.requests} answers, of which "
                f"{report.refused} refused where {wanted} should be, and {report.failed} failed"
            )


def document(results: Results) -> dict[str, object]:
    """Return what is kept of *results*."""
    return {
        "samples": [asdict(one) for one in results.samples],
        "memory_bytes": results.memory_bytes,
    }
