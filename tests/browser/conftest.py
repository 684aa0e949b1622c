"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

HEIGHT = 900
DESKTOP = 1440
TIMEOUT_MS = 20_000


@dataclass
class Visit:
    """A page and what the browser noticed on it.

    Attributes:
        complaints: errors and warnings of the console (a violation of the content security
            policy is one), and exceptions of scripts.
        requests: the address of each request.
        refused: the address of each answer of 400 or above, and of each request without one.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heed)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.refused.append(request.url))
        self.page.on("response", self._judge)

    def _heed(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _judge(self, response) -> None:
        if response.status >= 400:
            self.refused.append(response.url)


# Not for the whole session: while it runs, the main thread has an event loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium (Debian: chromium)")
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage"],  # CI runs as root, in a container
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visit(browser, live_gateway) -> Iterator[Callable[..., Visit]]:
    """A function that opens a path of the gateway in a fresh profile."""
    contexts = []

    def begin(path: str, width: int = DESKTOP, **options) -> Visit:
        context = browser.new_context(
            base_url=live_gateway.url, viewport={"width": width, "height": HEIGHT}, **options
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        begun = Visit(context.new_page())
        begun.page.goto(path)
        return begun

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def watched() -> Callable[[Page], Visit]:
    """A function that makes a visit of a page that a test has opened by itself."""
    return Visit
