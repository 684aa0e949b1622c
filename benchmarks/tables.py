"""Tables in Markdown, from what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Spread, ratio
from benchmarks.requests import Results, Sample
from benchmarks.servers import SERVERS

OURS = "gateway"


def of_requests(results: Results) -> Iterator[str]:
    """Yield the lines of the tables: one an endpoint."""
    endpoints = dict.fromkeys(one.endpoint for one in results.samples)
    servers = dict.fromkeys(one.server for one in results.samples)
    for endpoint in endpoints:
        rounds = {
            server: [
                one for one in results.samples if (one.server, one.endpoint) == (server, endpoint)
            ]
            for server in servers
        }
        yield f"\n### {endpoint}\n"
        yield (
            "| server | requests/s | requests per CPU second | p50 ms | p99 ms "
            "| gateway against it, per CPU second |"
        )
        yield "|---|---|---|---|---|---|"
        for server, samples in rounds.items():
            yield _row(server, samples, rounds.get(OURS))
    yield "\n| server | memory after load, MB |\n|---|---|"
    for server, used in results.memory_bytes.items():
        yield f"| {SERVERS[server].title} | {used / 1e6:.0f} |"


def _row(server: str, samples: list[Sample], ours: list[Sample] | None) -> str:
    per_cpu = [one.per_cpu_second for one in samples]
    against = ""
    if ours is not None and server != OURS:
        against = shown(ratio([one.per_cpu_second for one in ours], per_cpu), ".2f")
    cells = [
        SERVERS[server].title,
        shown(Spread.of([one.per_second for one in samples]), ",.0f"),
        shown(Spread.of(per_cpu), ",.0f"),
        shown(Spread.of([one.p50_ms for one in samples]), ".1f"),
        shown(Spread.of([one.p99_ms for one in samples]), ".1f"),
        against,
    ]
    return f"| {' | '.join(cells)} |"


def shown(spread: Spread, form: str) -> str:
    """Return the median with least and most behind it."""
    return f"{spread.median:{form}} ({spread.least:{form}}–{spread.most:{form}})"
