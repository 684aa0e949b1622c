"""Before anything is measured: every server answers the same bytes to the same requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.data import Data
from benchmarks.endpoints import API, UNKNOWN_TOKEN
from benchmarks.load import Unusable
from benchmarks.servers import Running
from models import Application, Candidate, JobPosting

SAMPLE = 15
ERROR = 400


@dataclass(frozen=True, slots=True)
class Question:
    """A request whose answers are compared."""

    path: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is compared: the media type without its parameters, and the body of what is found."""

    status: int
    media_type: str
    body: bytes

    @classmethod
    def of(cls, one: Running, question: Question) -> Answer:
        status, content_type, body = one.ask(question.path, question.token)
        return cls(status, (content_type or "").partition(";")[0], body)


def require_equal(reference: Running, others: Sequence[Running], questions: list[Question]) -> None:
    """Return if all answer *questions* as *reference* does.

    Raises:
        Unusable: the first difference.
    """
    for question in questions:
        expected = Answer.of(reference, question)
        for one in others:
            given = Answer.of(one, question)
            if one.server.documented and expected.status >= ERROR:
                equal = given.status == expected.status
            else:
                equal = given == expected
            if not equal:
                raise Unusable(
                    f"{one.server.name} does not answer {question.path} as "
                    f"{reference.server.name} does: {difference(expected, given)}"
                )


def difference(expected: Answer, given: Answer) -> str:
    """Return where two answers part."""
    if (expected.status, expected.media_type) != (given.status, given.media_type):
        return (
            f"{given.status} {given.media_type} where {expected.status} {expected.media_type} "
            f"should be: {given.body[:200]!r}"
        )
    at = next(
        (n for n, (a, b) in enumerate(zip(expected.body, given.body, strict=False)) if a != b),
        min(len(expected.body), len(given.body)),
    )
    near = slice(max(at - 40, 0), at + 40)
    return f"from byte {at}, {given.body[near]!r} where {expected.body[near]!r} should be"


def questions_of(data: Data) -> list[Question]:
    """Return what is asked: lists, pages, filters, searches, ids, refusals. Needs the database."""
    return list(_questions(data))


def _questions(data: Data) -> Iterator[Question]:
    for tenant in (data.large, data.small):
        mine = Application.select().where(Application.account == tenant.key)
        last = -(-tenant.applications // 20)
        for token in (tenant.full, tenant.redacted):
            yield Question(f"{API}/applications", token)
            for page in (2, last // 2, last - 1, last, last + 1, 2_147_483_647):
                yield Question(f"{API}/applications?page={page}", token)
            for status in ("active", "rejected"):
                yield Question(f"{API}/applications?status={status}&page=3", token)
            newest = mine.order_by(Application.created_at.desc()).limit(SAMPLE)
            for one in newest:
                yield Question(f"{API}/applications/{one.public_id}", token)
        postings = JobPosting.select().where(JobPosting.account == tenant.key).limit(SAMPLE)
        for posting in postings:
            path = f"{API}/applications?job_posting_id={posting.public_id}"
            yield Question(path, tenant.full)
            yield Question(f"{path}&status=rejected&page=2", tenant.full)
        yield Question(f"{API}/applications?job_posting_id=job_none", tenant.full)
        for query in ("", "?page=2", "?status=published", "?status=draft", "?status=closed&page=2"):
            yield Question(f"{API}/job_postings{query}", tenant.full)
        yield Question(f"{API}/candidates?page=3", tenant.full)
        for search in _searches(tenant.key):
            yield Question(f"{API}/candidates?search={quote(search)}", tenant.full)
        yield from _refusals(tenant.full, tenant.redacted, tenant.bare)
    foreign = Application.select().where(Application.account == data.small.key).first()
    yield Question(f"{API}/applications/{foreign.public_id}", data.large.full)
    for token in (data.revoked, data.expired):
        yield Question(f"{API}/applications", token)


def _searches(account: int) -> Iterator[str]:
    people = Candidate.select().where(Candidate.account == account).limit(SAMPLE)
    for one in people:
        yield f"{one.first_name} {one.last_name}"
        if one.email:
            yield one.email.upper()
    yield from ("ann", "nobody is called this", "jos\u00e9", "  Lee  ", "example.org", "%", "li")


def _refusals(full: str, redacted: str, bare: str) -> Iterator[Question]:
    for id in ("app_doesnotexist", "42", "JOB_abc"):
        yield Question(f"{API}/applications/{id}", full)
    for token in (None, UNKNOWN_TOKEN):
        yield Question(f"{API}/applications", token)
        yield Question(f"{API}/applications/app_doesnotexist", token)
    yield Question(f"{API}/candidates", redacted)
    for path in ("applications", "candidates", "job_postings", "applications/app_doesnotexist"):
        yield Question(f"{API}/{path}", bare)
