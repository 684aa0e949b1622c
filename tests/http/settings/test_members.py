"""Settings > Members over HTTP: who comes in and how, who goes, and who may say so."""

from __future__ import annotations

import re

import pytest
from visitors import PASSWORD

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.invitations import LIFETIME_S
from gateway.roles import Role
from models import AuditEntry, Invitation, Membership, Token, User

NOW = 1_780_000_000
ADMIN, MEMBER, STRANGER, BOTH = (f"{name}@example.com" for name in ("ann", "bo", "eve", "kim"))
HOME, INVITE = "/settings/members", "/settings/members/invite"
NEW = "new@example.com"
NEW_PASSWORD = "a password of their own"


def user(email: str) -> User:
    return User.get(User.email == email)


def managed(email: str) -> str:
    return f"{HOME}/{user(email).public_id}"


def link_to(somebody, email: str, role: str = "member") -> str:
    """Invite *email*; return the path of the link that is shown."""
    somebody.open(INVITE)
    page = somebody.send(INVITE, email=email, role=role)
    return re.search(r"/settings/invitations/[A-Za-z0-9_-]{43}", page.text)[0]


def role_of(email: str, account) -> str | None:
    row = Membership.get_or_none(Membership.user == user(email), Membership.account == account)
    return row and row.role


@pytest.fixture
def token_of_bo(company) -> Token:
    made, _ = tokens.create(
        account=company.acme,
        user=user(MEMBER),
        name="Bo's board",
        scopes=(),
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=(),
    )
    return made


def test_members_see_who_belongs_to_the_account_and_cannot_change_it(signed_in):
    page = signed_in(MEMBER, HOME).page
    assert {ADMIN, MEMBER, BOTH} <= set(page.text.split())
    assert STRANGER not in page.text
    assert "Manage" not in page.text


def test_who_is_new_chooses_a_password_and_is_in(company, signed_in, visitor):
    path = link_to(signed_in(ADMIN), f" {NEW.upper()} ")
    newcomer = visitor()
    newcomer.open(path)
    page = newcomer.send(path, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    assert f"You are a member of {company.acme.name} now." in page.text
    assert role_of(NEW, company.acme) == "member"
    assert visitor().sign_in(NEW, NEW_PASSWORD).path != "/settings/sign-in"
    assert visitor().open(path).status == 404


def test_no_user_and_no_membership_exists_before_the_link_is_opened(signed_in):
    link_to(signed_in(ADMIN), NEW)
    assert User.get_or_none(User.email == NEW) is None


def test_who_is_a_user_already_signs_in_and_joins(company, signed_in, visitor):
    path = link_to(signed_in(ADMIN), STRANGER, "admin")
    somebody = visitor()
    assert "new_password" not in [
        name for form in somebody.open(path).forms for name, _ in form.fields
    ]
    somebody.send("/settings/sign-in", password=PASSWORD)
    somebody.send(path)
    assert role_of(STRANGER, company.acme) == "admin"


def test_a_link_gives_nobody_the_user_of_another(company, signed_in, visitor):
    """Who was handed a link cannot choose a password for somebody who has one."""
    path = link_to(signed_in(ADMIN), STRANGER)
    thief = visitor()
    key = thief.open(path).forms[0]["form_key"]
    fields = [("form_key", key), ("new_password", NEW_PASSWORD)]
    page = thief.post(path, [*fields, ("new_password_again", NEW_PASSWORD)])
    assert "There is a password for this address already." in page.text
    assert role_of(STRANGER, company.acme) is None
    assert visitor().sign_in(STRANGER).path != "/settings/sign-in"


def test_a_link_is_for_the_invited_address_alone(company, signed_in):
    path = link_to(signed_in(ADMIN), NEW)
    other = signed_in(STRANGER)
    page = other.open(path)
    other.post(path, [("form_key", page.form("/settings/sign-out")["form_key"])])
    assert role_of(STRANGER, company.acme) is None
    assert Invitation.select().count() == 1


def test_a_link_that_is_replaced_withdrawn_or_old_is_dead(gateway, signed_in, visitor):
    somebody = signed_in(ADMIN)
    first, second = link_to(somebody, NEW), link_to(somebody, NEW)
    assert [visitor().open(path).status for path in (first, second)] == [404, 200]
    gateway.clock.now += LIFETIME_S
    assert visitor().open(second).status == 404
    third = link_to(signed_in(ADMIN), NEW)
    admin = signed_in(ADMIN, HOME)
    admin.send(f"{HOME}/invitations/{Invitation.get().public_id}/withdraw")
    assert visitor().open(third).status == 404


@pytest.mark.parametrize("fields", [{"new_password": "short"}, {"new_password_again": "other"}])
def test_a_password_that_is_wrong_is_told_at_its_field(signed_in, visitor, fields):
    path = link_to(signed_in(ADMIN), NEW)
    newcomer = visitor()
    newcomer.open(path)
    both = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD} | fields
    page = newcomer.send(path, **both)
    assert page.status == 422
    assert f'id="{next(iter(fields))}-error"' in page.response.text
    assert NEW_PASSWORD not in page.response.text


