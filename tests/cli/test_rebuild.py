"""`gateway rebuild`. What it computes is tested in tests/ingest."""

from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "examples" / "reference.jsonl"


@pytest.fixture
def loaded(gateway, account) -> str:
    """Return the id of an account with data."""
    gateway.done("import", str(REFERENCE), "--account", account)
    return account


def damage(db) -> None:
    """Let a count be wrong, as only somebody at the database can."""
    db.execute_sql("UPDATE job_posting SET active_applications = active_applications + 5")


def test_right_data_is_left_as_it_is(gateway, loaded, stored):
    before = stored()
    assert gateway.done("rebuild") == "nothing differed"
    report = gateway.json("rebuild")
    assert list(report) == ["repaired", "search_index"]
    assert set(report["repaired"].values()) == {0}
    assert stored() == before


def test_what_differs_is_repaired_and_named(gateway, loaded, db):
    damage(db)
    lines = gateway.done("rebuild").splitlines()
    assert lines[0].split() == ["DERIVED", "DATA", "REPAIRED"]
    assert lines[1].split() == ["job_posting.active_applications", "1"]
    assert len(lines) == 2
    assert gateway.done("rebuild") == "nothing differed"


def test_one_account_is_rebuilt_alone(gateway, loaded, db):
    other = gateway.done("account", "create", "Other")
    damage(db)
    assert gateway.done("rebuild", "--account", other) == "nothing differed"
    report = gateway.json("rebuild", "--account", loaded)
    assert report["repaired"]["job_posting.active_applications"] == 1


def test_an_unknown_account_is_refused(gateway, stored):
    assert gateway.refusal("rebuild", "--account", "acct_x").startswith("no account `acct_x`")
