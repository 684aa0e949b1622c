"""FastAPI + SQLAlchemy as their documentation has it, with a careful count.

Path functions are plain functions, which FastAPI runs in its thread pool; a session a request comes
by dependency; related rows are loaded eagerly; Pydantic models are validated and serialized as
the response models say. Totals count the table itself, without its joins.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Depends, FastAPI, HTTPException, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import AliasPath, BaseModel, ConfigDict, Field, field_serializer
from sqlalchemy import BigInteger, ForeignKey, create_engine, func, or_, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.types import TypeDecorator

from benchmarks.peers.python._access import digest
from benchmarks.peers.python._store import fold

PAGE_SIZE = 20
HUNDREDTHS = 100


# --- tables -------------------------------------------------------------------------------------


class UtcSeconds(TypeDecorator[datetime]):
    """A time, stored as seconds since the epoch."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> int | None:
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, _dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Hundredths(TypeDecorator[Decimal]):
    """An amount, stored in hundredths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Any) -> int | None:
        return None if value is None else int(value * HUNDREDTHS)

    def process_result_value(self, value: int | None, _dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / HUNDREDTHS


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcSeconds, Decimal: Hundredths}  # noqa: RUF012 - as documented


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)


class Token(Base):
    __tablename__ = "token"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[str]
    scopes: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class JobPosting(Base):
    __tablename__ = "job_posting"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    public_id: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]
    department: Mapped[str | None]
    location: Mapped[str | None]
    employment_type: Mapped[str]
    remote: Mapped[bool]
    salary_min: Mapped[Decimal | None]
    salary_max: Mapped[Decimal | None]
    salary_currency: Mapped[str | None]
    salary_period: Mapped[str | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    active_applications: Mapped[int]
    rejected_applications: Mapped[int]
    stages: Mapped[list[Stage]] = relationship(order_by="Stage.position, Stage.id")


class Stage(Base):
    __tablename__ = "stage"
    id: Mapped[int] = mapped_column(primary_key=True)
    job_posting_id: Mapped[int] = mapped_column(ForeignKey("job_posting.id"))
    public_id: Mapped[str]
    name: Mapped[str]
    stage_type: Mapped[str]
    position: Mapped[int]


class Candidate(Base):
    __tablename__ = "candidate"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    public_id: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    status: Mapped[str]
    github_username: Mapped[str | None]
    created_at: Mapped[datetime]
    search_name: Mapped[str] = mapped_column(deferred=True)
    search_email: Mapped[str | None] = mapped_column(deferred=True)
    applications: Mapped[list[Application]] = relationship(
        back_populates="candidate", order_by="Application.submitted_at, Application.id"
    )


class Application(Base):
    __tablename__ = "application"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    job_posting_id: Mapped[int] = mapped_column(ForeignKey("job_posting.id"))
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    current_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    public_id: Mapped[str]
    candidate_public_id: Mapped[str]
    status: Mapped[str]
    submitted_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    job_posting: Mapped[JobPosting] = relationship()
    candidate: Mapped[Candidate] = relationship(back_populates="applications")
    current_stage: Mapped[Stage | None] = relationship()
    stage_history: Mapped[list[StageProgress]] = relationship(
        order_by="StageProgress.started_at.asc().nulls_last(), StageProgress.id"
    )

    @property
    def current_stage_name(self) -> str | None:
        return None if self.current_stage is None else self.current_stage.name


class StageProgress(Base):
    __tablename__ = "stage_progress"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    public_id: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    stage: Mapped[Stage] = relationship()


# --- answers ------------------------------------------------------------------------------------

T = TypeVar("T")


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class StageAnswer(Answer):
    id: str = Field(validation_alias="public_id")
    name: str
    stage_type: str
    position: int


class Counts(Answer):
    total_applications: int
    active_applications: int
    rejected: int


class JobPostingAnswer(Answer):
    id: str
    title: str
    status: Literal["draft", "published", "closed"]
    department: str | None
    location: str | None
    employment_type: str
    remote: bool
    salary_min: Decimal | None
    salary_max: Decimal | None
    salary_currency: str | None
    salary_period: str | None
    published_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    stages: list[StageAnswer]
    counts: Counts

    @field_serializer("salary_min", "salary_max")
    def amount(self, value: Decimal | None) -> str | None:
        """Return an amount with at least one decimal."""
        if value is None:
            return None
        text = f"{value:.2f}"
        return text[:-1] if text.endswith("0") else text


class CandidateApplicationAnswer(Answer):
    id: str = Field(validation_alias="public_id")
    job_posting_id: str = Field(validation_alias=AliasPath("job_posting", "public_id"))
    job_posting_title: str = Field(validation_alias=AliasPath("job_posting", "title"))
    current_stage_name: str | None
    status: Literal["active", "rejected"]
    submitted_at: datetime


class CandidateAnswer(Answer):
    id: str = Field(validation_alias="public_id")
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    status: str
    github_username: str | None
    created_at: datetime
    applications: list[CandidateApplicationAnswer]


class RedactedCandidate(Answer):
    id: str = Field(validation_alias="public_id")


class FullCandidate(RedactedCandidate):
    first_name: str
    last_name: str
    email: str | None


class StageProgressAnswer(Answer):
    id: str = Field(validation_alias="public_id")
    stage_name: str = Field(validation_alias=AliasPath("stage", "name"))
    stage_type: str = Field(validation_alias=AliasPath("stage", "stage_type"))
    status: str
    started_at: datetime | None
    completed_at: datetime | None


C = TypeVar("C", bound=RedactedCandidate)


class ApplicationAnswer(Answer, Generic[C]):
    id: str = Field(validation_alias="public_id")
    job_posting_id: str = Field(validation_alias=AliasPath("job_posting", "public_id"))
    candidate_id: str = Field(validation_alias="candidate_public_id")
    current_stage_name: str | None
    status: Literal["active", "rejected"]
    submitted_at: datetime
    created_at: datetime
    updated_at: datetime
    candidate: C
    stage_history: list[StageProgressAnswer]


class Pagination(BaseModel):
    current_page: int
    total_pages: int
    total_count: int
    per_page: int


class Page(BaseModel, Generic[T]):
    data: list[T]
    pagination: Pagination


Full = ApplicationAnswer[FullCandidate]
Redacted = ApplicationAnswer[RedactedCandidate]


# --- who may read -------------------------------------------------------------------------------


def engine() -> Any:
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    return create_engine(url, pool_size=40)


ENGINE = engine()
bearer = HTTPBearer(auto_error=False)


def session() -> Iterator[Session]:
    with Session(ENGINE) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


class Caller(BaseModel):
    account: int
    scopes: list[str]


def caller(
    required: SecurityScopes,
    database: Database,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """Return who asks; 401 and 403 as FastAPI's documentation has them."""
    challenge = {"WWW-Authenticate": "Bearer"}
    if credentials is None:
        raise HTTPException(401, "Not authenticated", challenge)
    token = database.scalar(select(Token).where(Token.digest == digest(credentials.credentials)))
    now = datetime.fromtimestamp(time.time(), UTC)
    if (
        token is None
        or token.revoked_at is not None
        or (token.expires_at is not None and token.expires_at <= now)
    ):
        raise HTTPException(401, "The token is unknown, expired or revoked.", challenge)
    scopes = token.scopes.split()
    if not set(required.scopes) <= set(scopes):
        raise HTTPException(403, "Not enough permissions", challenge)
    return Caller(account=token.account_id, scopes=scopes)


