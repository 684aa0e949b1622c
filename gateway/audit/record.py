"""Writes entries. The caller's transaction is the entry's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import orjson

from gateway.audit.actor import Actor
from gateway.database import writing
from gateway.ids import new_id
from models import Account, AuditEntry, Membership, Token, User, UtcSecondsField, database

# What must never stand in an entry, whatever it is called for.
SECRET_KEYS = frozenset({"cookie", "digest", "password", "password_hash", "secret", "token"})


class Action(StrEnum):
    """What can be done. The word before the dot is the kind of what it is done to."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_UPDATED = "account.updated"
    INVITATION_CREATED = "invitation.created"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    MEMBER_UPDATED = "member.updated"
    SESSION_FAILED = "session.failed"  # a wrong password, or an address that nobody has
    SESSION_SIGNED_IN = "session.signed_in"
    SESSION_SIGNED_OUT = "session.signed_out"
    SESSION_SIGNED_OUT_EVERYWHERE = "session.signed_out_everywhere"
    TOKEN_CREATED = "token.created"  # noqa: S105 - no secret
    TOKEN_OLD_SECRET_ENDED = "token.old_secret_ended"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    TOKEN_ROTATED = "token.rotated"  # noqa: S105
    TOKEN_UPDATED = "token.updated"  # noqa: S105
    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_SENT_AGAIN = "webhook.sent_again"
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_UPDATED = "webhook.updated"


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is done to.

    Attributes:
        id: its public id.
        name: what people call it, as it is now.
    """

    id: str
    name: str

    @classmethod
    def of(cls, row: Account | Token | User) -> Self:
        """Return what *row* stands for."""
        return cls(row.public_id, row.email if isinstance(row, User) else row.name)


def record(
    action: Action,
    subject: Subject | None,
    *,
    account: Account | None,
    by: Actor,
    now: int,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry, in the transaction of what it tells of.

    Args:
        account: whose administrators may read it; None: the operator alone.
        now: seconds since the Unix epoch.
        before, after: what has changed, as JSON; a key that is the same in both is left out.
    Raises:
        ValueError: a key that names a secret. A defect of ours.
    """
    if secrets := SECRET_KEYS & {*(before or ()), *(after or ())}:
        raise ValueError(f"the audit trail takes no secrets: {sorted(secrets)}")
    if not database.in_transaction():
        raise ValueError("an entry belongs into the transaction of what it tells of")
    before, after = _difference(before, after)
    AuditEntry.create(
        public_id=new_id("aud"),
        at=now,
        action=action.value,
        account_public_id=account and account.public_id,
        account_name=account and account.name,
        actor_kind=by.kind.value,
        actor_public_id=by.id,
        actor_name=by.name,
        via=by.via.value,
        address=by.address,
        subject_public_id=subject and subject.id,
        subject_name=subject and subject.name,
        before=_json(before),
        after=_json(after),
    )


def signed_in(user: User, *, address: str | None, now: int) -> None:
    """Record that *user* has signed in at *address*."""
    _of_user(Action.SESSION_SIGNED_IN, user, Actor.of(user, address), now)


def sign_in_failed(user: User | None, *, address: str | None, now: int) -> None:
    """Record that somebody at *address* could not sign in.

    Args:
        user: whose address was given; None: nobody's. What was typed then is not kept: it may be
            a password.
    """
    _of_user(Action.SESSION_FAILED, user, Actor.unknown(address), now)


def password_changed(user: User, *, by: Actor, now: int, sessions_ended: int) -> None:
    """Record that *user* has another password, and how many of their sessions that has ended."""
    after = {"changed": "password", "sessions_ended": sessions_ended}
    _of_user(Action.USER_UPDATED, user, by, now, after)


def signed_out(user: User, *, address: str | None, now: int, everywhere: bool = False) -> None:
    """Record that *user* has signed out, of this session or of all of theirs."""
    action = Action.SESSION_SIGNED_OUT_EVERYWHERE if everywhere else Action.SESSION_SIGNED_OUT
    _of_user(action, user, Actor.of(user, address), now)


def time_of(seconds: int | None) -> str | None:
    """Return a time as entries show it."""
    return None if seconds is None else UtcSecondsField.document_value(seconds)


def _of_user(
    action: Action,
    user: User | None,
    by: Actor,
    now: int,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry for each account of *user*, so that each one's administrators read it."""
    subject = None if user is None else Subject.of(user)
    with writing(database):
        for account in _accounts_of(user) or (None,):
            record(action, subject, account=account, by=by, now=now, after=after)


def _accounts_of(user: User | None) -> Sequence[Account]:
    if user is None:
        return ()
    return list(Account.select().join(Membership).where(Membership.user == user))


def _difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    if before is None or after is None:
        return before, after
    same = {key for key in before.keys() & after.keys() if before[key] == after[key]}
    return _without(before, same), _without(after, same)


def _without(values: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else orjson.dumps(values).decode()
