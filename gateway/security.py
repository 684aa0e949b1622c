"""From the Authorization header, or a session's cookie, to a `Caller`; and the scope check.

On a request's way: after routing (404, 405), before parameters (400). Fails closed: what is not
exactly one well-formed header with a live token is 401; an operation says which scopes it needs
(`gateway.spec` stops the start for one that does not), and a token must hold all of them.

The token's row is read for each request, so a revocation, a rotation, an expiry, a change of scopes
and the removal of a member bind from the next request on, in every worker. A secret is looked for
among those in use and those before a rotation in one statement (so that refusing one that is
neither costs no second way to the database), on PostgreSQL together with those of other requests.
It must not look at anything but the header: the account is derived from the token alone.

Without that header a session of the Settings pages will do, with every scope of the account that it
has selected. The membership is read with it, so a removal binds here, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Node, Value

from gateway import sessions
from gateway.caller import NO_TOKEN, Caller
from gateway.cookies import NAMES, secret_in
from gateway.errors import BadRequest, Forbidden, Unauthorized
from gateway.execution import Executor
from gateway.lookup import Lookup
from gateway.spec import Operation
from gateway.tokens import digest
from models import Account, Membership, Session, Token, User

CREDENTIALS = re.compile(rb"(?i:bearer|token) +([0-9a-f]{32})")

NOT_PRESENTED = "No token was presented. Send `Authorization: Bearer YOUR_TOKEN`."
NOT_WELL_FORMED = (
    "The Authorization header must be `Bearer TOKEN` or `token TOKEN`, once, "
    "with a token of 32 lower-case hexadecimal digits."
)
NOT_LIVE = "The token is unknown, expired or revoked."
NO_ACCOUNT = "The session has no account selected. Choose one at /settings/accounts."

# What a browser calls a request that no other site has made: a page of ours, or its user.
OWN_SITE = (b"same-origin", b"none")


def secret_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the token in the request's Authorization header; None if there is no header.

    Raises:
        Unauthorized: the header is not one of the two forms, or is there twice.
    """
    presented = [value for name, value in headers if name == b"authorization"]
    if not presented:
        return None
    match = CREDENTIALS.fullmatch(presented[0]) if len(presented) == 1 else None
    if match is None:
        raise Unauthorized(NOT_WELL_FORMED, presented=True)
    return match[1].decode("ascii")


def session_secret_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the session's secret in the request's Cookie header; None if there is none.

    None too for what the browser says that another site made it ask: answers can be read by none
    but our own pages, and so nothing is there to be measured or counted either.
    """
    cookies = []
    for name, value in headers:
        if name == b"sec-fetch-site" and value not in OWN_SITE:
            return None
        if name == b"cookie":
            cookies.append(value.decode("latin-1"))
    header = ";".join(cookies)
    return next(filter(None, (secret_in(header, name) for name in NAMES)), None)


class Authenticator:
    """Finds the caller of a request."""

    def __init__(
        self,
        executor: Executor,
        clock: Callable[[], float],
        *,
        scopes: Iterable[str] = (),
        limits: sessions.Limits = sessions.NONE,
    ) -> None:
        """Look for callers in the database.

        Args:
            clock: seconds since the Unix epoch.
            scopes: what a session may read.
            limits: how long a session lives; left out: there are none.
        """
        self._clock = clock
        self._scopes = frozenset(scopes)
        self._limits = limits
        self._tokens = Lookup(executor, _tokens, _Known.of)
        self._sessions = Lookup(executor, _sessions, tuple)

    async def required(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: there is no token, or not a live one; and no live session without one.
            BadRequest: the session has selected no account of its user's.
        """
        caller = await self.optional(headers) or await self._of_session(headers)
        if caller is None:
            raise Unauthorized(NOT_PRESENTED, presented=False)
        return caller

    async def optional(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return the caller; None if no Authorization header was sent. Raises as `required`."""
        secret = secret_of(headers)
        if secret is None:
            return None
        known = await self._tokens(digest(secret))
        if known is None or not known.is_live(self._clock()):
            raise Unauthorized(NOT_LIVE, presented=True)
        return known.caller

    async def _of_session(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return the user of the request's session as a caller; None: there is no live one."""
        secret = session_secret_of(headers)
        if secret is None:
            return None
        session = await self._sessions(sessions.digest(secret))
        if session is None:
            return None
        created_at, seen_at, user_id, account, account_id, revision = session
        if not sessions.is_live(created_at, seen_at, self._limits, self._clock()):
            return None
        if account is None:
            raise BadRequest(NO_ACCOUNT)
        return Caller(account, NO_TOKEN, account_id, user_id, self._scopes, revision)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database says of a secret; whether it is live is a question of the time, too.

    Attributes:
        ends_at: seconds since the Unix epoch; None: it does not end.
    """

    caller: Caller
    revoked: bool
    ends_at: int | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> _Known:
        """Return what a row of `_tokens` says, without the digest."""
        previous, token, token_id, scopes, expires_at, revoked_at, until, *of_account = row
        account, account_id, revision = of_account
        ends = (expires_at, until) if previous else (expires_at,)
        return cls(
            Caller(account, token, account_id, token_id, frozenset(scopes.split()), revision),
            revoked=revoked_at is not None,
            ends_at=min((one for one in ends if one is not None), default=None),
        )

    def is_live(self, now: float) -> bool:
        return not self.revoked and (self.ends_at is None or self.ends_at > now)


def _tokens(secret: Node) -> Any:
    """Return the query for tokens by the digest of their secret, or of the one before it.

    Not one condition with OR: each half is one probe of a unique index. And not two statements: a
    rotation moves a digest from the one column to the other; a statement sees it in one of them.
    """
    current, previous = (
        Token.select(
            one,
            Value(is_previous),
            Token.id,
            Token.public_id,
            Token.scopes,
            Token.expires_at,
            Token.revoked_at,
            Token.previous_expires_at,
            Account.id,
            Account.public_id,
            Account.revision,
        )
        .join(Account)
        .where(one == secret)
        for is_previous, one in enumerate((Token.digest, Token.previous_digest))
    )
    return current.union_all(previous)


def _sessions(secret: Node) -> Any:
    """Return the query for sessions by the digest of their secret."""
    return (
        Session.select(
            Session.digest,
            Session.created_at,
            Session.seen_at,
            User.public_id,
            Account.id,
            Account.public_id,
            Account.revision,
        )
        .join(User)
        .join_from(
            Session,
            Membership,
            JOIN.LEFT_OUTER,
            on=(Membership.user == Session.user) & (Membership.account == Session.selected_account),
        )
        .join(Account, JOIN.LEFT_OUTER)
        .where(Session.digest == secret)
    )


def authorize(operation: Operation, caller: Caller) -> None:
    """Return if *caller* holds every scope that *operation* requires.

    Raises:
        Forbidden: a scope is missing; nothing has been looked up yet, so existing and missing
            ids cannot be told apart.
    """
    if not operation.scopes <= caller.scopes:
        raise Forbidden(sorted(operation.scopes))
