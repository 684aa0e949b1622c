"""`rebuild` finds nothing to do after imports, and finds and repairs what was damaged by hand."""

from __future__ import annotations

import pytest
from peewee import fn
from records import candidate, one_of_each

import ingest
from models import Account, Application, Candidate, JobPosting, LetterCount, RowCount, StageProgress

NOTHING = {
    "candidate_search": 0,
    "candidate.search_name": 0,
    "candidate.search_email": 0,
    "application.candidate_public_id": 0,
    "application.current_stage_id": 0,
    "job_posting.active_applications": 0,
    "job_posting.rejected_applications": 0,
    "row_count": 0,
    "letter_count": 0,
    "key_range": 0,
}


@pytest.fixture(autouse=True)
def data(load, other):
    load(*one_of_each(), candidate("cand_b", email="b@example.com"))
    load(*one_of_each(), into=other)


def test_nothing_differs_after_imports(db, stored):
    before = stored()

    report = ingest.rebuild(db)

    assert report.repaired == NOTHING
    assert not report.changed
    assert stored() == before


def test_it_says_whether_search_has_an_index(db, dialect):
    available = dialect == "sqlite" or bool(
        db.execute_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
    )

    assert ingest.rebuild(db).search_index == available


@pytest.mark.parametrize(
    ("name", "table", "damage", "rows"),
    [
        ("candidate.search_name", Candidate, {"search_name": "x"}, 3),
        ("candidate.search_email", Candidate, {"search_email": "x"}, 3),
        ("application.candidate_public_id", Application, {"candidate_public_id": "x"}, 2),
        ("application.current_stage_id", Application, {"current_stage": None}, 2),
        ("job_posting.active_applications", JobPosting, {"active_applications": 9}, 2),
        ("job_posting.rejected_applications", JobPosting, {"rejected_applications": 1}, 2),
        ("row_count", RowCount, {"rows": 7}, 6),
        ("row_count", RowCount, {"status": "x"}, 12),
        ("letter_count", LetterCount, {"rows": 7}, 41),
    ],
)
def test_damage_is_said_and_repaired(db, stored, name, table, damage, rows):
    before = stored()
    table.update(damage).execute()

    report = ingest.rebuild(db)

    assert report.repaired == NOTHING | {name: rows}
    assert report.changed
    assert comparable(stored()) == comparable(before)
    assert ingest.rebuild(db).repaired == NOTHING


def test_counts_and_stages_of_what_is_gone_are_repaired(db):
    StageProgress.delete().execute()
    Application.delete().where(
        Application.id == Application.select(fn.MIN(Application.id))
    ).execute()
    RowCount.delete().where(RowCount.table == "candidate").execute()

    assert ingest.rebuild(db).repaired == NOTHING | {
        "application.current_stage_id": 1,
        "job_posting.active_applications": 1,
        "row_count": 3,
    }


def test_the_revision_grows_where_something_was_repaired(db):
    before = [account.revision for account in Account.select().order_by(Account.id)]

    ingest.rebuild(db)
    assert [one.revision for one in Account.select().order_by(Account.id)] == before

    Candidate.update(search_name="x").execute()
    ingest.rebuild(db)
    assert [one.revision for one in Account.select().order_by(Account.id)] == [
        revision + 1 for revision in before
    ]


def comparable(tables):
    """Return rows without the revision, and counts without their keys: those may be new."""
    counts = sorted(row[1:] for row in tables["row_count"])
    accounts = [row[:-1] for row in tables["account"]]
    return tables | {"row_count": counts, "account": accounts}


def test_one_account_can_be_rebuilt_alone(db, account, other):
    Candidate.update(search_name="x").execute()
    JobPosting.update(active_applications=9).execute()
    RowCount.delete().execute()
    revisions = {one.id: one.revision for one in Account.select()}

    report = ingest.rebuild(db, account)

    found = NOTHING | {"job_posting.active_applications": 1, "row_count": 3}
    assert report.repaired == found | {"candidate.search_name": 2}
    assert Candidate.get(Candidate.account == other).search_name == "x"
    assert JobPosting.get(JobPosting.account == other).active_applications == 9
    assert not RowCount.select().where(RowCount.account == other).exists()
    assert Account.get_by_id(account.id).revision == revisions[account.id] + 1
    assert Account.get_by_id(other.id).revision == revisions[other.id]
    assert ingest.rebuild(db).repaired == found | {"candidate.search_name": 1}


def test_a_lost_search_index_is_made_anew(db, dialect):
    if dialect == "sqlite":
        db.execute_sql("DELETE FROM candidate_search_data WHERE id > 10")
    else:
        db.execute_sql("DROP INDEX IF EXISTS candidate_search_email")

    report = ingest.rebuild(db)

    assert report.repaired["candidate_search"] == report.search_index
    assert ingest.rebuild(db).repaired == NOTHING


def test_a_search_index_that_differs_from_the_candidates_is_made_anew(db, dialect):
    if dialect == "postgres":  # its indexes cannot differ
        return
    db.execute_sql(
        "INSERT INTO candidate_search (rowid, search_name, search_email) VALUES (99, 'ghost', '')"
    )

    assert ingest.rebuild(db).repaired == NOTHING | {"candidate_search": 1}
    rows = db.execute_sql("SELECT rowid FROM candidate_search WHERE candidate_search MATCH 'ghost'")
    assert rows.fetchall() == []


def test_more_candidates_than_one_batch_are_repaired(db, load):
    load(*[candidate(f"cand_{n}") for n in range(2_500)])
    Candidate.update(search_name="x").execute()

    assert ingest.rebuild(db).repaired["candidate.search_name"] == 2_503
