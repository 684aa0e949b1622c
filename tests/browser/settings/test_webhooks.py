"""Settings > Webhooks in a browser: by mouse, keyboard, without scripts; both themes and sizes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from accessibility import violations
from hooked import Hooked, Seed
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from gateway import accounts
from gateway.database import connect

HOME, NEW = "/settings/webhooks", "/settings/webhooks/new"
MEMBER = "bo@example.com"
HIDDEN = "hidden · needs candidates:read"
WITHIN_MS = 30_000
# What the browser says of an answer of 422 or 404, which is as it should be.
ANSWERED = re.compile("server responded with a status of (422|404)")


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent, and answers with what a test says."""

    def __init__(self) -> None:
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.messages.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def hooked(server) -> Hooked:
    """Webhooks in every state; nothing of them is due."""
    key = server.commands.environment["GATEWAY_WEBHOOK_KEY"]
    url = server.commands.environment["DATABASE_URL"]
    with closing(connect(url)) as database, database.connection_context():
        return Seed(accounts.find_account(server.account), key, int(time.time())).all()


def box(page: Page, name: str):
    return page.get_by_role("checkbox", name=name, exact=True)


def secret_on(page: Page) -> str:
    text = page.locator("#secret").text_content()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", text)
    return text


def is_sound(visit, width: int) -> None:
    """Nothing is wrong with the shown page: no violation, no complaint, nothing sticks out."""
    assert violations(visit.page) == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one for one in visit.complaints if not ANSWERED.search(one)] == []


# --- how every page looks -------------------------------------------------------------------------


def test_every_page_in_every_state_is_accessible_and_fits(hooked, signed_in, width, scheme):
    visit = signed_in(HOME, width=width, color_scheme=scheme)
    page = visit.page
    for path in (
        HOME,
        NEW,
        f"{HOME}/{hooked.well}",
        f"{HOME}/{hooked.failing}",
        f"{HOME}/{hooked.disabled}",
        f"{HOME}/{hooked.long}",
        f"{HOME}/{hooked.long}/delete",
        f"{HOME}/{hooked.well}/rotate",
        f"{HOME}/{hooked.well}/deliveries",
        f"{HOME}/{hooked.well}/deliveries?state=delivered&type=candidate.created",
        f"{HOME}/{hooked.failing}/deliveries",
        f"{HOME}/{hooked.disabled}/deliveries",
        f"{HOME}/{hooked.well}/deliveries/{hooked.delivered}",
        f"{HOME}/{hooked.well}/deliveries/{hooked.pending}",
        f"{HOME}/{hooked.well}/deliveries/{hooked.failed}",
        f"{HOME}/{hooked.well}/deliveries/{hooked.dropped}",
        f"{HOME}/{hooked.well}/again",
        f"{HOME}/{hooked.disabled}/again",
    ):
        page.goto(path)
        is_sound(visit, width)
    page.goto(f"{HOME}/{hooked.well}/deliveries/{hooked.delivered}")
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    is_sound(visit, width)


def test_forms_that_are_wrong_and_previews_are_accessible_and_fit(hooked, signed_in, width, scheme):
    visit = signed_in(NEW, width=width, color_scheme=scheme)
    page = visit.page
    page.get_by_label("Address").fill("http://169.254.169.254/latest/meta-data")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#url-error")).to_contain_text("is not a public one.")
    expect(page.get_by_label("Address")).to_have_value("http://169.254.169.254/latest/meta-data")
    is_sound(visit, width)
    page.goto(f"{HOME}/{hooked.well}")
    box(page, "candidates:read").check()
    box(page, "applications:read").uncheck()
    box(page, "application.stage_changed").uncheck()
    box(page, "candidate.created").check()
    expect(page.get_by_text("No longer told of")).to_be_visible()
    is_sound(visit, width)
    page.goto(f"{HOME}/{hooked.well}/deliveries")
    page.get_by_label("About (id)").fill("Jane Doe")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#subject-error")).to_be_visible()
    is_sound(visit, width)


