"""How reading grows with the account: three accounts in one database, each question in turn.

Measured below HTTP, from a question's values to the documents of its page: what is above costs the
same for any account. CPU seconds of the process; the rounds go up and down through the accounts.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.data import FOLDER, SCOPES, connected, digest
from benchmarks.figures import alternating
from gateway import accounts, bundle, schema
from gateway.audit import SYSTEM
from gateway.caller import NO_TOKEN, Caller
from gateway.execution import Executor
from gateway.reading import Listing, Reader
from gateway.settings import Settings
from handlers.applications import APPLICATIONS
from handlers.candidates import CANDIDATES
from ingest import demo, import_files
from models import Account, Candidate

SIZES = (1_000, 10_000, 200_000)
ROUNDS = 6
SECONDS = 0.3

SOMEBODY = "Zebulon Quixbury"  # of one candidate in each account, and of nobody else


@dataclass(frozen=True, slots=True)
class Question:
    """A page of a list.

    Attributes:
        page: of how many; both 1-based.
        goal: how many times what the smallest account takes the largest may take.
    """

    title: str
    listing: Listing
    filters: Mapping[str, str]
    page: Callable[[int], int]
    goal: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: what a question took in the account of so many applications, once."""

    question: str
    applications: int
    round: int
    cpu_ms: float


def first(_: int) -> int:
    """Return the first page."""
    return 1


def middle(pages: int) -> int:
    """Return the page in the middle, the farthest from both ends."""
    return pages // 2 + 1


def deepest(pages: int) -> int:
    """Return the last page that is full."""
    return pages - 1


QUESTIONS = (
    Question("total of a list (a page beyond the end)", APPLICATIONS, {}, lambda n: n + 9, 2),
    Question("first page", APPLICATIONS, {}, first, 2),
    Question("deepest page", APPLICATIONS, {}, deepest, 3),
    Question("page in the middle", APPLICATIONS, {}, middle, 3),
    Question("first page, by status", APPLICATIONS, {"status": "active"}, first, 2),
    Question("deepest page, by status", APPLICATIONS, {"status": "active"}, deepest, 3),
    Question("search that finds one", CANDIDATES, {"search": "zebulon quix"}, first, 3),
    Question("search that finds nobody", CANDIDATES, {"search": "quixbury z"}, first, 3),
    Question("search that finds everybody", CANDIDATES, {"search": "example"}, first, 3),
    Question("search of two letters, finds much", CANDIDATES, {"search": "an"}, first, 3),
    Question("search of two letters, finds few", CANDIDATES, {"search": "zq"}, first, 3),
)


def measure(folder: Path = FOLDER, rounds: int = ROUNDS) -> list[Sample]:
    """Ask each question in every account, in turn."""
    with connected(f"sqlite:///{prepared(folder)}") as database:
        keys = {size: Account.get(Account.name == str(size)).id for size in SIZES}
        settings = Settings.from_environment({})
        in_force = bundle.load(settings.openapi, settings.policies, {})
        view = in_force.policy.view(frozenset(SCOPES))
        executor = Executor(database)
        readers = {
            size: Reader(executor, in_force.plans, _caller(key), view) for size, key in keys.items()
        }
        return [sample for question in QUESTIONS for sample in _samples(question, readers, rounds)]


def document(samples: list[Sample]) -> dict[str, object]:
    """Return what is kept of *samples*."""
    return {"samples": [asdict(one) for one in samples]}


def taken(document: Mapping[str, Any], question: Question, size: int) -> list[float]:
    """Return the CPU ms that *question* took in the account of *size*, round by round."""
    return [
        one["cpu_ms"]
        for one in document["samples"]
        if (one["question"], one["applications"]) == (question.title, size)
    ]


def _caller(account: int) -> Caller:
    return Caller(
        account=account,
        token=NO_TOKEN,
        account_id="acct_bench",
        token_id="tok_bench",
        scopes=frozenset(SCOPES),
        revision=0,
    )


def prepared(folder: Path) -> Path:
    """Return the database with an account of each size, made if it is not there."""
    path = folder / f"growth_{digest()}.db"
    if path.exists():
        return path
    for outdated in folder.glob("growth_*.db*"):
        outdated.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch, "growth.db")
        with connected(f"sqlite:///{made}") as database:
            schema.migrate(database)
            for size in sorted(SIZES, reverse=True):
                _load(database, size, Path(scratch))
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        made.rename(path)
    return path


def _load(database: Any, size: int, scratch: Path) -> None:
    account = accounts.create_account(str(size), by=SYSTEM, now=0)
    file = scratch / "records.jsonl"
    with file.open("wb") as stream:
        demo.write_records(demo.account(size).records(), stream)
    import_files(database, account, [file])
    somebody = (
        Candidate.select()
        .where(Candidate.account == account)
        .order_by(Candidate.id)
        .first()
        .public_id
    )
    first_name, last_name = SOMEBODY.split()
    line = (
        f'{{"type": "candidate", "id": "{somebody}", '
        f'"first_name": "{first_name}", "last_name": "{last_name}"}}\n'
    )
    file.write_text(line)
    import_files(database, account, [file])


def _samples(question: Question, readers: Mapping[int, Reader], rounds: int) -> Iterator[Sample]:
    asked = {size: _asked(question, reader) for size, reader in readers.items()}
    for number, size in alternating(list(readers), rounds):
        yield Sample(question.title, size, number, asyncio.run(_milliseconds(asked[size])))


def _asked(question: Question, reader: Reader) -> Callable[[], Any]:
    begin = asyncio.run(reader.page(question.listing, 1, **question.filters))
    page = question.page(orjson.loads(begin.body)["pagination"]["total_pages"])
    return lambda: reader.page(question.listing, page, **question.filters)


async def _milliseconds(ask: Callable[[], Any]) -> float:
    """Return what one of many takes, in CPU time of the whole process."""
    done, began, until = 0, time.process_time(), time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        await ask()
        done += 1
    return (time.process_time() - began) / done * 1e3
