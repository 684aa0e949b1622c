"""API tokens: made, changed, rotated, revoked, listed.

Not on a request's way: `gateway.security` reads the table itself and shares only `digest`. The
command line and the Settings pages come through here, so both refuse the same things with the same
words, as `CommandError`.

A secret is 128 random bits. It leaves this module once, in the result of `create` or `rotate`; only
its SHA-256 is stored (a slow hash would protect nothing: there is no dictionary of random bits),
and its last four digits, so that people can tell their tokens apart.

Each change is written down in the audit trail, in its own transaction.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from gateway.audit import Action, Actor, Subject, record, time_of
from gateway.database import writing
from gateway.errors import CommandError, echo
from gateway.ids import new_id
from gateway.scopes import checked_scopes
from gateway.texts import checked_name
from gateway.times import epoch_seconds
from models import Account, Membership, Token, User, database

NEVER = "never"
HOUR_S = 3_600
KEEP_OLD_HOURS = (0, 1, 24)


def digest(secret: str) -> str:
    """Return what is stored of *secret*: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def create(
    *,
    account: Account,
    user: User,
    name: str,
    scopes: Iterable[str],
    expires_at: str | None,
    by: Actor,
    now: int,
    known_scopes: Collection[str],
) -> tuple[Token, str]:
    """Create a token of *user* for *account*; return it and its secret, which nobody sees again.

    Args:
        scopes: none makes a token that reaches no hiring data.
        expires_at: an RFC 3339 time in the future; None: it does not expire.
        now: seconds since the Unix epoch.
        known_scopes: every scope of the OpenAPI document.
    Raises:
        CommandError: *user* is no member, a scope is unknown, the name or the expiry is wrong.
    """
    secret = _new_secret()
    columns = {
        "public_id": new_id("tok"),
        "name": _name(name),
        **_kept_of(secret),
        "scopes": " ".join(sorted(checked_scopes(scopes, known_scopes))),
        "created_at": now,
        "expires_at": None if expires_at is None else _expiry(expires_at, now),
    }
    with writing(database):
        _hold_membership(account, user)
        token = Token.create(account=account, user=user, **columns)
        _record(Action.TOKEN_CREATED, token, by=by, now=now, after=recorded(token))
    return token, secret


def update(
    token: Token,
    *,
    name: str | None = None,
    scopes: Iterable[str] | None = None,
    expires_at: str | None = None,
    by: Actor,
    now: int,
    known_scopes: Collection[str],
) -> Token:
    """Change what is not None, and return the token as it is then.

    Args:
        scopes: all that it shall have; empty: none.
        expires_at: an RFC 3339 time in the future, or `never`.
    Raises:
        CommandError: the token is revoked, or a value is wrong as for `create`.
    """
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _name(name)
    if scopes is not None:
        changes["scopes"] = " ".join(sorted(checked_scopes(scopes, known_scopes)))
    if expires_at is not None:
        changes["expires_at"] = None if expires_at == NEVER else _expiry(expires_at, now)
    if not changes:
        return find(token.public_id)
    live = (Token.id == token.id) & Token.revoked_at.is_null()
    with writing(database):
        # Changes nothing, but holds the row, so that what is read next is what is changed then.
        if not Token.update(name=Token.name).where(live).execute():
            raise _revoked(token)
        before = find(token.public_id)
        Token.update(changes).where(live).execute()
        after = find(token.public_id)
        if recorded(before) != recorded(after):
            _record(
                Action.TOKEN_UPDATED,
                after,
                by=by,
                now=now,
                before=recorded(before),
                after=recorded(after),
            )
    return after


def rotate(token: Token, *, keep_old_hours: int, by: Actor, now: int) -> tuple[Token, str]:
    """Give the token a new secret; return it and the secret, which nobody sees again.

    Everything else stays: id, name, scopes, expiry. A secret that an earlier rotation kept is of no
    use from now on.

    Args:
        token: as it was when the rotation was decided on.
        keep_old_hours: how long the secret that it has is valid beside the new one: 0, 1 or 24.
    Raises:
        CommandError: the token is revoked, expired or was rotated meanwhile.
    """
    if keep_old_hours not in KEEP_OLD_HOURS:
        allowed = ", ".join(map(str, KEEP_OLD_HOURS))
        raise CommandError(f"the old secret can be kept for {allowed} hours")
    if token.expires_at is not None and token.expires_at <= now:
        raise CommandError(
            f"token `{token.public_id}` has expired, and a new secret would be too; "
            "give it a new expiry first"
        )
    secret = _new_secret()
    columns: dict[str, Any] = {**_kept_of(secret), "rotated_at": now, **_NO_PREVIOUS}
    if keep_old_hours:
        columns["previous_digest"] = token.digest
        columns["previous_last_four"] = token.last_four
        columns["previous_expires_at"] = now + keep_old_hours * HOUR_S
    # By its secret: of two rotations at once the second would end the first one's new secret.
    same = (Token.id == token.id) & (Token.digest == token.digest)
    with writing(database):
        if not Token.update(columns).where(same, Token.revoked_at.is_null()).execute():
            if find(token.public_id).revoked_at is not None:
                raise _revoked(token)
            raise CommandError(
                f"token `{token.public_id}` has been rotated by somebody else just now"
            )
        rotated = find(token.public_id)
        _record(
            Action.TOKEN_ROTATED,
            rotated,
            by=by,
            now=now,
            before={"last_four": token.last_four},
            after={
                "last_four": rotated.last_four,
                "old_secret_valid_until": time_of(rotated.previous_expires_at),
            },
        )
    return rotated, secret


