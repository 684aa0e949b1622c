"""Tables in Markdown, from what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import growth, importing, steps
from benchmarks.endpoints import TITLES
from benchmarks.figures import Spread, ratio, shown
from benchmarks.requests import Results, Sample
from benchmarks.servers import SERVERS
from benchmarks.start import IMPORT, READY

OURS = "gateway"


def head(document: dict[str, Any]) -> Iterator[str]:
    """Yield what figures stand on: command, machine, versions."""
    versions = ", ".join(f"{name} {one}" for name, one in document["versions"].items())
    yield f"`{document['command']}`, {document['date']}; {document['machine']}; {versions}."


def of_requests(results: Results) -> Iterator[str]:
    """Yield the tables: one an endpoint, then memory."""
    for endpoint in results.endpoints:
        yield f"\n**{TITLES[endpoint]}**\n"
        yield (
            "| server | requests per CPU second | requests/s | p50 ms | p99 ms "
            "| gateway against it, per CPU second |"
        )
        yield "|---|---|---|---|---|---|"
        ours = results.of(OURS, endpoint)
        for server in results.servers:
            yield _row(server, results.of(server, endpoint), ours)
    yield "\n| server | memory after all load, MB |\n|---|---|"
    for server, used in results.memory_bytes.items():
        yield f"| {SERVERS[server].title} | {used / 1e6:.0f} |"


def of_endpoints(results: Results) -> Iterator[str]:
    """Yield the table of what each server answers per CPU second, by endpoint."""
    yield f"| server | {' | '.join(f'`{name}`' for name in results.endpoints)} |"
    yield "|---" * (len(results.endpoints) + 1) + "|"
    for server in results.servers:
        answered = [
            [one.per_cpu_second for one in results.of(server, name)] for name in results.endpoints
        ]
        cells = [shown(Spread.of(one), ",.0f") for one in answered]
        yield f"| {SERVERS[server].title} | {' | '.join(cells)} |"


def _row(server: str, samples: list[Sample], ours: list[Sample]) -> str:
    per_cpu = [one.per_cpu_second for one in samples]
    against = ""
    if ours and server != OURS:
        against = shown(ratio([one.per_cpu_second for one in ours], per_cpu), ".2f")
    cells = [
        SERVERS[server].title,
        shown(Spread.of(per_cpu), ",.0f"),
        shown(Spread.of([one.per_second for one in samples]), ",.0f"),
        shown(Spread.of([one.p50_ms for one in samples]), ",.1f"),
        shown(Spread.of([one.p99_ms for one in samples]), ",.1f"),
        against,
    ]
    return f"| {' | '.join(cells)} |"


def of_start(document: dict[str, Any]) -> Iterator[str]:
    """Yield the table of starts."""
    yield "| | seconds | CPU seconds |"
    yield "|---|---|---|"
    for what in (IMPORT, READY):
        samples = [one for one in document["samples"] if one["what"] == what]
        seconds, cpu_seconds = (
            Spread.of([one[unit] for one in samples]) for unit in ("seconds", "cpu_seconds")
        )
        yield f"| `{what}` | {shown(seconds, '.2f')} | {shown(cpu_seconds, '.2f')} |"


def of_steps(document: dict[str, Any]) -> Iterator[str]:
    """Yield the table of what an answer that is not kept takes, step by step."""
    endpoints = steps.ENDPOINTS
    yield f"| µs | {' | '.join(f'`{name}`' for name in endpoints)} |"
    yield "|---" * (len(endpoints) + 1) + "|"
    taken = {
        name: [one["us"] for one in document["samples"] if one["endpoint"] == name]
        for name in endpoints
    }
    for step in steps.STEPS:
        cells = [shown(Spread.of([us[step] for us in taken[name]]), ".0f") for name in endpoints]
        yield f"| {step} | {' | '.join(cells)} |"
    sums = [shown(Spread.of([sum(us.values()) for us in taken[name]]), ".0f") for name in endpoints]
    yield f"| together | {' | '.join(sums)} |"


def of_growth(document: dict[str, Any]) -> Iterator[str]:
    """Yield the table of how questions grow with the account."""
    sizes = growth.SIZES
    yield f"| CPU ms | {' | '.join(f'{size:,}' for size in sizes)} | largest against smallest |"
    yield "|---" * (len(sizes) + 2) + "|"
    for question in growth.QUESTIONS:
        taken = [growth.taken(document, question, size) for size in sizes]
        cells = [shown(Spread.of(one), ".2f") for one in taken]
        grown = shown(ratio(taken[-1], taken[0]), ".2f")
        yield f"| {question.title} | {' | '.join(cells)} | {grown} |"


def of_importing(document: dict[str, Any]) -> Iterator[str]:
    """Yield the tables of imports: their cost, and what readers notice of them."""
    yield "| | rows | rows per CPU second | rows per second |"
    yield "|---|---|---|---|"
    for what in (importing.IMPORT, importing.PLAIN):
        costs = [one for one in document["costs"] if one["what"] == what]
        per_cpu_second, per_second = (
            Spread.of([one["rows"] / one[unit] for one in costs])
            for unit in ("cpu_seconds", "seconds")
        )
        cells = what, f"{costs[0]['rows']:,}", shown(per_cpu_second, ",.0f")
        yield f"| {' | '.join(cells)} | {shown(per_second, ',.0f')} |"
    yield "\n| readers | requests/s | p50 ms | p99 ms |\n|---|---|---|---|"
    for when in (importing.QUIET, importing.MEANWHILE):
        latencies = [one for one in document["latencies"] if one["when"] == when]
        figures = [
            shown(Spread.of([one[name] for one in latencies]), form)
            for name, form in (("per_second", ",.0f"), ("p50_ms", ",.1f"), ("p99_ms", ",.1f"))
        ]
        yield f"| {when} | {' | '.join(figures)} |"
