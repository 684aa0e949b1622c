"""Derived data is what its definition says, whatever order of imports led there.

The definitions are written down here a second time, in plain Python over the rows.
"""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_sequences import WORLD, updates
from records import DAY, application, as_lines, candidate, entry, posting, stage

import ingest
from gateway.accounts import create_account, delete_account
from gateway.audit import SYSTEM
from gateway.folding import fold
from models import Application, Candidate, JobPosting, RowCount, StageProgress

LATER = "2026-01-16T10:00:00Z"


def expected_counts(account):
    counts = Counter()
    for table in (JobPosting, Candidate, Application):
        for row in table.select().where(table.account == account):
            counts[table._meta.table_name, row.status] += 1
    return counts


def expected_stage(way):
    def history_order(row):
        return (row.started_at is None, row.started_at or 0, row.id)

    history = sorted(
        StageProgress.select().where(StageProgress.application == way), key=history_order
    )
    running = [row for row in history if row.status == "in_progress"]
    return (running or history or [None])[-1]


def assert_derived(db, account):
    stored = {
        (row.table, row.status): row.rows
        for row in RowCount.select().where(RowCount.account == account)
    }
    assert stored == expected_counts(account)
    for way in Application.select().where(Application.account == account):
        last = expected_stage(way)
        assert way.current_stage == (last and last.stage)
        assert way.candidate_public_id == way.candidate.public_id
    for job in JobPosting.select().where(JobPosting.account == account):
        statuses = Counter(
            way.status for way in Application.select().where(Application.job_posting == job)
        )
        assert (job.active_applications, job.rejected_applications) == (
            statuses["active"],
            statuses["rejected"],
        )
    for person in Candidate.select().where(Candidate.account == account):
        assert person.search_name == fold(f"{person.first_name} {person.last_name}")
        assert person.search_email == (person.email and fold(person.email))
    assert not ingest.rebuild(db, account).changed


# --- one case at a time ---------------------------------------------------------------------------


@pytest.fixture
def pipeline(load):
    load(
        posting(),
        candidate(),
        *[stage(f"stg_{name}", position=n, name=name) for n, name in enumerate("abc")],
        application(),
    )


def current():
    step = Application.get().current_stage
    return step and step.public_id


@pytest.mark.usefixtures("pipeline")
def test_an_application_without_history_is_in_no_stage():
    assert current() is None


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("stg_a", "completed", DAY), ("stg_b", "completed", LATER)], "stg_b"),
        ([("stg_b", "completed", LATER), ("stg_a", "completed", DAY)], "stg_b"),
        ([("stg_a", "in_progress", DAY), ("stg_b", "completed", LATER)], "stg_a"),
        ([("stg_a", "in_progress", DAY), ("stg_b", "in_progress", LATER)], "stg_b"),
        ([("stg_a", "completed", None), ("stg_b", "completed", LATER)], "stg_a"),
        ([("stg_a", "in_progress", DAY), ("stg_b", "scheduled", None)], "stg_a"),
        ([("stg_a", "completed", None), ("stg_b", "completed", None)], "stg_b"),
        ([("stg_c", "completed", DAY), ("stg_a", "completed", DAY)], "stg_a"),
        ([("stg_a", "In_Progress", DAY), ("stg_b", "completed", LATER)], "stg_b"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_the_current_stage_is_the_last_in_progress_else_the_last(load, entries, expected, together):
    records = [
        entry(f"sp_{n}", stage_id=step, status=status, started_at=started)
        for n, (step, status, started) in enumerate(entries)
    ]
    for batch in [records] if together else [[record] for record in records]:
        load(*batch)

    assert current() == expected


@pytest.mark.usefixtures("pipeline")
def test_an_update_of_an_entry_moves_the_application(load):
    load(entry("sp_1", stage_id="stg_a", status="in_progress"), entry("sp_2", stage_id="stg_b"))
    assert current() == "stg_a"

    load({"type": "stage_progress", "id": "sp_1", "status": "completed"})
    assert current() == "stg_b"

    load({"type": "stage_progress", "id": "sp_1", "started_at": None})
    assert current() == "stg_a"


@pytest.mark.usefixtures("pipeline")
def test_a_change_of_status_moves_the_counts(load, account, db):
    load({"type": "application", "id": "app_a", "status": "rejected"})
    load({"type": "job_posting", "id": "job_a", "status": "closed"})
    load({"type": "candidate", "id": "cand_a", "status": "archived"})

    assert {(row.table, row.status, row.rows) for row in RowCount.select()} == {
        ("application", "rejected", 1),
        ("job_posting", "closed", 1),
        ("candidate", "archived", 1),
    }
    assert_derived(db, account)


@pytest.mark.usefixtures("pipeline")
def test_accounts_are_counted_apart(load, account, other, db):
    load(posting(), candidate(), candidate("cand_b"), application(status="rejected"), into=other)

    assert_derived(db, account)
    assert_derived(db, other)
    assert JobPosting.get(JobPosting.account == account).rejected_applications == 0


# --- search ---------------------------------------------------------------------------------------


def found(db, text):
    """Search as `gateway.reading` does where there is an index."""
    if not hasattr(db, "pragma"):
        like = f"%{text}%"
        query = (
            "SELECT public_id FROM candidate WHERE search_name LIKE %s OR search_email LIKE %s "
            "ORDER BY id"
        )
        return [public_id for (public_id,) in db.execute_sql(query, (like, like)).fetchall()]
    query = (
        "SELECT public_id FROM candidate WHERE id IN "
        "(SELECT rowid & 0xffffffffff FROM candidate_search WHERE candidate_search MATCH ?) "
        "ORDER BY id"
    )
    return [public_id for (public_id,) in db.execute_sql(query, (f'"{text}"',)).fetchall()]


def test_search_follows_what_is_imported_updated_and_deleted(load, db, account):
    load(candidate("cand_a", first_name="José", email="JOSE@example.com"), candidate("cand_b"))
    assert found(db, "jose") == ["cand_a"]
    assert found(db, "ann lee") == ["cand_b"]
    assert found(db, "example.com") == ["cand_a"]

    load({"type": "candidate", "id": "cand_a", "first_name": "Ann", "email": None})
    assert found(db, "jose") == found(db, "example.com") == []
    assert found(db, "ann lee") == ["cand_a", "cand_b"]

    delete_account(account, by=SYSTEM, now=0)
    assert found(db, "ann") == []
    assert not ingest.rebuild(db).changed


def test_search_forgets_candidates_that_a_cascade_deletes(load, db, account):
    load(candidate("cand_a", first_name="Eleonora"))
    db.execute_sql(f"DELETE FROM account WHERE id = {account.id}")
    other = create_account("Again", by=SYSTEM, now=0)

    load(candidate("cand_b", first_name="Beatrice"), into=other)

    assert found(db, "eleonora") == []
    assert not ingest.rebuild(db).changed


# --- any sequence of imports ----------------------------------------------------------------------


@settings(max_examples=25)
@given(st.lists(updates(), min_size=1, max_size=4), st.booleans())
def test_derived_data_is_right_after_any_sequence_of_imports(db, sequence, fresh):
    account = create_account("Any", by=SYSTEM, now=0)
    first = [*WORLD, *sequence[0]] if fresh else WORLD
    by_id = {record["id"]: record for record in first}
    for records in [list(by_id.values()), *sequence]:
        ingest.import_files(db, account, [io.BytesIO(as_lines(records))])
        assert_derived(db, account)
    delete_account(account, by=SYSTEM, now=0)
