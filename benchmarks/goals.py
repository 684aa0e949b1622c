"""The goals: what was set, what was measured, whether it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import growth as growing
from benchmarks import importing
from benchmarks.figures import Spread, ratio, shown
from benchmarks.requests import Results
from benchmarks.start import IMPORT, READY

SQLITE, POSTGRES, START = "requests-sqlite", "requests-postgres", "start"
ENDPOINTS = "endpoints"
GROWTH = "growth"
IMPORTING_SQLITE, IMPORTING_POSTGRES = "importing-sqlite", "importing-postgres"
Kept = Mapping[str, dict[str, Any]]

LISTS = ("list", "list_redacted", "search", "postings")
FOUND = (*LISTS, "by_id")
EVERY = (*FOUND, "not_found", "unauthorized")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its bound.

    Attributes:
        bound: the least that reaches the goal; of an `at_most`, the most.
    """

    name: str
    value: Spread
    bound: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the median keeps to the bound."""
        if self.at_most:
            return self.value.median <= self.bound
        return self.value.median >= self.bound

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        mark = "" if self.reached else " **missed**"
        return f"{self.name} {shown(self.value, '.2f')} {sign} {self.bound:g}{mark}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: its text and how its figures come from what the parts have kept."""

    text: str
    part: str
    figures: Callable[[dict[str, Any]], list[Figure]]


def rows(kept: Kept) -> Iterator[str]:
    """Yield the table of goals."""
    yield "| against | figures: median (least–most), bound | |"
    yield "|---|---|---|"
    for goal in GOALS:
        document = kept.get(goal.part)
        figures = goal.figures(document) if document else []
        if not figures:
            yield f"| {goal.text} | not measured | |"
            continue
        verdict = "reached" if all(one.reached for one in figures) else "missed"
        yield f"| {goal.text} | {'; '.join(map(str, figures))} | {verdict} |"


def against(
    ours: str, theirs: str, bounds: Mapping[str, float]
) -> Callable[[dict[str, Any]], list[Figure]]:
    """Return the figures of one server against another, by endpoint, per CPU second."""

    def figures(document: dict[str, Any]) -> list[Figure]:
        results = Results.read(document)
        found = []
        for endpoint, bound in bounds.items():
            pair = results.of(ours, endpoint), results.of(theirs, endpoint)
            if all(pair):
                a, b = ([one.per_cpu_second for one in samples] for samples in pair)
                found.append(Figure(f"`{endpoint}`", ratio(a, b), bound))
        return found

    return figures


def between(
    server: str, pairs: Mapping[tuple[str, str], float]
) -> Callable[[dict[str, Any]], list[Figure]]:
    """Return the figures of one endpoint against another of the same server."""

    def figures(document: dict[str, Any]) -> list[Figure]:
        results = Results.read(document)
        found = []
        for (one, other), bound in pairs.items():
            pair = results.of(server, one), results.of(server, other)
            if all(pair):
                a, b = ([sample.per_cpu_second for sample in samples] for samples in pair)
                found.append(Figure(f"`{one}`/`{other}`", ratio(a, b), bound))
        return found

    return figures


def both(
    *several: Callable[[dict[str, Any]], list[Figure]],
) -> Callable[[dict[str, Any]], list[Figure]]:
    """Return the figures of several."""
    return lambda document: [one for figures in several for one in figures(document)]


def memory(document: dict[str, Any]) -> list[Figure]:
    """Return the gateway's memory in MB."""
    used = document["memory_bytes"]["gateway"] / 1e6
    return [Figure("MB", Spread(used, used, used), 150, at_most=True)]


def start(document: dict[str, Any]) -> list[Figure]:
    """Return how many times an import of Connexion a start takes."""
    seconds, cpu_seconds = (
        ratio(
            *(
                [one[unit] for one in document["samples"] if one["what"] == what]
                for what in (READY, IMPORT)
            )
        )
        for unit in ("seconds", "cpu_seconds")
    )
    return [
        Figure("seconds", seconds, 2, at_most=True),
        Figure("CPU seconds", cpu_seconds, 2, at_most=True),
    ]


