"""Tokens that nobody uses: their account's administrators are told, once for each spell.

A spell begins with the last use of a token, or without one with its creation; the next use ends it,
and begins another. A rotation, a new name or other scopes are no use: nobody has read anything.
Expired and revoked tokens open nothing, so nobody need hear of them.

An account gets at most one digest a day, in UTC; what falls due after it waits for the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from peewee import fn

from gateway import mail
from gateway.alerts.words import signed, time_of
from gateway.database import writing
from gateway.token_list import unused_since
from models import Account, AlertDigest, InactivityAlert, Token, User, database

DAY_S = 86_400
MAX_NAMED = 50  # in a mail; it says how many more there are

log = structlog.get_logger(__name__)


class Inactivity:
    """Tells of tokens that nobody uses. A job; see `gateway.jobs`."""

    def __init__(self, unused_days: int, public_url: str | None) -> None:
        """Tell of tokens after *unused_days* without a use.

        Args:
            public_url: what links begin with; None: no mail is sent.
        """
        self._days = unused_days
        self._public_url = public_url

    def tell(self, now: int) -> None:
        """Tell each account's administrators what there is to tell at *now*."""
        due = Token.select(Token.id).where(Token.account == Account.id, *self._due(now))
        for account in list(Account.select().where(fn.EXISTS(due)).order_by(Account.id)):
            with writing(database):
                tokens = self._tell(account, now)
            if tokens:
                ids = [token.public_id for token in tokens]
                log.warning("tokens are unused", account=account.public_id, tokens=ids)

    def _tell(self, account: Account, now: int) -> Sequence[Token]:
        query = Token.select(Token, User).join(User).where(Token.account == account.id)
        tokens = list(query.where(*self._due(now)).order_by(Token.id))
        digest = _digest_of_today(account, now) if tokens else None
        if digest is None:
            return ()
        rows = [
            {
                "token": token.id,
                "account": account.id,
                "digest": digest,
                "unused_since": unused_since(token),
            }
            for token in tokens
        ]
        InactivityAlert.insert_many(rows).on_conflict_ignore().execute()
        if self._public_url is not None:
            key = f"unused-tokens:{account.public_id}:{_day_of(now)}"
            text = self._text(account, tokens, self._public_url)
            mail.queue(account, key, f"Unused API tokens of {account.name}", text, now=now)
        return tokens

    def _due(self, now: int) -> tuple[Any, ...]:
        """Return the conditions that a token is live, unused, and not told of in this spell."""
        since = fn.COALESCE(Token.last_used_at, Token.created_at)
        told = InactivityAlert.select(InactivityAlert.id).where(
            InactivityAlert.token == Token.id, InactivityAlert.unused_since == since
        )
        return (
            Token.revoked_at.is_null(),
            Token.expires_at.is_null() | (Token.expires_at > now),
            since <= now - self._days * DAY_S,
            ~fn.EXISTS(told),
        )

    def _text(self, account: Account, tokens: Sequence[Token], public_url: str) -> str:
        url = f"{public_url}/settings/api"
        lines = [
            f"These API tokens of {account.name} have not been used for {self._days} days or more:",
            "",
        ]
        for token in tokens[:MAX_NAMED]:
            lines += [*_described(token), f"  {url}/{token.public_id}", ""]
        if (more := len(tokens) - MAX_NAMED) > 0:
            lines += [f"And {more} more.", ""]
        lines += [
            "If nobody needs one of them, revoke it: if an unused token gets into wrong hands,",
            "nobody may notice. You are told of each once, until it is used again.",
            "",
            f"All unused tokens: {url}?state=unused",
        ]
        return signed(lines, account)


def told_at(token: Token) -> int | None:
    """Return when administrators were told that *token* is unused; None: not in this spell."""
    query = InactivityAlert.select(InactivityAlert, AlertDigest).join(AlertDigest)
    this = (InactivityAlert.token == token) & (InactivityAlert.unused_since == unused_since(token))
    alert: InactivityAlert | None = query.where(this).first()
    return None if alert is None else int(alert.digest.created_at)


def _digest_of_today(account: Account, now: int) -> int | None:
    """Begin the account's digest of today and return its key; None: it has had one."""
    digest = AlertDigest.insert(account=account, day=_day_of(now), created_at=now)
    begun = list(digest.on_conflict_ignore().returning(AlertDigest.id).execute())
    return int(begun[0].id) if begun else None


def _day_of(now: int) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _described(token: Token) -> tuple[str, str]:
    used = (
        "never used" if token.last_used_at is None else f"last used {time_of(token.last_used_at)}"
    )
    return (
        f"- {token.name} (ends in {token.last_four}), of {token.user.email}",
        f"  made {time_of(token.created_at)}, {used}",
    )
