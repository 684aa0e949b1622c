"""The deliveries of a webhook over HTTP: what was sent, shown as it was, to whom it may be."""

from __future__ import annotations

import html
import json
import re

import pytest
from cryptography.fernet import Fernet
from printing import printing

from gateway.audit import SYSTEM
from gateway.disclosure import DisclosureLog
from gateway.settings import Settings
from gateway.spec.payloads import TEST
from gateway.webhooks import endpoints
from gateway.webhooks.endpoints import Because
from gateway.webhooks.service import endpoints_of
from models import Account, AuditEntry, Event, User, WebhookAttempt, WebhookDelivery
from models import WebhookEndpoint as Endpoint

NOW = 1_780_000_000  # 2026-05-28T20:26:40Z
DAY_S = 86_400
KEY = Fernet.generate_key().decode()
ADMIN, MEMBER, STRANGER = "ann@example.com", "bo@example.com", "eve@example.com"
HOME = "/settings/webhooks"
CREATED, MOVED = "application.created", "application.stage_changed"
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
BODY = (
    '{"type":"application.created","timestamp":"2026-01-20T09:15:00Z","data":{"id":"app_1",'
    '"candidate":{"id":"cand_1","first_name":"Zoë"}}}'
)


@pytest.fixture
def disclosures(tmp_path):
    return tmp_path / "disclosures.jsonl"


@pytest.fixture
def gateway(start, disclosures):
    """A gateway that sends nothing itself: what is to be sent stays as it is."""
    return start(webhook_keys=(KEY,), serve_jobs=False, disclosure_log=disclosures)


@pytest.fixture
def endpoint(gateway, company) -> Endpoint:
    return made(gateway, company.acme)


def made(gateway, account: Account) -> Endpoint:
    domain = endpoints_of(Settings(webhook_keys=(KEY,)), gateway.reloader.bundle.document)
    made, _ = domain.create(
        account=account,
        url="https://203.0.114.7/",
        events=[CREATED, MOVED],
        scopes=[],
        by=SYSTEM,
        now=NOW,
    )
    return made


def delivery(endpoint: Endpoint, number: int = 1, **values) -> WebhookDelivery:
    """Return a delivery that was made *number* seconds after the first could have been."""
    return WebhookDelivery.create(
        **{
            "public_id": f"whd_{endpoint.id}x{number}",
            "endpoint": endpoint,
            "message_id": f"evt_{endpoint.id}x{number}",
            "type": CREATED,
            "subject_id": f"app_{number}",
            "occurred_at": NOW + number,
            "created_at": NOW + number,
            "state": "pending",
            "due_at": NOW + number,
            **values,
        }
    )


def tried(endpoint: Endpoint, number: int = 1, body: str | None = BODY, **values):
    """Return a delivery that arrived with its one try."""
    known = {"status": 204, "error": None, "duration_ms": 41, **values}
    ended = {"state": "delivered", "due_at": None, "ended_at": NOW, "tries": 1}
    one = delivery(endpoint, number, **ended, **known)
    keep = {name: known[name] for name in ("status", "error", "duration_ms")}
    WebhookAttempt.create(delivery=one, at=NOW, body=body, **keep)
    return one


def place(endpoint: Endpoint, *more: str) -> str:
    return "/".join((HOME, endpoint.public_id, *more))


def of(endpoint: Endpoint, one: WebhookDelivery, *more: str) -> str:
    return place(endpoint, "deliveries", one.public_id, *more)


def subjects(page) -> list[str]:
    """Return what the listed deliveries are about, in their order."""
    return re.findall(r'<span class="hint mono">(\w+)</span>', page.response.text)


def state(one: WebhookDelivery) -> dict:
    return WebhookDelivery.select().where(WebhookDelivery.id == one.id).dicts().get()


def trail() -> list[tuple[str, str, str | None]]:
    query = AuditEntry.select().where(AuditEntry.action.startswith("webhook."))
    rows = query.order_by(AuditEntry.id)
    return [(entry.action, entry.actor_name, entry.after) for entry in rows]


# --- the list -------------------------------------------------------------------------------------