def test_a_list_without_webhooks_leads_to_the_first_one(desk, signed_in, width, scheme):
    email = f"{width}{scheme}@example.com"
    other = desk.commands.run("account", "create", f"Empty {width} {scheme}")
    desk.commands.run(
        "user", "create", email, "--password-stdin", stdin="correct horse battery staple"
    )
    desk.commands.run("member", "add", "--account", other, "--user", email, "--role", "admin")
    visit = signed_in(HOME, email, width=width, color_scheme=scheme)
    expect(visit.page.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    is_sound(visit, width)
    visit.page.get_by_role("link", name="New webhook").click()
    expect(visit.page).to_have_url(re.compile(NEW))


@pytest.mark.parametrize("path", ["", "/new", "/{well}", "/{well}/deliveries"])
def test_pages_fit_at_every_size_between(hooked, signed_in, path):
    page = signed_in(HOME + path.format(well=hooked.well)).page
    for width in range(320, 1_500, 40):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_member_is_shown_no_webhooks(hooked, signed_in):
    page = signed_in("/settings/api", MEMBER).page
    expect(page.get_by_role("navigation").get_by_role("link", name="Webhooks")).to_have_count(0)
    page.goto(f"{HOME}/{hooked.well}")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()


# --- flows ----------------------------------------------------------------------------------------


def test_by_mouse_a_webhook_is_made_tried_changed_rotated_and_deleted(
    receiver, signed_in, width, scheme
):
    page = signed_in(HOME, width=width, color_scheme=scheme).page
    name = f"By mouse {width} {scheme}"
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("Description").fill(name)
    box(page, "application.created").check()
    box(page, "applications:read").check()
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    page.get_by_role("button", name="Create webhook").click()
    first = secret_on(page)

    page.get_by_role("link", name="on to the webhook").click()
    page.get_by_role("button", name="Send a test event").click()
    # By itself: nobody reloads the page.
    expect(page.get_by_role("status").get_by_text("Delivered")).to_be_visible(timeout=WITHIN_MS)
    headers, body = receiver.messages[-1]
    assert Webhook(first).verify(body, headers)["type"] == "webhook.test"
    expect(page.locator("pre.body.sent")).to_have_text(body.decode())

    receiver.status = 500
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is sent again, at once.")).to_be_visible()
    page.get_by_role("link", name=f"Deliveries to {name}").click()
    page.get_by_role("link", name=name).click()

    box(page, "candidates:read").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status").first).to_contain_text("The webhook has been changed.")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_label("1 hour").check()
    page.get_by_role("button", name="Rotate the secret").click()
    second = secret_on(page)
    receiver.status = 204
    page.get_by_role("link", name="on to the webhook").click()
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_role("status").get_by_text("Delivered")).to_be_visible(timeout=WITHIN_MS)
    headers, body = receiver.messages[-1]
    for secret in (first, second):
        Webhook(secret).verify(body, headers)

    page.get_by_role("link", name=f"Deliveries to {name}").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("It is disabled: nothing is sent.")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    page.get_by_role("link", name="Delete …").click()
    page.get_by_role("button", name="Delete the webhook").click()
    expect(page.get_by_role("status").first).to_contain_text(f"“{name}” is deleted.")


def press_on(page: Page, role: str, name: str, key: str) -> None:
    """Go on with Tab until the control is focused, then press *key*."""
    control = page.get_by_role(role, name=name).first
    for _ in range(80):
        if control.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(control).to_be_focused()
    page.keyboard.press(key)