@pytest.mark.parametrize(
    ("email", "role", "field"),
    [("no address", "member", "email"), (MEMBER, "member", "email"), (NEW, "owner", "role")],
)
def test_a_wrong_invitation_is_told_at_its_field_and_kept(signed_in, email, role, field):
    somebody = signed_in(ADMIN, INVITE)
    page = somebody.send(INVITE, email=email, role=role)
    assert page.status == 422
    assert f'id="{field}-error"' in page.response.text
    assert page.form(INVITE)["email"] == email


def test_an_invitation_that_is_sent_twice_is_made_once(signed_in):
    somebody = signed_in(ADMIN, INVITE)
    form = somebody.page.form(INVITE)
    fields = form.filled(email=NEW, role="member")
    assert somebody.post(INVITE, fields).status == 200
    made = Invitation.get().digest
    assert somebody.post(INVITE, fields).status == 409
    assert Invitation.get().digest == made


def test_a_removal_tells_which_tokens_die_and_kills_them(company, signed_in, token_of_bo):
    somebody = signed_in(ADMIN, managed(MEMBER))
    assert "1 token of theirs will be revoked" in somebody.page.text
    assert token_of_bo.name in somebody.page.text
    page = somebody.send(f"{managed(MEMBER)}/remove")
    assert f"{MEMBER} is no longer a member. 1 token is revoked." in page.text
    assert role_of(MEMBER, company.acme) is None
    assert Token.get().revoked_at is not None


def test_who_is_removed_sees_nothing_more_of_the_account(company, signed_in):
    bo = signed_in(MEMBER, HOME)
    admin = signed_in(ADMIN, managed(MEMBER))
    admin.send(f"{managed(MEMBER)}/remove")
    assert bo.open(HOME).path == "/settings/accounts"


def test_the_last_administrator_is_told_so_and_offered_nothing_that_cannot_be(signed_in):
    page = signed_in(ADMIN, managed(ADMIN)).page
    assert "You are the last administrator of Acme" in page.text
    assert not [one for one in page.forms if one.action.startswith(HOME)]


@pytest.mark.parametrize("action", ["role", "remove"])
def test_the_last_administrator_stays(company, signed_in, action):
    """Whatever is sent: they were perhaps not the last when the page was opened."""
    somebody = signed_in(ADMIN, HOME)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    page = somebody.post(f"{managed(ADMIN)}/{action}", [("form_key", key), ("role", "member")])
    assert page.status == 422
    assert "last administrator" in page.text
    assert role_of(ADMIN, company.acme) == "admin"