def test_the_list_says_what_became_of_each_delivery(endpoint, signed_in):
    ann = signed_in(ADMIN, place(endpoint, "deliveries"))
    assert "Nothing was sent yet" in ann.page.text
    tried(endpoint, 1)
    delivery(endpoint, 2, tries=3, error="timeout", duration_ms=15_020)
    delivery(endpoint, 3, state="failed", due_at=None, tries=10, status=500, duration_ms=8)
    delivery(endpoint, 4, state="dropped", due_at=None, type=MOVED)
    page = ann.open(place(endpoint, "deliveries"))
    assert subjects(page) == ["app_4", "app_3", "app_2", "app_1"]
    assert f"{CREATED} app_1 Delivered 1 204 41 ms" in page.text
    assert f"{CREATED} app_2 On its way 3 timeout 15.0 s" in page.text
    assert f"{CREATED} app_3 Failed 10 500 8 ms" in page.text
    assert f"{MOVED} app_4 Dropped 0 none none" in page.text


def test_filters_narrow_the_list_and_stand_in_its_address(endpoint, signed_in):
    here = place(endpoint, "deliveries")
    tried(endpoint, 1)
    tried(endpoint, 2, type=MOVED)
    delivery(endpoint, 90, subject_id="app_1")
    ann = signed_in(ADMIN, here)
    for fields, expected in (
        ({"state": "delivered"}, ["app_2", "app_1"]),
        ({"type": MOVED}, ["app_2"]),
        ({"subject": " app_1 "}, ["app_1", "app_1"]),
        ({"since": "2026-05-28T20:28"}, ["app_1"]),
        ({"state": "pending", "subject": "app_1", "type": CREATED}, ["app_1"]),
        ({"state": "failed"}, []),
        ({}, ["app_1", "app_2", "app_1"]),
    ):
        ann.open(here)
        page = ann.send(here, **fields)
        assert (page.status, page.path, subjects(page)) == (200, here, expected), fields
        again = ann.open(str(page.response.url))
        assert subjects(again) == expected
        form = again.form(here) if expected or fields else {}
        for name, value in fields.items():
            assert form[name] == value.strip()


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("subject", "jane.doe@example.com", "What it is about must be an id, such as app_jkl012."),
        ("subject", "Jane Doe", "What it is about must be an id, such as app_jkl012."),
        ("since", "yesterday", "The time must be a day and a time, such as 2026-11-20T08:00."),
        ("since", "2026-02-30T08:00", "The time must be a day and a time"),
    ],
)
def test_what_is_typed_in_by_mistake_is_said_at_its_field_and_stands_in_no_address(
    endpoint, signed_in, field, text, says
):
    here = place(endpoint, "deliveries")
    tried(endpoint)
    with printing() as printed:
        page = signed_in(ADMIN, here).send(here, **{field: text})
        assert text not in printed.once_it_has("422")
    assert (page.status, str(page.response.url).endswith(here)) == (422, True)
    assert re.search(rf'id="{field}-error"[^>]*>.*?{re.escape(says)}', page.response.text)
    assert page.form(here)[field] == text


def test_a_query_that_makes_no_sense_is_as_if_it_were_not_there(endpoint, signed_in):
    tried(endpoint)
    here = place(endpoint, "deliveries")
    page = signed_in(ADMIN).open(f"{here}?state=x&type=y&subject=%3Cb%3E&since=z&page=-1&q=1")
    assert (page.status, subjects(page)) == (200, ["app_1"])
    assert "<b>" not in page.response.text


def test_pages_follow_each_other_with_the_filter_kept(endpoint, signed_in):
    here = place(endpoint, "deliveries")
    for number in range(1, 61):
        delivery(endpoint, number, type=CREATED if number % 2 else MOVED)
    ann = signed_in(ADMIN)
    seen = subjects(ann.open(f"{here}?type={CREATED}"))
    older = [link for link in ann.page.links if "page=2" in link]
    page = ann.open(older[0])
    assert not [link for link in page.links if "page=3" in link]
    seen += subjects(page)
    assert seen == [f"app_{number}" for number in range(59, 0, -2)]
    assert "No delivery is like that" in ann.open(f"{here}?page=9").text


# --- one delivery ---------------------------------------------------------------------------------


