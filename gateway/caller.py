"""Who asks: what a token, once checked, says of its holder; or a session of its user."""

from __future__ import annotations

from dataclasses import dataclass

NO_TOKEN = 0  # the primary key of none


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a valid token, or who else is answered as one.

    Attributes:
        account: primary key of the account that the token is bound to, or the session works in.
        token: primary key of the token; `NO_TOKEN`: it is somebody else.
        token_id: public id of the token, or of who it is instead (`usr_…` of a session), for logs.
        account_id: public id of the account, for logs.
        scopes: the token's scopes; of a session all that there are.
        revision: of the account's data, as it was when the token or the session was read.
    """

    account: int
    token: int
    account_id: str
    token_id: str
    scopes: frozenset[str]
    revision: int