def growth(document: dict[str, Any]) -> list[Figure]:
    """Return how many times the smallest account's CPU time the largest takes, by question."""
    largest, smallest = max(growing.SIZES), min(growing.SIZES)
    return [
        Figure(
            one.title,
            ratio(growing.taken(document, one, largest), growing.taken(document, one, smallest)),
            one.goal,
            at_most=True,
        )
        for one in growing.QUESTIONS
    ]


def import_cost(document: dict[str, Any]) -> list[Figure]:
    """Return how many rows an import writes per CPU second, against `executemany`."""
    ours, plain = (
        [one["cpu_seconds"] for one in document["costs"] if one["what"] == what]
        for what in (importing.IMPORT, importing.PLAIN)
    )
    return [Figure("rows per CPU second", ratio(plain, ours), 0.5)]


def import_latency(document: dict[str, Any]) -> list[Figure]:
    """Return how many times the p99 of readers an import makes it."""
    quiet, meanwhile = (
        [one["p99_ms"] for one in document["latencies"] if one["when"] == when]
        for when in (importing.QUIET, importing.MEANWHILE)
    )
    return [Figure("p99", ratio(meanwhile, quiet), 5, at_most=True)]


def _all(endpoints: tuple[str, ...], bound: float) -> dict[str, float]:
    return dict.fromkeys(endpoints, bound)


GOALS = (
    Goal(
        "fastify, tuned SQL",
        SQLITE,
        against("gateway", "fastify-sql", _all(LISTS, 3) | {"by_id": 1.2}),
    ),
    Goal(
        "fastify, kept rows",
        SQLITE,
        against("gateway", "fastify-rows", _all(FOUND, 1)),
    ),
    Goal(
        "fastify, kept rows and answers",
        SQLITE,
        against("gateway", "fastify-pages", _all(FOUND, 1)),
    ),
    Goal(
        "FastAPI as documented",
        SQLITE,
        against("gateway", "fastapi", _all(LISTS, 40) | {"by_id": 25}),
    ),
    Goal(
        "Connexion as documented",
        SQLITE,
        against("gateway", "connexion", _all(LISTS, 60) | {"by_id": 40}),
    ),
    Goal(
        "Starlette by hand, same data design",
        SQLITE,
        against("gateway", "starlette-pages", _all(FOUND, 1)),
    ),
    Goal(
        "constant body of 10 kB: lists without kept answers",
        SQLITE,
        against("gateway-uncached", "constant", _all(("list", "postings"), 0.2)),
    ),
    Goal(
        "constant body of 10 kB: by id, kept answers",
        SQLITE,
        against("gateway", "constant", _all(("by_id", "list", "search", "postings"), 0.5)),
    ),
    Goal(
        "redacted list against full list",
        ENDPOINTS,
        both(
            between("gateway", {("list_redacted", "list"): 1}),
            between("gateway-uncached", {("list_redacted", "list"): 1}),
        ),
    ),
    Goal(
        "401 and 404 against by id",
        ENDPOINTS,
        between("gateway", {("unauthorized", "by_id"): 1, ("not_found", "by_id"): 1}),
    ),
    Goal(
        "401 and 404 against fastify's",
        SQLITE,
        against("gateway", "fastify-pages", _all(("unauthorized", "not_found"), 0.7)),
    ),
    Goal("account of 200,000 applications against one of 1,000", GROWTH, growth),
    *(
        Goal(text + on, part, figures)
        for on, part in ((", SQLite", IMPORTING_SQLITE), (", PostgreSQL", IMPORTING_POSTGRES))
        for text, figures in (
            ("import, all derived data, against plain `executemany`", import_cost),
            ("reads during an import of 50,000 rows, against none, none failed", import_latency),
        )
    ),
    Goal("start to ready against importing Connexion", START, start),
    Goal("memory of a worker after load, kept answers full", SQLITE, memory),
    Goal(
        "PostgreSQL: Starlette + asyncpg by hand",
        POSTGRES,
        against("gateway", "starlette-asyncpg", _all(EVERY, 0.8)),
    ),
)
