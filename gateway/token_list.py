"""An account's tokens as people look at them: their states, searched, filtered and sorted.

For pages, at no request of the API. Never tells of a token outside the account, nor of another
member's where `owner` limits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.folding import fold
from models import Account, Token, User

DAY_S = 86_400
SOON_S = 7 * DAY_S
PER_PAGE = 50


class State(StrEnum):
    """What people should know of a token, the most pressing last."""

    ACTIVE = "active"
    UNUSED = "unused"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Sort(StrEnum):
    """By what tokens are sorted."""

    NAME = "name"
    OWNER = "owner"
    CREATED = "created"
    LAST_USED = "last_used"
    EXPIRES = "expires"


NEVER_EXPIRES = 2**62
# Who has never been used was used before all others; who never expires does so after them.
KEYS: Mapping[Sort, Callable[[Token], Any]] = {
    Sort.NAME: lambda token: fold(token.name),
    Sort.OWNER: lambda token: token.user.email,
    Sort.CREATED: lambda token: token.created_at,
    Sort.LAST_USED: lambda token: -1 if token.last_used_at is None else token.last_used_at,
    Sort.EXPIRES: lambda token: NEVER_EXPIRES if token.expires_at is None else token.expires_at,
}


def states_of(token: Token, now: int, unused_s: int) -> tuple[State, ...]:
    """Return the states of *token*, the most pressing first; a live one can be in two.

    Args:
        now: seconds since the Unix epoch.
        unused_s: after how many seconds without a use a token is unused.
    """
    if token.revoked_at is not None:
        return (State.REVOKED,)
    if token.expires_at is not None and token.expires_at <= now:
        return (State.EXPIRED,)
    found = []
    if token.expires_at is not None and token.expires_at <= now + SOON_S:
        found.append(State.EXPIRES_SOON)
    if is_unused(token, now, unused_s):
        found.append(State.UNUSED)
    return tuple(found) or (State.ACTIVE,)


def is_unused(token: Token, now: int, unused_s: int) -> bool:
    """Tell whether *token* has not been used for *unused_s* seconds, or more."""
    return unused_since(token) <= now - unused_s


def unused_since(token: Token) -> int:
    """Return when *token* was last used; never: when it was made. A rotation is no use."""
    since: int = token.created_at if token.last_used_at is None else token.last_used_at
    return since


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tokens are looked for, and in which order.

    Attributes:
        search: in name, owner, scopes, id and last digits; case and accents do not matter.
        state: None: all that are not revoked.
        scope: they have it.
    """

    search: str = ""
    state: State | None = None
    scope: str | None = None
    sort: Sort = Sort.CREATED
    descending: bool = True
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of tokens.

    Attributes:
        counts: how many there are in each state, whatever state is looked for.
        current: how many are not revoked.
        found: how many there are in the state that is looked for, on all pages.
        any: there is a token at all, found or not.
    """

    tokens: tuple[Token, ...]
    counts: Mapping[State, int]
    current: int
    found: int
    page: int
    pages: int
    any: bool


def listed(
    account: Account, wanted: Wanted, *, owner: User | None, now: int, unused_s: int
) -> Listed:
    """Return the tokens of *account* that are *wanted*.

    Looks through all of the account's tokens in memory: people make them by hand, and search folds
    text as no database does.

    Args:
        owner: only theirs; None: everyone's.
        now: seconds since the Unix epoch.
        unused_s: see `states_of`.
    """
    everyone = _rows(account, owner)
    matching = [one for one in everyone if _matches(one, wanted)]
    states = {one.id: states_of(one, now, unused_s) for one in matching}
    counts = Counter(state for some in states.values() for state in some)
    found = [one for one in matching if _is_in(states[one.id], wanted.state)]
    found.sort(key=lambda one: one.id, reverse=True)  # the order among equals
    found.sort(key=KEYS[wanted.sort], reverse=wanted.descending)
    pages = -(-len(found) // PER_PAGE)
    page = max(1, min(wanted.page, pages))
    return Listed(
        tokens=tuple(found[(page - 1) * PER_PAGE : page * PER_PAGE]),
        counts=counts,
        current=len(matching) - counts[State.REVOKED],
        found=len(found),
        page=page,
        pages=pages,
        any=bool(everyone),
    )


def one_of(account: Account, token_id: str, *, owner: User | None) -> Token | None:
    """Return the token with the public id *token_id*; None: it is not among those of `listed`."""
    found: Token | None = _query(account, owner).where(Token.public_id == token_id).first()
    return found


def _rows(account: Account, owner: User | None) -> list[Token]:
    return list(_query(account, owner))


def _query(account: Account, owner: User | None) -> Any:
    # INVARIANT: every token that a page shows or changes comes by this limit.
    query = Token.select(Token, User).join(User).where(Token.account == account)
    return query if owner is None else query.where(Token.user == owner)


def _matches(token: Token, wanted: Wanted) -> bool:
    scopes = token.scopes.split()
    if wanted.scope is not None and wanted.scope not in scopes:
        return False
    texts = (token.name, token.user.email, token.public_id, token.last_four, *scopes)
    words = fold(wanted.search).split()
    folded = [fold(text) for text in texts]
    return all(any(word in text for text in folded) for word in words)


def _is_in(states: Iterable[State], wanted: State | None) -> bool:
    return State.REVOKED not in states if wanted is None else wanted in states
