"""Signing in and out, and what a session is."""

from __future__ import annotations

import hashlib

import pytest
from visitors import PASSWORD, PASSWORD_HASH, shown

from gateway import attempts
from models import AuditEntry, Session, User

ADMIN, MEMBER, BOTH = "ann@example.com", "bo@example.com", "kim@example.com"
SIGN_IN = "/settings/sign-in"


def cookie_of(somebody) -> str | None:
    return somebody.client.cookies.get("gateway_session")


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(company, visitor):
    somebody = visitor()
    page = somebody.open("/settings/accounts")
    assert (page.path, page.form(SIGN_IN)["next"]) == (SIGN_IN, "/settings/accounts")

    page = somebody.send(SIGN_IN, email=ADMIN, password=PASSWORD)

    assert page.path == "/settings/accounts"
    assert ADMIN in page.text


def test_an_address_is_taken_in_any_case_and_with_blanks(company, visitor):
    assert visitor().sign_in(f" {ADMIN.upper()} ").path != SIGN_IN


@pytest.mark.parametrize("email", [ADMIN, "nobody@example.com", "", "no address", "ä" * 300])
def test_a_wrong_password_and_an_unknown_address_are_told_apart_by_nothing(company, visitor, email):
    page = visitor().sign_in(email, "a password that is wrong")
    assert page.status == 422
    assert "The e-mail address or the password is wrong." in page.text
    assert page.form(SIGN_IN)["email"] == email.lower() or email == ""
    assert page.form(SIGN_IN)["password"] == ""


def test_a_user_without_a_password_cannot_sign_in(company, visitor):
    User.update(password_hash=None).where(User.email == ADMIN).execute()
    assert visitor().sign_in(ADMIN, "").status == 422


def test_a_hash_with_old_parameters_is_renewed_at_sign_in(company, visitor):
    visitor().sign_in(ADMIN)
    renewed = User.get(User.email == ADMIN).password_hash
    assert renewed != PASSWORD_HASH
    assert visitor().sign_in(ADMIN).path != SIGN_IN


def test_the_database_holds_no_session_id(signed_in):
    somebody = signed_in()
    secret = cookie_of(somebody)
    (row,) = Session.select().dicts()
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in map(str, row.values())
    assert len(secret) == 43


def test_the_id_is_another_one_after_signing_in(company, visitor):
    """A session id that somebody planted in the browser opens nothing."""
    somebody = visitor()
    somebody.open(SIGN_IN)
    before = cookie_of(somebody)

    somebody.send(SIGN_IN, email=ADMIN, password=PASSWORD)

    assert cookie_of(somebody) != before
    planted = visitor()
    planted.client.cookies.set("gateway_session", before)
    assert planted.open("/settings/accounts").path == SIGN_IN


def test_signing_in_again_ends_the_session_that_was_there(signed_in):
    somebody = signed_in()
    form = somebody.page.form("/settings/sign-out")
    before = cookie_of(somebody)
    somebody.post(
        SIGN_IN, [("form_key", form["form_key"]), ("email", MEMBER), ("password", PASSWORD)]
    )
    assert cookie_of(somebody) != before
    assert [one.user.email for one in Session.select()] == [MEMBER]


def test_signing_out_ends_the_session_not_the_cookie_alone(signed_in, visitor):
    somebody = signed_in()
    secret = cookie_of(somebody)
    page = somebody.send("/settings/sign-out")
    assert "You have signed out." in page.text
    assert Session.select().count() == 0

    thief = visitor()
    thief.client.cookies.set("gateway_session", secret)
    assert thief.open("/settings/accounts").path == SIGN_IN


@pytest.mark.parametrize(
    ("after_s", "alive"), [(0, True), (28_799, True), (28_800, False), (604_800, False)]
)
def test_a_session_that_is_idle_for_too_long_has_ended(gateway, signed_in, after_s, alive):
    somebody = signed_in()
    gateway.clock.now += after_s
    assert (somebody.open("/settings/accounts").path != SIGN_IN) is alive