@pytest.mark.parametrize("role", ["owner", "", "Admin"])
def test_a_role_that_does_not_exist_is_told_at_its_field(company, signed_in, role):
    page = signed_in(ADMIN, managed(MEMBER)).send(f"{managed(MEMBER)}/role", role=role)
    assert page.status == 422
    assert 'id="role-error"' in page.response.text
    assert role_of(MEMBER, company.acme) == "member"


def test_who_looks_at_themselves_is_spoken_to(company, signed_in):
    accounts.change_role(company.acme, user(MEMBER), Role.ADMIN, by=SYSTEM, now=NOW)
    page = signed_in(ADMIN, managed(ADMIN)).page
    assert "You have no live tokens here" in page.text
    assert page.form(f"{managed(ADMIN)}/remove").buttons == ["Leave the account"]


def test_who_removes_an_administrator_is_told_of_the_links_that_die(company, signed_in, visitor):
    accounts.change_role(company.acme, user(BOTH), Role.ADMIN, by=SYSTEM, now=NOW)
    said = "With them 1 is withdrawn, whether they are removed or become a member."
    ann = signed_in(ADMIN)
    assert said not in ann.open(managed(BOTH)).text
    link = link_to(ann, NEW)
    assert said in ann.open(managed(BOTH)).text
    assert said not in ann.open(managed(MEMBER)).text
    assert visitor().open(link).status == 200
    ann.open(managed(BOTH))
    ann.send(f"{managed(BOTH)}/remove")
    assert visitor().open(link).status == 404


def test_one_of_two_administrators_can_go(company, signed_in):
    somebody = signed_in(ADMIN, managed(MEMBER))
    somebody.send(f"{managed(MEMBER)}/role", role="admin")
    assert role_of(MEMBER, company.acme) == "admin"
    somebody.open(managed(ADMIN))
    somebody.send(f"{managed(ADMIN)}/remove")
    assert role_of(ADMIN, company.acme) is None


@pytest.mark.parametrize("action", ["", "/role", "/remove"])
def test_a_member_cannot_raise_themselves_or_remove_others(company, signed_in, action):
    somebody = signed_in(MEMBER, HOME)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    for path in (managed(MEMBER), managed(ADMIN)):
        if action:
            page = somebody.post(path + action, [("form_key", key), ("role", "admin")])
        else:
            page = somebody.open(path)
        assert page.status == 403
    assert role_of(MEMBER, company.acme) == "member"
    assert role_of(ADMIN, company.acme) == "admin"


def test_a_member_cannot_invite(signed_in):
    somebody = signed_in(MEMBER, HOME)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    fields = [("form_key", key), ("form_id", "a" * 32), ("email", NEW), ("role", "admin")]
    assert somebody.open(INVITE).status == 403
    assert somebody.post(INVITE, fields).status == 403
    assert Invitation.select().count() == 0


@pytest.mark.parametrize("action", ["role", "remove"])
def test_members_and_invitations_of_another_account_are_not_there(company, signed_in, action):
    link_to(signed_in(STRANGER), NEW)
    somebody = signed_in(ADMIN, HOME)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    assert somebody.open(managed(STRANGER)).status == 404
    fields = [("form_key", key), ("role", "member")]
    assert somebody.post(f"{managed(STRANGER)}/{action}", fields).status == 404
    offer = Invitation.get().public_id
    assert somebody.post(f"{HOME}/invitations/{offer}/withdraw", fields).status == 404
    assert role_of(STRANGER, company.globex) == "admin"
    assert Invitation.select().count() == 1


def test_each_change_is_in_the_trail_without_the_code(signed_in, visitor):
    path = link_to(signed_in(ADMIN), NEW)
    newcomer = visitor()
    newcomer.open(path)
    newcomer.send(path, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    written = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert {"invitation.created", "user.created", "member.added"} <= set(written)
    rows = str(list(AuditEntry.select().dicts())) + str(list(Invitation.select().dicts()))
    assert path.rpartition("/")[2] not in rows
