"""Settings > Webhooks over HTTP: who may do what with which endpoint, and what never leaves."""

from __future__ import annotations

import html
import json
import re

import pytest
from cryptography.fernet import Fernet
from printing import printing

from gateway.audit import SYSTEM
from gateway.preview import payload
from gateway.settings import Settings
from gateway.webhooks import endpoints
from gateway.webhooks.endpoints import Because
from gateway.webhooks.sealing import Sealer
from gateway.webhooks.service import endpoints_of
from models import Account, AuditEntry, WebhookEndpoint

NOW = 1_780_000_000
HOUR_S = 3_600
KEY = Fernet.generate_key().decode()
ADMIN, MEMBER, STRANGER = "ann@example.com", "bo@example.com", "eve@example.com"
HOME, NEW = "/settings/webhooks", "/settings/webhooks/new"
CREATED, MOVED = "application.created", "application.stage_changed"
URL = "https://203.0.114.7/hooks?key=abc"  # public: nothing is looked up, and nothing is sent
SECRET = r"whsec_[A-Za-z0-9+/]{43}="
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
def gateway(start, request):
    """A gateway with a key to encrypt secrets with, unless the test wants others."""
    return start(webhook_keys=getattr(request, "param", (KEY,)), serve_jobs=False)


def made(
    gateway, account: Account, url: str = URL, events=(CREATED,), scopes=(), description: str = ""
) -> WebhookEndpoint:
    """Return an endpoint of *account*."""
    domain = endpoints_of(Settings(webhook_keys=(KEY,)), gateway.reloader.bundle.document)
    endpoint, _ = domain.create(
        account=account,
        url=url,
        events=events,
        scopes=scopes,
        description=description,
        by=SYSTEM,
        now=NOW,
    )
    return endpoint


