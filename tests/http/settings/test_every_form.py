"""Attacks on every form and every page of the Settings, derived from the pages' own list.

Nothing here names the forms that there are: a new page is attacked as soon as it is listed in
`gateway/web/site.py`, and one that the tests cannot fill in fails them. Each answer that they get
is held against the headers of all pages, and each redirect must stay with us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet
from places import path_of, place, views
from scenes import SCOPES, Scene, furnished
from structlog.testing import capture_logs
from visitors import PASSWORD, PASSWORD_HASH, SentForm, Shown, Visitor

from gateway.web.view import Needs, View, needs_of
from models import (
    TABLES,
    Account,
    Event,
    Membership,
    Session,
    SignInAttempts,
    SpentForm,
    User,
)

# Each test goes to every page.
pytestmark = pytest.mark.timeout(600)

NOW = 1_780_000_000
KEY = Fernet.generate_key().decode()
ADMIN, MEMBER, STRANGER, BOTH = (f"{name}@example.com" for name in ("ann", "bo", "eve", "kim"))
NEW_PASSWORD = "a password of their own"
SIGN_IN, SIGN_OUT, ACCOUNTS = "/settings/sign-in", "/settings/sign-out", "/settings/accounts"
PROFILE, INVITATION = "/settings/profile", "/settings/invitations/{code}"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 9*'q' }}"
AWAY = ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)")

# What a form is filled in with, so that it is taken; what is not named stays as it is shown.
RIGHT: Mapping[str, Mapping[str, Any]] = {
    SIGN_IN: {"email": BOTH, "password": PASSWORD},
    "/settings/api/new": {"name": "Made by a form", "scopes": [SCOPES[0]]},
    "/settings/api/{id}": {"name": "Changed by a form"},
    "/settings/webhooks/new": {
        "url": "https://203.0.114.9/made",
        "events": ["application.created"],
    },
    "/settings/webhooks/{id}": {"description": "Changed by a form"},
    "/settings/webhooks/{id}/again": {"since": "2026-05-27T00:00"},
    "/settings/members/invite": {"email": "another@example.com", "role": "member"},
    "/settings/members/{id}/role": {"role": "admin"},
    INVITATION: {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD},
    "/settings/account": {"name": "Renamed by a form"},
    "/settings/account/delete": {"typed_name": "Acme"},
    f"{PROFILE}/password": {
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    },
}
# These look for something, and change nothing.
SEARCHES = {
    "/settings/api",
    "/settings/audit",
    "/settings/webhooks/{id}/deliveries",
}
# What these end is needed for the others: so they come last, in this order.
ENDINGS = (
    "/settings/api/{id}/end-old",
    "/settings/api/{id}/revoke",
    "/settings/webhooks/{id}/disable",
    "/settings/webhooks/{id}/enable",
    "/settings/webhooks/{id}/delete",
    "/settings/members/{id}/remove",
    "/settings/members/invitations/{id}/withdraw",
    f"{PROFILE}/sessions/{{id}}/end",
    SIGN_OUT,
    f"{PROFILE}/password",
    f"{PROFILE}/sign-out-everywhere",
    "/settings/account/delete",
)
FORMS = sorted(
    (view.path for view in views() if view.post),
    key=lambda path: ENDINGS.index(path) if path in ENDINGS else -1,
)
BY_PATH = {view.path: view for view in views()}

# What each field refuses, and what else must be sent for that. `LONG` is longer than any name.
LONG = "x" * 3_000
NO_SCOPE = ["nothing:read"]
WRONG: Mapping[tuple[str, str], Mapping[str, Any]] = {
    **{
        (path, field): {field: value, **more}
        for path in ("/settings/api/new", "/settings/api/{id}")
        for field, value, more in (
            ("name", " ", {}),
            ("scopes", NO_SCOPE, {}),
            ("expiry", "soon", {}),
            ("expires_on", "2026-02-30", {"expiry": "date"}),
        )
    },
    **{
        (path, field): {field: value}
        for path in ("/settings/webhooks/new", "/settings/webhooks/{id}")
        for field, value in (
            ("url", "http://127.0.0.1/hooks"),
            ("description", LONG),
            ("events", []),
            ("scopes", NO_SCOPE),
        )
    },
    ("/settings/api/{id}/rotate", "keep_old"): {"keep_old": "7"},
    ("/settings/webhooks/{id}/rotate", "keep_old"): {"keep_old": "7"},
    ("/settings/webhooks/{id}/again", "since"): {"since": "yesterday"},
    ("/settings/webhooks/{id}/deliveries", "subject"): {"subject": "no id"},
    ("/settings/webhooks/{id}/deliveries", "since"): {"since": "yesterday"},
    ("/settings/members/invite", "email"): {"email": "nobody"},
    ("/settings/members/invite", "role"): {"role": "owner"},
    ("/settings/members/{id}/role", "role"): {"role": "owner"},
    (INVITATION, "new_password"): {"new_password": "short"},
    (INVITATION, "new_password_again"): {"new_password_again": "another one"},
    ("/settings/account", "name"): {"name": " "},
    ("/settings/account/delete", "typed_name"): {"typed_name": "Another"},
    (f"{PROFILE}/password", "password"): {"password": "wrong"},
    (f"{PROFILE}/password", "new_password"): {"new_password": "short"},
    (f"{PROFILE}/password", "new_password_again"): {"new_password_again": "another one"},
    ("/settings/audit", "action"): {"action": "token.eaten"},
    ("/settings/audit", "who"): {"who": LONG},
    ("/settings/audit", "subject"): {"subject": LONG},
    ("/settings/audit", "since"): {"since": "yesterday"},
    ("/settings/audit", "until"): {"until": "yesterday"},
}
TYPED = {"text", "search", "email", "url", "date", "datetime-local", "textarea"}
# Whatever stands there is taken, or is as if nothing did; and the two of a sign-in, of which it is
# not told which is wrong.
ANYTHING = {
    *((SIGN_IN, field) for field in ("email", "password", "next")),
    *((ACCOUNTS, field) for field in ("account", "next")),
    *(("/settings/api", field) for field in ("search", "scope", "sort", "state")),
    ("/settings/webhooks/{id}/again", "delivered_too"),
    *(("/settings/webhooks/{id}/deliveries", field) for field in ("state", "type")),
}

# What pages promise of themselves, said a second time on purpose.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


# --- the scene ------------------------------------------------------------------------------------


def held(response: httpx.Response) -> None:
    """Assert what must be so of each answer of a page, whatever was asked."""
    path = response.url.path
    if not path.startswith("/settings") or path.startswith("/settings/assets/"):
        return
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, (path, name)
    assert "*" not in response.headers.get("access-control-allow-origin", "")
    for cookie in response.headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower(), path
        assert "samesite=lax" in cookie.lower(), path
    if location := response.headers.get("location"):
        target = urlsplit(urljoin(str(response.url), location))
        assert target.netloc == response.url.netloc.decode(), (path, location)
        assert target.scheme == "http", (path, location)
        assert "@" not in location, (path, location)
        assert "%40" not in location, (path, location)


@pytest.fixture
def gateway(start):
    """A gateway that has keys for webhooks, and sends nothing."""
    return start(webhook_keys=(KEY,), serve_jobs=False)


@pytest.fixture
def acme(gateway, company) -> Scene:
    return furnished(company.acme, ADMIN, MEMBER, gateway.reloader.bundle.document, KEY, NOW)


@pytest.fixture
def visitor(gateway) -> Iterator[Callable[[], Visitor]]:
    """A function that gives somebody with a fresh browser, whose every answer is looked at."""
    with ExitStack() as stack:

        def begin() -> Visitor:
            client = httpx.Client(base_url=gateway.url, event_hooks={"response": [held]})
            return Visitor(stack.enter_context(client))

        yield begin


def state() -> dict[str, list[tuple]]:
    """Return all that is stored, but for what every request or attempt leaves behind."""
    passing = (SpentForm, SignInAttempts)
    rows = {
        table.__name__: sorted(table.select().tuples(), key=repr)
        for table in TABLES
        if table not in passing
    }
    rows["Session"] = sorted(
        Session.select(Session.public_id, Session.digest, Session.selected_account).tuples(),
        key=repr,
    )
    return rows


def changed(before: Mapping[str, list], after: Mapping[str, list]) -> dict[str, Any]:
    """Return what has come and gone, table by table."""
    return {
        name: {"gone": [row for row in before[name] if row not in after[name]], "come": come}
        for name in before
        if (come := [row for row in after[name] if row not in before[name]])
        or before[name] != after[name]
    }


def pages_of(scene: Scene) -> list[str]:
    """Return where every page is that can be opened."""
    return [scene.at(view.path) for view in views() if view.get]


def forms_on(somebody: Visitor, places: list[str]) -> dict[str, tuple[str, SentForm]]:
    """Open *places*; return each form by the path of its view, with where it stands."""
    found: dict[str, tuple[str, SentForm]] = {}
    for here in places:
        page = somebody.open(here)
        for form in page.forms:
            found.setdefault(path_of(form.action), (here, form))
    return found


def form_for(path: str, scene: Scene, somebody: Visitor, stands: Mapping[str, str]) -> SentForm:
    """Open the page with the form of the view at *path*; return it as it is shown now."""
    page = somebody.open(stands[path])
    found = [form for form in page.forms if form.action == scene.at(path)]
    assert found, (path, stands[path], page.text)
    return found[0]


def stray_key(somebody: Visitor) -> list[tuple[str, str]]:
    """Return what makes any form one of this browser's."""
    form = somebody.open(PROFILE).form(SIGN_OUT)
    return [("form_key", form["form_key"]), ("form_id", "0123456789abcdef" * 2)]