def test_by_keyboard_alone_a_webhook_is_made_tried_rotated_and_deleted(receiver, signed_in, width):
    page = signed_in(HOME, width=width).page
    press_on(page, "link", "New webhook", "Enter")
    page.wait_for_url(f"**{NEW}")
    press_on(page, "textbox", "Address", "End")
    page.keyboard.type(receiver.url)
    press_on(page, "textbox", "Description", "End")
    page.keyboard.type(f"By keyboard {width}")
    press_on(page, "checkbox", "application.created", "Space")
    press_on(page, "checkbox", "applications:read", "Space")
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    press_on(page, "button", "Create webhook", "Enter")
    secret = secret_on(page)

    press_on(page, "link", "on to the webhook", "Enter")
    page.locator("#preview").wait_for()
    press_on(page, "button", "Send a test event", "Enter")
    expect(page.get_by_role("status").get_by_text("Delivered")).to_be_visible(timeout=WITHIN_MS)
    headers, body = receiver.messages[-1]
    Webhook(secret).verify(body, headers)

    press_on(page, "link", "Deliveries to", "Enter")
    page.wait_for_url("**/deliveries")
    press_on(page, "link", f"By keyboard {width}", "Enter")
    page.locator("#preview").wait_for()
    press_on(page, "link", "Rotate", "Enter")
    page.wait_for_url("**/rotate")
    press_on(page, "button", "Rotate the secret", "Enter")
    assert secret_on(page) != secret
    press_on(page, "link", "on to the webhook", "Enter")
    page.locator("#preview").wait_for()
    press_on(page, "link", "Delete …", "Enter")
    page.wait_for_url("**/delete")
    press_on(page, "button", "Delete the webhook", "Enter")
    expect(page.get_by_role("status").first).to_contain_text("is deleted.")


def test_without_scripts_a_webhook_is_previewed_made_tried_and_deleted(receiver, signed_in, width):
    visit = signed_in(NEW, width=width, java_script_enabled=False)
    page = visit.page
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("Description").fill(f"Without scripts {width}")
    box(page, "application.created").check()
    box(page, "applications:read").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    expect(page.get_by_label("Address")).to_have_value(receiver.url)
    page.get_by_role("button", name="Create webhook").click()
    secret = secret_on(page)
    page.get_by_role("link", name="on to the webhook").click()
    page.get_by_role("button", name="Send a test event").click()
    delivered = page.get_by_role("status").get_by_text("Delivered")
    for _ in range(60):
        if delivered.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    headers, body = receiver.messages[-1]
    Webhook(secret).verify(body, headers)
    page.get_by_role("link", name="Deliveries to").click()
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="No delivery is like that")).to_be_visible()
    page.get_by_role("link", name=f"Without scripts {width}").click()
    page.get_by_role("link", name="Delete …").click()
    page.get_by_role("button", name="Delete the webhook").click()
    expect(page.get_by_role("status").first).to_contain_text("is deleted.")
    assert visit.complaints == []


# --- the preview, secrets, bodies -----------------------------------------------------------------


def test_the_preview_follows_each_choice_without_a_button(signed_in):
    visit = signed_in(NEW)
    page = visit.page
    told = page.locator("#preview").get_by_role("status")
    expect(told).to_have_text("Choose events to see what is sent.")
    expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    box(page, "application.created").check()
    expect(told).to_have_text("Sends 1 type of events, with 9 fields hidden.")
    expect(page.get_by_text("The id alone: more needs applications:read.")).to_be_visible()
    box(page, "applications:read").check()
    expect(told).to_have_text("Sends 1 type of events, with 3 fields hidden.")
    box(page, "candidate.created").check()
    box(page, "candidates:read").check()
    expect(told).to_have_text("Sends 2 types of events.")
    assert visit.complaints == []


def test_the_secret_is_copied_and_is_in_no_address_cookie_or_log(desk, receiver, signed_in):
    visit = signed_in(NEW, permissions=["clipboard-read", "clipboard-write"])
    page = visit.page
    page.get_by_label("Address").fill(receiver.url)
    box(page, "application.created").check()
    page.get_by_role("button", name="Create webhook").click()
    secret = secret_on(page)
    page.get_by_role("button", name="Copy the secret").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.reload()
    expect(page.get_by_role("heading", name="Sent already")).to_be_visible()
    assert secret not in page.content()
    assert not any(secret in address for address in visit.requests)
    assert secret not in str(page.context.cookies())
    assert secret not in desk.log.read_text(encoding="utf-8")


def test_a_page_with_a_body_asks_for_it_once(hooked, signed_in):
    """Each look at a body is recorded, so a page must not take looks by itself."""
    visit = signed_in(f"{HOME}/{hooked.well}/deliveries/{hooked.pending}")
    visit.page.wait_for_timeout(3_500)
    asked = [one for one in visit.requests if one.endswith(hooked.pending)]
    assert len(asked) == 1
