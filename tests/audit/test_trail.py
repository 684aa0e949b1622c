"""Reading the trail: page by page, as quick at the end of a long one as at its start."""

from __future__ import annotations

import pytest
from peewee import SqliteDatabase

from gateway import accounts, audit
from gateway.audit import SYSTEM, Action, Filter, Subject, trail
from models import Account, AuditEntry, database

NOW = 1_768_471_200

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def account() -> Account:
    """An account with seven entries, several to a second."""
    made = accounts.create_account("Acme", by=SYSTEM, now=NOW)
    accounts.create_account("Foreign", by=SYSTEM, now=NOW + 1)
    with database.atomic():
        for n in range(6):
            audit.record(
                Action.ACCOUNT_UPDATED,
                Subject.of(made),
                account=made,
                by=SYSTEM,
                now=NOW + n // 3,
                after={"number": n},
            )
    return made


def ids(page: trail.Page) -> list[int]:
    return [entry.id for entry in page.entries]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_hold_each_entry_once_in_either_direction(account, size):
    which = Filter(account_id=account.public_id)
    whole = [entry.id for entry in audit.entries(which)][::-1]
    pages = [audit.page(which, size)]
    while pages[-1].older is not None:
        pages.append(audit.page(which, size, before=pages[-1].older))
    assert [one for page in pages for one in ids(page)] == whole
    back = [pages[-1]]
    while back[-1].newer is not None:
        back.append(audit.page(which, size, after=back[-1].newer))
    assert [ids(page) for page in back[::-1]] == [ids(page) for page in pages]


def test_what_is_added_meanwhile_moves_no_entry_to_another_page(account):
    which = Filter(account_id=account.public_id)
    first = audit.page(which, 3)
    rest = ids(audit.page(which, 3, before=first.older))
    accounts.rename_account(account, "New", by=SYSTEM, now=NOW + 9)
    assert ids(audit.page(which, 3, before=first.older)) == rest


@pytest.mark.parametrize("edge", [trail._before, trail._after])
def test_a_page_in_the_middle_begins_at_its_place_in_the_index(db, account, edge):
    """Else the database would walk over all that lies before it."""
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    query = AuditEntry.select().where(
        Filter(account_id=account.public_id).condition() & edge(entry)
    )
    order = (AuditEntry.at.desc(), AuditEntry.id.desc())
    sql, parameters = query.order_by(*order).limit(50).sql()
    if isinstance(db, SqliteDatabase):
        rows = db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
        plan = " ".join(str(row[3]) for row in rows)
        assert "(account_public_id=? AND at" in plan
        assert "TEMP B-TREE" not in plan
    else:
        with db.atomic() as transaction:
            db.execute_sql("SET LOCAL enable_seqscan = off")
            db.execute_sql("SET LOCAL enable_bitmapscan = off")
            rows = db.execute_sql(f"EXPLAIN {sql}", parameters).fetchall()
            transaction.rollback()
        plan = " ".join(str(row[0]) for row in rows)
        condition = plan.partition("Index Cond: ")[2].partition("Filter: ")[0]
        assert "account_public_id" in condition
        assert " at" in condition or "(at" in condition
        assert "Sort" not in plan