# --- operations ---------------------------------------------------------------------------------

PageNumber = Annotated[int, Query(ge=1, le=2_147_483_647)]
app = FastAPI()
BASE = "/api/v1"


@app.get(f"{BASE}/job_postings")
def list_job_postings(
    who: Annotated[Caller, Security(caller, scopes=["job_postings:read"])],
    database: Database,
    status: Literal["draft", "published", "closed"] | None = None,
    page: PageNumber = 1,
) -> Page[JobPostingAnswer]:
    chosen = [JobPosting.account_id == who.account]
    if status is not None:
        chosen.append(JobPosting.status == status)
    rows = newest(database, JobPosting, chosen, page, selectinload(JobPosting.stages))
    data = [posting_answer(row) for row in rows]
    return Page(data=data, pagination=pagination(database, JobPosting, chosen, page))


@app.get(f"{BASE}/candidates")
def list_candidates(
    who: Annotated[Caller, Security(caller, scopes=["candidates:read"])],
    database: Database,
    search: Annotated[str | None, Query(max_length=200)] = None,
    page: PageNumber = 1,
) -> Page[CandidateAnswer]:
    chosen: list[Any] = [Candidate.account_id == who.account]
    if text := fold(search or ""):
        columns = (Candidate.search_name, Candidate.search_email)
        chosen.append(or_(*(column.contains(text, autoescape=True) for column in columns)))
    applications = selectinload(Candidate.applications)
    rows = newest(
        database,
        Candidate,
        chosen,
        page,
        applications.joinedload(Application.job_posting),
        applications.joinedload(Application.current_stage),
    )
    data = [CandidateAnswer.model_validate(row) for row in rows]
    return Page(data=data, pagination=pagination(database, Candidate, chosen, page))


