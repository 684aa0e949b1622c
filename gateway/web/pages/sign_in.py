"""Signing in by e-mail address and password, and signing out."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from gateway import attempts, audit, passwords
from gateway.web.forms import Form
from gateway.web.links import safe_target
from gateway.web.page import Page
from gateway.web.rendering import MINUTE_S, counted
from gateway.web.view import View, public, signed_in
from models import User

PATH = "/settings/sign-in"
# One sentence for a wrong password and for an address of nobody: nobody learns who is a user.
WRONG = "The e-mail address or the password is wrong."
NOTICES = {
    "signed-out": "You have signed out.",
    "signed-out-everywhere": "You have signed out in every browser.",
}


@public
def show(page: Page) -> Response:
    if page.session is not None:
        return page.redirect(safe_target(page.sent.query.get("next", "")))
    form = Form(next=page.sent.query.get("next", ""))
    return page.render("sign_in.html", form=form, said=NOTICES.get(page.sent.query.get("said", "")))


@public
def sign_in(page: Page) -> Response:
    form = page.form
    email, password = form.text("email").strip().lower(), form.text("password")
    try:
        attempt = attempts.begin(email, page.sent.address, now=page.now)
    except attempts.TooManyAttempts as error:
        return slow_down(page, _refused, error.wait_s)
    user: User | None = User.get_or_none(User.email == email)
    stored = None if user is None else user.password_hash
    if not passwords.matches(password, stored) or user is None or stored is None:
        audit.sign_in_failed(user, address=page.sent.address, now=page.now)
        form.fail("", WRONG)
        return _refused(page)
    attempts.succeeded(attempt)
    if passwords.is_outdated(stored):
        User.update(password_hash=passwords.hashed(password)).where(User.id == user.id).execute()
    page.sign_in(user)
    return page.redirect(safe_target(form.text("next")))


@signed_in
def sign_out(page: Page) -> Response:
    page.sign_out()
    return page.redirect(f"{PATH}?said=signed-out")


def slow_down(page: Page, shown: Callable[..., Response], wait_s: int) -> Response:
    """Return the page that *shown* gives, with a 429 and when to try again."""
    minutes, seconds = divmod(wait_s, MINUTE_S)
    wait = counted(minutes + 1, "minute") if minutes else counted(seconds, "second")
    page.form.fail("", f"There were too many failed attempts. Try again in {wait}.")
    response = shown(page, status=429)
    response.headers["retry-after"] = str(wait_s)
    return response


def _refused(page: Page, status: int | None = None) -> Response:
    return page.render("sign_in.html", form=page.form, said=None, status=status)


VIEWS = (
    View(PATH, get=show, post=sign_in),
    View("/settings/sign-out", post=sign_out),
)
