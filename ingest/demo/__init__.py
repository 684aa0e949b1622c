"""Demo data: believable hiring data of three companies, in the import format.

It goes into a database by the same way as any other data, through the import; nothing here knows
of one. The same seed gives the same bytes, in any process: no clock, no hash order. Records are
made one at a time, so an account of any size takes as little memory as a small one.

Everyone in it is made up, and nobody can be reached: see `ingest.demo.candidates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from typing import Any, BinaryIO

import orjson

from ingest.demo.arrivals import Arrivals, counts
from ingest.demo.candidates import candidate_records
from ingest.demo.chance import chance
from ingest.demo.companies import COMPANIES, LUMEN_HARBOR, Company
from ingest.demo.postings import MINIMUM, postings_of

SEED = 3
UNTIL = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """
    The hiring data of one company.

    Attributes:
        until: the present of the data, in whole seconds since the epoch; nothing is later.
    """

    company: Company
    postings: int
    candidates: int
    applications: int
    seed: int
    until: int

    @property
    def name(self) -> str:
        """Return the company's name."""
        return self.company.name

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the import records: postings with their stages, then candidate by candidate."""
        postings = postings_of(self.company, self.postings, seed=self.seed, until=self.until)
        for posting in postings:
            yield from posting.records()
        line = Arrivals(postings, self.until)
        rng = chance(self.seed, self.name, "candidates")
        for number, count in enumerate(counts(rng, self.candidates, self.applications)):
            mark = (number + rng.random()) / self.candidates * line.end
            arrivals = line.of_one_candidate(rng, mark, count)
            yield from candidate_records(rng, self.company, line.time(mark), arrivals, self.until)


def accounts(seed: int = SEED, *, scale: float = 1, until: int = UNTIL) -> Iterator[DemoAccount]:
    """
    Yield three accounts: 40 postings, 1,200 candidates and 2,000 applications in all.

    Args:
        scale: factor of candidates and applications. Postings grow with its square root, so that
            each of them has more applications too.
    """
    for company in COMPANIES:
        yield _scaled(company, scale, seed, until)


def account(applications: int, *, seed: int = SEED, until: int = UNTIL) -> DemoAccount:
    """Return one account with so many applications, and all else in proportion."""
    return _scaled(LUMEN_HARBOR, applications / LUMEN_HARBOR.applications, seed, until)


def write_records(records: Iterable[dict[str, Any]], stream: BinaryIO) -> None:
    """Write *records* as JSON Lines, UTF-8."""
    for record in records:
        stream.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def _scaled(company: Company, scale: float, seed: int, until: int) -> DemoAccount:
    return DemoAccount(
        company,
        postings=max(MINIMUM, round(company.postings * sqrt(scale))),
        candidates=max(1, round(company.candidates * scale)),
        applications=round(company.applications * scale),
        seed=seed,
        until=until,
    )
