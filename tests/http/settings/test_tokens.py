"""Settings > API over HTTP: who may do what with which token, and what never leaves."""

from __future__ import annotations

import html
import re
import shlex
from urllib.parse import urlsplit

import httpx
import pytest
from visitors import Visitor

from gateway import tokens
from gateway.alerts import Inactivity
from gateway.audit import SYSTEM
from models import Account, Token, User

NOW = 1_780_000_000
DAY_S = 86_400
ADMIN, MEMBER, STRANGER = "ann@example.com", "bo@example.com", "eve@example.com"
HOME, NEW = "/settings/api", "/settings/api/new"
SCOPES = ("applications:read", "candidates:read", "job_postings:read")


def made(
    account: Account, email: str = ADMIN, name: str = "Job board", scopes=("applications:read",)
) -> tuple[Token, str]:
    """Return a token of the user with that address, and its secret."""
    return tokens.create(
        account=account,
        user=User.get(User.email == email),
        name=name,
        scopes=scopes,
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=SCOPES,
    )


def again(token: Token) -> Token:
    return Token.get_by_id(token.id)


def secret_on(page) -> str:
    """Return the secret that a page shows."""
    [found] = set(re.findall(r'id="secret"[^>]*>([0-9a-f]{32})<', page.response.text))
    return found


def path(token: Token, *more: str) -> str:
    return "/".join((HOME, token.public_id, *more))


# --- a new one ------------------------------------------------------------------------------------


def test_a_token_is_made_and_its_secret_shown_once(gateway, company, signed_in):
    ann = signed_in(ADMIN, NEW)
    page = ann.send(NEW, name=" HR sync ", scopes=["applications:read"], expiry="30")
    token = Token.get()
    assert (page.status, page.path) == (200, NEW)
    assert (token.name, token.scopes, token.user.email) == ("HR sync", "applications:read", ADMIN)
    assert (token.account, token.expires_at) == (company.acme, NOW + 30 * DAY_S)
    secret = secret_on(page)
    assert tokens.digest(secret) == token.digest
    assert gateway.get("/applications", secret).status_code == 200
    assert page.response.headers["cache-control"] == "no-store"
    for later in (ann.open(HOME), ann.open(path(token)), ann.open(NEW)):
        assert secret not in later.response.text


def test_the_secret_is_in_no_address_and_no_cookie(company, signed_in):
    ann = signed_in(ADMIN, NEW)
    secret = secret_on(ann.send(NEW, name="A", scopes=[], expiry="never"))
    assert secret not in str(ann.page.response.url)
    assert secret not in str(ann.page.response.headers)
    assert secret not in str(list(ann.client.cookies.jar))
    assert not any(secret in link for link in ann.page.links)


def test_the_shown_command_works_as_it_stands(gateway, company, signed_in):
    ann = signed_in(ADMIN, NEW)
    for scopes, ends in ((["applications:read"], "/applications"), ([], "/token")):
        ann.open(NEW)
        page = ann.send(NEW, name="A", scopes=scopes, expiry="never")
        shown = html.unescape(re.search(r'<pre id="curl"[^>]*>(.*?)</pre>', page.response.text)[1])
        curl, flag, header, address = shlex.split(shown)
        assert (curl, flag) == ("curl", "-H")
        name, _, value = header.partition(": ")
        assert urlsplit(address).path.endswith(ends)
        assert httpx.get(address, headers={name: value}).status_code == 200