def given(path: str) -> list[tuple[str, str]]:
    """Return the values of `RIGHT` as fields."""
    pairs = RIGHT.get(path, {}).items()
    return [
        (name, one)
        for name, value in pairs
        for one in (value if isinstance(value, list) else [value])
    ]


@pytest.fixture
def found_forms(acme, signed_in, visitor) -> dict[str, tuple[str, SentForm]]:
    """Each form by the path of its view, with where it stands."""
    found = forms_on(signed_in(ADMIN), pages_of(acme))
    public = forms_on(visitor(), [SIGN_IN, acme.at(INVITATION)])
    ann = signed_in(ADMIN)
    # Which of the two an endpoint has depends on what was done before.
    domain = acme.at("/settings/webhooks/{id}")
    ann.open(domain)
    ann.send(f"{domain}/disable")
    disabled = forms_on(ann, [domain])
    ann.open(domain)
    ann.send(f"{domain}/enable")
    return {**disabled, **found, **public}


@pytest.fixture
def stands(found_forms) -> dict[str, str]:
    """Where each form stands, by the path of its view."""
    return {path: here for path, (here, _) in found_forms.items()}


# --- forged forms ---------------------------------------------------------------------------------


def test_every_form_that_is_taken_is_shown_and_carries_its_key(acme, stands, signed_in, visitor):
    assert set(stands) == set(FORMS)
    ann, nobody = signed_in(ADMIN), visitor()
    for somebody, places in ((ann, pages_of(acme)), (nobody, [SIGN_IN, acme.at(INVITATION)])):
        for here in places:
            for form in somebody.open(here).forms:
                assert form.method == "post", here  # what is typed stands in no address
                assert form.kinds.get("form_key") == "hidden", (here, form.action)
                assert BY_PATH[path_of(form.action)].post is not None, (here, form.action)
                once = BY_PATH[path_of(form.action)].once
                assert (form.kinds.get("form_id") == "hidden") is once, (here, form.action)


