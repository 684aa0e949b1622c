"""Every page of the Settings in a browser, derived from the pages' own list.

Themes, sizes, no scripts: a new page is held to all of it as soon as it is listed.
"""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from accessibility import flaws_of
from live_gateway import ROOT
from places import views
from playwright.sync_api import Page, expect
from scenes import Scene, furnished

from gateway import bundle
from gateway.accounts import find_account
from gateway.database import connect

# Each test goes to every page.
pytestmark = pytest.mark.timeout(900)

ADMIN, MEMBER = "ann@example.com", "bo@example.com"
# They answer with a part of a page, for the script that puts it there.
PARTS = {"/settings/api/preview", "/settings/webhooks/preview"}
FOR_EVERYBODY = ("/settings/sign-in", "/settings/invitations/{code}", "/settings/no/such/page")
# Where members see something else than administrators do; of the last one, that it is refused.
FOR_MEMBERS = (
    *("/settings/api", "/settings/members", "/settings/account", "/settings/policy"),
    *("/settings/profile", "/settings/audit"),
)


@pytest.fixture(scope="module")
def scene(server) -> Scene:
    """The server's account with one of everything."""
    environment = server.commands.environment
    document = bundle.load(ROOT / "openapi" / "hiring.yaml", ROOT / "policies", {}).document
    with closing(connect(environment["DATABASE_URL"])) as database, database.connection_context():
        key = environment["GATEWAY_WEBHOOK_KEY"]
        account = find_account(server.account)
        return furnished(account, ADMIN, MEMBER, document, key, int(time.time()))


@pytest.fixture(scope="module")
def places(scene) -> list[str]:
    """Where every page is that can be opened."""
    return [scene.at(view.path) for view in views() if view.get and view.path not in PARTS]


def is_whole(page: Page, where: str) -> None:
    """Assert what must be so of each page, with scripts or without."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("script:not([src])")).to_have_count(0)
    expect(page.locator("[style], style")).to_have_count(0)
    expect(page.locator("a[href^='javascript:'], form:not([method=post])")).to_have_count(0)
    for form in page.locator("form").all():
        buttons = form.get_by_role("button")
        assert buttons.count(), where
        expect(buttons.first).to_be_visible()


def test_every_page_is_accessible_fits_and_keeps_to_its_policy(
    desk, scene, places, signed_in, watched, width, scheme
):
    options = {"width": width, "color_scheme": scheme}
    nobody = watched(desk.context(**options).new_page())
    ann, bo = (signed_in("/settings/profile", who, **options) for who in (ADMIN, MEMBER))
    open_to_all = [scene.at(path) for path in FOR_EVERYBODY]
    flaws = {}
    for visit, some in ((ann, places), (bo, FOR_MEMBERS), (nobody, open_to_all)):
        for where in some:
            visit.page.goto(where)
            is_whole(visit.page, where)
            if found := flaws_of(visit, width):
                flaws[where] = found
            visit.complaints.clear()
        hosts = {address.split("/")[2] for address in visit.requests}
        assert hosts == {desk.url.split("/")[2]}
        assert not any("@" in address or "%40" in address for address in visit.requests)
    assert flaws == {}


def test_every_page_is_whole_without_scripts(desk, scene, places, signed_in, watched, width):
    options = {"width": width, "java_script_enabled": False}
    nobody = watched(desk.context(**options).new_page())
    ann = signed_in("/settings/profile", **options)
    open_to_all = [scene.at(path) for path in FOR_EVERYBODY]
    for visit, some in ((ann, places), (nobody, open_to_all)):
        for where in some:
            visit.page.goto(where)
            is_whole(visit.page, where)
            # All that waits for a script is a button that copies.
            expect(visit.page.locator("[hidden]:not([data-copies])")).to_have_count(0)


def test_a_script_that_came_into_a_page_is_not_run_and_tells_nobody(desk, places, signed_in):
    visit = signed_in("/settings/profile")
    for where in places:
        visit.page.goto(where)
        title = visit.page.title()
        visit.complaints.clear()
        visit.page.evaluate(
            """async () => {
                const script = document.createElement("script");
                script.textContent = "document.title = 'changed'";
                document.body.append(script);
                document.body.setAttribute("onclick", "document.title = 'changed'");
                document.body.click();
                await fetch("http://127.0.0.2:9/").catch(() => {});
            }"""
        )
        expect(visit.page).to_have_title(title)
        refused = [text for text in visit.complaints if "Content Security Policy" in text]
        assert [text for text in refused if "127.0.0.2" in text], where
        assert len([text for text in refused if "inline" in text]) >= 2, where


def test_no_page_can_be_framed(desk, places, signed_in):
    """By a page of another origin, or of our own."""
    visit = signed_in("/settings/profile")
    for host in ("127.0.0.1", "localhost"):
        framed = []
        visit.page.route(
            f"http://{host}:1/frame",
            lambda route: route.fulfill(body=".", content_type="text/html"),
        )
        visit.page.goto(f"http://{host}:1/frame")
        for where in places:
            visit.page.evaluate(
                """address => new Promise(done => {
                    const frame = document.createElement("iframe");
                    frame.onload = done;
                    frame.src = address;
                    document.body.append(frame);
                })""",
                f"{desk.url}{where}",
            )
            framed.append(visit.page.frames[-1])
        for frame in framed:
            assert "Settings" not in frame.content()