@app.get(f"{BASE}/applications")
def list_applications(
    who: Annotated[Caller, Security(caller, scopes=["applications:read"])],
    database: Database,
    job_posting_id: Annotated[str | None, Query(pattern="^job_[0-9A-Za-z]{1,64}$")] = None,
    status: Literal["active", "rejected"] | None = None,
    page: PageNumber = 1,
) -> Page[Full] | Page[Redacted]:
    chosen: list[Any] = [Application.account_id == who.account]
    if status is not None:
        chosen.append(Application.status == status)
    if job_posting_id is not None:
        found = select(JobPosting.id).where(
            JobPosting.account_id == who.account, JobPosting.public_id == job_posting_id
        )
        chosen.append(Application.job_posting_id == found.scalar_subquery())
    rows = newest(database, Application, chosen, page, *related())
    shown = pagination(database, Application, chosen, page)
    if "candidates:read" in who.scopes:
        return Page[Full](data=[Full.model_validate(row) for row in rows], pagination=shown)
    return Page[Redacted](data=[Redacted.model_validate(row) for row in rows], pagination=shown)


@app.get(f"{BASE}/applications/{{id}}")
def get_application(
    id: str,
    who: Annotated[Caller, Security(caller, scopes=["applications:read"])],
    database: Database,
) -> Full | Redacted:
    chosen = (Application.account_id == who.account, Application.public_id == id)
    row = database.scalar(select(Application).where(*chosen).options(*related()))
    if row is None:
        raise HTTPException(404, f"There is no `{id}` in this account.")
    if "candidates:read" in who.scopes:
        return Full.model_validate(row)
    return Redacted.model_validate(row)


def related() -> tuple[Any, ...]:
    return (
        joinedload(Application.job_posting),
        joinedload(Application.candidate),
        joinedload(Application.current_stage),
        selectinload(Application.stage_history).joinedload(StageProgress.stage),
    )


def newest(database: Session, model: Any, chosen: list[Any], page: int, *options: Any) -> Any:
    query = (
        select(model)
        .where(*chosen)
        .order_by(model.created_at.desc(), model.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
        .options(*options)
    )
    return database.scalars(query).all()


def pagination(database: Session, model: Any, chosen: list[Any], page: int) -> Pagination:
    total = database.scalar(select(func.count()).select_from(model).where(*chosen)) or 0
    return Pagination(
        current_page=page,
        total_pages=-(-total // PAGE_SIZE),
        total_count=total,
        per_page=PAGE_SIZE,
    )


def posting_answer(row: JobPosting) -> JobPostingAnswer:
    counts = Counts(
        total_applications=row.active_applications + row.rejected_applications,
        active_applications=row.active_applications,
        rejected=row.rejected_applications,
    )
    columns = {
        name: getattr(row, name)
        for name in JobPostingAnswer.model_fields
        if name not in ("id", "counts")
    }
    return JobPostingAnswer.model_validate({"id": row.public_id, "counts": counts, **columns})
