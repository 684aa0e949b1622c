"""The list of tokens: states to the second, and nobody else's tokens in it."""

from __future__ import annotations

from itertools import count

import pytest

from gateway.token_list import (
    DAY_S,
    PER_PAGE,
    Listed,
    Sort,
    State,
    Wanted,
    is_unused,
    listed,
    one_of,
    states_of,
)
from models import Account, Token, User

NOW = 1_768_471_200
UNUSED_S = 30 * DAY_S

pytestmark = pytest.mark.usefixtures("db")

numbers = count()


def user(email: str) -> User:
    return User.create(public_id=f"usr_{next(numbers)}", email=email, created_at=NOW)


def account(name: str = "Acme") -> Account:
    return Account.create(public_id=f"acct_{next(numbers)}", name=name, created_at=NOW)


@pytest.fixture
def acme() -> Account:
    return account()


@pytest.fixture
def ann() -> User:
    return user("ann@example.com")


def token(of: Account, owner: User, name: str = "Board", **columns) -> Token:
    number = next(numbers)
    given = {"scopes": "", "created_at": NOW - DAY_S, "last_four": f"{number:04}", **columns}
    return Token.create(
        public_id=f"tok_{number}",
        account=of,
        user=owner,
        name=name,
        digest=f"{number:064}",
        **given,
    )


def names(found: Listed) -> list[str]:
    return [one.name for one in found.tokens]


@pytest.mark.parametrize(
    ("columns", "states"),
    [
        ({}, [State.ACTIVE]),
        ({"created_at": NOW - 30 * DAY_S}, [State.UNUSED]),
        ({"created_at": NOW - 30 * DAY_S + 1}, [State.ACTIVE]),
        ({"created_at": 0, "last_used_at": NOW - 30 * DAY_S}, [State.UNUSED]),
        ({"created_at": 0, "last_used_at": NOW - 30 * DAY_S + 1}, [State.ACTIVE]),
        ({"expires_at": NOW + 7 * DAY_S}, [State.EXPIRES_SOON]),
        ({"expires_at": NOW + 7 * DAY_S + 1}, [State.ACTIVE]),
        ({"expires_at": NOW + 1, "created_at": 0}, [State.EXPIRES_SOON, State.UNUSED]),
        ({"expires_at": NOW, "created_at": 0}, [State.EXPIRED]),
        ({"revoked_at": NOW, "expires_at": NOW, "created_at": 0}, [State.REVOKED]),
    ],
)
def test_a_token_is_in_the_states_that_its_times_say(acme, ann, columns, states):
    assert list(states_of(token(acme, ann, **columns), NOW, UNUSED_S)) == states


def test_unused_is_counted_from_the_last_use_else_from_the_creation(acme, ann):
    assert is_unused(token(acme, ann, created_at=NOW - 30 * DAY_S), NOW, UNUSED_S)
    assert not is_unused(token(acme, ann, created_at=0, last_used_at=NOW), NOW, UNUSED_S)


def test_a_list_is_of_one_account_and_of_one_owner_where_that_is_given(acme, ann):
    bob, other = user("bob@example.com"), account("Other")
    token(acme, ann, "Ann's")
    token(acme, bob, "Bob's")
    foreign = token(other, ann, "Elsewhere")
    assert sorted(names(listed(acme, Wanted(), owner=None, now=NOW, unused_s=UNUSED_S))) == [
        "Ann's",
        "Bob's",
    ]
    assert names(listed(acme, Wanted(), owner=ann, now=NOW, unused_s=UNUSED_S)) == ["Ann's"]
    assert one_of(acme, foreign.public_id, owner=None) is None


def test_one_token_is_found_within_the_same_limits(acme, ann):
    bob = user("bob@example.com")
    mine, theirs = token(acme, ann), token(acme, bob)
    assert one_of(acme, mine.public_id, owner=ann) == mine
    assert one_of(acme, theirs.public_id, owner=ann) is None
    assert one_of(acme, theirs.public_id, owner=None) == theirs
    assert one_of(acme, "tok_no", owner=None) is None


