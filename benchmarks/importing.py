"""Imports: what one costs beside plain `executemany`, and what it does to those who read meanwhile.

The cost is in CPU seconds, PostgreSQL's own included: the demo's data by the import, and the very
rows that it has made by `executemany` into the same tables of another database, with their indexes
and triggers. The one reads JSON, checks every record, and writes all that is derived; the other
only inserts.

Readers ask a gateway that runs as installed, on a processor of its own; the import and the load
share the other one.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import load, machine, postgres
from benchmarks.data import FOLDER, Tenant, connected, prepared
from benchmarks.endpoints import endpoints_of
from benchmarks.figures import alternating
from benchmarks.load import Unusable
from benchmarks.servers import SERVERS, Running, running
from gateway import accounts, schema
from gateway.audit import SYSTEM
from ingest import demo, import_files
from models import Account, Application, Candidate, JobPosting, Stage, StageProgress

IMPORT, PLAIN = "import", "executemany"
QUIET, MEANWHILE = "no import", "during an import"
TABLES = (JobPosting, Stage, Candidate, Application, StageProgress)

READ = ("list", "postings", "search", "by_id")
CONNECTIONS = 16
ROWS = 50_000  # of an import that readers meet
ROWS_AN_APPLICATION = 3.25
WARM_UP_S = 1
MARGIN_S = 0.5  # before the import and after it
AT_MOST_S = 300

# Ids in a line of the import format.
ID = re.compile(rb'"((?:job|stg|cand|app|sp)_(?!posting")[0-9A-Za-z]+)"')


@dataclass(frozen=True, slots=True)
class Cost:
    """One round: so many rows written, by the import or plainly."""

    what: str
    round: int
    rows: int
    cpu_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Latency:
    """One round of readers, alone or during an import."""

    when: str
    round: int
    per_second: float
    p50_ms: float
    p99_ms: float
    import_seconds: float | None = None


@dataclass(frozen=True)
class Databases:
    """Makes databases.

    Attributes:
        url_of: returns the address of a new one with a name.
        pid: of the database's own process; None: it has none.
    """

    url_of: Callable[[str], str]
    pid: int | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def migrated(self) -> Iterator[tuple[Any, Account]]:
        """Give a new one that is connected, and the account in it."""
        with connected(self.url_of(f"importing_{next(self._numbers)}")) as database:
            schema.migrate(database)
            yield database, accounts.create_account("Any", by=SYSTEM, now=0)

    def cpu_seconds(self) -> float:
        """Return what this process and the database's have used so far."""
        theirs = machine.cpu_seconds(machine.family(self.pid)) if self.pid else 0.0
        return time.process_time() + theirs


def measure(server: postgres.Server | None, *, applications: int, rounds: int) -> dict[str, Any]:
    """Measure both; return what is kept.

    Args:
        server: PostgreSQL; None: measure on SQLite.
        applications: whose import is compared with `executemany`.
    Raises:
        Unusable: a reader was failed.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        databases = Databases(lambda name: f"sqlite:///{scratch}/{name}.db")
        if server is not None:
            databases = Databases(server.url, server.pid)
        costs = costs_of(databases, Path(scratch), applications, rounds)
        latencies = latencies_of(databases, Path(scratch), rounds)
    return {
        "costs": [asdict(one) for one in costs],
        "latencies": [asdict(one) for one in latencies],
    }


# --- what an import costs -------------------------------------------------------------------------


def costs_of(databases: Databases, folder: Path, applications: int, rounds: int) -> list[Cost]:
    """Measure the import and `executemany` in turn, each time into a new database."""
    file = written(folder / "records.jsonl", applications)
    with databases.migrated() as (database, account):
        import_files(database, account, [file])
        rows = {table: _rows_of(database, table) for table in TABLES}
    number_of_rows = sum(map(len, rows.values()))
    writers: Mapping[str, Callable[[Any, Account], object]] = {
        IMPORT: lambda database, account: import_files(database, account, [file]),
        PLAIN: lambda database, account: _insert(database, rows),
    }
    costs = []
    for number, what in alternating(list(writers), rounds):
        with databases.migrated() as (database, account):
            used, began = databases.cpu_seconds(), time.perf_counter()
            writers[what](database, account)
            seconds, used = time.perf_counter() - began, databases.cpu_seconds() - used
            _require_rows(number_of_rows)
        costs.append(Cost(what, number, number_of_rows, used, seconds))
    return costs


def written(file: Path, applications: int) -> Path:
    """Write the demo's records with so many applications; return *file*."""
    with file.open("wb") as stream:
        demo.write_records(demo.account(applications).records(), stream)
    return file