def test_no_form_is_taken_without_this_browsers_key_or_from_another_site(
    acme, stands, signed_in, visitor
):
    before_sign_in = visitor().open(SIGN_IN).form(SIGN_IN)["form_key"]
    theirs = stray_key(signed_in(MEMBER))[0][1]
    ann, nobody = signed_in(ADMIN), visitor()
    nobodys = nobody.open(SIGN_IN).form(SIGN_IN)["form_key"]
    was = state()
    for path in FORMS:
        public = needs_of(BY_PATH[path].post) is Needs.NOTHING
        somebody = nobody if public else ann
        key = nobodys if public else stray_key(ann)[0][1]
        form = [*given(path), ("form_id", "a" * 32)]
        good = [*form, ("form_key", key)]
        attacks = [
            (form, {}),
            *(([*form, ("form_key", bad)], {}) for bad in ("", "0" * 64, theirs, before_sign_in)),
            ([*good, ("form_key", key)], {}),
            (good, {"sec-fetch-site": "cross-site"}),
            (good, {"sec-fetch-site": "same-site"}),
            (good, {"sec-fetch-site": "none"}),
            (good, {"origin": "https://evil.example"}),
            (good, {"origin": "null"}),
        ]
        for fields, headers in attacks:
            answer = somebody.post(acme.at(path), fields, headers=headers)
            assert answer.status == 403, (path, fields[len(form) :], headers)
        for content_type in ("text/plain", "multipart/form-data; boundary=x", "application/json"):
            answer = somebody.post(acme.at(path), good, headers={"content-type": content_type})
            assert answer.status == 400, (path, content_type)
        assert changed(was, state()) == {}, path


