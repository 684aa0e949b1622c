"""Members, the account and one's sign-in in a browser: by mouse, by keyboard, without scripts."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import pytest
from accessibility import is_sound, press_on
from playwright.sync_api import Page, expect

MEMBERS, INVITE = "/settings/members", "/settings/members/invite"
ACCOUNT, PROFILE, SIGN_IN = "/settings/account", "/settings/profile", "/settings/sign-in"
ADMIN, MEMBER = "ann@example.com", "bo@example.com"
PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "another horse, another battery"
LONG = (
    "maximiliane-theodora.von-hohenstein-oberlindenbruck+hiring@recruiting.subsidiary.example.com"
)
LONG_NAME = (
    "Hohenstein-Oberlindenbruck Personalvermittlungsgesellschaft für Ingenieurinnen mbH & Co."
)
LINK = re.compile(r"http://\S+(/settings/invitations/[A-Za-z0-9_-]{43})")
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"

# Each makes people by commands of their own, which takes its time where the machine is busy.
pytestmark = pytest.mark.timeout(300)

numbers = itertools.count(1)


def user(desk, *accounts: tuple[str, str]) -> str:
    """Make somebody new with a password, who has roles in accounts; return their address."""
    email = f"person{next(numbers)}@example.com"
    desk.commands.run("user", "create", email, "--password-stdin", stdin=PASSWORD)
    for account, role in accounts:
        belong = ("--account", account, "--user", email)
        desk.commands.run("member", "add", *belong, "--role", role)
    return email


def account(desk, name: str) -> str:
    return desk.commands.run("account", "create", name)


def token(desk, account_id: str, email: str, name: str) -> None:
    whose = ("--account", account_id, "--user", email)
    desk.commands.run("token", "create", *whose, "--name", name, "--scope", "applications:read")


def without_validation(page: Page, button: str) -> None:
    """Send a form as a browser would that checks nothing by itself."""
    sent = page.get_by_role("button", name=button)
    sent.evaluate("one => one.form.noValidate = true")
    sent.click()


def link_on(page: Page) -> str:
    """Return the path of the link that is shown."""
    return LINK.fullmatch(page.locator("#link").text_content())[1]


def invited(visit, email: str, role: str = "Member") -> str:
    """Invite somebody by the pages; return the path of the link."""
    page = visit.page
    page.goto(INVITE)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Make the invitation").click()
    return link_on(page)


def stranger(desk, watched, path: str, **options):
    """Open *path* as somebody who is not signed in."""
    visit = watched(desk.context(**options).new_page())
    visit.page.goto(path)
    return visit


def choose_passwords(page: Page, password: str = NEW_PASSWORD) -> None:
    page.locator("#new_password").fill(password)
    page.locator("#new_password_again").fill(password)


# --- how every page looks -------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """An account with a long name, its one administrator, and a member with two tokens."""

    account: str
    admin: str
    member: str


@pytest.fixture(scope="module")
def office(server) -> Office:
    own = account(server, LONG_NAME)
    admin, other = user(server, (own, "admin")), user(server, (own, "member"))
    token(server, own, other, "A name as long as names of programs get when nobody stops them " * 3)
    token(server, own, other, "Board")
    return Office(own, admin, other)


def test_lists_and_invitations_in_every_state_are_accessible_and_fit(
    office, signed_in, width, scheme
):
    visit = signed_in(INVITE, office.admin, width=width, color_scheme=scheme)
    page = visit.page
    is_sound(visit, width)
    page.get_by_label("E-mail address").fill("no address")
    without_validation(page, "Make the invitation")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value("no address")
    is_sound(visit, width)
    invited(visit, LONG, "Administrator")
    is_sound(visit, width)
    page.goto(MEMBERS)
    expect(page.get_by_role("heading", name="Open invitations")).to_be_visible()
    is_sound(visit, width)


def test_members_in_every_state_are_accessible_and_fit(office, signed_in, width, scheme):
    visit = signed_in(MEMBERS, office.admin, width=width, color_scheme=scheme)
    page = visit.page
    page.get_by_role("link", name=f"Manage {office.member}").click()
    expect(page.get_by_role("heading", name=office.member)).to_be_visible()
    is_sound(visit, width)
    page.goto(MEMBERS)
    page.get_by_role("link", name=f"Manage {office.admin}").click()
    expect(page.get_by_text("You are the last administrator")).to_be_visible()
    is_sound(visit, width)
    plain = signed_in(MEMBERS, office.member, width=width, color_scheme=scheme)
    expect(plain.page.get_by_role("link", name="Invite somebody")).to_have_count(0)
    is_sound(plain, width)


def test_joining_in_every_state_is_accessible_and_fits(
    desk, office, signed_in, watched, width, scheme
):
    options = {"width": width, "color_scheme": scheme}
    host = signed_in(MEMBERS, office.admin, **options)
    new, known = invited(host, f"{width}.{scheme}.{LONG}"), invited(host, MEMBER)
    host.page.goto(new)
    expect(host.page.get_by_text("Sign out, then open the link again.")).to_be_visible()
    is_sound(host, width)
    visit = stranger(desk, watched, known, **options)
    expect(visit.page.get_by_text("There is a password for this address")).to_be_visible()
    is_sound(visit, width)
    visit.page.goto(f"{new[:-3]}xxx")
    expect(visit.page.get_by_role("heading", name="This invitation is over")).to_be_visible()
    is_sound(visit, width)
    visit.page.goto(new)
    is_sound(visit, width)
    choose_passwords(visit.page, "short")
    visit.page.get_by_role("button", name="Join").click()
    expect(visit.page.get_by_role("alert")).to_be_focused()
    is_sound(visit, width)


def test_the_account_in_every_state_is_accessible_and_fits(office, signed_in, width, scheme):
    visit = signed_in(ACCOUNT, office.admin, width=width, color_scheme=scheme)
    page = visit.page
    is_sound(visit, width)
    page.get_by_label("To delete it, type its name").fill("Another name")
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value(LONG_NAME)
    expect(page.get_by_label("To delete it, type its name")).to_have_value("Another name")
    is_sound(visit, width)
    plain = signed_in(ACCOUNT, office.member, width=width, color_scheme=scheme)
    expect(plain.page.get_by_text("Administrators of the account can rename")).to_be_visible()
    is_sound(plain, width)


def test_ones_sign_in_in_every_state_is_accessible_and_fits(office, signed_in, width, scheme):
    visit = signed_in(PROFILE, office.member, width=width, color_scheme=scheme)
    page = visit.page
    is_sound(visit, width)
    page.get_by_label("Present password").fill(PASSWORD)
    choose_passwords(page, "short")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_be_focused()
    is_sound(visit, width)


def test_the_choice_of_an_account_in_every_state_is_accessible_and_fits(
    desk, office, signed_in, width, scheme
):
    both = user(desk, (office.account, "member"), (desk.account, "member"))
    visit = signed_in("/settings/accounts", both, width=width, color_scheme=scheme)
    expect(visit.page.get_by_role("button", name=f"Work in {LONG_NAME}")).to_be_visible()
    is_sound(visit, width)
    nowhere = signed_in("/settings/accounts", user(desk), width=width, color_scheme=scheme)
    expect(nowhere.page.get_by_role("heading", name="No account yet")).to_be_visible()
    is_sound(nowhere, width)


@pytest.mark.parametrize("path", [MEMBERS, INVITE, ACCOUNT, PROFILE])
def test_pages_fit_at_every_size_between(office, signed_in, path):
    visit = signed_in(path, office.admin)
    if path == MEMBERS:
        invited(visit, LONG)
        visit.page.goto(path)
    for width in range(320, 1_500, 40):
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


# --- flows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_by_mouse_somebody_is_invited_joins_is_raised_and_removed(
    desk, signed_in, watched, width, scripts
):
    own = account(desk, "By mouse")
    admin = user(desk, (own, "admin"))
    email = f"joins{next(numbers)}@example.com"
    options = {"width": width, "java_script_enabled": scripts}
    visit = signed_in(MEMBERS, admin, **options)
    page = visit.page
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Make the invitation").click()
    link = link_on(page)

    newcomer = stranger(desk, watched, link, **options)
    choose_passwords(newcomer.page)
    newcomer.page.get_by_role("button", name="Join By mouse").click()
    expect(newcomer.page.get_by_text("You are a member of By mouse now.")).to_be_visible()
    assert newcomer.page.goto(link).status == 404
    token(desk, own, email, "Their board")

    page.goto(MEMBERS)
    page.get_by_role("link", name=f"Manage {email}").click()
    page.get_by_label("Administrator", exact=True).check()
    page.get_by_role("button", name="Change the role").click()
    expect(page.get_by_role("status")).to_have_text(f"{email} is now an administrator.")
    newcomer.page.goto(MEMBERS)
    expect(newcomer.page.get_by_role("link", name="Invite somebody")).to_be_visible()

    page.get_by_role("link", name=f"Manage {email}").click()
    expect(page.get_by_text("1 token of theirs will be revoked with it")).to_be_visible()
    expect(page.get_by_text("Their board")).to_be_visible()
    page.get_by_role("button", name="Remove the member").click()
    expect(page.get_by_role("status")).to_contain_text("1 token is revoked.")
    expect(page.get_by_text(email, exact=True)).to_have_count(0)
    newcomer.page.goto(MEMBERS)
    expect(newcomer.page.get_by_role("heading", name="No account yet")).to_be_visible()

    page.get_by_role("link", name=f"Manage {admin}").click()
    expect(page.get_by_text("You are the last administrator of By mouse")).to_be_visible()
    expect(page.get_by_role("button", name="Leave")).to_have_count(0)
    assert [one for one in visit.complaints if "404" not in one] == []


def test_by_keyboard_alone_somebody_is_invited_joins_and_is_removed(
    desk, signed_in, watched, width
):
    own = account(desk, "By keyboard")
    email = f"joins{next(numbers)}@example.com"
    page = signed_in(MEMBERS, user(desk, (own, "admin")), width=width).page
    press_on(page, "link", "Invite somebody", "Enter")
    page.wait_for_url(f"**{INVITE}")
    press_on(page, "textbox", "E-mail address", "End")
    page.keyboard.type(email)
    press_on(page, "radio", "Member", "ArrowDown")
    expect(page.get_by_label("Administrator", exact=True)).to_be_checked()
    press_on(page, "button", "Make the invitation", "Enter")
    link = link_on(page)

    newcomer = stranger(desk, watched, link, width=width).page
    press_on(newcomer, "textbox", "Choose a password", "End")
    newcomer.keyboard.type(NEW_PASSWORD)
    press_on(newcomer, "textbox", "The same once more", "End")
    newcomer.keyboard.type(NEW_PASSWORD)
    newcomer.keyboard.press("Enter")
    expect(newcomer.get_by_text("You are a member of By keyboard now.")).to_be_visible()

    page.goto(MEMBERS)
    press_on(page, "link", f"Manage {email}", "Enter")
    page.wait_for_url(f"**{MEMBERS}/usr_*")
    press_on(page, "button", "Remove the member", "Enter")
    expect(page.get_by_role("status")).to_have_text(f"{email} is no longer a member.")


def test_who_is_a_user_already_signs_in_on_the_way_and_joins(desk, signed_in, watched):
    own = account(desk, "Second")
    email = user(desk, (desk.account, "member"))
    link = invited(signed_in(MEMBERS, user(desk, (own, "admin"))), email)
    visit = stranger(desk, watched, link)
    page = visit.page
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{link}")
    page.get_by_role("button", name="Join Second").click()
    expect(page.get_by_text("You are a member of Second now.")).to_be_visible()
    expect(page.get_by_label("Account", exact=True)).to_contain_text("Second")
    assert visit.complaints == []


def test_a_link_is_copied_shown_once_and_in_no_log(desk, signed_in):
    own = account(desk, "Copied")
    permissions = ["clipboard-read", "clipboard-write"]
    visit = signed_in(MEMBERS, user(desk, (own, "admin")), permissions=permissions)
    link = invited(visit, f"copied{next(numbers)}@example.com")
    page = visit.page
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(link)
    assert page.goto(link).status == 200
    page.goto(MEMBERS)
    code = link.rpartition("/")[2]
    assert code not in page.content()
    assert code not in desk.log.read_text(encoding="utf-8")


def test_an_invitation_is_withdrawn(desk, signed_in):
    own = account(desk, "Withdrawn")
    email = f"withdrawn{next(numbers)}@example.com"
    visit = signed_in(MEMBERS, user(desk, (own, "admin")))
    link = invited(visit, email)
    page = visit.page
    page.goto(MEMBERS)
    page.get_by_role("button", name=f"Withdraw the invitation of {email}").click()
    expect(page.get_by_role("status")).to_contain_text("its link is dead")
    assert page.goto(link).status == 404
    expect(page.get_by_role("heading", name="This invitation is over")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_account_is_renamed_and_deleted_by_its_new_name(desk, signed_in, width, scripts):
    own = account(desk, "Old name")
    email = user(desk, (own, "admin"))
    page = signed_in(ACCOUNT, email, width=width, java_script_enabled=scripts).page
    page.get_by_label("Name", exact=True).fill("New name")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("status")).to_have_text("The account has a new name.")
    page.get_by_label("To delete it, type its name: New name").fill("Old name")
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text("Nothing was deleted.").first).to_be_visible()
    page.get_by_label("To delete it, type its name: New name").fill("New name")
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text("New name is deleted, and all its tokens revoked.")).to_be_visible()
    assert own not in desk.commands.run("account", "list")
    page.goto(PROFILE)
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()


def test_by_keyboard_alone_an_account_is_deleted(desk, signed_in):
    own = account(desk, "Typed")
    page = signed_in(ACCOUNT, user(desk, (own, "admin"))).page
    press_on(page, "textbox", "To delete it, type its name", "End")
    page.keyboard.type("Typed")
    press_on(page, "button", "Delete the account", "Enter")
    expect(page.get_by_text("Typed is deleted")).to_be_visible()
    assert own not in desk.commands.run("account", "list")


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto(SIGN_IN)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_new_password_signs_the_other_browsers_out(desk, signed_in, watched, width, scripts):
    email = user(desk, (desk.account, "member"))
    page = signed_in(PROFILE, email, width=width, java_script_enabled=scripts).page
    other = stranger(desk, watched, SIGN_IN).page
    sign_in(other, email, PASSWORD)
    other.goto(PROFILE)
    expect(other.get_by_role("listitem").filter(has_text="this browser")).to_have_count(1)
    page.get_by_label("Present password").fill(PASSWORD)
    choose_passwords(page)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_have_text(
        "Your password is changed. You are signed out of 1 other browser."
    )
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(other, email, PASSWORD)
    expect(other.get_by_role("alert")).to_be_visible()
    sign_in(other, email, NEW_PASSWORD)
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()


def test_by_keyboard_alone_the_password_is_changed_and_everything_signed_out(desk, signed_in):
    email = user(desk, (desk.account, "member"))
    page = signed_in(PROFILE, email).page
    for name, typed in (
        ("Present password", PASSWORD),
        ("New password", NEW_PASSWORD),
        ("The new one once more", NEW_PASSWORD),
    ):
        press_on(page, "textbox", name, "End")
        page.keyboard.type(typed)
    press_on(page, "button", "Change the password", "Enter")
    expect(page.get_by_role("status")).to_have_text("Your password is changed.")
    press_on(page, "button", "Sign out everywhere", "Enter")
    expect(page.get_by_text("You have signed out in every browser.")).to_be_visible()


def test_another_browser_is_signed_out(desk, signed_in, watched):
    email = user(desk, (desk.account, "member"))
    page = signed_in(PROFILE, email).page
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    other = stranger(desk, watched, SIGN_IN, user_agent=agent).page
    sign_in(other, email, PASSWORD)
    other.get_by_role("button", name="Sign out").wait_for()
    page.reload()
    page.get_by_role("button", name="Sign out Firefox on Windows").click()
    expect(page.get_by_role("status")).to_have_text("The browser is signed out.")
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_times_of_sessions_are_told_in_the_readers_zone(signed_in):
    page = signed_in(PROFILE).page
    seen = page.locator("li time").first
    assert re.search(r"\d\d:\d\d (CET|CEST)$", seen.get_attribute("title"))


def test_a_hostile_name_and_browser_run_nowhere(desk, signed_in, watched):
    own = account(desk, HOSTILE)
    email = user(desk, (own, "admin"))
    token(desk, own, email, HOSTILE)
    visit = stranger(desk, watched, SIGN_IN, user_agent=HOSTILE)
    said: list[str] = []
    visit.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    sign_in(visit.page, email, PASSWORD)
    visit.page.get_by_role("button", name="Sign out").wait_for()
    link = invited(visit, f"hostile{next(numbers)}@example.com")
    for path in (MEMBERS, INVITE, ACCOUNT, link):
        visit.page.goto(path)
        expect(visit.page.get_by_text(HOSTILE).first).to_be_visible()
    visit.page.goto(MEMBERS)
    visit.page.get_by_role("link", name=f"Manage {email}").click()
    visit.page.goto(PROFILE)
    expect(visit.page.get_by_text("Another browser")).to_be_visible()
    assert (said, visit.complaints) == ([], [])
