"""Candidates, each with their applications."""

from __future__ import annotations

from gateway.reading import Contains, Listing, Many, Reader, Rendered, Shape, Total, bind
from handlers.counters import counted, ranges
from models import Application, Candidate, JobPosting, LetterCount, Stage

CANDIDATE = Shape(
    "Candidate",
    Candidate,
    id=Candidate.public_id,
    first_name=Candidate.first_name,
    last_name=Candidate.last_name,
    email=Candidate.email,
    phone=Candidate.phone,
    status=Candidate.status,
    github_username=Candidate.github_username,
    created_at=Candidate.created_at,
    applications=Many(
        Shape(
            "CandidateApplication",
            Application,
            id=Application.public_id,
            job_posting_id=JobPosting.public_id,
            job_posting_title=JobPosting.title,
            current_stage_name=Stage.name,
            status=Application.status,
            submitted_at=Application.submitted_at,
        ),
        Application.candidate,
        order=(Application.submitted_at, Application.id),
    ),
)

CANDIDATES = Listing(
    CANDIDATE,
    order=(Candidate.created_at.desc(), Candidate.id.desc()),
    filters={
        "search": Contains(
            (Candidate.search_name, Candidate.search_email),
            index="candidate_search",
            letters=Total(LetterCount, LetterCount.rows, (LetterCount.text == bind("search"),)),
        )
    },
    totals={"": counted("candidate")},
    ranges={"": ranges("candidate")},
)


async def list_candidates(read: Reader, page: int, search: str | None = None) -> Rendered:
    return await read.page(CANDIDATES, page, search=search)


async def get_candidate(read: Reader, id: str) -> Rendered:
    return await read.one(CANDIDATE, id)