def test_a_form_is_taken_with_its_key_and_does_nothing_a_second_time(
    acme, stands, signed_in, visitor
):
    """The first half shows that it was the key that was missing, the second is about replays."""
    pages: list[Shown] = []
    with capture_logs() as lines:
        # An invitation ends with any administrator who goes, so it is withdrawn before.
        for path in sorted(FORMS, key=lambda one: not one.endswith("/withdraw")):
            public = needs_of(BY_PATH[path].post) is Needs.NOTHING
            somebody = visitor() if public else signed_in(ADMIN)
            form = form_for(path, acme, somebody, stands)
            right = dict(RIGHT.get(path, {}))
            if path == "/settings/account/delete":
                right["typed_name"] = Account.get_by_id(acme.account.id).name
            fields = form.filled(**right)
            before = state()
            first = somebody.post(acme.at(path), fields)
            assert first.status in (200, 404 if path == "/settings/nothing" else 200), (
                path,
                first.text,
            )
            between = state()
            if path in SEARCHES or path == ACCOUNTS:
                assert changed(before, between) == {}, path
            else:
                assert changed(before, between) != {}, path
            again = somebody.post(acme.at(path), fields)
            assert changed(between, state()) == {}, path
            if BY_PATH[path].once:
                assert again.status == 409, path
            pages += [first, again]
            User.update(password_hash=PASSWORD_HASH).where(User.email == ADMIN).execute()
    # None of what was typed is in a log line, nor anybody's address.
    logged = repr(lines)
    assert "request" in logged
    for word in ("@example.com", "by a form", PASSWORD, NEW_PASSWORD, "?", *acme.secrets):
        assert word not in logged
    # Nor is it in an address that a page leads to.
    for page in pages:
        for link in page.links:
            query = urlsplit(link).query
            assert "@" not in link
            assert "%40" not in link
            assert "by+a+form" not in query
            assert not any(secret in link for secret in acme.secrets[:3])


# --- who may call what ----------------------------------------------------------------------------

# Said a second time on purpose: what is not listed here must be for administrators.
PUBLIC = {("GET", SIGN_IN), ("POST", SIGN_IN), ("GET", INVITATION), ("POST", INVITATION)}
USERS = {
    *(("POST", path) for path in (SIGN_OUT, ACCOUNTS, f"{PROFILE}/password")),
    *(("POST", f"{PROFILE}/{more}") for more in ("sessions/{id}/end", "sign-out-everywhere")),
    *(("GET", path) for path in (ACCOUNTS, PROFILE)),
}
MEMBERS = {
    *(("GET", f"/settings{more}") for more in ("", "/policy", "/members", "/account")),
    *((method, f"/settings/api{more}") for method in ("GET", "POST") for more in ("", "/new")),
    *((method, "/settings/api/{id}") for method in ("GET", "POST")),
    *(("GET", f"/settings/api/{more}") for more in ("preview", "{id}/rotate", "{id}/revoke")),
    *(("POST", f"/settings/api/{{id}}/{more}") for more in ("rotate", "revoke", "end-old")),
}


def test_what_is_not_listed_here_is_for_administrators():
    listed = [(PUBLIC, Needs.NOTHING), (USERS, Needs.USER), (MEMBERS, Needs.MEMBER)]
    for view in views():
        for method, needs in calls(view):
            what = (method, view.path)
            expected = next((need for some, need in listed if what in some), Needs.ADMIN)
            assert needs is expected, what


