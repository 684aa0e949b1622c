"""Attacks on the pages of members, invitations, the account and one's sign-in.

Forged and repeated forms, roles taken without leave, ids of others, texts that are markup, and
addresses that lead away.
"""

from __future__ import annotations

import re
import threading
from html.parser import HTMLParser

import httpx
import pytest
from visitors import PASSWORD, Visitor

from gateway import accounts, invitations, tokens
from gateway.audit import SYSTEM
from gateway.roles import Role
from models import Account, Invitation, Membership, Session, Token, User

NOW = 1_780_000_000
ADMIN, MEMBER, STRANGER, BOTH = (f"{name}@example.com" for name in ("ann", "bo", "eve", "kim"))
NEW = "new@example.com"
NEW_PASSWORD = "a password of their own"
MEMBERS, INVITE = "/settings/members", "/settings/members/invite"
ACCOUNT, DELETE, PROFILE = "/settings/account", "/settings/account/delete", "/settings/profile"
TABLES = (Account, User, Membership, Token, Invitation)


def user(email: str) -> User:
    return User.get(User.email == email)


def state() -> list[list[tuple]]:
    """Return all that these forms can change, sessions by their ids."""
    rows = [sorted(table.select().tuples(), key=str) for table in TABLES]
    return [*rows, sorted(Session.select(Session.public_id).tuples())]


def key_of(somebody) -> str:
    return somebody.open(PROFILE).form("/settings/sign-out")["form_key"]


@pytest.fixture
def offered(company) -> str:
    """The path of the link of an open invitation to Acme."""
    _, code = invitations.invite(company.acme, NEW, Role.MEMBER, by=SYSTEM, now=NOW)
    return f"/settings/invitations/{code}"


