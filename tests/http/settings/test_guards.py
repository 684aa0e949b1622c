"""What keeps other sites, other people and repeated forms out of the Settings pages."""

from __future__ import annotations

import httpx
import pytest
from visitors import PASSWORD, shown

from gateway import sessions
from gateway.web import forgery
from models import Session

ADMIN, MEMBER, BOTH = "ann@example.com", "bo@example.com", "kim@example.com"
SIGN_IN, SIGN_OUT, ACCOUNTS = "/settings/sign-in", "/settings/sign-out", "/settings/accounts"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "fields",
    [[], [("form_key", "")], [("form_key", "0" * 64)], [("form_key", "ä")]],
    ids=["none", "empty", "wrong", "no digits"],
)
def test_a_form_without_the_key_of_this_browser_is_not_taken(signed_in, fields):
    page = signed_in().post(SIGN_OUT, fields)
    assert page.status == 403
    assert Session.select().count() == 1


def test_a_form_with_the_key_twice_is_not_taken(signed_in):
    somebody = signed_in()
    key = somebody.page.form(SIGN_OUT)["form_key"]
    assert somebody.post(SIGN_OUT, [("form_key", key), ("form_key", key)]).status == 403


def test_the_key_of_another_session_does_not_fit(signed_in):
    theirs = signed_in(MEMBER).page.form(SIGN_OUT)["form_key"]
    assert signed_in(ADMIN).post(SIGN_OUT, [("form_key", theirs)]).status == 403
    assert Session.select().count() == 2


def test_a_form_from_before_the_sign_in_is_not_taken_after_it(company, visitor):
    somebody = visitor()
    before = somebody.open(SIGN_IN).form(SIGN_IN)["form_key"]
    somebody.sign_in(ADMIN, path=ACCOUNTS)
    assert somebody.post(SIGN_OUT, [("form_key", before)]).status == 403


def test_a_form_from_before_the_sign_out_is_not_taken_after_it(signed_in):
    somebody = signed_in()
    form = somebody.page.form(SIGN_OUT)
    somebody.send(SIGN_OUT)
    page = somebody.post(SIGN_OUT, form.filled())
    assert page.path == SIGN_IN


def test_a_sign_in_can_be_forged_as_little_as_anything_else(company, visitor):
    """Else an attacker could sign a visitor in as themselves, and read what they then do."""
    fields = [("email", ADMIN), ("password", PASSWORD)]
    assert visitor().post(SIGN_IN, fields).status == 403
    # A key without the cookie that it belongs to is no better.
    key = visitor().open(SIGN_IN).form(SIGN_IN)["form_key"]
    assert visitor().post(SIGN_IN, [("form_key", key), *fields]).status == 403
    assert Session.select().count() == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "own"}, 403),
        ({"Origin": "own"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({}, 200),
    ],
    ids=str,
)
def test_a_form_that_another_site_sends_is_not_taken_even_with_the_key(
    gateway, signed_in, headers, status
):
    somebody = signed_in()
    sent = {name: gateway.url if value == "own" else value for name, value in headers.items()}
    page = somebody.post(SIGN_OUT, somebody.page.form(SIGN_OUT).filled(), headers=sent)
    assert page.status == status
    assert Session.select().count() == (status == 403)