# --- what is wrong with a form --------------------------------------------------------------------


def test_what_each_field_refuses_is_known_here(found_forms):
    fields = {
        (path, name)
        for path, (_, form) in found_forms.items()
        for name in form.kinds.keys() - {"form_key", "form_id"}
    }
    assert fields == WRONG.keys() | ANYTHING


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    acme, stands, signed_in, visitor
):
    ann, nobody = signed_in(ADMIN), visitor()
    for (path, field), values in WRONG.items():
        where = (path, field)
        somebody = nobody if path == INVITATION else ann
        form = form_for(path, acme, somebody, stands)
        sent = form.filled(**{**RIGHT.get(path, {}), **values})
        before = state()
        page = somebody.post(acme.at(path), sent)
        source = page.response.text
        assert page.status == 422, where
        assert changed(before, state()) == {}, where
        assert f'id="{field}-error"' in source, where
        assert f'href="#{field}"' in source, where
        assert f'id="{field}"' in source, where
        assert "<title>Error: " in source, where
        shown = next(one for one in page.forms if one.action == acme.at(path))
        for name, value in sent:
            kind = form.kinds.get(name)
            if kind == "password":
                assert value not in source, (where, name)
            elif kind in TYPED or name not in (field, "form_key", "form_id"):
                assert (name, value) in shown.fields, (where, name)


def test_of_a_wrong_sign_in_the_address_is_kept_and_the_password_is_not(company, visitor):
    somebody = visitor()
    somebody.open(SIGN_IN)
    page = somebody.send(SIGN_IN, email=ADMIN, password="a wrong one")
    assert page.status == 422
    assert page.form(SIGN_IN)["email"] == ADMIN
    assert "a wrong one" not in page.response.text


# --- other people's rights ------------------------------------------------------------------------


def calls(view: View) -> Iterator[tuple[str, Needs]]:
    for method, function in (("GET", view.get), ("POST", view.post)):
        if function is not None:
            yield method, needs_of(function)


def call(somebody: Visitor, method: str, here: str, fields: list[tuple[str, str]]) -> Shown:
    return somebody.open(here) if method == "GET" else somebody.post(here, fields)


def test_nobody_is_given_what_is_for_people_of_the_account_or_its_administrators(
    acme, stands, signed_in, visitor
):
    """Who is not signed in, has chosen no account, or is a member alone gets nowhere further."""
    nobody, kim, bo = visitor(), signed_in(BOTH), signed_in(MEMBER)
    nobody.open(SIGN_IN)
    without = [("form_key", nobody.page.form(SIGN_IN)["form_key"]), ("form_id", "a" * 32)]
    was = state()
    for view in views():
        here = acme.at(view.path)
        for method, needs in calls(view):
            if needs is not Needs.NOTHING:
                answer = call(nobody, method, here, [*given(view.path), *without])
                assert answer.path == SIGN_IN, (method, view.path)
            if needs in (Needs.MEMBER, Needs.ADMIN):
                answer = call(kim, method, here, [*given(view.path), *stray_key(kim)])
                assert answer.path == ACCOUNTS, (method, view.path)
            if needs is Needs.ADMIN:
                answer = call(bo, method, here, [*given(view.path), *stray_key(bo)])
                assert answer.status == 403, (method, view.path)
            elif needs is Needs.MEMBER and "{id}" in view.path:
                answer = call(bo, method, here, [*given(view.path), *stray_key(bo)])
                assert answer.status == 404, (method, view.path)
    assert changed(was, state()) == {}


def test_ids_of_another_account_lead_nowhere_in_any_path(acme, stands, signed_in):
    eve = signed_in(STRANGER)
    was = state()
    for view in views():
        if "{" not in view.path or view.path == INVITATION:
            continue
        for method, _ in calls(view):
            answer = call(eve, method, acme.at(view.path), [*given(view.path), *stray_key(eve)])
            missing = call(
                eve,
                method,
                place(view.path, dict.fromkeys(acme.ids, "xyz_nothing")),
                stray_key(eve),
            )
            assert answer.status == missing.status == 404, (method, view.path)
            assert answer.text.split("Request")[0] == missing.text.split("Request")[0]
    assert changed(was, state()) == {}


