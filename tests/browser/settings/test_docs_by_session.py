"""The page at /docs calls the API with the session of the Settings pages: no token is needed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from trying import list_applications, status_of

SETTINGS = "/settings/api"
OF_TWO = "both@example.com"


def test_who_is_signed_in_tries_the_api_without_a_token(signed_in, width):
    visit = signed_in(SETTINGS, width=width)
    visit.page.get_by_role("link", name="API docs").click()
    answer = list_applications(visit.page)
    expect(status_of(answer)).to_have_text("200")
    expect(answer).to_contain_text("john@example.com")
    assert visit.complaints == []


def test_by_keyboard_too(signed_in):
    page = signed_in("/docs").page
    operation = page.locator("#operations-Applications-list_applications")
    operation.locator(".opblock-summary-control").focus()
    page.keyboard.press("Enter")
    for name in ("Try it out", "Execute"):
        operation.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
    expect(status_of(operation.locator(".live-responses-table"))).to_have_text("200")


def test_who_has_signed_out_is_401_at_once(desk, watched):
    page = desk.context().new_page()
    page.goto("/settings/sign-in")
    page.get_by_label("E-mail address").fill("bo@example.com")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Sign in").click()
    docs = page.context.new_page()
    docs.goto("/docs")
    expect(status_of(list_applications(docs))).to_have_text("200")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    operation = docs.locator("#operations-Applications-list_applications")
    operation.get_by_role("button", name="Execute").click()
    expect(status_of(operation.locator(".live-responses-table"))).to_contain_text("401")


@pytest.fixture(scope="module")
def member_of_two(server) -> str:
    """Somebody who has to choose an account first."""
    run = server.commands.run
    run("user", "create", OF_TWO, "--password-stdin", stdin="correct horse battery staple")
    for account in (server.account, run("account", "create", "Other")):
        run("member", "add", "--account", account, "--user", OF_TWO, "--role", "member")
    return OF_TWO


def test_without_a_selected_account_the_api_says_400_and_where_to_choose_one(
    member_of_two, signed_in
):
    page = signed_in("/docs", member_of_two).page
    answer = list_applications(page)
    expect(status_of(answer)).to_contain_text("400")
    expect(answer).to_contain_text("/settings/accounts")
    page.goto("/settings/accounts")
    page.get_by_role("button", name="Acme").click()
    page.goto("/docs")
    answer = list_applications(page)
    expect(status_of(answer)).to_have_text("200")
    expect(answer).to_contain_text("john@example.com")