def test_our_pages_may_be_reached_under_the_public_address(start, company, visitor):
    behind = start(public_url="https://hiring.example.com/kit")
    client = httpx.Client(base_url=behind.url)
    answer = client.get(SIGN_IN)
    form = shown(answer).form(SIGN_IN)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    body = form.filled(email=ADMIN, password=PASSWORD)
    headers = {"Origin": "https://hiring.example.com", "Cookie": cookie}
    sent = client.post(SIGN_IN, data=dict(body), headers=headers)
    assert sent.status_code == 303
    # Below a prefix that a proxy takes away, links must be relative.
    assert not sent.headers["location"].startswith("/")
    client.close()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"form_key=%00", FORM),
        (b"form_key=%ff", FORM),
        (b"\xff", FORM),
        (b"a=1" + b"&a=1" * 600, FORM),
        (b'{"form_key": "x"}', "application/json"),
        (b"form_key=x", "text/plain"),
        (b"", ""),
    ],
    ids=["NUL", "no UTF-8", "no ASCII", "many fields", "JSON", "plain text", "no type"],
)
def test_what_is_no_form_is_400(signed_in, body, content_type):
    somebody = signed_in()
    answer = somebody.client.post(SIGN_OUT, content=body, headers={"content-type": content_type})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert Session.select().count() == 1


def test_a_body_that_is_too_long_is_413(signed_in):
    answer = signed_in().client.post(
        SIGN_OUT, content=b"a=" + b"x" * 70_000, headers={"content-type": FORM}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [SIGN_IN, ACCOUNTS, "/settings/nothing", "/settings/a/%00"])
def test_every_page_forbids_frames_inline_scripts_and_caches(signed_in, path):
    answer = signed_in().client.get(path)
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_a_page_that_is_not_there_is_404_as_a_page(signed_in):
    page = signed_in().open("/settings/nothing/at/all")
    assert page.status == 404
    assert "There is no such page" in page.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_405_with_what_is_allowed(signed_in, method):
    answer = signed_in().client.request(method, SIGN_IN)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_what_only_takes_forms_cannot_be_opened(signed_in):
    somebody = signed_in()
    assert somebody.open(SIGN_OUT).status == 405
    assert Session.select().count() == 1


def test_head_answers_as_get_without_a_body(signed_in):
    answer = signed_in().client.head(ACCOUNTS)
    assert (answer.status_code, answer.content) == (200, b"")


def test_nobody_can_choose_an_account_of_others(company, signed_in):
    somebody = signed_in(ADMIN)
    key = somebody.page.form(SIGN_OUT)["form_key"]
    for account in (company.globex.public_id, "acct_nothing", ""):
        page = somebody.post(ACCOUNTS, [("form_key", key), ("account", account)])
        assert page.status == 422
    assert Session.get().selected_account_id == company.acme.id


def test_assets_are_kept_by_their_content_and_nothing_else_is_served(gateway, company, visitor):
    page = visitor().open(SIGN_IN)
    paths = [part.split('"')[0] for part in page.response.text.split('="../')[1:]]
    assets = [path for path in paths if "/assets/" in path]
    assert len(assets) == 3
    for path in assets:
        answer = gateway.client.get(f"/{path}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for name in ("settings.css", "..%2f..%2fmodels.py", "base.html", ""):
        assert gateway.client.get(f"/settings/assets/{name}").status_code == 404


def test_a_form_can_be_spent_once_in_a_session(company, signed_in):
    signed_in(ADMIN), signed_in(MEMBER)
    first, second = Session.select()
    assert sessions.spend(first, "a" * 32)
    assert not sessions.spend(first, "a" * 32)
    assert sessions.spend(second, "a" * 32)
    sessions.unspend(first, "a" * 32)
    assert sessions.spend(first, "a" * 32)


def test_the_key_of_forms_tells_nothing_of_the_cookie(signed_in):
    somebody = signed_in()
    secret = somebody.client.cookies["gateway_session"]
    key = somebody.page.form(SIGN_OUT)["form_key"]
    assert forgery.is_form_key(key, secret)
    assert secret not in somebody.page.response.text


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_is_sent_is_shown_as_text(company, visitor, word):
    somebody = visitor()
    somebody.open(SIGN_IN, params={"next": word, "said": word})
    assert word not in somebody.page.response.text
    somebody.open(SIGN_IN)
    page = somebody.send(SIGN_IN, email=word, password=word, next=word)
    assert word not in page.response.text
    assert page.form(SIGN_IN)["email"] == word.lower()