@pytest.mark.parametrize(
    ("expiry", "expires_on", "expires_at"),
    [
        ("7", "", NOW + 7 * DAY_S),
        ("365", "", NOW + 365 * DAY_S),
        ("never", "", None),
        ("date", "2026-05-28", 1_780_012_800),  # today: until the end of the day
        ("date", "2027-01-31", 1_801_440_000),
    ],
)
def test_an_expiry_is_a_number_of_days_a_day_or_never(
    company, signed_in, expiry, expires_on, expires_at
):
    signed_in(ADMIN, NEW).send(NEW, name="A", expiry=expiry, expires_on=expires_on)
    assert Token.get().expires_at == expires_at


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"name": " "}, "name", "The name must have 1 to 255 characters."),
        ({"name": "x" * 256}, "name", "The name must have 1 to 255 characters."),
        ({"name": "a\tb"}, "name", "The name must not have control characters."),
        ({"scopes": ["candidate:read"]}, "scopes", "Unknown scope candidate:read; did you mean"),
        ({"expiry": "12"}, "expiry", "Choose when the token expires."),
        ({"expiry": "keep"}, "expiry", "Choose when the token expires."),
        ({"expiry": "date", "expires_on": ""}, "expires_on", "The date must be a day, such as"),
        ({"expiry": "date", "expires_on": "2026-05-27"}, "expires_on", "must be today or later."),
        ({"expiry": "date", "expires_on": "9999-12-31"}, "expires_on", "The date must be a day"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    company, signed_in, wrong, field, message
):
    ann = signed_in(ADMIN, NEW)
    values = {"name": "Kept", "scopes": ["applications:read"], "expiry": "30", **wrong}
    page = ann.send(NEW, **values)
    assert page.status == 422
    assert re.search(rf'id="{field}-error"[^>]*>.*?{re.escape(message)}', page.response.text)
    form = page.form(NEW)
    if "name" not in wrong:
        assert form["name"] == "Kept"
    if "scopes" not in wrong:
        assert ("scopes", "applications:read") in form.fields
    if wrong.get("expiry") == "date":
        assert (form["expiry"], form["expires_on"]) == ("date", wrong["expires_on"])
    assert not Token.select().exists()


def test_the_preview_button_makes_nothing_and_shows_what_the_scopes_see(company, signed_in):
    ann = signed_in(ADMIN, NEW)
    page = ann.send(NEW, name="", scopes=["applications:read"], preview="1")
    assert page.status == 200
    assert "hidden · needs candidates:read" in page.text
    assert "Refused with 403: needs job_postings:read." in page.text
    assert ("scopes", "applications:read") in page.form(NEW).fields
    assert not Token.select().exists()
    page = ann.send(NEW, name="A", scopes=["applications:read", "candidates:read"], preview="1")
    assert "hidden · needs candidates:read" not in page.text
    assert ann.send(NEW, name="A").status == 200
    assert Token.select().count() == 1


def test_scopes_are_told_in_the_documents_words(company, signed_in):
    text = signed_in(ADMIN, NEW).page.text
    assert "People who applied. Personal data." in text
    assert "Adds candidate.first_name , candidate.last_name and candidate.email to" in text
    assert "PII it tells who a person is or how to reach them." in text


# --- replay, forgery ------------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_makes_one_token(company, signed_in):
    ann = signed_in(ADMIN, NEW)
    fields = ann.page.form(NEW).filled(name="Once", expiry="never")
    first, second = ann.post(NEW, fields), ann.post(NEW, fields)
    assert (first.status, second.status) == (200, 409)
    assert secret_on(first) not in second.response.text
    assert Token.select().count() == 1


def test_a_rotation_that_is_sent_twice_is_one(company, signed_in):
    token, _ = made(company.acme)
    ann = signed_in(ADMIN, path(token, "rotate"))
    fields = ann.page.form(path(token, "rotate")).filled()
    first = secret_on(ann.post(path(token, "rotate"), fields))
    assert ann.post(path(token, "rotate"), fields).status == 409
    assert again(token).digest == tokens.digest(first)


@pytest.mark.parametrize("more", [(), ("rotate",), ("end-old",), ("revoke",)])
def test_a_form_of_another_site_changes_nothing(company, signed_in, more):
    token, _ = made(company.acme)
    before = Token.select().dicts().get()
    ann = signed_in(ADMIN)
    forged = [("name", "Theirs"), ("expiry", "never"), ("keep_old", "0"), ("form_id", "a" * 32)]
    assert ann.post(path(token, *more), forged).status == 403
    fetched = {"sec-fetch-site": "cross-site"}
    key = ann.open(path(token)).form(path(token))["form_key"]
    answer = ann.post(path(token, *more), [*forged, ("form_key", key)], headers=fetched)
    assert answer.status == 403
    assert Token.select().dicts().get() == before


def test_a_forged_form_makes_no_token(company, signed_in):
    ann = signed_in(ADMIN)
    fields = [("name", "A"), ("expiry", "never"), ("form_id", "a" * 32)]
    assert ann.post(NEW, fields).status == 403
    assert not Token.select().exists()


# --- whose ----------------------------------------------------------------------------------------

PAGES = [(), ("rotate",), ("revoke",)]
FORMS = [*PAGES, ("end-old",)]


