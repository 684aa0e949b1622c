"""Job postings and their stages, at every point of a posting's life.

A company's postings are few and kept in memory; what comes in hundred thousands never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from ingest.demo.chance import (
    DAY_S,
    MOST_DAYS_TO_OFFICE_HOUR,
    chance,
    office_hour,
    prefix_id,
    share,
)
from ingest.demo.companies import PIPELINES, Company, Opening, Place, Step
from models import HundredthsField, UtcSecondsField

# The statuses that a company's postings have in turn.
STATUSES = (
    "published", "closed", "published", "published", "draft",
    "published", "closed", "published", "closed", "published",
)  # fmt: skip

# INVARIANT: so many have every status, and among them more published ones than any candidate
# applies for.
MINIMUM = 8

_ANYWHERE = Place(None, "USD", 1.0, remote_share=0.5)
_DESK_PIPELINES = ("engineering", "office")

_HUNDREDTHS_PER_THOUSAND = 100_000
_PAYDAYS = {"year": 1, "month": 12, "hour": 1_900}
_SHARE_WITHOUT_SALARY = 0.15
_SHARE_WITHOUT_MAXIMUM = 0.08


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of one posting."""

    id: str
    step: Step


@dataclass(frozen=True, slots=True)
class Life:
    """The times of a posting, in whole seconds since the epoch."""

    created_at: int
    published_at: int | None
    closed_at: int | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A job posting.

    Attributes:
        appeal: how many applications it draws, compared with others.
        description: the fields of its import record that tell what the job is.
    """

    id: str
    life: Life
    stages: tuple[Stage, ...]
    appeal: float
    description: dict[str, Any]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the import records of the posting and of its stages."""
        yield {
            "type": "job_posting",
            "id": self.id,
            **self.description,
            "published_at": time_or_null(self.life.published_at),
            "closed_at": time_or_null(self.life.closed_at),
            "created_at": UtcSecondsField.document_value(self.life.created_at),
            "updated_at": UtcSecondsField.document_value(self.life.updated_at),
        }
        for position, stage in enumerate(self.stages):
            yield {
                "type": "stage",
                "id": stage.id,
                "job_posting_id": self.id,
                "name": stage.step.name,
                "stage_type": stage.step.stage_type,
                "position": position,
            }


def postings_of(company: Company, count: int, *, seed: int, until: int) -> list[Posting]:
    """
    Return *count* postings of *company*, oldest first.

    Args:
        count: at least `MINIMUM`.
        until: the present; nothing has happened after it.
    """
    rng = chance(seed, company.name, "postings")
    postings = [_posting(rng, company, number, until) for number in range(count)]
    return sorted(postings, key=lambda posting: (posting.life.created_at, posting.id))


def time_or_null(seconds: int | None) -> str | None:
    """Return a time as the import format has it."""
    return None if seconds is None else UtcSecondsField.document_value(seconds)


def _posting(rng: Random, company: Company, number: int, until: int) -> Posting:
    opening = company.openings[number % len(company.openings)]
    place = company.places[number % len(company.places)] if opening.salary_range else _ANYWHERE
    status = STATUSES[number % len(STATUSES)]
    return Posting(
        id=prefix_id(rng, "job"),
        life=_LIVES[status](rng, until),
        stages=tuple(Stage(prefix_id(rng, "stg"), step) for step in PIPELINES[opening.pipeline]),
        appeal=0.3 + rng.expovariate(1.0),
        description={
            "title": opening.title,
            "status": status,
            "department": opening.department,
            "location": place.location,
            "employment_type": opening.employment_type,
            "remote": opening.pipeline in _DESK_PIPELINES and share(rng, place.remote_share),
            **_salary(rng, opening, place),
        },
    )


def _draft(rng: Random, until: int) -> Life:
    created_at = office_hour(rng, until - rng.uniform(10, 45) * DAY_S)
    return Life(created_at, None, None, updated_at=_edited(rng, created_at, until))


def _published(rng: Random, until: int) -> Life:
    published_at = office_hour(rng, until - rng.uniform(10, 130) * DAY_S)
    created_at = office_hour(rng, published_at - rng.uniform(6, 20) * DAY_S)
    return Life(created_at, published_at, None, updated_at=_edited(rng, published_at, until))


def _closed(rng: Random, until: int) -> Life:
    published_at = office_hour(rng, until - rng.uniform(160, 480) * DAY_S)
    created_at = office_hour(rng, published_at - rng.uniform(6, 20) * DAY_S)
    closed_at = office_hour(rng, published_at + rng.uniform(40, 140) * DAY_S)
    return Life(created_at, published_at, closed_at, updated_at=closed_at)


def _edited(rng: Random, since: int, until: int) -> int:
    return office_hour(rng, rng.uniform(since, until - MOST_DAYS_TO_OFFICE_HOUR * DAY_S))


_LIVES = {"draft": _draft, "published": _published, "closed": _closed}


def _salary(rng: Random, opening: Opening, place: Place) -> dict[str, str | None]:
    """Return the four salary fields; many employers name no salary, some only where it starts."""
    if opening.salary_range is None or share(rng, _SHARE_WITHOUT_SALARY):
        return dict.fromkeys(("salary_min", "salary_max", "salary_currency", "salary_period"))
    period = opening.pay_period or place.pay_period
    lowest, highest = (
        _rounded(thousands * _HUNDREDTHS_PER_THOUSAND * place.rate / _PAYDAYS[period])
        for thousands in opening.salary_range
    )
    open_ended = share(rng, _SHARE_WITHOUT_MAXIMUM)
    return {
        "salary_min": HundredthsField.document_value(lowest),
        "salary_max": None if open_ended else HundredthsField.document_value(highest),
        "salary_currency": place.currency,
        "salary_period": period,
    }


def _rounded(hundredths: float) -> int:
    """Return an amount as people write it, in halves of its second digit: 145,000 or 23.50."""
    digits = len(str(int(hundredths)))
    step = 5 * int(10 ** (digits - 3))
    return round(hundredths / step) * step
