"""From the Authorization header to a `Caller`, and the scope check.

On a request's way: after routing (404, 405), before parameters (400). Fails closed: what is not
exactly one well-formed header with a live token is 401; an operation says which scopes it needs
(`gateway.spec` stops the start for one that does not), and a token must hold all of them.

The token's row is read for each request, so a revocation, a rotation, an expiry, a change of scopes
and the removal of a member bind from the next request on, in every worker. A rotated token is found
by its secret in one look-up, as any other; who sends the secret before it pays for a second one. It
must not look at anything but the header: the account is derived from the token alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gateway.caller import Caller
from gateway.errors import Forbidden, Unauthorized
from gateway.execution import Executor, Query
from gateway.reading.declare import bind
from gateway.reading.plan import Statement
from gateway.spec import Operation
from gateway.tokens import digest
from models import Account, Token

CREDENTIALS = re.compile(rb"(?i:bearer|token) +([0-9a-f]{32})")

NOT_PRESENTED = "No token was presented. Send `Authorization: Bearer YOUR_TOKEN`."
NOT_WELL_FORMED = (
    "The Authorization header must be `Bearer TOKEN` or `token TOKEN`, once, "
    "with a token of 32 lower-case hexadecimal digits."
)
NOT_LIVE = "The token is unknown, expired or revoked."


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


class Authenticator:
    """Finds the caller of a request."""

    def __init__(self, executor: Executor, clock: Callable[[], float]) -> None:
        self._executor = executor
        self._clock = clock
        found = Token.select(
            Token.id,
            Token.public_id,
            Token.scopes,
            Token.expires_at,
            Token.revoked_at,
            Account.id,
            Account.public_id,
        ).join(Account)
        self._by_secret = Statement.of(found.where(Token.digest == bind("digest")))
        self._by_previous_secret = Statement.of(
            found.where(
                Token.previous_digest == bind("digest"), Token.previous_expires_at > bind("now")
            )
        )

    async def required(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: there is no token, or not a live one.
        """
        caller = await self.optional(headers)
        if caller is None:
            raise Unauthorized(NOT_PRESENTED, presented=False)
        return caller

    async def optional(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return the caller; None if no Authorization header was sent. Raises as `required`."""
        secret = secret_of(headers)
        if secret is None:
            return None
        rows = await self._executor.run(lambda query: self._rows(query, digest(secret)))
        if not rows:
            raise Unauthorized(NOT_LIVE, presented=True)
        token, token_id, scopes, expires_at, revoked_at, account, account_id = rows[0]
        expired = expires_at is not None and expires_at <= self._clock()
        if expired or revoked_at is not None:
            raise Unauthorized(NOT_LIVE, presented=True)
        return Caller(account, token, account_id, token_id, frozenset(scopes.split()))

    def _rows(self, query: Query, digest_of_secret: str) -> Sequence[tuple[Any, ...]]:
        """Return the row of the token whose secret, or secret before its rotation, has the digest.

        INVARIANT: in this order. A rotation moves a digest from the one column to the other, so
        what the first look-up misses, the second finds.
        """
        values = {"digest": digest_of_secret, "now": int(self._clock())}
        rows = query(self._by_secret.sql, self._by_secret.bound(values))
        if rows:
            return rows
        return query(self._by_previous_secret.sql, self._by_previous_secret.bound(values))


def authorize(operation: Operation, caller: Caller) -> None:
    """Return if *caller* holds every scope that *operation* requires.

    Raises:
        Forbidden: a scope is missing; nothing has been looked up yet, so existing and missing
            ids cannot be told apart.
    """
    if not operation.scopes <= caller.scopes:
        raise Forbidden(sorted(operation.scopes))
