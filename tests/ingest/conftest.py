"""An account to import into, and what is stored afterwards."""

from __future__ import annotations

import io

import pytest
from records import as_lines

import ingest
from gateway.accounts import create_account
from gateway.audit import SYSTEM
from models import TABLES

NOW = 1_780_000_000


@pytest.fixture
def account(db):
    return create_account("Acme", by=SYSTEM, now=NOW)


@pytest.fixture
def other(db):
    return create_account("Other", by=SYSTEM, now=NOW)


@pytest.fixture
def load(db, account):
    """Return a function that imports records, or text as it is, into `account`."""

    def load(*records, into=account, **options):
        if len(records) == 1 and isinstance(records[0], bytes):
            content = records[0]
        else:
            content = as_lines(records)
        return ingest.import_files(db, into, [io.BytesIO(content)], **options)

    return load


@pytest.fixture
def refusal(db, load):
    """Return a function that imports what must be refused: gives the findings, as text.

    Nothing may have been stored.
    """

    def refusal(*records, **options):
        before = dump(db)
        with pytest.raises(ingest.ImportRefused) as refused:
            load(*records, **options)
        assert dump(db) == before
        return [str(finding) for finding in refused.value.findings]

    return refusal


@pytest.fixture
def stored(db):
    """Return a function that gives all rows of all tables."""
    return lambda: dump(db)


def dump(db):
    return {
        table._meta.table_name: db.execute_sql(
            f"SELECT * FROM {table._meta.table_name} ORDER BY id"
        ).fetchall()
        for table in TABLES
    }