def test_a_body_is_shown_byte_for_byte_and_nothing_is_added(endpoint, signed_in):
    one = tried(endpoint)
    page = signed_in(ADMIN, of(endpoint, one)).page
    [sent] = re.findall(r'<pre class="body sent"[^>]*>(.*?)</pre>', page.response.text, re.DOTALL)
    assert html.unescape(sent) == BODY
    [read] = re.findall(r'<pre class="body"[^>]*>(.*?)</pre>', page.response.text, re.DOTALL)
    assert json.loads(html.unescape(read)) == json.loads(BODY)
    size = len(BODY.encode())
    assert f"The body as it was sent, {size} bytes" in page.text
    assert len(re.findall("Zoë", page.response.text)) == 2


def test_each_try_is_shown_the_last_one_first(endpoint, signed_in):
    one = delivery(endpoint, 1, tries=2, error="timeout", duration_ms=15_000, due_at=NOW + 400)
    WebhookAttempt.create(delivery=one, at=NOW, duration_ms=12, status=503, body=BODY)
    WebhookAttempt.create(delivery=one, at=NOW + 9, duration_ms=15_000, error="timeout", body=BODY)
    WebhookAttempt.create(delivery=one, at=NOW + 9, duration_ms=0, error="withheld", body=None)
    text = signed_in(ADMIN, of(endpoint, one)).page.text
    first = text.index("withheld 2026")
    assert first < text.index("timeout 2026") < text.index("503 2026")
    assert "Nothing was sent." in text
    assert "Next try in 6 minutes" in text


def test_hostile_text_is_shown_as_it_is(endpoint, signed_in):
    body = json.dumps({"type": CREATED, "timestamp": "x", "data": {"id": HOSTILE}})
    one = tried(endpoint, body=body, error=HOSTILE, status=None)
    ann = signed_in(ADMIN)
    for where in (place(endpoint, "deliveries"), of(endpoint, one)):
        page = ann.open(where)
        assert page.status == 200
        assert "<img" not in page.response.text
        assert "onerror" in page.text


def lines(disclosures) -> list[dict]:
    return [json.loads(line) for line in disclosures.read_text().splitlines()]


def test_looking_at_a_body_is_recorded_as_given_to_who_looks(
    endpoint, signed_in, company, disclosures
):
    one = tried(endpoint)
    ann = signed_in(ADMIN, place(endpoint, "deliveries"))
    assert lines(disclosures) == []
    ann.open(of(endpoint, one))
    [line] = lines(disclosures)
    user = User.get(User.email == ADMIN)
    assert (line["account"], line["token"]) == (company.acme.public_id, user.public_id)
    assert (line["operation"], line["request_id"]) == (CREATED, one.message_id)
    assert "first_name" in str(line["components"])
    assert "Zoë" not in disclosures.read_text()


def test_a_body_that_cannot_be_recorded_is_not_shown(endpoint, signed_in, monkeypatch):
    one = tried(endpoint)
    ann = signed_in(ADMIN)

    async def fails(_log, _line):
        raise OSError

    monkeypatch.setattr(DisclosureLog, "write", fails)
    page = ann.open(of(endpoint, one))
    assert page.status == 503
    assert "Zoë" not in page.response.text


# --- sent again, and a test -----------------------------------------------------------------------


def test_one_delivery_is_sent_again(endpoint, signed_in):
    one = tried(endpoint)
    ann = signed_in(ADMIN, of(endpoint, one))
    page = ann.send(of(endpoint, one, "again"))
    assert (page.path, page.status) == (of(endpoint, one), 200)
    assert "It is sent again, at once." in page.text
    renewed = state(one)
    assert (renewed["state"], renewed["due_at"], renewed["tries"]) == ("pending", NOW, 0)
    action, who, after = trail()[-1]
    assert (action, who) == ("webhook.sent_again", ADMIN)
    assert json.loads(after) == {"deliveries": 1, "message": one.message_id}


def test_one_that_is_being_tried_is_left_alone(endpoint, signed_in):
    one = delivery(endpoint, claim="x", claimed_until=NOW + 30)
    before = state(one)
    ann = signed_in(ADMIN, of(endpoint, one))
    page = ann.send(of(endpoint, one, "again"))
    assert "It is being tried at this moment." in page.text
    assert state(one) == before


