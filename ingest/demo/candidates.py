"""Candidates, with all that they have applied for.

Nobody can be reached: addresses lie in the domains of RFC 2606, telephone numbers in the ranges
that regulators keep free for fiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from ingest.demo.arrivals import Arrival
from ingest.demo.chance import DAY_S, prefix_id, share
from ingest.demo.companies import Company
from ingest.demo.journeys import Journey, journey
from ingest.demo.names import PEOPLES, Person
from ingest.demo.postings import time_or_null
from models import UtcSecondsField

_DOMAINS = ("example.com", "example.com", "example.org", "example.net")
_LOCAL_PARTS = (
    "{first}.{last}",
    "{first}.{last}",
    "{first}_{last}",
    "{last}.{first}",
    "{first}{last}{year}",
    "{first}.{last}{year}",
    "{first}.{last}+jobs",
    "{initial}{last}{year}",
    "{initial}.{last}{number}",
    "{last}{number}",
)
# With a number that makes it unlikely that somebody has the account.
_GITHUB_USERNAMES = ("{first}-{last}-{number}", "{initial}{last}{number}", "{first}{number}-dev")

_SHARE_WITHOUT_EMAIL = 0.04
_SHARE_WITHOUT_PHONE = 0.25
_SHARE_KNOWN_BEFORE = 0.08  # met before they applied
_KNOWN_BEFORE_S = 90 * DAY_S
_ARCHIVED_AFTER_S = 180 * DAY_S


def candidate_records(
    rng: Random, company: Company, found_at: int, arrivals: Sequence[Arrival], until: int
) -> Iterator[dict[str, Any]]:
    """
    Yield the import records of a candidate, of the applications that arrive and their histories.

    Args:
        found_at: when the company heard of the candidate; seconds since the epoch, as *until*.
    """
    journeys = [journey(rng, arrival, until) for arrival in arrivals]
    candidate_id = prefix_id(rng, "cand")
    person = _person(rng, company)
    known_for_s = rng.randrange(_KNOWN_BEFORE_S) if share(rng, _SHARE_KNOWN_BEFORE) else 0
    yield {
        "type": "candidate",
        "id": candidate_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": _email(rng, person),
        "phone": _phone(rng, company),
        "status": _status(journeys, until),
        "github_username": _github_username(rng, company, person),
        "created_at": UtcSecondsField.document_value(found_at - known_for_s),
    }
    for arrival, travelled in zip(arrivals, journeys, strict=True):
        yield from _application_records(rng, candidate_id, arrival, travelled)


def _application_records(
    rng: Random, candidate_id: str, arrival: Arrival, travelled: Journey
) -> Iterator[dict[str, Any]]:
    application_id = prefix_id(rng, "app")
    submitted_at = UtcSecondsField.document_value(arrival.at)
    yield {
        "type": "application",
        "id": application_id,
        "job_posting_id": arrival.posting.id,
        "candidate_id": candidate_id,
        "status": travelled.status,
        "submitted_at": submitted_at,
        "created_at": submitted_at,
        "updated_at": UtcSecondsField.document_value(travelled.updated_at),
    }
    for entry in travelled.history:
        yield {
            "type": "stage_progress",
            "id": prefix_id(rng, "sp"),
            "application_id": application_id,
            "stage_id": entry.stage.id,
            "status": entry.status,
            "started_at": time_or_null(entry.started_at),
            "completed_at": time_or_null(entry.completed_at),
        }


def _person(rng: Random, company: Company) -> Person:
    weights = [company.languages.get(language, 1) for language in PEOPLES]
    return rng.choices(list(PEOPLES.values()), weights)[0].person(rng)


def _status(journeys: Sequence[Journey], until: int) -> str:
    """Return `archived` for whom nothing is going on any more, else `active`."""
    quiet = all(
        travelled.status == "rejected" and travelled.updated_at < until - _ARCHIVED_AFTER_S
        for travelled in journeys
    )
    return "archived" if journeys and quiet else "active"


def _email(rng: Random, person: Person) -> str | None:
    if share(rng, _SHARE_WITHOUT_EMAIL):
        return None
    return f"{_handle(rng, person, _LOCAL_PARTS)}@{rng.choice(_DOMAINS)}"


def _github_username(rng: Random, company: Company, person: Person) -> str | None:
    if not share(rng, company.github_share):
        return None
    return _handle(rng, person, _GITHUB_USERNAMES)


def _handle(rng: Random, person: Person, patterns: Sequence[str]) -> str:
    first, last = person.handles
    return rng.choice(patterns).format(
        first=first,
        last=last,
        initial=first[0],
        year=f"{rng.randrange(1966, 2006) % 100:02}",
        number=rng.randrange(100, 1_000),
    )


def _phone(rng: Random, company: Company) -> str | None:
    if share(rng, _SHARE_WITHOUT_PHONE):
        return None
    pattern = rng.choice(company.phone_numbers)
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in pattern)
