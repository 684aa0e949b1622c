"""The Settings pages over HTTP: a gateway with two accounts, and people of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from visitors import PASSWORD_HASH, Visitor

from gateway import accounts
from gateway.audit import SYSTEM
from gateway.ids import new_id
from gateway.roles import Role
from models import Account, User

NOW = 1_780_000_000

ADMIN = "ann@example.com"
MEMBER = "bo@example.com"
STRANGER = "eve@example.com"  # administrator of the other account
BOTH = "kim@example.com"  # member of both accounts


@dataclass
class Company:
    """Two accounts on one gateway."""

    acme: Account
    globex: Account


def person(email: str, *memberships: tuple[Account, Role]) -> User:
    user = User.create(
        public_id=new_id("usr"), email=email, password_hash=PASSWORD_HASH, created_at=NOW
    )
    for account, role in memberships:
        accounts.add_member(account, user, role, by=SYSTEM, now=NOW)
    return user


@pytest.fixture
def company(gateway) -> Company:
    acme = accounts.create_account("Acme", by=SYSTEM, now=NOW)
    globex = accounts.create_account("Globex", by=SYSTEM, now=NOW)
    person(ADMIN, (acme, Role.ADMIN))
    person(MEMBER, (acme, Role.MEMBER))
    person(STRANGER, (globex, Role.ADMIN))
    person(BOTH, (acme, Role.MEMBER), (globex, Role.MEMBER))
    return Company(acme, globex)


@pytest.fixture
def visitor(gateway) -> Iterator[Callable[[], Visitor]]:
    """A function that gives somebody with a fresh browser."""
    with ExitStack() as stack:
        yield lambda: Visitor(stack.enter_context(httpx.Client(base_url=gateway.url)))


@pytest.fixture
def signed_in(company, visitor) -> Callable[..., Visitor]:
    """A function that gives somebody who is signed in: `signed_in(ADMIN, "/settings/members")`."""

    def begin(email: str = ADMIN, path: str = "/settings/accounts") -> Visitor:
        somebody = visitor()
        somebody.sign_in(email, path=path)
        return somebody

    return begin