def test_all_since_a_time_are_sent_again(gateway, endpoint, signed_in):
    gone = delivery(endpoint, 1, state="failed", due_at=None, occurred_at=NOW - 3 * DAY_S)
    failed = delivery(endpoint, 2, state="failed", due_at=None, occurred_at=NOW - 600)
    arrived = tried(endpoint, 3, occurred_at=NOW - 600)
    ann = signed_in(ADMIN, place(endpoint, "again"))
    assert ann.page.form(place(endpoint, "again"))["since"] == "2026-05-27T20:26"
    page = ann.send(place(endpoint, "again"))
    assert (page.path, page.status) == (place(endpoint, "deliveries"), 200)
    assert "1 message is sent again." in page.text
    assert [state(one)["state"] for one in (gone, failed, arrived)] == [
        "failed",
        "pending",
        "delivered",
    ]
    assert trail()[-1][:2] == ("webhook.sent_again", ADMIN)
    ann.open(place(endpoint, "again"))
    page = ann.send(place(endpoint, "again"), since="2026-05-20T00:00", delivered_too="1")
    assert "2 messages are sent again." in page.text


@pytest.mark.parametrize(
    ("since", "says"),
    [
        ("", "The time must be a day and a time, such as 2026-11-20T08:00."),
        ("now", "The time must be a day and a time"),
        ("2026-13-01T00:00", "The time must be a day and a time"),
        ("2026-05-28T20:27", "The time must not be in the future."),
    ],
)
def test_since_when_is_a_time_that_is_over(endpoint, signed_in, since, says):
    one = delivery(endpoint, 2, state="failed", due_at=None, occurred_at=NOW - 600)
    ann = signed_in(ADMIN, place(endpoint, "again"))
    page = ann.send(place(endpoint, "again"), since=since, delivered_too="1")
    assert page.status == 422
    assert re.search(rf'id="since-error"[^>]*>.*?{re.escape(says)}', page.response.text)
    form = page.form(place(endpoint, "again"))
    assert (form["since"], form["delivered_too"]) == (since, "1")
    assert state(one)["state"] == "failed"


def test_a_test_event_is_sent_and_its_delivery_shown(endpoint, signed_in):
    ann = signed_in(ADMIN, place(endpoint))
    page = ann.send(place(endpoint, "test"))
    one = WebhookDelivery.get()
    assert (page.path, page.status) == (of(endpoint, one), 200)
    assert (one.type, one.endpoint, one.state) == (TEST, endpoint, "pending")
    assert "A test event is being sent." in page.text
    assert trail()[-1][:2] == ("webhook.tested", ADMIN)
    page = ann.open(place(endpoint, "deliveries"))
    assert any(form.action == place(endpoint, "test") for form in page.forms)


@pytest.mark.parametrize("what", ["test", "again", "one"])
def test_a_form_that_is_sent_twice_sends_once(endpoint, signed_in, what):
    one = delivery(endpoint, 1, state="failed", due_at=None, occurred_at=NOW - 600)
    shown, action = {
        "test": (place(endpoint), place(endpoint, "test")),
        "again": (place(endpoint, "again"), place(endpoint, "again")),
        "one": (of(endpoint, one), of(endpoint, one, "again")),
    }[what]
    ann = signed_in(ADMIN, shown)
    fields = ann.page.form(action).filled()
    assert ann.post(action, fields).status == 200
    after = [(entry.id, entry.action) for entry in AuditEntry.select().order_by(AuditEntry.id)]
    WebhookDelivery.update(state="failed", due_at=None).where(
        WebhookDelivery.id == one.id
    ).execute()
    assert ann.post(action, fields).status == 409
    assert after == [(x.id, x.action) for x in AuditEntry.select().order_by(AuditEntry.id)]
    assert state(one)["state"] == "failed"
    assert WebhookDelivery.select().count() == (2 if what == "test" else 1)