def end_previous(token: Token, *, by: Actor, now: int) -> None:
    """Make the secret before the last rotation useless from the next request on."""
    kept = (Token.id == token.id) & Token.previous_digest.is_null(False)
    with writing(database):
        if Token.update(_NO_PREVIOUS).where(kept).execute():
            _record(Action.TOKEN_OLD_SECRET_ENDED, find(token.public_id), by=by, now=now)


def revoke(token: Token, *, by: Actor, now: int) -> None:
    """Make the token useless from the next request on, also by the secret before a rotation.

    Revoking twice changes nothing.
    """
    _revoke(Token.id == token.id, by, now)


def revoke_all(account: Account, user: User, *, by: Actor, now: int) -> int:
    """Revoke every token of *user* for *account*; return how many were not revoked before."""
    return _revoke((Token.account == account) & (Token.user == user), by, now)


def of_account(account: Account) -> list[Token]:
    """Return the account's tokens, revoked ones too, in the order of their creation."""
    query = Token.select(Token, User).join(User).where(Token.account == account)
    return list(query.order_by(Token.id))


def find(token_id: str) -> Token:
    """Return the token with the public id *token_id*.

    Raises:
        CommandError: there is none.
    """
    if not token_id.startswith("tok_"):  # it may be a secret, which no message repeats
        raise CommandError("the id of a token starts with `tok_`; see `gateway token list`")
    token: Token | None = Token.get_or_none(Token.public_id == token_id)
    if token is None:
        raise CommandError(f"no token `{echo(token_id)}`; see `gateway token list`")
    return token


_NO_PREVIOUS = {"previous_digest": None, "previous_last_four": None, "previous_expires_at": None}


def _new_secret() -> str:
    return secrets.token_hex(16)


def _kept_of(secret: str) -> dict[str, str]:
    """Return what is stored of *secret*, by column."""
    return {"digest": digest(secret), "last_four": secret[-4:]}


def _revoked(token: Token) -> CommandError:
    return CommandError(f"token `{token.public_id}` is revoked for good; create a new one")


def recorded(token: Token) -> dict[str, Any]:
    """Return what the audit trail keeps of *token*."""
    return {
        "name": token.name,
        "owner": token.user.email,
        "scopes": Token.scopes.document_value(token.scopes),
        "expires_at": time_of(token.expires_at),
        "revoked_at": time_of(token.revoked_at),
    }


def _record(action: Action, token: Token, *, by: Actor, now: int, **values: Any) -> None:
    record(action, Subject.of(token), account=token.account, by=by, now=now, **values)


def _revoke(which: Any, by: Actor, now: int) -> int:
    live = Token.revoked_at.is_null()
    with writing(database):
        # One statement finds and revokes: of two revocations at once, one has each token.
        update = Token.update(revoked_at=now).where(which, live)
        revoked = list(update.returning(Token).execute())
        for token in revoked:
            _record(
                Action.TOKEN_REVOKED,
                token,
                by=by,
                now=now,
                before={**recorded(token), "revoked_at": None},
                after=recorded(token),
            )
    return len(revoked)


def _hold_membership(account: Account, user: User) -> None:
    """Make sure that *user* is a member until the end of the transaction.

    INVARIANT: a live token's owner is a member, so a request needs no look at the memberships. A
    removal at the same moment either waits for this row and then revokes the new token too, or
    was first and this finds no row. An UPDATE that changes nothing is the row lock that both
    databases have.
    """
    row = (Membership.account == account) & (Membership.user == user)
    if not Membership.update(role=Membership.role).where(row).execute():
        raise CommandError(
            f"user `{user.email}` is no member of account `{account.public_id}`; "
            "add them with `gateway member add`"
        )


def _name(text: str) -> str:
    try:
        return checked_name(text)
    except ValueError as error:
        raise CommandError(f"the token's name {error}") from error


def _expiry(text: str, now: int) -> int:
    try:
        expires_at = epoch_seconds(text)
    except ValueError as error:
        raise CommandError(f"the expiry `{echo(text)}` {error}") from error
    if expires_at <= now:
        raise CommandError(f"the expiry `{echo(text)}` is in the past; give a time to come")
    return expires_at