@pytest.fixture
def of_others(company) -> list[Token]:
    """Tokens that the member `bo` has nothing to do with: the administrator's, another account's"""
    return [made(company.acme)[0], made(company.globex, STRANGER)[0]]


def test_a_member_sees_and_changes_their_own_tokens_alone(company, signed_in, of_others):
    mine, _ = made(company.acme, MEMBER, "Mine")
    bo = signed_in(MEMBER, HOME)
    assert "Mine" in bo.page.text
    assert not any(path(token) in " ".join(bo.page.links) for token in of_others)
    for token in of_others:
        for more in PAGES:
            assert bo.open(path(token, *more)).status == 404
    assert bo.open(path(mine)).status == 200


@pytest.mark.parametrize("who", [MEMBER, ADMIN])
@pytest.mark.parametrize("more", FORMS)
def test_an_id_of_somebody_elses_token_in_a_form_is_as_one_that_does_not_exist(
    company, signed_in, of_others, who, more
):
    foreign = of_others if who == MEMBER else of_others[1:]
    own, _ = made(company.acme, who)
    somebody = signed_in(who, path(own, "rotate"))
    rotation = somebody.page.form(path(own, "rotate")).filled(name="x", expiry="never")
    before = list(Token.select().where(Token.id != own.id).dicts())
    for token in foreign:
        answers = [
            somebody.post(path(one, *more), rotation) for one in (token, Token(public_id="tok_no"))
        ]
        assert [one.status for one in answers] == [404, 404]
        texts = {re.sub(r"Request \w+", "", one.text) for one in answers}
        assert len(texts) == 1
    assert list(Token.select().where(Token.id != own.id).dicts()) == before


def test_the_preview_tells_nothing_of_somebody_elses_token(company, signed_in, of_others):
    bo = signed_in(MEMBER)
    for token in of_others:
        query = {"scopes": "", "token": token.public_id}
        assert bo.open("/settings/api/preview", params=query).status == 404


def test_an_administrator_changes_everyones_tokens(company, signed_in):
    theirs, _ = made(company.acme, MEMBER, "Bo's")
    ann = signed_in(ADMIN, HOME)
    assert MEMBER in ann.page.text
    ann.open(path(theirs, "revoke"))
    ann.send(path(theirs, "revoke"))
    assert again(theirs).revoked_at == NOW


def test_nobody_signed_in_is_led_to_the_sign_in(company, visitor):
    token, _ = made(company.acme)
    for page in (HOME, NEW, path(token), path(token, "revoke"), "/settings/api/preview"):
        assert visitor().open(page).path == "/settings/sign-in"


# --- change, rotate, revoke -----------------------------------------------------------------------


def test_a_change_is_shown_before_it_is_made_and_binds_at_once(gateway, company, signed_in):
    token, secret = made(company.acme)
    ann = signed_in(ADMIN, path(token))
    both = ["applications:read", "candidates:read"]
    page = ann.send(path(token), scopes=both, preview="1")
    assert "Becomes visible" in page.text
    assert "candidate.first_name , candidate.last_name and candidate.email in" in page.text
    assert again(token).scopes == "applications:read"
    assert gateway.get("/candidates", secret).status_code == 403
    page = ann.send(path(token), name="Renamed", scopes=both)
    assert (page.path, "The token has been changed." in page.text) == (path(token), True)
    assert gateway.get("/candidates", secret).status_code == 200
    assert again(token).name == "Renamed"


def test_a_change_of_the_name_alone_keeps_the_expiry(company, signed_in):
    token, _ = made(company.acme)
    Token.update(expires_at=NOW + 99).where(Token.id == token.id).execute()
    ann = signed_in(ADMIN, path(token))
    ann.send(path(token), name="Other")
    assert (again(token).name, again(token).expires_at) == ("Other", NOW + 99)
    ann.send(path(token), expiry="never")
    assert again(token).expires_at is None


def test_what_becomes_hidden_is_told(company, signed_in):
    token, _ = made(company.acme, scopes=("applications:read", "candidates:read"))
    ann = signed_in(ADMIN, path(token))
    page = ann.send(path(token), scopes=["applications:read"], preview="1")
    assert "Becomes hidden" in page.text
    assert "Becomes visible" not in page.text