def test_a_session_that_is_used_ends_at_its_greatest_age(gateway, signed_in):
    somebody = signed_in()
    for _ in range(24 * 7 // 7 - 1):
        gateway.clock.now += 7 * 3_600
        assert somebody.open("/settings/accounts").path != SIGN_IN
    gateway.clock.now += 7 * 3_600
    assert somebody.open("/settings/accounts").path == SIGN_IN


def test_guessing_gets_slow_for_an_address_and_does_not_lock_its_owner_out(
    gateway, company, visitor
):
    guesser = visitor()
    statuses = [guesser.sign_in(ADMIN, "wrong").status for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    assert "Try again in 1 second." in guesser.page.text
    assert guesser.page.response.headers["retry-after"] == "1"

    # While it waits, not even the right password is tried.
    assert visitor().sign_in(ADMIN).status == 429
    gateway.clock.now += attempts.EMAIL.longest_wait_s
    assert visitor().sign_in(ADMIN).path != SIGN_IN
    # And a right one clears the count.
    assert visitor().sign_in(ADMIN, "wrong").status == 422


def test_guessing_gets_slow_for_a_client_whatever_addresses_it_tries(company, visitor):
    guesser = visitor()
    statuses = [guesser.sign_in(f"nobody{n}@example.com", "wrong").status for n in range(22)]
    assert statuses == [422] * attempts.ADDRESS.free + [429] * 2


def test_a_right_password_gives_a_client_no_more_guesses(company, visitor):
    guesser = visitor()
    for n in range(10):
        guesser.sign_in(f"nobody{n}@example.com", "wrong")
    assert visitor().sign_in(MEMBER).path != SIGN_IN
    statuses = [guesser.sign_in(f"nobody{n}@example.com", "wrong").status for n in range(10, 22)]
    assert statuses[-2:] == [429, 429]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/settings//evil.example",
        "/settings/../docs",
        "/settings/@evil.example",
        "javascript:alert(1)",
        "/settings\r\nSet-Cookie: a=b",
        "settings.evil.example",
        "/api/v1/candidates",
    ],
)
def test_a_sign_in_leads_nowhere_else(company, visitor, target):
    somebody = visitor()
    somebody.open(SIGN_IN, params={"next": target})
    form = somebody.page.form(SIGN_IN)
    answer = somebody.client.post(
        SIGN_IN, data=dict(form.filled(email=ADMIN, password=PASSWORD, next=target))
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "../settings"


def test_the_cookie_is_kept_from_scripts_and_other_sites(company, visitor):
    somebody = visitor()
    somebody.open(SIGN_IN)
    form = somebody.page.form(SIGN_IN)
    answer = somebody.client.post(SIGN_IN, data=dict(form.filled(email=ADMIN, password=PASSWORD)))
    words = [word.strip().lower() for word in answer.headers["set-cookie"].split(";")]
    assert {"httponly", "samesite=lax", "path=/"} <= set(words)
    assert not any(word.startswith(("domain", "expires", "max-age")) for word in words)
    assert "secure" not in words


def test_under_https_the_cookie_is_bound_to_this_host(start, company):
    import httpx

    behind_tls = start(public_url="https://hiring.example.com")
    answer = httpx.get(f"{behind_tls.url}{SIGN_IN}")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-gateway_session=")
    assert "; Secure" in cookie
    assert shown(answer).status == 200


def trail() -> list[tuple[str, str | None, str | None, str | None]]:
    """Return the entries about sessions: action, account, who acted, about whom."""
    return [
        (entry.action, entry.account_name, entry.actor_name, entry.subject_name)
        for entry in AuditEntry.select().order_by(AuditEntry.id)
        if entry.action.startswith("session.")
    ]


def test_signing_in_and_out_is_written_down_for_each_account(company, visitor):
    somebody = visitor()
    somebody.sign_in(BOTH)
    somebody.send("/settings/sign-out")
    assert trail() == [
        (action, account, BOTH, BOTH)
        for action in ("session.signed_in", "session.signed_out")
        for account in ("Acme", "Globex")
    ]


def test_a_failed_sign_in_is_written_down_without_what_was_typed(company, visitor):
    visitor().sign_in(ADMIN, "a password that is wrong")
    visitor().sign_in("pass-typed-for-address", "a password that is wrong")
    assert trail() == [
        ("session.failed", "Acme", None, ADMIN),
        ("session.failed", None, None, None),
    ]
    written = str(list(AuditEntry.select().dicts()))
    assert "pass-typed-for-address" not in written
    assert "a password that is wrong" not in written
    assert {entry.address for entry in AuditEntry if entry.action.startswith("session.")} == {
        "127.0.0.1"
    }
