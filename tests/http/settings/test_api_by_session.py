"""A signed-in browser session reads the API, with all scopes of the account that it works in.

Contract: "Sessions".
"""

from __future__ import annotations

import json

import pytest

from gateway import accounts
from gateway.audit import SYSTEM
from models import Membership, Token, User

ADMIN, MEMBER, STRANGER, BOTH = (f"{name}@example.com" for name in ("ann", "bo", "eve", "kim"))
PATHS = ("/job_postings", "/candidates/cand_ghi789", "/applications/app_jkl012")


@pytest.fixture
def acme(gateway, company, reference):
    gateway.load(company.acme, *reference)
    return company.acme


def api(somebody, path, **options):
    return somebody.client.get(f"/api/v1{path}", **options)


@pytest.mark.parametrize("path", PATHS)
def test_a_session_reads_all_that_a_token_with_every_scope_reads(gateway, acme, signed_in, path):
    member = User.get(User.email == ADMIN)
    gateway.owners[acme.public_id] = member
    token = gateway.token(acme, "job_postings:read", "candidates:read", "applications:read")
    answer = api(signed_in(MEMBER), path)
    assert answer.status_code == 200
    assert answer.content == gateway.get(path, token).content


def test_a_session_reads_its_own_account_alone(acme, signed_in):
    assert api(signed_in(STRANGER), "/candidates/cand_ghi789").status_code == 404
    assert api(signed_in(STRANGER), "/candidates").json()["data"] == []


def test_a_session_without_a_selected_account_is_400_in_the_shape_of_every_error(acme, signed_in):
    answer = api(signed_in(BOTH), "/candidates")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "detail", "request_id"}
    assert "account" in answer.json()["detail"]


def test_the_account_that_is_switched_to_is_the_one_that_is_read(acme, company, signed_in):
    somebody = signed_in(BOTH)
    somebody.send("/settings/accounts", company.acme.public_id)
    assert api(somebody, "/candidates/cand_ghi789").status_code == 200
    somebody.open("/settings/accounts")
    somebody.send("/settings/accounts", company.globex.public_id)
    assert api(somebody, "/candidates/cand_ghi789").status_code == 404


def test_who_is_removed_from_the_account_reads_nothing_more(acme, signed_in):
    somebody = signed_in(MEMBER)
    assert api(somebody, "/candidates").status_code == 200
    Membership.delete().where(Membership.user == User.get(User.email == MEMBER)).execute()
    assert api(somebody, "/candidates").status_code == 400


def test_an_account_that_is_deleted_is_selected_no_longer(acme, signed_in):
    somebody = signed_in(ADMIN)
    accounts.delete_account(acme, by=SYSTEM, now=1)
    assert api(somebody, "/candidates").status_code == 400


@pytest.mark.parametrize("after_s", [28_800, 604_800])
def test_a_session_that_has_ended_is_401(gateway, acme, signed_in, after_s):
    somebody = signed_in(ADMIN)
    gateway.clock.now += after_s
    answer = api(somebody, "/candidates")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_who_has_signed_out_reads_nothing_more(acme, signed_in, visitor):
    somebody = signed_in(ADMIN)
    kept = somebody.client.cookies["gateway_session"]
    somebody.send("/settings/sign-out")
    thief = visitor()
    thief.client.cookies.set("gateway_session", kept)
    assert api(thief, "/candidates").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer 0123456789abcdef0123456789abcdef", "Basic x", "", "Bearer"]
)
def test_an_authorization_header_wins_over_the_cookie(acme, signed_in, header):
    answer = api(signed_in(ADMIN), "/candidates", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_says_what_is_read_even_beside_a_session(gateway, acme, signed_in):
    gateway.owners[acme.public_id] = User.get(User.email == ADMIN)
    token = gateway.token(acme, "applications:read")
    somebody = signed_in(ADMIN)
    headers = {"Authorization": f"Bearer {token}"}
    assert api(somebody, "/candidates", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 200), ("none", 200), ("same-site", 401), ("cross-site", 401), ("x", 401)],
)
def test_a_request_that_another_site_makes_has_no_session(acme, signed_in, site, status):
    answer = api(signed_in(ADMIN), "/candidates", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("cookie", ["gateway_session=x", "gateway_session=" + "A" * 43, "a=b", ";"])
def test_a_cookie_that_is_no_session_is_401(acme, visitor, cookie):
    answer = api(visitor(), "/candidates", headers={"Cookie": cookie})
    assert answer.status_code == 401


def test_of_two_cookies_with_one_name_none_counts(acme, signed_in, visitor):
    """One of them may have been planted."""
    secret = signed_in(ADMIN).client.cookies["gateway_session"]
    twice = f"gateway_session={secret}; gateway_session={'A' * 43}"
    assert api(visitor(), "/candidates", headers={"Cookie": twice}).status_code == 401


def test_a_session_has_no_token_to_tell_about(acme, signed_in):
    answer = api(signed_in(ADMIN), "/token")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The request was made with a session")


def test_a_session_uses_no_token(gateway, acme, signed_in):
    gateway.owners[acme.public_id] = User.get(User.email == ADMIN)
    gateway.token(acme, "candidates:read")
    api(signed_in(ADMIN), "/candidates")
    assert Token.get().last_used_at is None


def test_the_published_document_tells_nothing_of_sessions(gateway, acme, signed_in):
    published = gateway.get("/openapi.json")
    assert list(published.json()["components"]["securitySchemes"]) == ["bearer"]
    assert api(signed_in(ADMIN), "/openapi.json").content == published.content


@pytest.fixture
def recording(start, tmp_path):
    return start(disclosure_log=tmp_path / "disclosures.jsonl"), tmp_path / "disclosures.jsonl"


def test_the_disclosure_log_names_the_user_of_a_session(recording, company, reference, visitor):
    import httpx

    gateway, path = recording
    gateway.load(company.acme, *reference)
    somebody = visitor()
    somebody.client = httpx.Client(base_url=gateway.url)
    somebody.sign_in(ADMIN, path="/settings/accounts")
    assert api(somebody, "/candidates/cand_ghi789").status_code == 200
    (line,) = map(json.loads, path.read_text().splitlines())
    assert line["token"] == User.get(User.email == ADMIN).public_id
    somebody.client.close()
