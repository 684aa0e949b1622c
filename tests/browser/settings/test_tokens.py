"""Settings > API in a browser: by mouse, by keyboard, without scripts; both themes, both sizes."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress

import httpx
import pytest
from accessibility import is_sound, press_on
from playwright.sync_api import Error, Page, expect

HOME, NEW = "/settings/api", "/settings/api/new"
MEMBER = "bo@example.com"
LONG = "A name as long as names of programs get when nobody stops them " * 3
HIDDEN = "hidden · needs candidates:read"


def status(desk, secret: str, path: str = "/applications") -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.get(f"{desk.url}/api/v1{path}", headers=headers).status_code


def scope(page: Page, name: str):
    return page.get_by_role("checkbox", name=name)


def secret_on(page: Page) -> str:
    text = page.locator("#secret").text_content()
    assert re.fullmatch("[0-9a-f]{32}", text)
    return text


# --- how every page looks -------------------------------------------------------------------------


def test_every_page_in_every_state_is_accessible_and_fits(desk, signed_in, width, scheme):
    desk.token("Wide", "applications:read", "candidates:read", "job_postings:read")
    desk.token(LONG, "applications:read", email=MEMBER)
    dead, _ = desk.token("Dead", "candidates:read")
    desk.commands.run("token", "revoke", dead)
    token_id, _ = desk.token("Looked at", "applications:read")
    visit = signed_in(HOME, width=width, color_scheme=scheme)
    page = visit.page
    for path in (
        HOME,
        f"{HOME}?state=revoked",
        f"{HOME}?state=expired",
        NEW,
        f"{HOME}/{token_id}",
        f"{HOME}/{dead}",
        f"{HOME}/{token_id}/rotate",
        f"{HOME}/{token_id}/revoke",
        "/settings/policy",
    ):
        page.goto(path)
        is_sound(visit, width)
    page.goto(NEW)
    page.get_by_role("button", name="Create token").evaluate("one => one.form.noValidate = true")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("alert")).to_be_focused()
    is_sound(visit, width)
    page.goto(f"{HOME}/{token_id}")
    scope(page, "candidates:read").check()
    expect(page.get_by_text("Becomes visible", exact=True)).to_be_visible()
    is_sound(visit, width)
    scope(page, "candidates:read").uncheck()
    scope(page, "applications:read").uncheck()
    expect(page.get_by_text("Becomes hidden", exact=True)).to_be_visible()
    is_sound(visit, width)
    page.goto(f"{HOME}/{token_id}/rotate")
    page.get_by_role("button", name="Rotate the secret").click()
    expect(page.locator("#secret")).to_be_visible()
    is_sound(visit, width)


def test_an_unused_token_is_pointed_out_and_one_click_away(desk, signed_in, width, scheme):
    name = f"Forgotten {width} {scheme}"
    token_id, _ = desk.token(name, "applications:read")
    path = desk.commands.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE token SET created_at = 0 WHERE public_id = ?", [token_id])
    visit = signed_in(HOME, width=width, color_scheme=scheme)
    is_sound(visit, width)
    visit.page.get_by_role("link", name="Show unused tokens").click()
    visit.page.get_by_role("link", name=name).click()
    expect(visit.page.get_by_text("Nobody has used this token since it was made")).to_be_visible()
    is_sound(visit, width)
    visit.page.get_by_role("link", name="revoke it").click()
    visit.page.wait_for_url(f"**{HOME}/{token_id}/revoke")


def test_a_list_without_tokens_leads_to_the_first_one(desk, signed_in, width, scheme):
    desk.commands.run(
        "user",
        "create",
        f"{width}{scheme}@example.com",
        "--password-stdin",
        stdin="correct horse battery staple",
    )
    member = ("member", "add", "--account", desk.account, "--user", f"{width}{scheme}@example.com")
    desk.commands.run(*member, "--role", "member")
    visit = signed_in(HOME, f"{width}{scheme}@example.com", width=width, color_scheme=scheme)
    expect(visit.page.get_by_role("heading", name="No tokens yet")).to_be_visible()
    is_sound(visit, width)
    visit.page.get_by_role("link", name="New token").click()
    expect(visit.page).to_have_url(re.compile(NEW))


@pytest.mark.parametrize("path", [HOME, NEW])
def test_pages_fit_at_every_size_between(desk, signed_in, path):
    desk.token(LONG, "applications:read", "candidates:read", "job_postings:read", email=MEMBER)
    page = signed_in(path).page
    for width in range(320, 1_500, 40):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- flows ----------------------------------------------------------------------------------------


def test_by_mouse_a_token_is_made_changed_rotated_and_revoked(desk, signed_in, width, scheme):
    page = signed_in(HOME, width=width, color_scheme=scheme).page
    name = f"By mouse {width} {scheme}"
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Name").fill(name)
    scope(page, "applications:read").check()
    page.get_by_role("button", name="Create token").click()
    first = secret_on(page)
    assert (status(desk, first), status(desk, first, "/candidates")) == (200, 403)

    page.get_by_role("link", name="on to the token").click()
    scope(page, "candidates:read").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status").first).to_contain_text("The token has been changed.")
    assert status(desk, first, "/candidates") == 200

    page.get_by_role("link", name="Rotate").click()
    page.get_by_label("1 hour").check()
    page.get_by_role("button", name="Rotate the secret").click()
    second = secret_on(page)
    assert (status(desk, first), status(desk, second)) == (200, 200)

    page.get_by_role("link", name="on to the token").click()
    page.get_by_role("button", name="End the old secret now").click()
    assert (status(desk, first), status(desk, second)) == (401, 200)

    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the token").click()
    expect(page.get_by_role("status").first).to_contain_text(f"“{name}” is revoked, for good.")
    assert status(desk, second) == 401


def test_by_keyboard_alone_a_token_is_made_changed_rotated_and_revoked(desk, signed_in, width):
    page = signed_in(HOME, width=width).page
    press_on(page, "link", "New token", "Enter")
    page.wait_for_url(f"**{NEW}")
    press_on(page, "textbox", "Name", "End")
    page.keyboard.type(f"By keyboard {width}")
    press_on(page, "checkbox", "applications:read", "Space")
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    press_on(page, "button", "Create token", "Enter")
    first = secret_on(page)
    assert status(desk, first) == 200

    press_on(page, "link", "on to the token", "Enter")
    page.locator("#preview").wait_for()
    press_on(page, "checkbox", "candidates:read", "Space")
    expect(page.get_by_text("Becomes visible", exact=True)).to_be_visible()
    press_on(page, "button", "Save changes", "Enter")
    expect(page.get_by_role("status").first).to_contain_text("The token has been changed.")
    assert status(desk, first, "/candidates") == 200

    press_on(page, "link", "Rotate", "Enter")
    page.wait_for_url("**/rotate")
    press_on(page, "radio", "24 hours", "ArrowDown")
    expect(page.get_by_role("radio", name="1 hour")).to_be_checked()
    press_on(page, "button", "Rotate the secret", "Enter")
    second = secret_on(page)
    assert (status(desk, first), status(desk, second)) == (200, 200)

    press_on(page, "link", "on to the token", "Enter")
    page.locator("#preview").wait_for()
    press_on(page, "link", "Revoke", "Enter")
    page.wait_for_url("**/revoke")
    press_on(page, "button", "Revoke the token", "Enter")
    expect(page.get_by_role("status").first).to_contain_text("is revoked, for good.")
    assert (status(desk, first), status(desk, second)) == (401, 401)


def test_without_scripts_a_token_is_previewed_made_changed_rotated_and_revoked(
    desk, signed_in, width
):
    visit = signed_in(NEW, width=width, java_script_enabled=False)
    page = visit.page
    page.get_by_label("Name").fill(f"Without scripts {width}")
    scope(page, "applications:read").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    expect(scope(page, "applications:read")).to_be_checked()
    page.get_by_role("button", name="Create token").click()
    first = secret_on(page)

    page.get_by_role("link", name="on to the token").click()
    scope(page, "candidates:read").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Becomes visible", exact=True)).to_be_visible()
    assert status(desk, first, "/candidates") == 403
    page.get_by_role("button", name="Save changes").click()
    assert status(desk, first, "/candidates") == 200

    page.get_by_role("link", name="Rotate").click()
    page.get_by_label("Not at all").check()
    page.get_by_role("button", name="Rotate the secret").click()
    second = secret_on(page)
    assert (status(desk, first), status(desk, second)) == (401, 200)

    page.get_by_role("link", name="on to the token").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the token").click()
    assert status(desk, second) == 401
    page.get_by_label("Search").fill(f"without {width}")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Nothing is found for")).to_be_visible()
    page.get_by_role("button", name="Revoked").click()
    expect(page.get_by_role("link", name=f"Without scripts {width}")).to_be_visible()
    assert visit.complaints == []


# --- the preview ----------------------------------------------------------------------------------


def test_the_preview_follows_each_choice_without_a_button(signed_in):
    visit = signed_in(NEW)
    page = visit.page
    told = page.locator("#preview").get_by_role("status")
    expect(told).to_have_text("Answers 1 of 8 operations.")
    expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    scope(page, "applications:read").check()
    expect(told).to_have_text("Answers 3 of 8 operations, with 6 fields hidden.")
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    scope(page, "candidates:read").check()
    expect(told).to_have_text("Answers 5 of 8 operations.")
    assert visit.complaints == []


def test_what_the_reader_has_opened_stays_open(signed_in):
    page = signed_in(NEW).page
    candidates = page.locator("details[data-operation=list_candidates]")
    candidates.locator("summary").click()
    scope(page, "candidates:read").check()
    expect(candidates.get_by_text("john@example.com")).to_be_visible()


def test_a_preview_that_cannot_be_had_is_said_and_hides_nothing_else(desk, signed_in):
    page = signed_in(NEW).page
    page.route("**/settings/api/preview*", lambda route: route.abort())
    page.get_by_label("Name").fill("Kept")
    scope(page, "applications:read").check()
    expect(page.get_by_role("alert")).to_contain_text("The preview cannot be shown just now.")
    expect(page.get_by_label("Name")).to_have_value("Kept")


# --- secrets --------------------------------------------------------------------------------------


def test_the_secret_is_copied_by_a_button_that_says_so(signed_in, desk):
    page = signed_in(NEW, permissions=["clipboard-read", "clipboard-write"]).page
    page.get_by_label("Name").fill("Copied")
    page.get_by_role("button", name="Create token").click()
    secret = secret_on(page)
    page.get_by_role("button", name="Copy the token").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_the_secret_is_gone_after_going_on_and_back(signed_in):
    page = signed_in(NEW).page
    page.get_by_label("Name").fill("Once")
    page.get_by_role("button", name="Create token").click()
    secret = secret_on(page)
    page.get_by_role("link", name="on to the token").click()
    page.locator("#preview").wait_for()
    assert secret not in page.content()
    # The browser would have to send the form again, and does not by itself: it shows a page of its
    # own, which it may still be going to.
    with suppress(Error):
        page.go_back()
    for _ in range(100):
        with suppress(Error):
            shown = page.content()
            break
        page.wait_for_timeout(50)
    assert secret not in shown


def test_a_reload_of_the_secret_makes_nothing_more(desk, signed_in):
    page = signed_in(NEW).page
    page.get_by_label("Name").fill("Reloaded")
    page.get_by_role("button", name="Create token").click()
    secret = secret_on(page)
    page.reload()
    assert secret not in page.content()
    expect(page.get_by_role("heading", name="Sent already")).to_be_visible()
    page.goto(HOME)
    expect(page.get_by_role("link", name="Reloaded")).to_have_count(1)


def test_pressing_twice_makes_one_token(signed_in):
    page = signed_in(NEW).page
    page.get_by_label("Name").fill("Pressed twice")
    page.get_by_role("button", name="Create token").dblclick()
    secret_on(page)
    page.goto(HOME)
    expect(page.get_by_role("link", name="Pressed twice")).to_have_count(1)


def test_no_secret_is_in_an_address_a_cookie_or_the_log(desk, signed_in):
    visit = signed_in(NEW)
    visit.page.get_by_label("Name").fill("Nowhere")
    visit.page.get_by_role("button", name="Create token").click()
    secret = secret_on(visit.page)
    visit.page.get_by_role("link", name="on to the token").click()
    visit.page.locator("#preview").wait_for()
    assert not any(secret in address for address in visit.requests)
    assert secret not in str(visit.page.context.cookies())
    assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert secret not in desk.log.read_text(encoding="utf-8")


# --- the list -------------------------------------------------------------------------------------


def test_times_are_told_from_now_and_exactly_on_hover_in_the_readers_zone(desk, signed_in):
    token_id, secret = desk.token("Used", "applications:read")
    assert status(desk, secret) == 200
    page = signed_in(f"{HOME}/{token_id}").page
    created = page.locator("dt:has-text('Created') + dd time")
    expect(created).to_have_text("just now")
    assert re.search(r"\d\d:\d\d (CET|CEST)$", created.get_attribute("title"))


def test_a_member_sees_no_tokens_of_others(desk, signed_in):
    theirs, _ = desk.token("Of the administrator", "applications:read")
    desk.token("Of the member", "applications:read", email=MEMBER)
    page = signed_in(HOME, MEMBER).page
    expect(page.get_by_role("link", name="Of the member")).to_be_visible()
    expect(page.get_by_text("Of the administrator")).to_have_count(0)
    assert page.goto(f"{HOME}/{theirs}").status == 404


def test_sorting_says_by_what_and_which_way(desk, signed_in):
    desk.token("Alpha")
    page = signed_in(HOME).page
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Name")
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Name")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)</script>"])
def test_a_hostile_name_runs_nowhere(desk, signed_in, name):
    token_id, _ = desk.token(name, "applications:read")
    visit = signed_in(HOME)
    said: list[str] = []
    visit.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for path in (
        HOME,
        f"{HOME}/{token_id}",
        f"{HOME}/{token_id}/rotate",
        f"{HOME}/{token_id}/revoke",
    ):
        visit.page.goto(path)
        expect(visit.page.get_by_text(name).first).to_be_visible()
    visit.page.goto(f"{HOME}/{token_id}")
    scope(visit.page, "candidates:read").check()
    expect(visit.page.get_by_text("Becomes visible", exact=True)).to_be_visible()
    assert (said, visit.complaints) == ([], [])