def test_ids_of_another_account_do_nothing_in_any_field(gateway, company, acme, stands, signed_in):
    """Every field of every form, and some that a careless page might read, name Acme's things."""
    document = gateway.reloader.bundle.document
    globex = furnished(company.globex, STRANGER, BOTH, document, KEY, NOW)
    theirs = state_of(acme)
    for path in FORMS:
        if needs_of(BY_PATH[path].post) is Needs.NOTHING:
            continue
        eve = signed_in(STRANGER)
        here = stands[path]
        for kind, public_id in acme.ids.items():
            here = here.replace(public_id, globex.ids[kind])
        page = eve.open(here)
        form = next((one for one in page.forms if one.action == globex.at(path)), None)
        if form is None:
            form = SentForm(globex.at(path), stray_key(eve))
        names = {name for name, _ in form.fields} - {"form_key", "form_id"}
        things = [acme.ids[kind] for kind in ("token", "user", "endpoint")]
        for thing in [*things, acme.account.public_id, ADMIN]:
            eve.post(globex.at(path), form.filled(**dict.fromkeys({*names, *STRAYS}, thing)))
        assert changed(theirs, state_of(acme)) == {}, path
        SignInAttempts.delete().execute()  # some of these were wrong passwords


STRAYS = (
    *("id", "account", "account_id", "token", "token_id", "user", "user_id", "member", "owner"),
    *("endpoint", "endpoint_id", "delivery", "invitation", "session", "email", "role"),
)


def state_of(scene: Scene) -> dict[str, list[tuple]]:
    """Return what is stored of one account, and of its people."""
    account = scene.account
    people = [ADMIN, MEMBER]
    rows = {"Account": list(Account.select().where(Account.id == account.id).tuples())}
    rows["User"] = sorted(User.select().where(User.email.in_(people)).tuples())
    kept = Session.select(Session.public_id).join(User).where(User.email.in_(people))
    rows["Session"] = sorted(kept.tuples())
    for table in TABLES:
        if "account" in table._meta.fields and table not in (Session, Event):
            found = table.select().where(table.account == account)
            rows[table.__name__] = sorted(found.tuples(), key=repr)
    rows["Membership"] = sorted(
        Membership.select().where(Membership.account == account).tuples(), key=repr
    )
    return rows


# --- texts that are markup ------------------------------------------------------------------------