def _rows_of(database: Any, table: Any) -> list[tuple[Any, ...]]:
    columns = ", ".join(table._meta.columns)
    rows: list[tuple[Any, ...]] = database.execute_sql(
        f"SELECT {columns} FROM {table._meta.table_name} ORDER BY id"
    ).fetchall()
    return rows


def _insert(database: Any, rows: Mapping[Any, list[tuple[Any, ...]]]) -> None:
    with database.atomic():
        for table, all_of_it in rows.items():
            columns = table._meta.columns
            places = ", ".join([database.param] * len(columns))
            database.cursor().executemany(
                f"INSERT INTO {table._meta.table_name} ({', '.join(columns)}) VALUES ({places})",
                all_of_it,
            )


def _require_rows(number: int) -> None:
    written = sum(table.select().count() for table in TABLES)
    if written != number:
        raise Unusable(f"{written} rows were written where {number} should be")


# --- who reads meanwhile --------------------------------------------------------------------------


def latencies_of(databases: Databases, folder: Path, rounds: int) -> list[Latency]:
    """Measure readers without an import and during one, in turn."""
    servers_on, load_on = machine.processors()
    data = prepared(databases.url_of, large=ROWS, small=1_000, folder=folder, keep=False)
    with connected(data.url) as database:
        known = endpoints_of(data)
        paths = folder / "paths"
        paths.write_text("".join(f"{path}\n" for name in READ for path in known[name].paths))
        imports = Imports(database, data.large, folder)
        with running(SERVERS["gateway"], data.url, servers_on, folder) as server, _on(load_on):
            readers = Readers(server, paths, data.large, load_on)
            _, seconds = readers.during(imports.next())
            latencies = []
            for number, when in alternating([QUIET, MEANWHILE], rounds):
                if when == QUIET:
                    report, took = readers.alone(round(seconds + 2 * MARGIN_S)), None
                else:
                    report, took = readers.during(imports.next())
                latencies.append(_latency(when, number, report, took))
    return latencies


def _latency(when: str, number: int, report: load.Report, took: float | None) -> Latency:
    if report.failed or report.refused:
        raise Unusable(f"{when}: {report.failed} requests failed, {report.refused} were refused")
    per_second = report.requests / report.seconds
    return Latency(when, number, per_second, report.p50_ms, report.p99_ms, took)


class Readers:
    """Clients of a server that read different things in turn, from answers that are kept."""

    def __init__(self, server: Running, paths: Path, tenant: Tenant, processor: int) -> None:
        def run(seconds: int) -> load.Report:
            return load.run(
                server.base,
                paths,
                tenant.full,
                seconds=seconds,
                processor=processor,
                connections=CONNECTIONS,
            )

        def going() -> AbstractContextManager[load.Going]:
            return load.going(
                server.base,
                paths,
                tenant.full,
                at_most=AT_MOST_S,
                processor=processor,
                connections=CONNECTIONS,
            )

        self._run, self._going = run, going

    def alone(self, seconds: int) -> load.Report:
        """Read for *seconds*."""
        self._run(WARM_UP_S)
        return self._run(seconds)

    def during(self, work: Callable[[], object]) -> tuple[load.Report, float]:
        """Read while *work* is done, and a little longer; return how long that took, too."""
        self._run(WARM_UP_S)
        with self._going() as going:
            time.sleep(MARGIN_S)
            began = time.perf_counter()
            work()
            took = time.perf_counter() - began
            time.sleep(MARGIN_S)
        assert going.report is not None
        return going.report, took


class Imports:
    """Imports of ROWS new rows each, into the account that is read."""

    def __init__(self, database: Any, tenant: Tenant, folder: Path) -> None:
        file = written(folder / "more.jsonl", round(ROWS / ROWS_AN_APPLICATION))
        self._lines = file.read_bytes()
        self._file = file
        self._database = database
        self._account: Account = Account.get_by_id(tenant.key)
        self._numbers = count()

    def next(self) -> Callable[[], object]:
        """Return the next one, to be called; its records have ids of their own."""
        mark = f"x{next(self._numbers)}".encode()
        self._file.write_bytes(ID.sub(rb'"\1' + mark + b'"', self._lines))
        return lambda: import_files(self._database, self._account, [self._file])


@contextmanager
def _on(processor: int) -> Iterator[None]:
    """Keep this process on one processor."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)