@pytest.fixture
def forms(company, offered, signed_in) -> dict[str, list[tuple[str, str]]]:
    """Every form of these pages, filled in so that it would be taken; without its key."""
    other = signed_in(ADMIN)  # another browser of the administrator's
    assert other.page.status == 200
    bo = f"{MEMBERS}/{user(MEMBER).public_id}"
    passwords = [("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)]
    return {
        INVITE: [("email", "x@example.com"), ("role", "admin"), ("form_id", "a" * 32)],
        f"{MEMBERS}/invitations/{Invitation.get().public_id}/withdraw": [],
        f"{bo}/role": [("role", "admin")],
        f"{bo}/remove": [],
        ACCOUNT: [("name", "Theirs")],
        DELETE: [("typed_name", "Acme")],
        f"{PROFILE}/password": [("password", PASSWORD), *passwords],
        f"{PROFILE}/sessions/{Session.get().public_id}/end": [],
        f"{PROFILE}/sign-out-everywhere": [],
    }


OF_ADMINISTRATORS = 6  # of the forms, the first ones


def test_no_form_of_these_pages_is_taken_from_another_site(forms, offered, signed_in, visitor):
    ann = signed_in(ADMIN)
    key = ("form_key", key_of(ann))
    foreign = signed_in(MEMBER)
    before = state()
    theirs = ("form_key", key_of(foreign))
    for path, fields in forms.items():
        for sent, headers in (
            (fields, {}),
            ([*fields, theirs], {}),
            ([*fields, key], {"sec-fetch-site": "cross-site"}),
            ([*fields, key], {"origin": "https://evil.example"}),
        ):
            assert ann.post(path, sent, headers=headers).status == 403, path
    passwords = [("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)]
    assert visitor().post(offered, passwords).status == 403
    assert state() == before
    # And each of them is taken with its key, so that it was the key that was missing.
    for path, fields in forms.items():
        if path.startswith(MEMBERS):
            assert ann.post(path, [*fields, key]).status == 200, path
    assert state() != before


def test_a_member_sends_every_form_of_an_administrator_in_vain(forms, signed_in):
    bo = signed_in(MEMBER)
    key = ("form_key", key_of(bo))
    before = state()
    for path, fields in list(forms.items())[:OF_ADMINISTRATORS]:
        assert bo.post(path, [*fields, key]).status == 403, path
    assert bo.open(f"{MEMBERS}/{user(MEMBER).public_id}").status == 403
    assert bo.open(INVITE).status == 403
    assert state() == before


def test_an_administrator_elsewhere_sends_them_in_vain(forms, signed_in):
    """The ids in the paths are of another account than the one that is selected."""
    eve = signed_in(STRANGER)
    key = ("form_key", key_of(eve))
    before = state()
    for path, fields in forms.items():
        if path.startswith(f"{MEMBERS}/") and path != INVITE:
            assert eve.post(path, [*fields, key]).status == 404, path
    assert eve.post(DELETE, [("typed_name", "Acme"), key]).status == 422
    assert state() == before


def test_a_field_for_another_account_or_user_is_of_no_use(company, signed_in):
    """What acts is the session's account and the path's member, whatever else a form holds."""
    eve = signed_in(STRANGER)
    stray = [
        ("account", company.acme.public_id),
        ("account_id", company.acme.public_id),
        ("id", user(ADMIN).public_id),
        ("user", ADMIN),
    ]
    eve.post(ACCOUNT, [("name", "Renamed"), ("form_key", key_of(eve)), *stray])
    assert [one.name for one in Account.select().order_by(Account.id)] == ["Acme", "Renamed"]


def test_who_is_no_administrator_any_more_is_refused_at_once(company, signed_in):
    accounts.change_role(company.acme, user(MEMBER), Role.ADMIN, by=SYSTEM, now=NOW)
    bo = signed_in(MEMBER, INVITE)
    fields = bo.page.form(INVITE).filled(email=NEW, role="admin")
    accounts.change_role(company.acme, user(MEMBER), Role.MEMBER, by=SYSTEM, now=NOW)
    assert bo.post(INVITE, fields).status == 403
    assert not Invitation.select().exists()


def test_an_invitation_gives_no_other_role_than_the_offered_one(company, offered, visitor):
    newcomer = visitor()
    fields = newcomer.open(offered).form(offered).filled(new_password=NEW_PASSWORD)
    more = [("new_password_again", NEW_PASSWORD), ("role", "admin"), ("email", ADMIN)]
    newcomer.post(offered, [*(one for one in fields if one[0] != more[0][0]), *more])
    joined = Membership.get(Membership.user == user(NEW))
    assert (joined.account, joined.role) == (company.acme, "member")


def test_two_administrators_who_remove_each_other_at_once_leave_one(company, signed_in):
    accounts.change_role(company.acme, user(MEMBER), Role.ADMIN, by=SYSTEM, now=NOW)
    both = {MEMBER: signed_in(ADMIN), ADMIN: signed_in(MEMBER)}
    keys = {whom: key_of(who) for whom, who in both.items()}
    together = threading.Barrier(2)

    def remove(whom: str) -> None:
        together.wait()
        path = f"{MEMBERS}/{user_ids[whom]}/remove"
        both[whom].post(path, [("form_key", keys[whom])])

    user_ids = {whom: user(whom).public_id for whom in both}
    threads = [threading.Thread(target=remove, args=(whom,)) for whom in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    admins = Membership.select().where(
        Membership.account == company.acme, Membership.role == "admin"
    )
    assert admins.count() == 1


# --- sent again -----------------------------------------------------------------------------------


def test_an_accepted_invitation_is_worth_nothing_a_second_time(company, offered, visitor):
    newcomer = visitor()
    passwords = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    fields = newcomer.open(offered).form(offered).filled(**passwords)
    newcomer.post(offered, fields)
    accounts.remove_member(company.acme, user(NEW), by=SYSTEM, now=NOW)
    again = newcomer.open("/settings/accounts").form("/settings/sign-out")["form_key"]
    assert newcomer.post(offered, [("form_key", again)]).status == 404
    assert visitor().open(offered).status == 404
    assert not Membership.select().where(Membership.user == user(NEW)).exists()


def test_forms_that_are_sent_again_do_nothing_more(company, forms, signed_in):
    tokens.create(
        account=company.acme,
        user=user(MEMBER),
        name="Board",
        scopes=(),
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=(),
    )
    ann = signed_in(ADMIN)
    key = ("form_key", key_of(ann))
    removal = f"{MEMBERS}/{user(MEMBER).public_id}/remove"
    for path in (removal, f"{MEMBERS}/invitations/{Invitation.get().public_id}/withdraw"):
        assert ann.post(path, [*forms[path], key]).status == 200
        before = state()
        assert ann.post(path, [*forms[path], key]).status == 404
        assert state() == before


def test_a_deletion_that_is_sent_again_deletes_no_other_account(company, signed_in):
    accounts.change_role(company.acme, user(BOTH), Role.ADMIN, by=SYSTEM, now=NOW)
    accounts.rename_account(company.globex, "Acme", by=SYSTEM, now=NOW)
    accounts.change_role(company.globex, user(BOTH), Role.ADMIN, by=SYSTEM, now=NOW)
    kim = signed_in(BOTH)
    kim.send("/settings/accounts", company.acme.public_id)
    fields = kim.open(ACCOUNT).form(DELETE).filled(typed_name="Acme")
    kim.post(DELETE, fields)
    kim.post(DELETE, fields)  # no account is selected any more
    assert [one.public_id for one in Account.select()] == [company.globex.public_id]


def test_a_password_form_from_before_the_change_is_of_no_use(signed_in):
    ann = signed_in(ADMIN, PROFILE)
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    fields = ann.page.form(f"{PROFILE}/password").filled(**given)
    assert ann.post(f"{PROFILE}/password", fields).status == 200
    changed = user(ADMIN).password_hash
    assert ann.post(f"{PROFILE}/password", fields).status == 422
    assert user(ADMIN).password_hash == changed


# --- what is deleted, and what goes with it -------------------------------------------------------


@pytest.mark.parametrize("how", ["account", "member"])
def test_tokens_and_sessions_read_nothing_from_the_next_request_on(
    gateway, company, signed_in, how
):
    _, secret = tokens.create(
        account=company.acme,
        user=user(MEMBER),
        name="Board",
        scopes=["applications:read"],
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=("applications:read",),
    )
    bo, ann = signed_in(MEMBER), signed_in(ADMIN, ACCOUNT)
    assert gateway.get("/applications", secret).status_code == 200
    assert bo.client.get("/api/v1/applications").status_code == 200
    if how == "account":
        ann.send(DELETE, typed_name="Acme")
    else:
        ann.open(f"{MEMBERS}/{user(MEMBER).public_id}")
        ann.send(f"{MEMBERS}/{user(MEMBER).public_id}/remove")
    assert gateway.get("/applications", secret).status_code == 401
    assert bo.client.get("/api/v1/applications").status_code == 400


# --- texts that are markup ------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 9*'q' }}",
]
# An address may have these before the @.
HOSTILE_EMAIL = "o'{{9*'q'}}&lt`$x`@example.com"


class Tags(HTMLParser):
    """Every tag of a page, with the names of its attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name for name, _ in attrs}))


def is_text(page) -> None:
    """Nothing of what was typed has become markup, or was computed."""
    assert "qqqqqqqqq" not in page.response.text
    for tag, attributes in Tags(page.response.text).found:
        assert tag not in ("img", "iframe", "object", "base")
        assert tag != "script" or "src" in attributes
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_accounts_name_is_text_on_every_page_that_shows_it(
    company, signed_in, visitor, offered, text
):
    ann = signed_in(ADMIN, ACCOUNT)
    pages = [ann.send(ACCOUNT, name=text), ann.send(DELETE, typed_name="x")]
    pages += [ann.open(path) for path in (ACCOUNT, MEMBERS, INVITE, "/settings/accounts")]
    pages += [ann.open(f"{MEMBERS}/{user(MEMBER).public_id}")]
    ann.open(INVITE)
    pages += [ann.send(INVITE, email="x@example.com", role="member")]
    newcomer = visitor()
    pages += [newcomer.open(offered)]
    for page in pages:
        assert text in page.text
        is_text(page)
    page = newcomer.send(offered, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    assert f"You are a member of {text} now." in page.text
    is_text(page)
    ann.open(ACCOUNT)
    page = ann.send(DELETE, typed_name=text)
    assert f"{text} is deleted" in page.text
    is_text(page)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("path", "field"),
    [(INVITE, "email"), (INVITE, "role"), (ACCOUNT, "name"), (DELETE, "typed_name")],
)
def test_what_is_refused_comes_back_as_text(signed_in, path, field, text):
    ann = signed_in(ADMIN, INVITE if path == INVITE else ACCOUNT)
    wrong = text * 30 if field == "name" else text
    page = ann.send(path, **{"email": NEW, "role": "member"} | {field: wrong})
    assert page.status == 422
    is_text(page)
    if field != "role":  # of radio buttons nothing is shown again
        assert page.form(path)[field] == wrong


def test_an_address_is_text_on_every_page_that_shows_it(company, signed_in, visitor):
    ann = signed_in(ADMIN, INVITE)
    page = ann.send(INVITE, email=HOSTILE_EMAIL, role="member")
    link = re.search(r"/settings/invitations/[A-Za-z0-9_-]{43}", page.text)[0]
    pages = [page, ann.open(MEMBERS)]
    newcomer = visitor()
    pages += [newcomer.open(link)]
    newcomer.send(link, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    pages += [newcomer.open(PROFILE), ann.open(MEMBERS)]
    pages += [ann.open(f"{MEMBERS}/{user(HOSTILE_EMAIL).public_id}")]
    pages += [ann.send(f"{MEMBERS}/{user(HOSTILE_EMAIL).public_id}/remove")]
    for page in pages:
        assert HOSTILE_EMAIL in page.text
        is_text(page)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_browser_calls_itself_and_a_path_are_shown_as_text_or_not_at_all(
    company, visitor, text
):
    somebody = visitor()
    somebody.client.headers["user-agent"] = text
    pages = [somebody.sign_in(ADMIN, path=PROFILE)]
    pages += [somebody.open(f"/settings/invitations/{text}".replace("/a", "%2Fa"))]
    pages += [somebody.open(f"{MEMBERS}/{text}")]
    for page in pages:
        is_text(page)


# --- addresses that lead away ---------------------------------------------------------------------

AWAY = ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("target", AWAY)
def test_joining_leads_nowhere_else(company, offered, visitor, target):
    newcomer = visitor()
    page = newcomer.open(offered, params={"next": target})
    passwords = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    answer = sent(newcomer, offered, page.form(offered).filled(**passwords, next=target))
    assert answer.status_code == 303
    assert answer.headers["location"] == "../../settings"


@pytest.mark.parametrize("target", AWAY)
def test_the_sign_in_on_the_way_to_joining_leads_nowhere_else(company, visitor, target):
    _, code = invitations.invite(company.acme, STRANGER, Role.MEMBER, by=SYSTEM, now=NOW)
    path = f"/settings/invitations/{code}"
    somebody = visitor()
    form = somebody.open(path).form("/settings/sign-in")
    assert form["next"] == path
    answer = sent(somebody, "/settings/sign-in", form.filled(password=PASSWORD, next=target))
    assert (answer.status_code, answer.headers["location"]) == (303, "../settings")


@pytest.mark.parametrize("target", AWAY)
def test_the_choice_of_an_account_leads_nowhere_else(company, signed_in, target):
    kim = signed_in(BOTH)
    form = kim.page.form("/settings/accounts", company.acme.public_id)
    answer = sent(kim, "/settings/accounts", form.filled(next=target))
    assert (answer.status_code, answer.headers["location"]) == (303, "../settings")


def sent(somebody: Visitor, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
    """Send a form and follow no redirect."""
    return somebody.client.post(path, data=dict(fields), follow_redirects=False)