class Foreign(HTMLParser):
    """What of a page is none of our markup."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        wrong = tag in ("img", "iframe", "object", "embed", "base", "style")
        wrong = wrong or (tag == "script" and "src" not in names)
        wrong = wrong or any(name.startswith("on") or name == "style" for name in names)
        wrong = wrong or any((value or "").strip().startswith("javascript:") for _, value in attrs)
        if wrong:
            self.found.append(self.get_starttag_text() or tag)


def is_sound(page: Shown, where: Any) -> None:
    if page.response.headers.get("content-type", "").startswith("text/html"):
        assert Foreign(page.response.text).found == [], where
        assert "qqqqqqqqq" not in page.response.text, where


def test_what_is_typed_into_any_field_is_text_on_every_page(acme, stands, signed_in, visitor):
    shown = set()
    for path in FORMS:
        if path in ENDINGS and path != "/settings/account/delete":
            continue
        public = needs_of(BY_PATH[path].post) is Needs.NOTHING
        somebody = visitor() if public else signed_in(ADMIN)
        fields = form_for(path, acme, somebody, stands).kinds
        for name in sorted(fields.keys() - {"form_key", "form_id"}):
            if form_or_none(path, acme, somebody, stands) is None:
                somebody = visitor() if public else signed_in(ADMIN)
            form = form_for(path, acme, somebody, stands)
            page = somebody.post(
                acme.at(path), form.filled(**{**RIGHT.get(path, {}), name: HOSTILE})
            )
            is_sound(page, (path, name))
            if HOSTILE in page.text:
                shown.add(path)
            if fields[name] == "password":
                assert "alert(1)" not in page.response.text, (path, name)
    ann = signed_in(ADMIN)
    for here in pages_of(acme):
        page = ann.open(here)
        is_sound(page, here)
        if HOSTILE in page.text:
            shown.add(here)
    # It has come far, so the pages had their chance to get it wrong.
    assert {"/settings/api", "/settings/audit", "/settings/account"} <= shown


def form_or_none(path: str, scene: Scene, somebody: Visitor, stands: Mapping[str, str]):
    page = somebody.open(stands[path])
    return next((form for form in page.forms if form.action == scene.at(path)), None)


def test_what_stands_in_any_address_is_text_on_every_page(acme, signed_in, visitor):
    ann, nobody = signed_in(ADMIN), visitor()
    links = [link for here in pages_of(acme) for link in ann.open(here).links]
    names = {name for link in links for name in parse_qs(urlsplit(link).query)}
    names |= {"next", "said", "token", "endpoint", "page", "before", "after", "since", "until"}
    for here in [*pages_of(acme), f"/settings/{HOSTILE.replace('/', '')}"]:
        for somebody in (ann, nobody):
            page = somebody.open(here, params=dict.fromkeys(names, HOSTILE))
            is_sound(page, here)
            assert page.status < 500, here


# --- ways out and ways in -------------------------------------------------------------------------


@pytest.mark.parametrize("target", AWAY)
def test_no_field_and_no_query_leads_away(acme, stands, signed_in, visitor, target):
    """`held` looks at each redirect: here they are given every reason to go astray."""
    ways = ("next", "go", "return", "return_to", "redirect", "url", "to")
    nobody = visitor()
    for here in (SIGN_IN, acme.at(INVITATION)):
        nobody.open(here, params=dict.fromkeys(ways, target))
    nobody.open(SIGN_IN, params=dict.fromkeys(ways, target))
    nobody.send(SIGN_IN, email=BOTH, password=PASSWORD)
    assert nobody.page.path.startswith("/settings")
    ann = signed_in(ADMIN)
    for here in pages_of(acme):
        ann.open(here, params=dict.fromkeys(ways, target))
    for path in FORMS:
        if path in ENDINGS or needs_of(BY_PATH[path].post) is Needs.NOTHING:
            continue
        form = form_for(path, acme, ann, stands)
        page = ann.post(acme.at(path), form.filled(**dict.fromkeys(ways, target)))
        assert page.response.url.host == "127.0.0.1", path


@pytest.mark.parametrize("way", ["signing in", "joining"])
def test_a_planted_session_is_worth_nothing_once_somebody_has_come_in(acme, visitor, way):
    victim, thief = visitor(), visitor()
    thief.open(SIGN_IN)
    planted = thief.client.cookies["gateway_session"]
    victim.client.cookies.set("gateway_session", planted, domain="127.0.0.1")
    if way == "signing in":
        victim.sign_in(ADMIN, path=ACCOUNTS)
    else:
        victim.open(acme.at(INVITATION))
        victim.send(acme.at(INVITATION), **RIGHT[INVITATION])
    assert victim.open(PROFILE).path == PROFILE
    assert planted not in victim.client.cookies.values()
    assert thief.open(PROFILE).path == SIGN_IN


def test_wherever_a_password_is_asked_for_guessing_gets_slow(acme, stands, signed_in, visitor):
    asking = {
        (path, here)
        for here in {*stands.values(), SIGN_IN}
        for path, (_, form) in forms_on(signed_in(ADMIN), [here]).items()
        if form.kinds.get("password") == "password"
    }
    asking.add((SIGN_IN, SIGN_IN))
    assert {path for path, _ in asking} == {SIGN_IN, f"{PROFILE}/password"}
    people = {path: visitor() if path == SIGN_IN else signed_in(MEMBER) for path, _ in asking}
    for path, here in asking:
        somebody = people[path]
        SignInAttempts.delete().execute()
        answers = []
        for _ in range(12):
            somebody.open(here)
            page = somebody.send(path, **{**RIGHT[path], "email": MEMBER, "password": "wrong"})
            answers.append(page)
        assert answers[0].status == 422, path
        assert answers[-1].status == 429, path
        assert int(answers[-1].response.headers["retry-after"]) > 0, path
