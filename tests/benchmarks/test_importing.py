"""How imports are measured: what is compared is the same, and readers meet new rows."""

import pytest

from benchmarks import goals, importing, tables
from benchmarks.data import Tenant
from benchmarks.figures import Spread
from gateway.accounts import create_account
from gateway.audit import SYSTEM
from models import Candidate


def cost(what, number, cpu_seconds):
    return {"what": what, "round": number, "rows": 1_000, "cpu_seconds": cpu_seconds, "seconds": 1}


def latency(when, number, p99_ms):
    return {"when": when, "round": number, "per_second": 1, "p50_ms": 1.0, "p99_ms": p99_ms}


def test_an_import_that_takes_twice_as_long_is_half_as_fast():
    costs = [
        cost(what, number, seconds)
        for number in range(2)
        for what, seconds in ((importing.IMPORT, 2), (importing.PLAIN, 1))
    ]
    [figure] = goals.import_cost({"costs": costs})
    assert figure.value == Spread(0.5, 0.5, 0.5)
    assert figure.reached
    lines = list(tables.of_importing({"costs": costs, "latencies": [
        latency(when, 0, 1.0) for when in (importing.QUIET, importing.MEANWHILE)
    ]}))  # fmt: skip
    assert any(line.startswith("| import | 1,000 | 500 (500–500) |") for line in lines)


def test_readers_are_compared_with_those_of_the_same_round():
    latencies = [
        latency(when, number, ms * (number + 1))
        for number in range(2)
        for when, ms in ((importing.QUIET, 1.0), (importing.MEANWHILE, 6.0))
    ]
    [figure] = goals.import_latency({"latencies": latencies})
    assert figure.value == Spread(6.0, 6.0, 6.0)
    assert not figure.reached


@pytest.fixture
def databases(dialect, request, tmp_path):
    if dialect == "sqlite":
        return importing.Databases(lambda name: f"sqlite:///{tmp_path}/{name}.db")
    server = request.getfixturevalue("postgres")
    return importing.Databases(lambda _: server.url(server.create()))


def test_both_write_the_same_rows(databases, tmp_path):
    costs = importing.costs_of(databases, tmp_path, applications=20, rounds=1)
    assert [one.what for one in costs] == [importing.IMPORT, importing.PLAIN]
    assert {one.rows for one in costs} == {costs[0].rows}
    assert costs[0].rows > 40


def test_each_import_that_readers_meet_adds_as_many_rows(db, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "ROWS", 100)
    account = create_account("Acme", by=SYSTEM, now=0)
    imports = importing.Imports(db, Tenant(account.id, 0, "", "", ""), tmp_path)
    numbers = []
    for _ in range(3):
        imports.next()()
        numbers.append(Candidate.select().count())
    first, *_ = numbers
    assert first > 10
    assert numbers == [first, 2 * first, 3 * first]
