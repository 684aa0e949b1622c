"""Applications, each with its candidate and its stage history."""

from __future__ import annotations

from peewee import Case

from gateway.reading import Equals, Listing, Many, Reader, Rendered, Shape, Total, bind
from handlers.counters import counted, ranges
from models import Application, Candidate, JobPosting, RowCount, Stage, StageProgress

APPLICATION = Shape(
    "Application",
    Application,
    id=Application.public_id,
    job_posting_id=JobPosting.public_id,
    candidate_id=Application.candidate_public_id,
    current_stage_name=Stage.name,
    status=Application.status,
    submitted_at=Application.submitted_at,
    created_at=Application.created_at,
    updated_at=Application.updated_at,
    candidate=Shape(
        "ApplicationCandidate",
        Application,
        id=Application.candidate_public_id,
        first_name=Candidate.first_name,
        last_name=Candidate.last_name,
        email=Candidate.email,
    ),
    stage_history=Many(
        Shape(
            "StageProgress",
            StageProgress,
            id=StageProgress.public_id,
            stage_name=Stage.name,
            stage_type=Stage.stage_type,
            status=StageProgress.status,
            started_at=StageProgress.started_at,
            completed_at=StageProgress.completed_at,
        ),
        StageProgress.application,
        order=(StageProgress.started_at.asc(nulls="last"), StageProgress.id),
    ),
)


# What is kept for the list of one job posting.
JOB_POSTING = (JobPosting.account == bind("account")) & (
    JobPosting.public_id == bind("job_posting_id")
)
JOB_POSTING_KEY = JobPosting.select(JobPosting.id).where(JOB_POSTING)
OF_STATUS = Case(
    bind("status"),
    (
        ("active", JobPosting.active_applications),
        ("rejected", JobPosting.rejected_applications),
    ),
)

APPLICATIONS = Listing(
    APPLICATION,
    order=(Application.created_at.desc(), Application.id.desc()),
    filters={
        "job_posting_id": Equals(JobPosting.public_id),
        "status": Equals(Application.status),
    },
    totals={
        "": counted("application"),
        "status": counted("application", RowCount.status == bind("status")),
        "job_posting_id": Total(
            JobPosting,
            JobPosting.active_applications + JobPosting.rejected_applications,
            (JOB_POSTING,),
        ),
        "job_posting_id status": Total(JobPosting, OF_STATUS, (JOB_POSTING,)),
    },
    ranges={
        "": ranges("application"),
        "status": ranges("application", status=bind("status")),
        "job_posting_id": ranges("application", job_posting_id=JOB_POSTING_KEY),
        "job_posting_id status": ranges(
            "application", job_posting_id=JOB_POSTING_KEY, status=bind("status")
        ),
    },
)


async def list_applications(
    read: Reader, page: int, job_posting_id: str | None = None, status: str | None = None
) -> Rendered:
    return await read.page(APPLICATIONS, page, job_posting_id=job_posting_id, status=status)


async def get_application(read: Reader, id: str) -> Rendered:
    return await read.one(APPLICATION, id)
