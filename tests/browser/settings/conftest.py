"""The Settings pages in a browser: a server of the module's own, and people who are signed in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from live_gateway import ROOT, Commands, serving
from playwright.sync_api import Browser, BrowserContext

PASSWORD = "correct horse battery staple"
ADMIN, MEMBER = "ann@example.com", "bo@example.com"
SIZES = {"narrow": 360, "wide": 1440}
# A receiver of a test is on this machine, and speaks no TLS.
WEBHOOKS = {"GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8", "GATEWAY_WEBHOOK_PLAIN_HTTP": "on"}
HEIGHT = 900
TIMEOUT_MS = 20_000


@dataclass
class Desk:
    """A server with one account, which has an administrator and a member.

    Attributes:
        url: without a slash at the end.
        commands: run on its database.
        log: what the server has logged so far.
        states: the cookies of who has signed in, by their address.
    """

    url: str
    commands: Commands
    account: str
    log: Path
    browser: Browser
    states: dict[str, dict] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def token(self, name: str, *scopes: str, email: str = ADMIN) -> tuple[str, str]:
        """Create a token by the command line; return its id and its secret."""
        options = [word for scope in scopes for word in ("--scope", scope)]
        words = ("token", "create", "--account", self.account, "--user", email, "--name", name)
        created = json.loads(self.commands.run(*words, *options, "--json"))
        return created["id"], created["token"]

    def context(self, width: int = SIZES["wide"], **options) -> BrowserContext:
        """Return a fresh profile; the test's end closes it."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": HEIGHT},
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **options,
        )
        context.set_default_timeout(TIMEOUT_MS)
        self.contexts.append(context)
        return context

    def state(self, email: str) -> dict:
        """Return the cookies of somebody who has signed in."""
        if email not in self.states:
            page = self.context().new_page()
            page.goto("/settings/sign-in")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name="Sign out").wait_for()
            self.states[email] = page.context.storage_state()
        return self.states[email]


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("settings")
    gateway = Commands(f"sqlite:///{folder}/gateway.db")
    gateway.run("migrate")
    gateway.environment |= WEBHOOKS | {"GATEWAY_WEBHOOK_KEY": gateway.run("webhook", "key")}
    account = gateway.run("account", "create", "Acme")
    for email, role in ((ADMIN, "admin"), (MEMBER, "member")):
        gateway.run("user", "create", email, "--password-stdin", stdin=PASSWORD)
        gateway.run("member", "add", "--account", account, "--user", email, "--role", role)
    gateway.run("import", str(ROOT / "examples" / "reference.jsonl"), "--account", account)
    with serving(gateway.environment, folder / "log") as url:
        yield Desk(url, gateway, account, folder / "log", browser)


@pytest.fixture
def desk(server) -> Iterator[Desk]:
    """The module's server; the profiles that a test opens are closed with it."""
    yield server
    for context in server.contexts:
        context.close()
    server.contexts.clear()


@pytest.fixture
def signed_in(desk, watched) -> Callable:
    """A function that opens a page as somebody: `signed_in("/settings/api", MEMBER, width=360)`."""

    def begin(path: str, email: str = ADMIN, **options):
        context = desk.context(storage_state=desk.state(email), **options)
        visit = watched(context.new_page())
        visit.page.goto(path)
        return visit

    return begin


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def width(request) -> int:
    return request.param


@pytest.fixture(params=["light", "dark"])
def scheme(request) -> str:
    return request.param
