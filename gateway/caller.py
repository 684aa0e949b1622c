"""Who asks: what a token, once checked, says of its holder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a valid token.

    Attributes:
        account: primary key of the account that the token is bound to.
        token: primary key of the token.
        token_id, account_id: their public ids, for logs.
        scopes: the token's scopes.
    """

    account: int
    token: int
    account_id: str
    token_id: str
    scopes: frozenset[str]
