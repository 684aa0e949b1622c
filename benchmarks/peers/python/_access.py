"""Who may read, and what those are told who may not; shared by the peers in Python.

A peer looks the token's row up by the SHA-256 of the secret at each request, in its own way.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

CREDENTIALS = re.compile(r"(?i:bearer|token) +([0-9a-f]{32})")
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
PROBLEM = "application/problem+json"
NOT_PRESENTED = "No token was presented. Send `Authorization: Bearer YOUR_TOKEN`."
NOT_LIVE = "The token is unknown, expired or revoked."


class Refused(Exception):
    """An error that the caller is told of."""

    def __init__(
        self,
        status: int,
        detail: str,
        challenge: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {} if challenge is None else {"www-authenticate": challenge}
        self.extra = extra or {}

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the body, a document of RFC 9457."""
        return {
            "type": "about:blank",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.extra,
        }


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        full: may see candidates.
    """

    account: int
    revision: int
    full: bool


def digest(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_of(header: str | None) -> str:
    """Return the token in an Authorization header.

    Raises:
        Refused: there is none that is well-formed.
    """
    if header is None:
        raise Refused(401, NOT_PRESENTED, "Bearer")
    match = CREDENTIALS.fullmatch(header)
    if match is None:
        raise not_live()
    return match[1]


def not_live() -> Refused:
    return Refused(401, NOT_LIVE, 'Bearer error="invalid_token"')


def admitted(row: Any, scope: str, now: float) -> Caller:
    """Return the caller of a token's row (scopes, expires_at, revoked_at, account, revision).

    Raises:
        Refused: the token is not live, or lacks *scope*.
    """
    if row is None:
        raise not_live()
    words, expires_at, revoked_at, account, revision = row
    if revoked_at is not None or (expires_at is not None and expires_at <= now):
        raise not_live()
    scopes = words.split()
    if scope not in scopes:
        raise lacking(scope)
    return Caller(account, revision, "candidates:read" in scopes)


def lacking(scope: str) -> Refused:
    return Refused(
        403,
        f"The token lacks a scope that this operation requires: {scope}.",
        f'Bearer error="insufficient_scope", scope="{scope}"',
        {"required_scopes": [scope]},
    )


def not_found(id: str) -> Refused:
    return Refused(404, f"There is no `{id[:100]}` in this account.")


def request_id_of(sent: str | None) -> str:
    """Return the id of a request: its own, or a new one."""
    return sent or secrets.token_hex(16)
