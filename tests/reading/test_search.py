"""Guards "Search" of the contract where accounts are large: whatever way is taken, the same rows.

A search that finds little goes through the index; one that finds much walks over the rows; one of a
letter or two reads each row, beside other requests. The limits between them are made tiny here.
"""

from __future__ import annotations

import asyncio
import io
import json
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import as_lines, candidate

import ingest
from gateway.accounts import create_account, delete_account
from gateway.audit import SYSTEM
from gateway.execution import Executor
from gateway.folding import fold
from gateway.reading import Plans, Reader, pages
from gateway.reading.plan import row_plan
from handlers.candidates import CANDIDATES
from models import Candidate

MANY = 4
FIRST = ["Ann", "Anna", "Annabel", "José", "Bo", "Straße"]
LAST = ["Lee", "Leeann", "O'Neil", '"x"', "Núñez", "100%"]


class IdsAlone:
    """A view that shows ids."""

    identity = True

    def fields(self, component):
        return {"id": self}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(pages, "MANY", MANY)
    monkeypatch.setattr("gateway.reading.reader.MANY", MANY)


@pytest.fixture
def executor(db):
    return Executor(db)


@pytest.fixture
def search(executor):
    """Return a function that gives total and ids of a search, all pages of it."""
    plans, view = Plans(), IdsAlone()

    def search(account, text):
        reader = Reader(executor, plans, SimpleNamespace(account=account.id, revision=0), view)
        ids, page = [], 1
        while True:
            found = json.loads(asyncio.run(reader.page(CANDIDATES, page, search=text)).body)
            ids += [row["id"] for row in found["data"]]
            if page >= found["pagination"]["total_pages"]:
                return found["pagination"]["total_count"], ids
            page += 1

    return search


def expected(account, text):
    rows = sorted(
        Candidate.select().where(Candidate.account == account),
        key=lambda row: (row.created_at, row.id),
        reverse=True,
    )
    folded = fold(text)
    found = [
        row.public_id
        for row in rows
        if folded in fold(f"{row.first_name} {row.last_name}") or folded in fold(row.email or "")
    ]
    return len(found), found


def people(count, **fields):
    return [
        candidate(
            f"cand_{n}",
            first_name=FIRST[n % len(FIRST)],
            last_name=LAST[n // 2 % len(LAST)],
            email=f"p{n % 7}@example.com",
            created_at=f"2026-01-{1 + n * 11 % 28:02}T00:00:00Z",
            **fields,
        )
        for n in range(count)
    ]


def load(db, account, *records):
    ingest.import_files(db, account, [io.BytesIO(as_lines(records))])


TEXTS = ["a", "nn", "ann", "anna", "annabel leeann", "jose", "strasse", "example", '"x', "o'n", "%"]
TEXTS += ["_", "\\", "zz", "@e", "n l", "m", "p3"]


@pytest.mark.parametrize("text", [*TEXTS, "p3@example.com", "nobody at all"])
def test_every_way_finds_the_same_rows(db, search, text):
    one, other = (create_account(name, by=SYSTEM, now=0) for name in ("One", "Other"))
    load(db, one, *people(50))
    load(db, other, *people(8), candidate("cand_x", first_name="Ann", last_name="Annabel"))
    load(db, one, *people(90)[45:])

    for account in (one, other):
        assert search(account, text) == expected(account, text)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 40), st.sampled_from(FIRST))))
def test_searches_follow_any_sequence_of_imports(db, search, changes):
    accounts = [create_account(name, by=SYSTEM, now=0) for name in ("One", "Two")]
    for account in accounts:
        load(db, account, *people(15))
    for owner, number, first in changes:
        load(db, accounts[owner], candidate(f"cand_{number}", first_name=first))
    for account in accounts:
        for text in ("ann", "anna", "jo", "s", "jose", "example", "ss", "zz", "ü"):
            assert search(account, text) == expected(account, text)
        assert not ingest.rebuild(db, account).changed
        delete_account(account, by=SYSTEM, now=0)
        assert search(account, "ann") == (0, [])


def test_a_lengthy_search_on_sqlite_runs_beside_the_event_loop(db, dialect, search, monkeypatch):
    if dialect == "postgres":  # everything does there
        return
    account = create_account("One", by=SYSTEM, now=0)
    load(db, account, *people(50), candidate("cand_z", first_name="Zoe"))
    threads = {}
    original = pages.Pages.rows

    def noting(self, *given):
        threads[text] = threading.current_thread() is threading.main_thread()
        return original(self, *given)

    monkeypatch.setattr(pages.Pages, "rows", noting)
    for text in ("a", "nn", "zoe", "example"):
        search(account, text)

    assert threads == {"a": False, "nn": False, "zoe": True, "example": False}


def test_the_index_is_asked_for_the_rows_of_one_account(db, dialect, executor):
    """SQLite's plan says so: `><` are the bounds of the rowid that FTS5 has been given."""
    if dialect == "postgres":
        return
    statements = pages.Pages(
        CANDIDATES, row_plan(CANDIDATES.shape, IdsAlone()), {"search": "index"}
    )

    def explained(statement):
        values = {"account": 1, "search": "ann", "most": 5, "limit": 20, "offset": 0}
        found = db.execute_sql(f"EXPLAIN QUERY PLAN {statement.sql}", statement.bound(values))
        return [row[3] for row in found.fetchall() if "VIRTUAL TABLE" in row[3]]

    plan = [*explained(statements._total), *explained(statements._from_start)]
    assert len(plan) == 2
    assert all(step.endswith("><") for step in plan)
