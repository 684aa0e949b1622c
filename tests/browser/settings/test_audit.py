"""Settings > Audit log in a browser: by mouse, by keyboard, without scripts; themes and sizes."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from accessibility import is_sound, press_on
from playwright.sync_api import expect

from gateway import accounts
from gateway.audit import SYSTEM
from gateway.database import connect

PAGE = "/settings/audit"
NOW = 1_780_000_000
MEMBER = "bo@example.com"
LONG = "An unbearably long name of a program that somebody pasted twice " * 3
ROWS = "table.trail tbody tr"


@pytest.fixture(scope="module")
def token(server) -> str:
    """The id of a token whose every step is in the trail."""
    made, _ = server.token("Audited", "applications:read", email=MEMBER)
    server.commands.run("token", "update", made, "--name", LONG)
    server.commands.run("token", "revoke", made)
    return made


@pytest.fixture(scope="module")
def long_trail(server) -> None:
    """More entries than two pages hold."""
    url = server.commands.environment["DATABASE_URL"]
    with closing(connect(url)) as database, database.connection_context():
        account = accounts.find_account(server.account)
        for number in range(101):
            accounts.rename_account(account, f"Name {number}", by=SYSTEM, now=NOW + number)


def test_every_state_is_accessible_and_fits(token, signed_in, width, scheme):
    visit = signed_in(PAGE, width=width, color_scheme=scheme)
    page = visit.page
    expect(page.locator(ROWS).first).to_be_visible()
    is_sound(visit, width)
    page.get_by_label("Done to").fill(token)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(ROWS)).to_have_count(3)
    is_sound(visit, width)
    page.get_by_label("Done to").fill("nothing of this name")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="No entry is like that")).to_be_visible()
    is_sound(visit, width)
    page.get_by_label("First day").fill("2026-02-02")
    page.get_by_label("Last day").fill("2026-02-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_be_focused()
    is_sound(visit, width)


def test_times_stand_in_the_readers_zone_which_is_named(token, signed_in):
    page = signed_in(PAGE).page
    times = page.locator(f"{ROWS} th time")
    expect(times.first).to_have_text(re.compile(r"\d\d:\d\d (CET|CEST)$"))


def test_by_keyboard_the_trail_is_filtered_and_left_for_the_token(token, signed_in, width):
    page = signed_in(PAGE, width=width).page
    press_on(page, "textbox", "Done to", "End")
    page.keyboard.type(token)
    page.keyboard.press("Enter")
    expect(page.locator(ROWS)).to_have_count(3)
    press_on(page, "link", "An unbearably long name", "Enter")
    page.wait_for_url(f"**/settings/api/{token}")


def test_the_command_is_copied(token, signed_in):
    page = signed_in(PAGE, permissions=["clipboard-read", "clipboard-write"]).page
    page.get_by_role("button", name="Copy the command").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("gateway audit --account acct_")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_long_trail_is_paged_and_a_filter_goes_along(long_trail, signed_in, scripts):
    visit = signed_in(PAGE, java_script_enabled=scripts)
    page = visit.page
    page.get_by_label("What").select_option("account.updated")
    page.get_by_label("Done to").fill("Name")
    page.get_by_role("button", name="Apply").click()
    names = page.locator(f"{ROWS} ins")
    expect(names.first).to_contain_text("Name 100")
    page.get_by_role("button", name="Older").click()
    expect(names.first).to_contain_text("Name 50")
    expect(page.get_by_label("Done to")).to_have_value("Name")
    page.get_by_role("button", name="Newer").click()
    expect(names.first).to_contain_text("Name 100")
    assert not any("Name" in address for address in visit.requests)
    assert visit.complaints == []


def test_a_member_has_no_way_there(desk, signed_in):
    page = signed_in("/settings/api", MEMBER).page
    expect(page.get_by_role("link", name="Members")).to_be_visible()
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    page.goto(PAGE)
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
