"""Invitations: a code works once, for its address, for seven days, and is stored nowhere."""

import threading

import pytest

from gateway import accounts, invitations
from gateway.audit import SYSTEM, Actor, Filter, document, entries
from gateway.errors import CommandError
from gateway.invitations import LIFETIME_S
from gateway.roles import Role
from models import Account, AuditEntry, Invitation, Membership, User

NOW = 1_768_471_200
PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"
NEW = "new@example.com"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def account() -> Account:
    return accounts.create_account("Acme", by=SYSTEM, now=NOW)


@pytest.fixture
def offer(account: Account) -> tuple[Invitation, str]:
    return invitations.invite(account, NEW, Role.MEMBER, by=SYSTEM, now=NOW)


@pytest.fixture
def code(offer: tuple[Invitation, str]) -> str:
    return offer[1]


def user(email: str = NEW) -> User:
    return accounts.create_user(email, PASSWORD, by=SYSTEM, now=NOW)


def roles() -> list[tuple[str, str]]:
    return [(one.user.email, one.role) for one in Membership.select()]


def test_an_invitation_is_found_by_its_code_alone(offer, code):
    assert invitations.find(code, now=NOW) == offer[0]
    for other in ("", "x" * 43, code[:-1], code + "x", code.swapcase(), offer[0].digest, "ä" * 43):
        assert invitations.find(other, now=NOW) is None


@pytest.mark.parametrize(
    ("after_s", "there"), [(LIFETIME_S - 1, True), (LIFETIME_S, False), (LIFETIME_S + 1, False)]
)
def test_an_invitation_ends_after_seven_days(account, code, after_s, there):
    assert (invitations.find(code, now=NOW + after_s) is not None) is there
    assert bool(invitations.of_account(account, now=NOW + after_s)) is there


def test_the_code_is_stored_nowhere(code):
    rows = [*Invitation.select().tuples(), *AuditEntry.select().tuples()]
    assert code not in repr(rows)


def test_an_invitation_makes_one_member_once(offer):
    invited = user()
    invitations.accept(offer[0], invited, by=SYSTEM, now=NOW)
    assert roles() == [(NEW, "member")]
    Membership.delete().execute()
    with pytest.raises(CommandError, match="used or withdrawn"):
        invitations.accept(offer[0], invited, by=SYSTEM, now=NOW)
    assert roles() == []


def test_an_invitation_is_for_its_address_alone(offer):
    with pytest.raises(CommandError, match=f"is for {NEW}"):
        invitations.accept(offer[0], user("eve@example.com"), by=SYSTEM, now=NOW)
    assert roles() == []


def test_of_those_who_accept_at_once_one_becomes_a_user(db, offer):
    """Each in a thread, with a connection of its own, as two workers have."""
    outcomes: list[str] = []
    together = threading.Barrier(4)

    def accept() -> None:
        with db.connection_context():
            together.wait()
            try:
                invitations.accept_as_new(offer[0], PASSWORD, address=ADDRESS, now=NOW)
                outcomes.append("in")
            except CommandError:
                outcomes.append("refused")

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]
    assert roles() == [(NEW, "member")]
    assert User.select().count() == 1


def test_a_password_that_is_refused_uses_nothing_up(offer, code):
    with pytest.raises(CommandError, match="the password must"):
        invitations.accept_as_new(offer[0], "short", address=ADDRESS, now=NOW)
    assert invitations.find(code, now=NOW) == offer[0]
    assert not User.select().exists()


def test_a_member_is_not_invited(account):
    accounts.add_member(account, user(), Role.MEMBER, by=SYSTEM, now=NOW)
    with pytest.raises(CommandError, match="is a member of the account already"):
        invitations.invite(account, NEW, Role.ADMIN, by=SYSTEM, now=NOW)
    assert not Invitation.select().exists()


def test_a_newer_invitation_replaces_the_older_of_the_same_account_alone(account, code):
    other = accounts.create_account("Other", by=SYSTEM, now=NOW)
    _, elsewhere = invitations.invite(other, NEW, Role.MEMBER, by=SYSTEM, now=NOW)
    _, newer = invitations.invite(account, NEW, Role.ADMIN, by=SYSTEM, now=NOW)
    found = [invitations.find(one, now=NOW) is not None for one in (code, elsewhere, newer)]
    assert found == [False, True, True]


def test_the_trail_tells_the_whole_way_of_an_invitation(account):
    ann = Actor.of(user("ann@example.com"), ADDRESS)
    first, _ = invitations.invite(account, NEW, Role.ADMIN, by=ann, now=NOW)
    invitations.withdraw(first, by=ann, now=NOW + 1)
    invitations.withdraw(first, by=ann, now=NOW + 2)  # has been withdrawn: no change, no entry
    second, _ = invitations.invite(account, NEW, Role.MEMBER, by=ann, now=NOW + 3)
    invitations.accept_as_new(second, PASSWORD, address=ADDRESS, now=NOW + 4)
    told = [document(one) for one in entries(Filter(since=NOW))][2:]
    assert [
        (one["action"], one["actor"]["name"], one["subject"]["name"], one["before"], one["after"])
        for one in told
    ] == [
        ("invitation.created", "ann@example.com", NEW, None, {"role": "admin"}),
        ("invitation.withdrawn", "ann@example.com", NEW, None, None),
        ("invitation.created", "ann@example.com", NEW, None, {"role": "member"}),
        ("user.created", None, NEW, None, {"email": NEW}),
        ("member.added", NEW, NEW, None, {"role": "member"}),
    ]
    assert {one["actor"]["address"] for one in told} == {ADDRESS}


def test_links_end_with_each_administrator_who_goes(account):
    """One made beforehand would lead back in."""
    ann, bo = (user(f"{name}@example.com") for name in ("ann", "bo"))
    for one in (ann, bo):
        accounts.add_member(account, one, Role.ADMIN, by=SYSTEM, now=NOW)
    other = accounts.create_account("Other", by=SYSTEM, now=NOW)
    _, elsewhere = invitations.invite(other, NEW, Role.ADMIN, by=SYSTEM, now=NOW)
    invitations.invite(account, "late@example.com", Role.ADMIN, by=SYSTEM, now=NOW - LIFETIME_S)
    for go in (
        lambda: accounts.change_role(account, bo, Role.MEMBER, by=SYSTEM, now=NOW),
        lambda: accounts.remove_member(account, ann, by=SYSTEM, now=NOW),
    ):
        _, code = invitations.invite(account, NEW, Role.ADMIN, by=SYSTEM, now=NOW)
        assert invitations.find(code, now=NOW)
        go()
        assert invitations.find(code, now=NOW) is None
    assert invitations.find(elsewhere, now=NOW)
    told = [document(one)["action"] for one in entries(Filter(since=NOW))]
    assert told.count("invitation.withdrawn") == 2


def test_links_stay_good_when_a_member_goes(account, code):
    accounts.add_member(account, user("bo@example.com"), Role.MEMBER, by=SYSTEM, now=NOW)
    accounts.remove_member(account, accounts.find_user("bo@example.com"), by=SYSTEM, now=NOW)
    assert invitations.find(code, now=NOW)
