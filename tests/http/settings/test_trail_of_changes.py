"""What people change on the pages of members, the account and their sign-in is in the trail."""

from __future__ import annotations

from typing import Any

import pytest
from visitors import PASSWORD

from gateway import audit, tokens
from gateway.audit import SYSTEM
from models import Account, AuditEntry, Invitation, Membership, Session, User

NOW = 1_780_000_000
ADMIN, MEMBER, BOTH = (f"{name}@example.com" for name in ("ann", "bo", "kim"))
NEW = "new@example.com"
NEW_PASSWORD = "a password of their own"
MEMBERS, ACCOUNT, PROFILE = "/settings/members", "/settings/account", "/settings/profile"


def user(email: str) -> User:
    return User.get(User.email == email)


@pytest.fixture
def told(company):
    """A function that gives the entries since the last look, and says where they came from."""
    seen = AuditEntry.select().count()

    def look() -> list[dict[str, Any]]:
        nonlocal seen
        rows = list(AuditEntry.select().order_by(AuditEntry.id).offset(seen).limit(1_000))
        seen += len(rows)
        entries = [audit.document(row) for row in rows]
        for entry in entries:
            assert entry["actor"]["via"] == "session"
            assert entry["actor"]["address"] == "127.0.0.1"
        return entries

    return look


def in_short(entry: dict[str, Any]) -> tuple[Any, ...]:
    account = entry["account"] and entry["account"]["name"]
    return (entry["action"], account, entry["actor"]["name"], entry["subject"]["name"])


def changed(entry: dict[str, Any]) -> tuple[Any, Any]:
    return entry["before"], entry["after"]


def test_a_new_name_of_the_account(signed_in, told):
    ann = signed_in(ADMIN, ACCOUNT)
    told()
    ann.send(ACCOUNT, name="Acme GmbH")
    [entry] = told()
    assert in_short(entry) == ("account.updated", "Acme GmbH", ADMIN, "Acme GmbH")
    assert changed(entry) == ({"name": "Acme"}, {"name": "Acme GmbH"})
    ann.send(ACCOUNT, name="Acme GmbH")  # which it has
    ann.send(ACCOUNT, name="")
    assert told() == []


def test_the_end_of_the_account(company, signed_in, told):
    ann = signed_in(ADMIN, ACCOUNT)
    told()
    ann.send(f"{ACCOUNT}/delete", typed_name="acme")
    assert told() == []
    ann.open(ACCOUNT)
    ann.send(f"{ACCOUNT}/delete", typed_name="Acme")
    [entry] = told()
    assert in_short(entry) == ("account.deleted", "Acme", ADMIN, "Acme")
    assert changed(entry) == ({"name": "Acme", "members": 3, "live_tokens": 0}, None)


def test_another_role_and_a_removal_with_its_tokens(company, signed_in, told):
    token, _ = tokens.create(
        account=company.acme,
        user=user(MEMBER),
        name="Board",
        scopes=(),
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=(),
    )
    path = f"{MEMBERS}/{user(MEMBER).public_id}"
    ann = signed_in(ADMIN, path)
    seen = AuditEntry.select().count()
    ann.send(f"{path}/role", role="admin")
    ann.open(path)
    ann.send(f"{path}/role", role="admin")  # which they have
    ann.open(path)
    ann.send(f"{path}/remove")
    entries = [audit.document(one) for one in AuditEntry.select().order_by(AuditEntry.id)][seen:]
    assert [(*in_short(one), *changed(one)) for one in entries] == [
        ("member.updated", "Acme", ADMIN, MEMBER, {"role": "member"}, {"role": "admin"}),
        ("member.removed", "Acme", ADMIN, MEMBER, {"role": "admin"}, None),
        (
            "token.revoked",
            "Acme",
            ADMIN,
            token.name,
            {"revoked_at": None},
            {"revoked_at": "2026-05-28T20:26:40Z"},
        ),
    ]


def test_an_invitation_that_is_withdrawn(signed_in, told):
    ann = signed_in(ADMIN, f"{MEMBERS}/invite")
    told()
    ann.send(f"{MEMBERS}/invite", email=NEW, role="admin")
    ann.open(MEMBERS)
    ann.send(f"{MEMBERS}/invitations/{Invitation.get().public_id}/withdraw")
    created, withdrawn = told()
    assert in_short(created) == ("invitation.created", "Acme", ADMIN, NEW)
    assert changed(created) == (None, {"role": "admin"})
    assert in_short(withdrawn) == ("invitation.withdrawn", "Acme", ADMIN, NEW)


def test_who_joins_by_an_invitation(signed_in, visitor, told):
    ann = signed_in(ADMIN, f"{MEMBERS}/invite")
    page = ann.send(f"{MEMBERS}/invite", email=NEW, role="member")
    path = next(word for word in page.text.split() if "/settings/invitations/" in word)
    told()
    newcomer = visitor()
    path = newcomer.open(path).path
    newcomer.send(path, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    assert [in_short(one) for one in told()] == [
        ("user.created", None, None, NEW),
        ("member.added", "Acme", NEW, NEW),
        ("session.signed_in", "Acme", NEW, NEW),
    ]


def test_another_password_is_told_to_each_account_of_the_user(company, signed_in, told):
    signed_in(BOTH)
    kim = signed_in(BOTH, PROFILE)
    told()
    passwords = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    kim.send(f"{PROFILE}/password", password="wrong", **passwords)
    assert told() == []
    kim.send(f"{PROFILE}/password", password=PASSWORD, **passwords)
    entries = told()
    assert [in_short(one) for one in entries] == [
        ("user.updated", account, BOTH, BOTH) for account in ("Acme", "Globex")
    ]
    for one in entries:
        assert changed(one) == (None, {"changed": "password", "sessions_ended": 1})
    written = repr(list(AuditEntry.select().tuples()))
    assert PASSWORD not in written
    assert NEW_PASSWORD not in written


def test_sessions_that_are_ended(signed_in, told):
    signed_in(ADMIN)
    other = Session.get()
    ann = signed_in(ADMIN, PROFILE)
    told()
    ann.send(f"{PROFILE}/sessions/{other.public_id}/end")
    ann.open(PROFILE)
    ann.send(f"{PROFILE}/sign-out-everywhere")
    assert [in_short(one) for one in told()] == [
        ("session.signed_out", "Acme", ADMIN, ADMIN),
        ("session.signed_out_everywhere", "Acme", ADMIN, ADMIN),
    ]


@pytest.mark.parametrize("what", ["name", "role", "remove", "delete", "invite", "password"])
def test_a_change_whose_entry_cannot_be_written_is_not_made(company, signed_in, monkeypatch, what):
    bo = f"{MEMBERS}/{user(MEMBER).public_id}"
    passwords = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    path, action, fields = {
        "name": (ACCOUNT, ACCOUNT, {"name": "Other"}),
        "role": (bo, f"{bo}/role", {"role": "admin"}),
        "remove": (bo, f"{bo}/remove", {}),
        "delete": (ACCOUNT, f"{ACCOUNT}/delete", {"typed_name": "Acme"}),
        "invite": (f"{MEMBERS}/invite", f"{MEMBERS}/invite", {"email": NEW, "role": "admin"}),
        "password": (PROFILE, f"{PROFILE}/password", {"password": PASSWORD, **passwords}),
    }[what]
    ann = signed_in(ADMIN, path)
    before = stored()

    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(AuditEntry, "create", fail)
    assert ann.send(action, **fields).status == 500
    assert stored() == before


def stored() -> str:
    tables = (Account, User, Membership, Invitation)
    return repr([sorted(table.select().tuples(), key=str) for table in tables])
