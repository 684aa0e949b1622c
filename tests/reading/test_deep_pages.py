"""Guards "Lists" of the contract where pages are deep: exactly the rows that OFFSET gives.

Ranges are made tiny, so that a few dozen rows have many, and every page is looked for in them. What
is expected is written in plain Python over the rows.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peewee import fn
from records import application, as_lines, candidate, posting

import ingest
from gateway.accounts import create_account, delete_account
from gateway.audit import SYSTEM
from gateway.execution import Executor
from gateway.reading import pages, seek
from gateway.reading.plan import row_plan, total_statement
from handlers.applications import APPLICATIONS
from handlers.candidates import CANDIDATES
from handlers.job_postings import JOB_POSTINGS
from ingest import ranges
from models import Account, Application, Candidate, JobPosting, KeyRange

LISTINGS = {JobPosting: JOB_POSTINGS, Candidate: CANDIDATES, Application: APPLICATIONS}
LIMIT = 3
SIZE = 4


class IdsAlone:
    """A view that shows ids."""

    identity = True

    def fields(self, component: str) -> Mapping[str, IdsAlone]:
        return {"id": self}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(ranges, "SIZE", SIZE)
    monkeypatch.setattr(ranges, "MOST", 2 * SIZE)
    monkeypatch.setattr(pages, "NEAR", 1)
    monkeypatch.setattr(seek, "TYPICAL", SIZE)


def lists_of(account):
    """Yield every list of the account: its table, filters, and ids in order."""
    for table in LISTINGS:
        rows = sorted(
            table.select().where(table.account == account),
            key=lambda row: (row.created_at, row.id),
            reverse=True,
        )
        yield table, {}, [row.public_id for row in rows]
        for narrowing in narrowings(table, rows):
            fitting = [row for row in rows if narrowing.items() <= described(row).items()]
            yield table, narrowing, [row.public_id for row in fitting]


def described(row):
    posting = {"job_posting_id": row.job_posting.public_id} if type(row) is Application else {}
    return {"status": row.status} | posting


def narrowings(table, rows):
    """Return the values of filters that rows have, in every combination."""
    if table is Candidate:
        return []
    names = [("status",), ("job_posting_id",), ("job_posting_id", "status")]
    return [
        dict(narrowing)
        for narrowing in {
            tuple((name, row[name]) for name in chosen)
            for row in map(described, rows)
            for chosen in names
            if row.keys() >= set(chosen)
        }
    ]


def assert_pages(db, account):
    """Compare total and rows of every list at every offset."""
    for table, narrowing, ids in lists_of(account):
        listing = LISTINGS[table]
        values = {"account": account.id, "limit": LIMIT, **narrowing}
        total = total_statement(listing.totals[" ".join(sorted(narrowing))])
        plan = row_plan(listing.shape, IdsAlone())
        chosen = pages.Pages(listing, plan, dict.fromkeys(narrowing, ""))

        def work(query, values=values, total=total, chosen=chosen, ids=ids):
            assert query(total.sql, total.bound(values))[0][0] == len(ids)
            return [
                [row[0] for row in chosen.rows(query, {**values, "offset": offset}, len(ids))]
                for offset in range(len(ids))
            ]

        found = Executor(db).run_blocking(work, snapshot=True)
        assert found == [ids[offset : offset + LIMIT] for offset in range(len(ids))]


def assert_ranges(account):
    """Compare the ranges with the rows: whole, in order, of bearable length."""
    for table, narrowing, ids in lists_of(account):
        posting = narrowing.get("job_posting_id")
        key = posting and JobPosting.get(account=account, public_id=posting).id
        kept = list(
            KeyRange.select()
            .where(
                (KeyRange.account == account)
                & (KeyRange.table == table._meta.table_name)
                & (KeyRange.job_posting_id == (key or 0))
                & (KeyRange.status == narrowing.get("status", ""))
            )
            .order_by(KeyRange.start_at, KeyRange.start_id)
        )
        if kept:
            assert (kept[0].start_at, kept[0].start_id) == ranges.BEGINNING
            assert sum(one.rows for one in kept) == len(ids)
            assert all(one.rows <= 2 * SIZE for one in kept)
            assert all(one.rows for one in kept[1:])
        else:
            assert len(ids) <= 2 * SIZE


def load(db, account, *records):
    ingest.import_files(db, account, [io.BytesIO(as_lines(records))])


def at(second: int) -> str:
    return f"2026-01-15T10:{second // 60:02}:{second % 60:02}Z"


WORLD = [posting("job_0"), posting("job_1"), candidate("cand_0")]


def applications(numbers, *, times=lambda n: n, status=lambda n: "active", of=lambda n: 0):
    return [
        application(
            f"app_{n}",
            job_posting_id=f"job_{of(n)}",
            candidate_id="cand_0",
            status=status(n),
            created_at=at(times(n)),
        )
        for n in numbers
    ]


# --- one case at a time ---------------------------------------------------------------------------


@pytest.fixture
def account(db):
    account = create_account("Any", by=SYSTEM, now=0)
    load(db, account, *WORLD)
    return account


@pytest.mark.parametrize(
    "times",
    [lambda n: n, lambda n: 59 - n, lambda n: 7, lambda n: n * 37 % 60, lambda n: n // 20],
    ids=["newest last", "newest first", "all at once", "mixed", "in blocks"],
)
@pytest.mark.parametrize("batch", [1, 9, 60])
def test_pages_are_right_in_whatever_order_rows_arrive(db, account, times, batch):
    for first in range(0, 60, batch):
        load(db, account, *applications(range(first, min(first + batch, 60)), times=times))

    assert_pages(db, account)
    assert_ranges(account)
    assert KeyRange.select().where(KeyRange.account == account).exists()


def test_pages_are_right_when_rows_move_to_another_time(db, account):
    load(db, account, *applications(range(60)))
    load(db, account, *applications([3, 4, 5, 6, 7, 8, 30], times=lambda n: 100 + n))
    load(db, account, *applications([59], times=lambda n: 0))

    assert_pages(db, account)
    assert_ranges(account)


def test_a_range_that_is_left_by_all_its_rows_is_dropped(db, account):
    load(db, account, *applications(range(60)))
    before = KeyRange.select().where(KeyRange.job_posting_id == 0, KeyRange.status == "").count()
    for n in range(8, 24):
        load(db, account, *applications([n], times=lambda n: 100))

    after = KeyRange.select().where(KeyRange.job_posting_id == 0, KeyRange.status == "").count()
    assert after < before + 4
    assert_pages(db, account)
    assert_ranges(account)


def test_pages_are_right_when_rows_change_status(db, account):
    load(db, account, *applications(range(60)))
    load(db, account, *applications(range(0, 60, 4), status=lambda n: "rejected"))
    load(db, account, *applications([31], status=lambda n: "rejected"))

    assert_pages(db, account)
    assert_ranges(account)


def test_accounts_have_ranges_of_their_own(db, account):
    other = create_account("Other", by=SYSTEM, now=0)
    load(db, other, *WORLD)
    for first in range(0, 60, 10):
        load(db, account, *applications(range(first, first + 10)))
        load(db, other, *applications(range(first, first + 10, 2), times=lambda n: 60 - n))

    for one in (account, other):
        assert_pages(db, one)
        assert_ranges(one)
    delete_account(other, by=SYSTEM, now=0)
    assert not KeyRange.select().where(KeyRange.account == other.id).exists()
    assert_pages(db, account)


def test_short_lists_have_no_ranges(db, account):
    load(db, account, *applications(range(2 * SIZE)))

    assert not KeyRange.select().exists()
    assert_pages(db, account)


def test_without_ranges_pages_are_right(db, account):
    load(db, account, *applications(range(60)))
    KeyRange.delete().execute()

    assert_pages(db, account)


# --- rebuild --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda id: KeyRange.update(rows=KeyRange.rows + 1).where(KeyRange.id == id),
        lambda id: KeyRange.delete().where(KeyRange.id == id),
        lambda id: KeyRange.delete(),
        lambda id: KeyRange.delete().where(KeyRange.start_at < 0),
        lambda id: KeyRange.update(start_at=KeyRange.start_at + 1).where(KeyRange.id == id),
    ],
    ids=["count", "one gone", "all gone", "beginning gone", "start"],
)
def test_rebuild_lays_damaged_ranges_anew(db, account, damage):
    load(db, account, *applications(range(60), status=lambda n: "rejected" if n % 3 else "active"))
    before = Account.get_by_id(account.id).revision
    middle = KeyRange.select(fn.MIN(KeyRange.id)).scalar() + 2
    assert damage(middle).execute()

    report = ingest.rebuild(db)

    assert report.repaired["key_range"]
    assert Account.get_by_id(account.id).revision == before + 1
    assert not ingest.rebuild(db).changed
    assert_pages(db, account)
    assert_ranges(account)


# --- any sequence of imports ----------------------------------------------------------------------

STATUSES = {
    "application": ["active", "rejected"],
    "job_posting": ["draft", "published"],
    "candidate": ["active", "archived"],
}
MAKE = {"application": application, "job_posting": posting, "candidate": candidate}
PREFIX = {"application": "app", "job_posting": "job", "candidate": "cand"}


@st.composite
def imports(draw):
    """Draw records of one import: new or known ones, at few times, so that many are equal."""
    kind = draw(st.sampled_from(["application", "application", "job_posting", "candidate"]))
    records = {}
    for _ in range(draw(st.sampled_from([1, 2, 5, 30]))):
        number = draw(st.integers(0, 60))
        fields = {
            "status": draw(st.sampled_from(STATUSES[kind])),
            "created_at": at(draw(st.integers(0, 8))),
        }
        if kind == "application":
            fields |= {"job_posting_id": f"job_{number % 2}", "candidate_id": "cand_0"}
        record = MAKE[kind](f"{PREFIX[kind]}_{number}", **fields)
        records[record["id"]] = record
    return list(records.values())


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 1), imports()), min_size=1, max_size=10))
def test_pages_are_right_after_any_sequence_of_imports(db, sequence):
    accounts = [create_account(name, by=SYSTEM, now=0) for name in ("One", "Two")]
    for one in accounts:
        load(db, one, *WORLD, *applications(range(30), of=lambda n: n % 2))
    for owner, records in sequence:
        load(db, accounts[owner], *records)
    for one in accounts:
        assert_pages(db, one)
        assert_ranges(one)
        assert not ingest.rebuild(db, one).changed
        delete_account(one, by=SYSTEM, now=0)