@pytest.mark.parametrize("what", ["test", "again", "one"])
def test_nothing_is_sent_to_a_webhook_that_is_disabled(endpoint, signed_in, what):
    one = delivery(endpoint, 1, state="failed", due_at=None, occurred_at=NOW - 600)
    shown, action = {
        "test": (place(endpoint), place(endpoint, "test")),
        "again": (place(endpoint, "again"), place(endpoint, "again")),
        "one": (of(endpoint, one), of(endpoint, one, "again")),
    }[what]
    ann = signed_in(ADMIN, shown)
    fields = ann.page.form(action).filled()
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=NOW)
    page = ann.open(shown)
    assert not any(form.action == action for form in page.forms)
    page = ann.post(action, fields)
    assert page.status == 422
    assert "The webhook is disabled. Enable it first." in page.text
    assert (state(one)["state"], WebhookDelivery.select().count()) == ("failed", 1)


def test_events_of_while_it_was_disabled_are_sent_later(endpoint, signed_in):
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=NOW)
    Event.create(
        public_id="evt_missed",
        account=endpoint.account,
        type=CREATED,
        subject_id="app_9",
        occurred_at=NOW - 60,
    )
    ann = signed_in(ADMIN, place(endpoint))
    ann.send(place(endpoint, "enable"))
    assert not WebhookDelivery.select().exists()
    ann.open(place(endpoint, "again"))
    assert "1 message is sent again." in ann.send(place(endpoint, "again")).text
    assert WebhookDelivery.get().message_id == "evt_missed"


# --- who ------------------------------------------------------------------------------------------


def test_a_member_sees_and_sends_nothing(endpoint, signed_in):
    one = tried(endpoint)
    before = state(one)
    bo = signed_in(MEMBER, "/settings/api")
    key = bo.page.form("/settings/sign-out")["form_key"]
    for where in (place(endpoint, "deliveries"), of(endpoint, one), place(endpoint, "again")):
        page = bo.open(where)
        assert (page.status, "Zoë" in page.response.text) == (403, False)
    fields = [("form_key", key), ("form_id", "a" * 32), ("since", "2026-05-01T00:00")]
    for where in (
        place(endpoint, "deliveries"),
        place(endpoint, "test"),
        place(endpoint, "again"),
        of(endpoint, one, "again"),
    ):
        page = bo.post(where, fields)
        # Refused itself, not only what it would have led on to.
        assert (page.status, page.response.history) == (403, [])
    assert (state(one), WebhookDelivery.select().count()) == (before, 1)


def test_deliveries_of_another_account_are_as_ones_that_do_not_exist(
    gateway, company, endpoint, signed_in
):
    theirs = made(gateway, company.globex)
    hidden, mine = tried(theirs), tried(endpoint)
    before = state(hidden)
    ann = signed_in(ADMIN, place(endpoint))
    key = ann.page.form(place(endpoint))["form_key"]
    for where in (
        place(theirs, "deliveries"),
        place(theirs, "again"),
        of(theirs, hidden),
        of(theirs, mine),
        of(endpoint, hidden),  # an endpoint of one's own, with a delivery to somebody else's
    ):
        page = ann.open(where)
        assert (page.status, "Zoë" in page.response.text) == (404, False)
    posts = (
        place(theirs, "deliveries"),
        place(theirs, "test"),
        place(theirs, "again"),
        of(theirs, hidden, "again"),
        of(endpoint, hidden, "again"),
    )
    for number, where in enumerate(posts):
        fields = [("form_key", key), ("form_id", f"{number:032x}"), ("since", "2026-05-01T00:00")]
        assert ann.post(where, fields).status == 404
    assert (state(hidden), WebhookDelivery.select().count()) == (before, 2)


def test_a_form_of_another_site_sends_nothing(endpoint, signed_in):
    one = tried(endpoint)
    before = state(one)
    ann = signed_in(ADMIN, place(endpoint))
    key = ann.page.form(place(endpoint))["form_key"]
    fields = [("form_id", "a" * 32), ("since", "2026-05-01T00:00"), ("delivered_too", "1")]
    crossed = {"sec-fetch-site": "cross-site"}
    for where in (place(endpoint, "test"), place(endpoint, "again"), of(endpoint, one, "again")):
        assert ann.post(where, fields).status == 403
        assert ann.post(where, [*fields, ("form_key", key)], headers=crossed).status == 403
    assert (state(one), WebhookDelivery.select().count()) == (before, 1)
