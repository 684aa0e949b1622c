"""An import writes an event for each thing that happened, with the thing itself or not at all.

The definitions are written down here a second time, in plain Python over what was stored before and
after.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_sequences import WORLD, updates
from records import application, as_lines, candidate, entry, one_of_each, posting, stage

import ingest
from gateway import spec
from gateway.accounts import create_account, delete_account
from gateway.audit import SYSTEM
from ingest import events
from models import Application, Candidate, Event, JobPosting

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_790_000_000
LATER = "2026-01-16T10:00:00Z"


def told(account=None):
    """Return (type, subject) of every event, in their order."""
    rows = Event.select().order_by(Event.id)
    if account is not None:
        rows = rows.where(Event.account == account)
    return [(row.type, row.subject_id) for row in rows]


def forget():
    Event.delete().execute()


def test_the_types_are_those_that_the_document_declares():
    document = spec.load(ROOT / "openapi" / "hiring.yaml")
    assert set(events.SOURCES) == set(document.webhooks)


# --- what tells ---------------------------------------------------------------------------------


def test_new_candidates_and_applications_tell_parents_first(load):
    load(*reversed(one_of_each()))
    assert told() == [("candidate.created", "cand_a"), ("application.created", "app_a")]


def test_the_first_stage_of_a_new_application_is_no_change(load):
    load(*one_of_each())
    assert Application.get().current_stage is not None
    assert "application.stage_changed" not in dict(told())


def test_an_unchanged_repeat_tells_nothing(load):
    load(*one_of_each())
    forget()
    load(*one_of_each())
    assert told() == []


def test_a_change_of_anything_else_tells_nothing(load):
    load(*one_of_each())
    forget()
    load(
        posting(title="Gardener"),
        stage(name="Talk"),
        candidate(phone="1", status="archived"),
        application(updated_at=LATER),
        entry(completed_at=LATER),
    )
    assert told() == []


def test_a_status_that_changes_tells(load):
    load(*one_of_each())
    forget()
    load(posting(status="closed"), application(status="rejected"))
    assert told() == [
        ("job_posting.status_changed", "job_a"),
        ("application.status_changed", "app_a"),
    ]


def test_another_current_stage_tells(load):
    load(*one_of_each(), stage("stg_b"))
    forget()
    load(entry("sp_b", stage_id="stg_b", status="in_progress", started_at=LATER))
    assert told() == [("application.stage_changed", "app_a")]


def test_the_first_stage_of_a_known_application_tells(load):
    load(posting(), stage(), candidate(), application())
    forget()
    load(entry())
    assert told() == [("application.stage_changed", "app_a")]


def test_an_entry_that_leaves_the_current_stage_as_it_is_tells_nothing(load):
    load(*one_of_each(), stage("stg_b"), entry("sp_b", stage_id="stg_b", status="in_progress"))
    forget()
    load(entry("sp_c", status="completed", started_at=LATER), entry("sp_a", completed_at=LATER))
    assert told() == []


def test_stage_and_status_that_change_at_once_tell_of_both(load):
    load(*one_of_each(), stage("stg_b"))
    forget()
    load(
        entry("sp_b", stage_id="stg_b", status="in_progress", started_at=LATER),
        application(status="rejected"),
    )
    assert told() == [
        ("application.status_changed", "app_a"),
        ("application.stage_changed", "app_a"),
    ]


# --- what an event is -----------------------------------------------------------------------------


def test_an_event_has_its_account_time_and_an_id_of_its_own(load, account, other):
    load(*one_of_each(), now=lambda: NOW + 0.9)
    load(candidate(), into=other, now=lambda: NOW + 1)

    rows = list(Event.select().order_by(Event.id))
    assert [row.account_id for row in rows] == [account.id, account.id, other.id]
    assert [row.occurred_at for row in rows] == [NOW, NOW, NOW + 1]
    assert len({row.public_id for row in rows}) == len(rows)
    for row in rows:
        prefix, _, rest = row.public_id.partition("_")
        assert (prefix, len(rest)) == ("evt", 32)
        assert set(rest) <= set("0123456789abcdef")


def test_events_of_one_type_come_in_the_order_of_the_records(load):
    load(*[candidate(f"cand_{n}") for n in (3, 1, 2)])
    assert told() == [("candidate.created", f"cand_{n}") for n in (3, 1, 2)]


def test_an_account_that_is_deleted_takes_its_events_along(load, account, other):
    load(candidate())
    load(candidate(), into=other)
    delete_account(account, by=SYSTEM, now=0)
    assert [row.account_id for row in Event.select()] == [other.id]


# --- none without its write -----------------------------------------------------------------------


def test_a_refused_import_tells_nothing(refusal):
    refusal(candidate(), application(candidate_id="cand_nobody"))
    assert told() == []


def test_an_import_that_fails_at_the_very_end_tells_nothing(db, load, monkeypatch):
    write = events.write

    def failing(*arguments):
        write(*arguments)
        assert told()
        raise OSError("no space left")

    monkeypatch.setattr(events, "write", failing)
    with pytest.raises(OSError, match="no space left"):
        load(*one_of_each())
    assert told() == []
    assert not Candidate.select().exists()


def test_a_dry_run_tells_nothing(load):
    load(*one_of_each(), dry_run=True)
    assert told() == []


def test_an_import_may_be_told_to_tell_nothing(load):
    load(*one_of_each(), tell=False)
    assert Candidate.select().exists()
    assert told() == []


# --- any sequence of imports ----------------------------------------------------------------------


def state(account):
    return {
        table: {row.public_id: row for row in table.select().where(table.account == account)}
        for table in (JobPosting, Candidate, Application)
    }


def expected(before, after):
    """Return what happened between two states, as a set of (type, subject)."""
    happened = set()
    for table, kind in ((Candidate, "candidate"), (Application, "application")):
        happened |= {(f"{kind}.created", name) for name in after[table].keys() - before[table]}
    for table, kind in ((JobPosting, "job_posting"), (Application, "application")):
        happened |= {
            (f"{kind}.status_changed", name)
            for name in after[table].keys() & before[table]
            if after[table][name].status != before[table][name].status
        }
    known = after[Application].keys() & before[Application]
    return happened | {
        ("application.stage_changed", name)
        for name in known
        if after[Application][name].current_stage_id != before[Application][name].current_stage_id
    }


@settings(max_examples=25)
@given(st.lists(updates(), min_size=1, max_size=4))
def test_any_sequence_of_imports_tells_of_each_change_once(db, sequence):
    account = create_account("Any", by=SYSTEM, now=0)
    for records in [WORLD, *sequence]:
        before = state(account)
        ingest.import_files(db, account, [io.BytesIO(as_lines(records))])
        happened = told(account)
        assert set(happened) == expected(before, state(account))
        assert len(happened) == len(set(happened))
        forget()
    delete_account(account, by=SYSTEM, now=0)