def test_a_wrong_change_is_said_at_its_field(company, signed_in):
    token, _ = made(company.acme)
    page = signed_in(ADMIN, path(token)).send(path(token), name="")
    assert (page.status, again(token).name) == (422, "Job board")
    assert 'id="name-error"' in page.response.text


@pytest.mark.parametrize(("hours", "status"), [("0", 401), ("1", 200), ("24", 200)])
def test_a_rotation_shows_the_new_secret_once(gateway, company, signed_in, hours, status):
    token, old = made(company.acme)
    ann = signed_in(ADMIN, path(token, "rotate"))
    secret = secret_on(ann.send(path(token, "rotate"), keep_old=hours))
    assert gateway.get("/token", secret).status_code == 200
    assert gateway.get("/token", old).status_code == status
    assert secret not in ann.open(path(token)).response.text


def test_an_old_secret_is_ended_early(gateway, company, signed_in):
    token, old = made(company.acme)
    ann = signed_in(ADMIN, path(token, "rotate"))
    ann.send(path(token, "rotate"), keep_old="24")
    assert f"old secret …{old[-4:]}" in ann.open(HOME).text
    ann.open(path(token))
    ann.send(path(token, "end-old"))
    assert gateway.get("/token", old).status_code == 401
    assert "old secret" not in ann.open(HOME).text


@pytest.mark.parametrize("hours", ["", "2", "24 "])
def test_other_hours_are_refused_at_the_field(company, signed_in, hours):
    token, _ = made(company.acme)
    page = signed_in(ADMIN, path(token, "rotate")).send(path(token, "rotate"), keep_old=hours)
    assert page.status == 422
    assert "Choose how long the old secret stays valid." in page.text
    assert again(token).digest == token.digest


def test_a_revocation_is_confirmed_and_binds_at_once(gateway, company, signed_in):
    token, secret = made(company.acme)
    ann = signed_in(ADMIN, path(token, "revoke"))
    assert "refused from the next request on, for good" in ann.page.text
    assert gateway.get("/token", secret).status_code == 200
    page = ann.send(path(token, "revoke"))
    assert (page.path, "“Job board” is revoked, for good." in page.text) == (HOME, True)
    assert gateway.get("/token", secret).status_code == 401
    assert "This token is revoked for good." in ann.open(path(token)).text


def test_a_revoked_token_is_changed_by_no_form(company, signed_in):
    token, _ = made(company.acme)
    ann = signed_in(ADMIN, path(token))
    fields = ann.page.form(path(token)).filled(name="Back")
    ann.open(path(token, "rotate"))
    rotation = ann.page.form(path(token, "rotate")).filled()
    tokens.revoke(token, by=SYSTEM, now=NOW)
    before = again(token)
    for to, sent in ((path(token), fields), (path(token, "rotate"), rotation)):
        page = ann.post(to, sent)
        assert page.status == 422
        assert "is revoked for good; create a new one." in page.text
    assert (again(token).name, again(token).digest) == (before.name, before.digest)


# --- the list -------------------------------------------------------------------------------------


def names(page) -> list[str]:
    found = re.findall(r'<th scope="row">\s*<a [^>]*>(.*?)</a>', page.response.text)
    return [html.unescape(one) for one in found]


def test_an_empty_list_says_what_a_token_is_for(company, signed_in):
    page = signed_in(ADMIN, HOME).page
    assert "No tokens yet" in page.text
    assert NEW in " ".join(page.links)


def test_the_list_sorts_filters_and_searches(company, signed_in):
    made(company.acme, name="Béatrice")
    made(company.acme, name="alpha", scopes=("candidates:read",))
    made(company.acme, MEMBER, name="Gamma")
    dead, _ = made(company.acme, name="Dead")
    tokens.revoke(dead, by=SYSTEM, now=NOW)
    ann = signed_in(ADMIN, HOME)
    assert names(ann.page) == ["Gamma", "alpha", "Béatrice"]
    assert names(ann.open(f"{HOME}?sort=name")) == ["alpha", "Béatrice", "Gamma"]
    assert names(ann.open(f"{HOME}?sort=name&order=descending")) == ["Gamma", "Béatrice", "alpha"]
    assert names(ann.open(f"{HOME}?state=revoked")) == ["Dead"]
    assert names(ann.open(f"{HOME}?scope=candidates:read")) == ["alpha"]
    assert names(ann.open(f"{HOME}?state=x&sort=y&page=z")) == ["Gamma", "alpha", "Béatrice"]
    assert names(ann.send(HOME, search="beatrice")) == ["Béatrice"]
    assert "Nothing is found for “nobody”" in ann.send(HOME, search="nobody").text


