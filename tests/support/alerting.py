"""What tests of mail and alerts share: an account with people in it, and tokens."""

from __future__ import annotations

from itertools import count
from typing import Any

from gateway import accounts
from gateway.audit import SYSTEM
from gateway.roles import Role
from models import Account, Token, User

NOW = 1_768_471_200  # 2026-01-15T10:00:00Z
DAY_S = 86_400
HOUR_S = 3_600

numbers = count()


def account(name: str = "Acme") -> Account:
    """Create an account without members."""
    return accounts.create_account(name, by=SYSTEM, now=NOW)


def person(of: Account, name: str, role: Role = Role.ADMIN) -> User:
    """Create a member of an account."""
    public_id = f"usr_{next(numbers)}"
    user = User.create(public_id=public_id, email=f"{name}@example.com", created_at=NOW)
    accounts.add_member(of, user, role, by=SYSTEM, now=NOW)
    return user


def token(of: Account, owner: User, name: str = "Board", **columns: Any) -> Token:
    """Create a token that was never used; it is as old as an hour unless *columns* say more."""
    number = next(numbers)
    given = {"scopes": "", "created_at": NOW - HOUR_S, "last_four": f"{number:04}", **columns}
    return Token.create(
        public_id=f"tok_{number}",
        account=of,
        user=owner,
        name=name,
        digest=f"{number:064}",
        **given,
    )
