"""Settings > Account, and the user's own sign-in, over HTTP."""

from __future__ import annotations

import pytest
from visitors import PASSWORD

from models import Account, Session

ADMIN, MEMBER = "ann@example.com", "bo@example.com"
ACCOUNT, DELETE = "/settings/account", "/settings/account/delete"
PROFILE, CHANGE = "/settings/profile", "/settings/profile/password"
NEW_PASSWORD = "a password of their own"
SCRIPT = "<script>alert(1)</script>"


def names() -> list[str]:
    return [one.name for one in Account.select().order_by(Account.id)]


def test_an_administrator_renames_the_account(signed_in):
    page = signed_in(ADMIN, ACCOUNT).send(ACCOUNT, name="  Acme GmbH ")
    assert "The account has a new name." in page.text
    assert names() == ["Acme GmbH", "Globex"]


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_wrong_name_is_told_and_kept(signed_in, name):
    page = signed_in(ADMIN, ACCOUNT).send(ACCOUNT, name=name)
    assert page.status == 422
    assert page.form(ACCOUNT)["name"] == name
    assert names() == ["Acme", "Globex"]


def test_a_notice_is_shown_once(signed_in):
    somebody = signed_in(ADMIN, ACCOUNT)
    assert "new name" in somebody.send(ACCOUNT, name="Other").text
    assert "new name" not in somebody.open(ACCOUNT).text


def test_a_name_is_text_wherever_it_is_shown(signed_in):
    somebody = signed_in(ADMIN, ACCOUNT)
    somebody.send(ACCOUNT, name=SCRIPT)
    for path in (ACCOUNT, "/settings/members", "/settings/api", "/settings/accounts"):
        page = somebody.open(path)
        assert SCRIPT not in page.response.text
    assert SCRIPT in somebody.open(ACCOUNT).text


@pytest.mark.parametrize("typed", ["", "acme", "Globex"])
def test_an_account_is_deleted_only_after_its_name_was_typed(signed_in, typed):
    page = signed_in(ADMIN, ACCOUNT).send(DELETE, typed_name=typed)
    assert page.status == 422
    assert page.form(DELETE)["typed_name"] == typed
    assert page.form(ACCOUNT)["name"] == "Acme"
    assert names() == ["Acme", "Globex"]


def test_a_deleted_account_is_gone_and_its_members_stay_signed_in(signed_in):
    page = signed_in(ADMIN, ACCOUNT).send(DELETE, typed_name="Acme")
    assert names() == ["Globex"]
    assert page.path == "/settings/accounts"
    assert "Acme is deleted" in page.text
    assert "You belong to no account" in page.text


def test_a_member_can_neither_rename_nor_delete(signed_in):
    somebody = signed_in(MEMBER, ACCOUNT)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    assert somebody.post(ACCOUNT, [("form_key", key), ("name", "Mine")]).status == 403
    assert somebody.post(DELETE, [("form_key", key), ("typed_name", "Acme")]).status == 403
    assert names() == ["Acme", "Globex"]


def changed(somebody, **fields):
    given = {
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }
    return somebody.send(CHANGE, **(given | fields))


def test_a_new_password_ends_the_other_sessions(signed_in, visitor):
    other, somebody = signed_in(ADMIN), signed_in(ADMIN, PROFILE)
    assert "signed out of 1 other browser" in changed(somebody).text
    assert other.open(PROFILE).path == "/settings/sign-in"
    assert somebody.open(PROFILE).path == PROFILE
    assert visitor().sign_in(ADMIN).status == 422
    assert visitor().sign_in(ADMIN, NEW_PASSWORD).path != "/settings/sign-in"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "a wrong password"),
        ("new_password", "short"),
        ("new_password_again", "another password"),
    ],
)
def test_a_wrong_password_is_told_at_its_field_and_never_shown(signed_in, visitor, name, value):
    page = changed(signed_in(ADMIN, PROFILE), **{name: value})
    assert page.status == 422
    assert f'id="{name}-error"' in page.response.text
    assert NEW_PASSWORD not in page.response.text
    assert visitor().sign_in(ADMIN).path != "/settings/sign-in"


def test_guessing_the_present_password_gets_slow(signed_in):
    somebody = signed_in(ADMIN, PROFILE)
    statuses = [changed(somebody, password="wrong").status for _ in range(7)]
    assert statuses[-1] == 429


def test_one_of_ones_own_sessions_can_be_ended(signed_in):
    other, somebody = signed_in(ADMIN), signed_in(ADMIN, PROFILE)
    first = Session.select().order_by(Session.id).first()
    page = somebody.send(f"{PROFILE}/sessions/{first.public_id}/end")
    assert "The browser is signed out." in page.text
    assert other.open(PROFILE).path == "/settings/sign-in"


def test_nobody_ends_sessions_of_others(signed_in):
    signed_in(MEMBER)
    somebody = signed_in(ADMIN, PROFILE)
    theirs = next(one for one in Session.select() if one.user.email == MEMBER)
    key = somebody.page.form("/settings/sign-out")["form_key"]
    path = f"{PROFILE}/sessions/{theirs.public_id}/end"
    assert somebody.post(path, [("form_key", key)]).status == 404
    assert Session.select().count() == 2


def test_signing_out_everywhere_ends_all_of_ones_sessions_and_no_others(signed_in):
    signed_in(MEMBER), signed_in(ADMIN)
    somebody = signed_in(ADMIN, PROFILE)
    page = somebody.send(f"{PROFILE}/sign-out-everywhere")
    assert "You have signed out in every browser." in page.text
    assert [one.user.email for one in Session.select()] == [MEMBER]


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (SCRIPT, "Another browser"),
    ],
)
def test_a_browser_is_named_by_what_it_says(company, visitor, agent, shown):
    somebody = visitor()
    somebody.client.headers["user-agent"] = agent
    page = somebody.sign_in(ADMIN, path=PROFILE)
    assert shown in page.text
    assert SCRIPT not in page.response.text