def test_a_search_stands_in_no_address_and_outlives_a_change_of_order(company, signed_in):
    made(company.acme, name="One")
    made(company.acme, MEMBER, name="Two")
    ann = signed_in(ADMIN, HOME)
    page = ann.send(HOME, search=MEMBER)
    assert names(page) == ["Two"]
    assert "bo" not in str(page.response.url).partition("settings")[2]
    assert not any("bo%40" in link or MEMBER in link for link in page.links)
    fields = page.form(HOME).filled(go="sort=name&order=descending")
    assert names(ann.post(HOME, fields)) == ["Two"]


def test_the_list_says_when_a_token_was_used_and_exactly_when_on_hover(company, signed_in):
    token, _ = made(company.acme)
    Token.update(last_used_at=NOW - 3 * 3_600).where(Token.id == token.id).execute()
    text = signed_in(ADMIN, HOME).page.response.text
    assert re.search(r'title="2026-05-28 17:26 UTC"[^>]*>3 hours ago<', text)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7777 }}",
    "'-alert(1)-'",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is_on_every_page(company, signed_in, name):
    ann = signed_in(ADMIN, NEW)
    pages = [ann.send(NEW, name=name, expiry="never", scopes=[])]
    token = Token.get()
    pages += [ann.open(path(token, *more)) for more in PAGES]
    pages += [ann.open(HOME), ann.send(HOME, search=name)]
    pages += [ann.open(NEW) and ann.send(NEW, name=name, expiry="no")]
    ann.open(path(token, "revoke"))
    pages += [ann.send(path(token, "revoke"))]
    for page in pages:
        assert (
            name in page.text
            or name in page.response.text.replace("&#34;", '"')
            or any(name == value for form in page.forms for _, value in form.fields)
        )
        assert "<script>alert" not in page.response.text
        assert "<img" not in page.response.text
        assert "54439" not in page.text


# --- unused ones ----------------------------------------------------------------------------------


def test_unused_tokens_are_pointed_out_to_who_may_see_them(gateway, company, signed_in):
    made(company.acme, ADMIN, "Hers")
    made(company.acme, MEMBER, "His")
    made(company.globex, STRANGER, "Elsewhere")
    ann, bo = signed_in(ADMIN, HOME), signed_in(MEMBER, HOME)
    assert "not been used" not in ann.open(HOME).response.text
    Token.update(created_at=NOW - 30 * DAY_S).execute()
    assert "2 tokens have not been used for 30 days or more" in ann.open(HOME).response.text
    assert "1 token has not been used for 30 days or more" in bo.open(HOME).response.text
    only = ann.open(f"{HOME}?state=unused").response.text
    assert "not been used" not in only
    assert ("Hers" in only, "His" in only) == (True, True)


def test_a_token_says_that_it_is_unused_and_when_administrators_were_told(
    gateway, company, signed_in
):
    token, _ = made(company.acme)
    ann = signed_in(ADMIN, HOME)
    assert "Nobody has used" not in ann.open(path(token)).response.text
    Token.update(created_at=NOW - 30 * DAY_S).execute()
    shown = ann.open(path(token)).response.text
    assert ("Nobody has used" in shown, "were told" in shown) == (True, False)
    Inactivity(30, None).tell(NOW - 2 * 3_600)
    Token.update(created_at=NOW - 31 * DAY_S).execute()
    Inactivity(30, None).tell(NOW - 3_600)
    assert "The administrators of Acme were told" in ann.open(path(token)).response.text
    assert "1 hour ago" in ann.open(path(token)).response.text


def test_after_how_many_days_a_token_is_unused_is_a_setting(start, signed_in, company):
    made(company.acme)
    Token.update(created_at=NOW - 12 * DAY_S).execute()
    sooner = start(token_unused_days=12)
    ann = Visitor(sooner.client)
    ann.sign_in(ADMIN, path=HOME)
    shown = ann.open(HOME).response.text
    assert "1 token has not been used for 12 days or more" in shown
    assert "Unused 12+ days" in shown
