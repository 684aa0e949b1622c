"""Accounts, endpoints and events in a database, and the loop that delivers them."""

from __future__ import annotations

import pytest
from delivering import World

from models import Account


@pytest.fixture
def account(db) -> Account:
    return Account.create(public_id="acct_1", name="Acme", created_at=0)


@pytest.fixture
def world(db, account) -> World:
    """The database with one account, without endpoints and events."""
    return World(db, account)