def again(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return endpoints.find(endpoint.public_id)


def stored(endpoint: WebhookEndpoint) -> dict:
    return WebhookEndpoint.select().where(WebhookEndpoint.id == endpoint.id).dicts().get()


def opened(sealed: str, endpoint: WebhookEndpoint) -> str:
    return Sealer((KEY,)).open(sealed, endpoint.public_id)


def secret_on(page) -> str:
    """Return the secret that a page shows."""
    [found] = re.findall(rf'id="secret"[^>]*>({SECRET})<', page.response.text)
    return found


def path(endpoint: WebhookEndpoint, *more: str) -> str:
    return "/".join((HOME, endpoint.public_id, *more))


def trail() -> list[tuple[str, str]]:
    """Return what the audit trail says of endpoints: action and who."""
    query = AuditEntry.select().where(AuditEntry.action.startswith("webhook."))
    return [(entry.action, entry.actor_name) for entry in query.order_by(AuditEntry.id)]


# --- a new one ------------------------------------------------------------------------------------


def test_an_endpoint_is_made_and_its_secret_shown_once(company, signed_in):
    ann = signed_in(ADMIN, NEW)
    values = {"url": f" {URL} ", "description": " HR sync ", "events": [CREATED, MOVED]}
    page = ann.send(NEW, **values, scopes=["applications:read"])
    endpoint = WebhookEndpoint.get()
    assert (page.status, page.path) == (200, NEW)
    assert (endpoint.url, endpoint.description) == (URL, "HR sync")
    assert (endpoint.events, endpoint.scopes) == (f"{CREATED} {MOVED}", "applications:read")
    assert (endpoint.account, endpoint.state) == (company.acme, "enabled")
    secret = secret_on(page)
    assert opened(endpoint.secret, endpoint) == secret
    assert page.response.headers["cache-control"] == "no-store"
    assert secret not in str(page.response.headers) + str(page.response.url)
    for later in (ann.open(HOME), ann.open(path(endpoint)), ann.open(NEW)):
        assert secret not in later.response.text
    assert trail() == [("webhook.created", ADMIN)]


def test_a_form_that_is_sent_twice_makes_one_endpoint(company, signed_in):
    ann = signed_in(ADMIN, NEW)
    fields = ann.page.form(NEW).filled(url=URL, events=[CREATED])
    first, second = ann.post(NEW, fields), ann.post(NEW, fields)
    assert (first.status, second.status) == (200, 409)
    assert secret_on(first) not in second.response.text
    assert WebhookEndpoint.select().count() == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must be an address"),
        ("not an address", "must be an address"),
        ("http://203.0.114.7/", "must start with https://"),
        ("javascript:alert(1)", "must start with https://"),
        ("file:///etc/passwd", "must start with https://"),
        ("https://ann:secret@203.0.114.7/", "must not have a user or password"),
        ("https://127.0.0.1/", "is not a public one"),
        ("https://2130706433/", "must give an IPv4 address as four decimal numbers"),
        ("https://0x7f.1/", "must give an IPv4 address as four decimal numbers"),
        ("https://[::1]/", "is not a public one"),
        ("https://[::ffff:169.254.169.254]/", "is not a public one"),
        ("https://169.254.169.254/latest/meta-data", "is not a public one"),
        ("https://10.0.0.8/", "is not a public one"),
        ("https://203.0.114.7:22/", "must have one of the ports"),
        ("https://203.0.114.7/" + "x" * 2_048, "at most 2048 ASCII characters"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused_at_its_field(
    company, signed_in, url, says
):
    ann = signed_in(ADMIN, NEW)
    page = ann.send(NEW, url=url, description="Kept", events=[MOVED], scopes=["candidates:read"])
    assert page.status == 422
    [said] = re.findall(r'id="url-error"[^>]*>(.*?)</p>', page.response.text)
    assert says in said
    form = page.form(NEW)
    assert (form["url"], form["description"]) == (url, "Kept")
    assert ("events", MOVED) in form.fields
    assert ("scopes", "candidates:read") in form.fields
    assert not WebhookEndpoint.select().exists()


def test_a_name_that_leads_into_a_private_network_is_refused_without_telling_where(
    company, signed_in, monkeypatch
):
    monkeypatch.setattr("gateway.webhooks.service.look_up", lambda _host, _port: ["10.1.2.3"])
    page = signed_in(ADMIN, NEW).send(NEW, url="https://inside.example.com/", events=[CREATED])
    assert page.status == 422
    assert "The webhook's address the host's address is not a public one." in page.text
    assert "10.1.2.3" not in page.response.text
    assert not WebhookEndpoint.select().exists()


def test_what_is_wrong_is_told_all_at_once(company, signed_in):
    page = signed_in(ADMIN, NEW).send(
        NEW, url="http://x", description="a\tb", events=["nothing.happened"], scopes=["candidate"]
    )
    assert page.status == 422
    for field in ("url", "description", "events", "scopes"):
        assert f'id="{field}-error"' in page.response.text
    assert "Unknown type of events nothing.happened; there are" in page.text
    assert "Unknown scope candidate; did you mean candidates:read?" in page.text
    assert not WebhookEndpoint.select().exists()


def test_no_box_of_events_is_no_wish_for_all_of_them(company, signed_in):
    page = signed_in(ADMIN, NEW).send(NEW, url=URL)
    assert page.status == 422
    assert "Choose at least one type of events." in page.text
    assert not WebhookEndpoint.select().exists()


def test_an_account_can_be_full(gateway, company, signed_in, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    ann = signed_in(ADMIN, NEW)
    made(gateway, company.acme)
    page = ann.send(NEW, url=URL, events=[CREATED])
    assert page.status == 422
    assert "An account has at most 1 webhook endpoints; delete one." in page.text
    assert WebhookEndpoint.select().count() == 1


@pytest.mark.parametrize("gateway", [()], indirect=True)
def test_without_a_key_the_pages_say_what_is_missing_and_nothing_is_made(company, signed_in):
    ann = signed_in(ADMIN, HOME)
    key = ann.page.form("/settings/sign-out")["form_key"]
    for place in (HOME, NEW):
        page = ann.open(place)
        assert "Webhooks are not set up on this server" in page.text
        assert not any(form.action == NEW for form in page.forms)
    page = ann.post(NEW, [*FIELDS, ("form_key", key)])
    assert page.status == 422
    assert not WebhookEndpoint.select().exists()


# --- the preview ----------------------------------------------------------------------------------


def body_on(page, event_type: str) -> dict:
    """Return the body of *event_type* as the page prints it, without what it says is hidden."""
    details = re.search(
        rf'data-operation="{re.escape(event_type)}".*?</details>', page.response.text, re.DOTALL
    )[0]
    lines = re.findall(r'<li class="d\d ([^"]*)">(.*?)</li>', details, re.DOTALL)
    kept = [text for kind, text in lines if "nothing" not in kind.split()]
    plain = [re.sub(r'<span class="(why|hidden)">.*?</span>', "", text) for text in kept]
    return json.loads(html.unescape(re.sub("<[^>]*>", "", "".join(plain))))


@pytest.mark.parametrize("scopes", [(), ("applications:read",), ("candidates:read",)])
def test_the_preview_is_the_policys_own(gateway, company, signed_in, scopes):
    ann = signed_in(ADMIN, NEW)
    events = [CREATED, "candidate.created"]
    page = ann.send(NEW, url="", events=events, scopes=list(scopes), preview="1")
    assert page.status == 200
    bundle = gateway.reloader.bundle
    for event in events:
        expected = payload(bundle.policy, bundle.document.webhooks[event], frozenset(scopes))
        assert body_on(page, event) == json.loads(expected.text)
    assert 'data-operation="job_posting.status_changed"' not in page.response.text
    fragment = ann.open(f"{HOME}/preview?events={'+'.join(events)}&scopes={'+'.join(scopes)}")
    assert body_on(fragment, CREATED) == body_on(page, CREATED)
    assert not WebhookEndpoint.select().exists()


def test_the_preview_marks_what_a_change_reveals_hides_and_drops(gateway, company, signed_in):
    endpoint = made(gateway, company.acme, scopes=["applications:read"], events=[CREATED, MOVED])
    ann = signed_in(ADMIN, path(endpoint))
    page = ann.send(path(endpoint), events=[CREATED], scopes=[], preview="1")
    assert "No longer told of application.stage_changed" in page.text
    assert "Becomes hidden:" in page.text
    ann.open(path(endpoint))
    wider = ["applications:read", "candidates:read"]
    page = ann.send(path(endpoint), events=[CREATED, MOVED], scopes=wider, preview="1")
    assert "Becomes visible:" in page.text
    assert again(endpoint).scopes == "applications:read"


def test_the_preview_tells_nothing_of_another_accounts_endpoint(gateway, company, signed_in):
    theirs = made(gateway, company.globex, scopes=["applications:read"])
    ann = signed_in(ADMIN)
    query = f"events={CREATED}&scopes="
    answer = ann.open(f"{HOME}/preview?{query}&endpoint={theirs.public_id}")
    nowhere = ann.open(f"{HOME}/preview?{query}&endpoint=whe_nothing")
    assert (answer.status, nowhere.status) == (404, 404)


# --- changed, rotated, switched off and on, deleted -----------------------------------------------


def test_an_endpoint_is_changed(gateway, company, signed_in):
    endpoint = made(gateway, company.acme)
    ann = signed_in(ADMIN, path(endpoint))
    page = ann.send(
        path(endpoint), url=f"{URL}2", description="New", events=[MOVED], scopes=["candidates:read"]
    )
    assert (page.status, page.path) == (200, path(endpoint))
    assert "The webhook has been changed." in page.text
    changed = again(endpoint)
    assert (changed.url, changed.description) == (f"{URL}2", "New")
    assert (changed.events, changed.scopes) == (MOVED, "candidates:read")
    assert trail()[-1] == ("webhook.updated", ADMIN)


def test_an_address_that_stays_is_not_looked_up_again(gateway, company, signed_in, monkeypatch):
    endpoint = made(gateway, company.acme)
    WebhookEndpoint.update(url="https://127.0.0.1/").execute()  # was allowed once
    ann = signed_in(ADMIN, path(endpoint))
    assert ann.send(path(endpoint), description="Renamed").status == 200
    assert again(endpoint).description == "Renamed"
    assert ann.send(path(endpoint), url="https://127.0.0.2/").status == 422
    assert again(endpoint).url == "https://127.0.0.1/"


@pytest.mark.parametrize(("hours", "until"), [("24", NOW + 24 * HOUR_S), ("1", NOW + HOUR_S)])
def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_too(
    gateway, company, signed_in, hours, until
):
    endpoint = made(gateway, company.acme)
    ann = signed_in(ADMIN, path(endpoint, "rotate"))
    page = ann.send(path(endpoint, "rotate"), keep_old=hours)
    rotated = again(endpoint)
    assert opened(rotated.secret, endpoint) == secret_on(page)
    assert (rotated.old_secret, rotated.old_secret_until) == (endpoint.secret, until)
    assert "Messages are signed with the old secret too" in ann.open(path(endpoint)).text
    assert trail()[-1] == ("webhook.rotated", ADMIN)


def test_a_leaked_secret_signs_no_more(gateway, company, signed_in):
    endpoint = made(gateway, company.acme)
    page = signed_in(ADMIN, path(endpoint, "rotate")).send(path(endpoint, "rotate"), keep_old="0")
    rotated = again(endpoint)
    assert opened(rotated.secret, endpoint) == secret_on(page)
    assert (rotated.old_secret, rotated.old_secret_until) == (None, None)


@pytest.mark.parametrize("hours", ["", "2", "-1", "24.0", "x"])
def test_for_how_long_the_old_secret_signs_is_one_of_three(gateway, company, signed_in, hours):
    endpoint = made(gateway, company.acme)
    ann = signed_in(ADMIN, path(endpoint, "rotate"))
    page = ann.send(path(endpoint, "rotate"), keep_old=hours)
    assert (page.status, again(endpoint).secret) == (422, endpoint.secret)
    assert 'id="keep_old-error"' in page.response.text


def test_a_rotation_that_is_sent_twice_is_one(gateway, company, signed_in):
    endpoint = made(gateway, company.acme)
    ann = signed_in(ADMIN, path(endpoint, "rotate"))
    fields = ann.page.form(path(endpoint, "rotate")).filled()
    first = secret_on(ann.post(path(endpoint, "rotate"), fields))
    assert ann.post(path(endpoint, "rotate"), fields).status == 409
    assert opened(again(endpoint).secret, endpoint) == first


def test_an_endpoint_is_disabled_and_enabled(gateway, company, signed_in):
    endpoint = made(gateway, company.acme)
    ann = signed_in(ADMIN, path(endpoint))
    page = ann.send(path(endpoint, "disable"))
    assert (page.path, again(endpoint).state) == (path(endpoint), "disabled")
    assert "An administrator has disabled it." in page.text
    page = ann.send(path(endpoint, "enable"))
    assert (page.path, again(endpoint).state) == (path(endpoint), "enabled")
    assert trail()[-2:] == [("webhook.disabled", ADMIN), ("webhook.enabled", ADMIN)]


@pytest.mark.parametrize(
    ("because", "says"),
    [(Because.GONE, "It answered 410"), (Because.FAILING, "It had failed for three days.")],
)
def test_why_an_endpoint_was_disabled_is_said(gateway, company, signed_in, because, says):
    endpoint = made(gateway, company.acme)
    endpoints.disable(endpoint, because, by=SYSTEM, now=NOW)
    ann = signed_in(ADMIN, HOME)
    assert says in ann.page.text
    assert says in ann.open(path(endpoint)).text


def test_an_endpoint_is_deleted_after_a_question(gateway, company, signed_in):
    endpoint = made(gateway, company.acme, description="Old sync")
    ann = signed_in(ADMIN, path(endpoint))
    assert path(endpoint, "delete") in {re.sub("^http://[^/]*", "", one) for one in ann.page.links}
    page = ann.open(path(endpoint, "delete"))
    assert (page.status, WebhookEndpoint.select().count()) == (200, 1)
    page = ann.send(path(endpoint, "delete"))
    assert (page.path, WebhookEndpoint.select().count()) == (HOME, 0)
    assert "“Old sync” is deleted." in page.text
    assert ann.open(path(endpoint)).status == 404
    assert trail()[-1] == ("webhook.deleted", ADMIN)


# --- who ------------------------------------------------------------------------------------------

PAGES = [(), ("rotate",), ("delete",)]
FORMS = [(), ("rotate",), ("disable",), ("enable",), ("delete",)]
FIELDS = [
    ("url", "https://203.0.114.9/theirs"),
    ("events", MOVED),
    ("scopes", "candidates:read"),
    ("keep_old", "0"),
    ("form_id", "a" * 32),
]


def test_a_member_sees_and_changes_no_endpoint(gateway, company, signed_in):
    endpoint = made(gateway, company.acme)
    before = stored(endpoint)
    bo = signed_in(MEMBER)
    assert not any("/settings/webhooks" in link for link in bo.page.links)
    key = bo.open("/settings/api").form("/settings/sign-out")["form_key"]
    for more in PAGES:
        assert bo.open(path(endpoint, *more)).status == 403
    for place in (HOME, NEW, f"{HOME}/preview?events={CREATED}"):
        answer = bo.open(place)
        assert (answer.status, URL in answer.response.text) == (403, False)
    for place in (NEW, *(path(endpoint, *more) for more in FORMS)):
        page = bo.post(place, [*FIELDS, ("form_key", key)])
        # Refused itself, not only what it would have led on to.
        assert (page.status, page.response.history) == (403, [])
        assert stored(endpoint) == before
    assert WebhookEndpoint.select().count() == 1


def test_another_accounts_endpoint_is_as_one_that_does_not_exist(gateway, company, signed_in):
    theirs = made(gateway, company.globex)
    before = stored(theirs)
    ann = signed_in(ADMIN, NEW)
    key = ann.page.form(NEW)["form_key"]
    nowhere = WebhookEndpoint(public_id="whe_aaaaaaaaaaaaaaaa")
    numbers = re.compile("[0-9a-f]{16,}|whe_[A-Za-z0-9]+")

    def alike(one, other) -> bool:
        said = [numbers.sub("", page.response.text) for page in (one, other)]
        return one.status == other.status == 404 and said[0] == said[1]

    for more in PAGES:
        assert alike(ann.open(path(theirs, *more)), ann.open(path(nowhere, *more)))
    for number, more in enumerate(FORMS):
        fields = [*FIELDS[:-1], ("form_key", key)]
        one = ann.post(path(theirs, *more), [*fields, ("form_id", f"{number:032x}")])
        other = ann.post(path(nowhere, *more), [*fields, ("form_id", f"{number + 9:032x}")])
        assert alike(one, other), more
    assert stored(theirs) == before
    assert theirs.public_id not in ann.open(HOME).response.text


@pytest.mark.parametrize("more", FORMS)
def test_a_form_of_another_site_changes_nothing(gateway, company, signed_in, more):
    endpoint = made(gateway, company.acme)
    before = stored(endpoint)
    ann = signed_in(ADMIN, path(endpoint))
    key = ann.page.form(path(endpoint))["form_key"]
    assert ann.post(path(endpoint, *more), FIELDS).status == 403
    fetched = {"sec-fetch-site": "cross-site"}
    forged = ann.post(path(endpoint, *more), [*FIELDS, ("form_key", key)], headers=fetched)
    assert forged.status == 403
    assert stored(endpoint) == before


def test_a_forged_form_makes_no_endpoint(company, signed_in):
    assert signed_in(ADMIN).post(NEW, FIELDS).status == 403
    assert not WebhookEndpoint.select().exists()


# --- what is shown --------------------------------------------------------------------------------


def test_the_list_says_how_each_endpoint_fares(gateway, company, signed_in):
    ann = signed_in(ADMIN, HOME)
    assert "No webhooks yet" in ann.page.text
    well = made(gateway, company.acme, description="Well", scopes=["applications:read"])
    ill = made(gateway, company.acme, description="Ill")
    made(gateway, company.acme, description="Fresh")
    made(gateway, company.globex, description="Theirs")
    row = WebhookEndpoint.id
    told = {"last_tried_at": NOW - 60, "last_status": 204}
    WebhookEndpoint.update(told).where(row == well.id).execute()
    failed = {"last_tried_at": NOW - 60, "last_error": "timeout", "failing_since": NOW - HOUR_S}
    WebhookEndpoint.update(failed).where(row == ill.id).execute()
    text = ann.open(HOME).text
    assert "204 1 minute ago Enabled" in text
    assert "timeout 1 minute ago Failing since 1 hour ago" in text
    assert "nothing sent yet" in text
    assert "Theirs" not in text
    assert text.count(URL) == 3


def test_hostile_text_is_shown_as_it_is_on_every_page(gateway, company, signed_in):
    url = "https://203.0.114.7/?a='%22&b=;alert(1)"
    endpoint = made(gateway, company.acme, url=url, description=HOSTILE)
    WebhookEndpoint.update(last_tried_at=NOW, last_error=HOSTILE).execute()
    ann = signed_in(ADMIN, HOME)
    for place in (HOME, *(path(endpoint, *more) for more in PAGES)):
        page = ann.open(place)
        assert page.status == 200
        assert "<script>alert" not in page.response.text
        assert HOSTILE in page.text
    assert ann.page.text.count(url) == 1


def test_nothing_that_was_typed_is_logged(gateway, company, signed_in):
    with printing() as printed:
        ann = signed_in(ADMIN, NEW)
        page = ann.send(NEW, url=URL, description="Hidden words", events=[CREATED])
        secret = secret_on(page)
        ann.open(NEW)
        ann.send(NEW, url="https://127.0.0.1/private-path", events=[CREATED])
        logged = printed.once_it_has("422")
    for text in (secret, "203.0.114.7", "key=abc", "Hidden words", "private-path"):
        assert text not in logged


def test_the_trail_keeps_the_host_alone_of_an_address(gateway, company, signed_in):
    signed_in(ADMIN, NEW).send(NEW, url=URL, events=[CREATED])
    entry = AuditEntry.get(AuditEntry.action == "webhook.created")
    assert "key=abc" not in json.dumps(entry.__data__, default=str)