def test_revoked_tokens_are_listed_when_they_are_asked_for(acme, ann):
    token(acme, ann, "Live")
    token(acme, ann, "Expired", expires_at=NOW)
    token(acme, ann, "Dead", revoked_at=NOW)
    found = listed(acme, Wanted(), owner=None, now=NOW, unused_s=UNUSED_S)
    assert sorted(names(found)) == ["Expired", "Live"]
    assert (found.current, found.counts[State.REVOKED], found.counts[State.ACTIVE]) == (2, 1, 1)
    assert names(
        listed(acme, Wanted(state=State.REVOKED), owner=None, now=NOW, unused_s=UNUSED_S)
    ) == ["Dead"]
    assert names(
        listed(acme, Wanted(state=State.EXPIRED), owner=None, now=NOW, unused_s=UNUSED_S)
    ) == ["Expired"]


@pytest.mark.parametrize(
    "search",
    ["josé", "JOSE", "ann@", "candidates:read", "jose ann", "  "],
)
def test_search_looks_into_name_owner_and_scopes_without_case_and_accents(acme, ann, search):
    token(acme, ann, "José's board", scopes="applications:read candidates:read")
    assert names(listed(acme, Wanted(search=search), owner=None, now=NOW, unused_s=UNUSED_S)) == [
        "José's board"
    ]


def test_search_finds_ids_and_last_digits(acme, ann):
    one = token(acme, ann, "One", last_four="ab12")
    token(acme, ann, "Two", last_four="cd34")
    for text in (one.public_id, "ab12", one.last_four.upper()):
        assert "One" in names(
            listed(acme, Wanted(search=text), owner=None, now=NOW, unused_s=UNUSED_S)
        )
    assert (
        names(listed(acme, Wanted(search="ab12 two"), owner=None, now=NOW, unused_s=UNUSED_S)) == []
    )


def test_a_scope_is_looked_for_as_a_whole(acme, ann):
    token(acme, ann, "A", scopes="applications:read")
    token(acme, ann, "B", scopes="applications:read candidates:read")
    found = listed(acme, Wanted(scope="candidates:read"), owner=None, now=NOW, unused_s=UNUSED_S)
    assert (names(found), found.current) == (["B"], 1)
    assert (
        names(listed(acme, Wanted(scope="candidates"), owner=None, now=NOW, unused_s=UNUSED_S))
        == []
    )


def test_every_order_has_its_reverse_and_none_comes_first_or_last_on_purpose(acme, ann):
    bob = user("bob@example.com")
    token(acme, bob, "émile", created_at=NOW - 3, last_used_at=None, expires_at=NOW + 2 * DAY_S)
    token(acme, ann, "Frank", created_at=NOW - 2, last_used_at=NOW - 5, expires_at=None)
    token(acme, ann, "dora", created_at=NOW - 1, last_used_at=NOW - 9, expires_at=NOW + DAY_S)
    orders = {
        Sort.NAME: ["dora", "émile", "Frank"],
        Sort.CREATED: ["émile", "Frank", "dora"],
        Sort.LAST_USED: ["émile", "dora", "Frank"],
        Sort.EXPIRES: ["dora", "émile", "Frank"],
    }
    for sort, expected in orders.items():
        for descending in (False, True):
            wanted = Wanted(sort=sort, descending=descending)
            order = expected[::-1] if descending else expected
            assert names(listed(acme, wanted, owner=None, now=NOW, unused_s=UNUSED_S)) == order
    by_owner = names(listed(acme, Wanted(sort=Sort.OWNER), owner=None, now=NOW, unused_s=UNUSED_S))
    assert by_owner == ["émile", "dora", "Frank"]


def test_long_lists_come_in_pages(acme, ann):
    for number in range(PER_PAGE + 1):
        token(acme, ann, f"{number:03}")
    wanted = {"sort": Sort.NAME, "descending": False}
    first = listed(acme, Wanted(**wanted), owner=None, now=NOW, unused_s=UNUSED_S)
    assert (len(first.tokens), first.found, first.page, first.pages) == (PER_PAGE, 51, 1, 2)
    assert names(
        listed(acme, Wanted(page=2, **wanted), owner=None, now=NOW, unused_s=UNUSED_S)
    ) == ["050"]
    assert listed(acme, Wanted(page=9, **wanted), owner=None, now=NOW, unused_s=UNUSED_S).page == 2


def test_nothing_found_is_told_from_nothing_there(acme, ann):
    assert not listed(acme, Wanted(), owner=None, now=NOW, unused_s=UNUSED_S).any
    token(acme, ann)
    found = listed(acme, Wanted(search="nothing"), owner=None, now=NOW, unused_s=UNUSED_S)
    assert (found.any, found.tokens, found.pages, found.page) == (True, (), 0, 1)
