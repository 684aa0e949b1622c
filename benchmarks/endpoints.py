"""What is asked: for each endpoint the paths that are taken in turn, the token, the status."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.data import Data, Tenant
from gateway.folding import fold
from models import Application, Candidate, JobPosting

API = "/api/v1"
PAGES = 50  # of a list, taken in turn: 1,000 rows
IDS = 1_000
SEARCHES = 50
FILLING_PAGES = 4_000  # 65 MB
PAGE_SIZE = 20
UNKNOWN_TOKEN = "0" * 32

TITLES = {
    "list": "Applications, 50 pages in turn",
    "list_redacted": "Applications, redacted, 50 pages in turn",
    "search": "Candidates, 50 searches for names in turn",
    "postings": "Job postings, all pages in turn",
    "by_id": "One application, 1,000 in turn",
    "not_found": "One application that is not there (404)",
    "unauthorized": "An unknown token (401)",
    "first": "Applications, first page",
    "deepest": "Applications, last ten pages",
    "first_small": "Applications, first page, account of 1,000",
    "deepest_small": "Applications, last ten pages, account of 1,000",
    "search_small": "Candidates, searches for names, account of 1,000",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request.

    Attributes:
        token: the token that is sent; None: none is.
        status: what a right answer has.
    """

    name: str
    paths: tuple[str, ...]
    token: str | None
    status: int = 200


def endpoints_of(data: Data) -> dict[str, Endpoint]:
    """Return the endpoints by name. The database must be connected; the same data gives the same.

    The tenant is `large`, but for those whose names end with `_small`.
    """
    large, small = data.large, data.small
    every = [
        Endpoint("list", _pages("applications", large, PAGES), large.full),
        Endpoint("list_redacted", _pages("applications", large, PAGES), large.redacted),
        Endpoint("search", _searches(large), large.full),
        Endpoint("postings", _all_postings(large), large.full),
        Endpoint("by_id", _ids(large), large.full),
        Endpoint("not_found", _unknown_ids(), large.full, 404),
        Endpoint("unauthorized", _ids(large), UNKNOWN_TOKEN, 401),
        Endpoint("first", (f"{API}/applications",), large.full),
        Endpoint("deepest", _deepest(large), large.full),
        Endpoint("first_small", (f"{API}/applications",), small.full),
        Endpoint("deepest_small", _deepest(small), small.full),
        Endpoint("search_small", _searches(small), small.full),
        Endpoint("fill", _pages("applications", large, FILLING_PAGES), large.full),
    ]
    return {one.name: one for one in every}


def _pages(collection: str, tenant: Tenant, most: int) -> tuple[str, ...]:
    count = min(most, -(-tenant.applications // PAGE_SIZE))
    return tuple(f"{API}/{collection}?page={n}" for n in range(1, count + 1))


def _last_page(model: Any, tenant: Tenant) -> int:
    count: int = model.select().where(model.account == tenant.key).count()
    return -(-count // PAGE_SIZE)


def _all_postings(tenant: Tenant) -> tuple[str, ...]:
    last = _last_page(JobPosting, tenant)
    return tuple(f"{API}/job_postings?page={n}" for n in range(1, last + 1))


def _deepest(tenant: Tenant) -> tuple[str, ...]:
    last = _last_page(Application, tenant)
    return tuple(f"{API}/applications?page={n}" for n in range(max(1, last - 9), last + 1))


def _ids(tenant: Tenant) -> tuple[str, ...]:
    newest = (
        Application.select(Application.public_id)
        .where(Application.account == tenant.key)
        .order_by(Application.created_at.desc(), Application.id.desc())
        .limit(IDS)
    )
    return tuple(f"{API}/applications/{one.public_id}" for one in newest)


def _unknown_ids() -> tuple[str, ...]:
    return tuple(f"{API}/applications/app_{n:012}" for n in range(IDS))


def _searches(tenant: Tenant) -> tuple[str, ...]:
    """Return searches for full names, which find one or a few, as people search."""
    found = (
        Candidate.select(Candidate.first_name, Candidate.last_name)
        .where(Candidate.account == tenant.key)
        .order_by(Candidate.created_at.desc(), Candidate.id.desc())
        .limit(10 * SEARCHES)
    )
    names = sorted({fold(f"{one.first_name} {one.last_name}") for one in found})
    plain = [name for name in names if name.replace(" ", "").isascii() and name.isprintable()]
    chosen = Random(1).sample(plain, min(SEARCHES, len(plain)))
    # Not `+` for a blank: express-openapi-validator refuses it as a reserved character.
    return tuple(f"{API}/candidates?search={quote(name)}" for name in chosen)
