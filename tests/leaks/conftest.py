"""Databases for worlds, and gateways on them: see tests/support/worlds.py.

The tests here show that no answer, no statement and no document reveals more than it may. What may
be seen is derived from the document, the data classes and the handlers' shapes (columns.py); the
policies are what is tested.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import httpx
import pytest
from columns import DOCUMENT, OPENAPI, POLICIES, label, scope_sets
from listening import listening
from live_gateway import serving
from peewee import Database, fn
from worlds import NOW, Record, fill, records

import models
from gateway import app, bundle
from gateway.database import connect
from gateway.reading import Plans
from gateway.reload import Reloader
from gateway.settings import Settings
from models import Candidate, JobPosting, StageProgress

A_LONG_TIME_S = 86_400


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for each operation that it takes, each set of scopes, or each that reaches it."""
    names = metafunc.fixturenames
    operations = DOCUMENT.operations.values()
    if "operation" in names and "scopes" in names:
        pairs = [(one, scopes) for one in operations for scopes in scope_sets()]
        reaching = [(one, scopes) for one, scopes in pairs if one.scopes <= scopes]
        ids = [f"{one.id}-{label(scopes)}" for one, scopes in reaching]
        metafunc.parametrize("operation,scopes", reaching, ids=ids)
    elif "operation" in names:
        metafunc.parametrize("operation", operations, ids=[one.id for one in operations])
    elif "scopes" in names:
        metafunc.parametrize("scopes", scope_sets(), ids=map(label, scope_sets()))


@pytest.fixture(scope="session")
def new_database(dialect, request, tmp_path_factory) -> Iterator[Callable[[], str]]:
    """A function that makes a database with the current schema, and returns its address."""
    if dialect == "sqlite":
        template = request.getfixturevalue("sqlite_template")

        def copied() -> str:
            path = tmp_path_factory.mktemp("leaks") / "gateway.db"
            shutil.copy(template, path)
            return f"sqlite:///{path}"

        yield copied
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    made: list[str] = []

    def created() -> str:
        made.append(server.create(template))
        return str(server.url(made[-1]))

    yield created
    for name in made:
        server.drop(name)


@dataclass(frozen=True)
class InProcess:
    """A gateway in the test's own process, whose parts a test can replace."""

    database: Database
    client: httpx.Client


@cache
def loaded() -> bundle.Bundle:
    """Return the shipped document and policies, loaded once: a bundle never changes."""
    return bundle.load(OPENAPI, POLICIES, {})


@contextmanager
def gateway_on(url: str) -> Iterator[InProcess]:
    """Serve the database at *url*, at a time that stands still."""
    # Nothing is kept: what is asked for is read, each time.
    # Background jobs read on their own, and would be taken for what a request reads.
    settings = Settings(
        last_used_flush_interval_s=A_LONG_TIME_S, answer_cache_bytes=0, serve_jobs=False
    )
    database = connect(url)
    # Plans of its own: a test may break what compiles them.
    reloader = Reloader(replace(loaded(), plans=Plans()), environment={})
    served = app.create(settings, database, reloader, clock=lambda: NOW)
    try:
        with listening(served) as address, httpx.Client(base_url=address, timeout=30) as client:
            yield InProcess(database, client)
    finally:
        database.close_all()
        models.database.initialize(None)


@pytest.fixture(scope="session")
def world_url(new_database) -> str:
    """The address of a database with a world that tests only read."""
    url = new_database()
    fill(url, records())
    return url


@pytest.fixture(scope="module")
def shared(world_url) -> Iterator[InProcess]:
    """A gateway on the world, that no test breaks."""
    with gateway_on(world_url) as served:
        yield served


@pytest.fixture
def gateway(world_url) -> Iterator[InProcess]:
    """A gateway on the world, for one test to break."""
    with gateway_on(world_url) as served:
        yield served


@pytest.fixture(scope="session")
def on_world(new_database) -> Callable[[list[Record]], AbstractContextManager[InProcess]]:
    """A function that serves a world of its own."""

    @contextmanager
    def serve(world: list[Record]) -> Iterator[InProcess]:
        url = new_database()
        fill(url, world)
        with gateway_on(url) as served:
            yield served

    return serve


@dataclass(frozen=True)
class Process:
    """`gateway serve`, as its users run it.

    Attributes:
        log: all that it writes to stderr and stdout.
        disclosures: its disclosure log.
    """

    url: str
    client: httpx.Client
    log: Path
    disclosures: Path


@contextmanager
def process_on(url: str, folder: Path) -> Iterator[Process]:
    """Run `gateway serve` on the database at *url*, logging all that it can."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    disclosures = folder / "disclosures.jsonl"
    environment = {
        **kept,
        "DATABASE_URL": url,
        "GATEWAY_DISCLOSURE_LOG": str(disclosures),
        "GATEWAY_LOG_LEVEL": "debug",
        "GATEWAY_METRICS": "on",
        "PYTHONHASHSEED": "1",
    }
    log = folder / "log"
    with (
        serving(environment, log) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield Process(address, client, log, disclosures)


@pytest.fixture(scope="session")
def process(world_url, tmp_path_factory) -> Iterator[Process]:
    """A gateway in a process of its own, on the world that tests only read."""
    with process_on(world_url, tmp_path_factory.mktemp("process")) as served:
        yield served


@pytest.fixture(scope="session")
def poisoned_process(new_database, tmp_path_factory) -> Iterator[Process]:
    """A gateway in a process of its own, on a world of which some texts break their schemas."""
    url = new_database()
    fill(url, records())
    database = connect(url)
    with database.connection_context():
        # Past the import, which lets none of these in. The canaries are still in them, or beside.
        Candidate.update(email=fn.REPLACE(Candidate.email, "@", " at ")).execute()
        JobPosting.update(salary_min=JobPosting.salary_min * -1).execute()
        StageProgress.update(public_id=fn.REPLACE(StageProgress.public_id, "_", "-")).execute()
    database.close_all()
    models.database.initialize(None)
    with process_on(url, tmp_path_factory.mktemp("poisoned")) as served:
        yield served
