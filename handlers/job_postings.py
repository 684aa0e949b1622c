"""Job postings and their stages."""

from __future__ import annotations

from gateway.reading import Equals, Listing, Many, Reader, Rendered, Shape, bind
from handlers.counters import counted, ranges
from models import JobPosting, RowCount, Stage

STAGE = Shape(
    "Stage",
    Stage,
    id=Stage.public_id,
    name=Stage.name,
    stage_type=Stage.stage_type,
    position=Stage.position,
)

IN_PIPELINE_ORDER = (Stage.position, Stage.id)

JOB_POSTING = Shape(
    "JobPosting",
    JobPosting,
    id=JobPosting.public_id,
    title=JobPosting.title,
    status=JobPosting.status,
    department=JobPosting.department,
    location=JobPosting.location,
    employment_type=JobPosting.employment_type,
    remote=JobPosting.remote,
    salary_min=JobPosting.salary_min,
    salary_max=JobPosting.salary_max,
    salary_currency=JobPosting.salary_currency,
    salary_period=JobPosting.salary_period,
    published_at=JobPosting.published_at,
    closed_at=JobPosting.closed_at,
    created_at=JobPosting.created_at,
    updated_at=JobPosting.updated_at,
    stages=Many(STAGE, Stage.job_posting, order=IN_PIPELINE_ORDER),
    counts=Shape(
        "JobPostingCounts",
        JobPosting,
        total_applications=JobPosting.active_applications + JobPosting.rejected_applications,
        active_applications=JobPosting.active_applications,
        rejected=JobPosting.rejected_applications,
    ),
)


JOB_POSTINGS = Listing(
    JOB_POSTING,
    order=(JobPosting.created_at.desc(), JobPosting.id.desc()),
    filters={"status": Equals(JobPosting.status)},
    totals={
        "": counted("job_posting"),
        "status": counted("job_posting", RowCount.status == bind("status")),
    },
    ranges={"": ranges("job_posting"), "status": ranges("job_posting", status=bind("status"))},
)

STAGES = Listing(
    STAGE,
    order=IN_PIPELINE_ORDER,
    filters={"job_posting_id": Equals(JobPosting.public_id)},
)


async def list_job_postings(read: Reader, page: int, status: str | None = None) -> Rendered:
    return await read.page(JOB_POSTINGS, page, status=status)


async def get_job_posting(read: Reader, id: str) -> Rendered:
    return await read.one(JOB_POSTING, id)


async def list_job_posting_stages(read: Reader, job_posting_id: str) -> Rendered:
    await read.exists(JOB_POSTING, job_posting_id)
    return await read.all(STAGES, job_posting_id=job_posting_id)
