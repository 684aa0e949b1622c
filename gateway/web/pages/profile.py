"""The user's own sign-in: their password, and the browsers in which they are signed in."""

from __future__ import annotations

from starlette.responses import Response

from gateway import accounts, attempts, audit, passwords, sessions
from gateway.database import writing
from gateway.web.page import Page
from gateway.web.pages.passwords import new_password
from gateway.web.pages.sign_in import PATH as SIGN_IN
from gateway.web.pages.sign_in import slow_down
from gateway.web.rendering import counted
from gateway.web.view import View, signed_in
from models import Session, database

PATH = "/settings/profile"


@signed_in
def show(page: Page) -> Response:
    return _shown(page)


@signed_in
def change_password(page: Page) -> Response:
    form, user = page.form, page.user
    try:
        # Who has found an open browser guesses no faster here than at the sign-in.
        attempt = attempts.begin(user.email, page.sent.address, now=page.now)
    except attempts.TooManyAttempts as error:
        return slow_down(page, _shown, error.wait_s)
    if not passwords.matches(form.text("password"), user.password_hash):
        form.fail("password", "This is not your present password.")
    else:
        attempts.succeeded(attempt)
    password = new_password(form)
    if password is None or not form.is_right:
        return _shown(page)
    ended = accounts.set_password(user, password, keep=page.session, by=page.actor, now=page.now)
    also = f" You are signed out of {counted(ended, 'other browser')}." if ended else ""
    return page.redirect(PATH, f"Your password is changed.{also}")


@signed_in
def end_session(page: Page) -> Response:
    session: Session = page.found(
        Session.get_or_none(Session.public_id == page.sent.params["id"], Session.user == page.user)
    )
    if session == page.session:
        return page.redirect(PATH)  # there is a button for this one
    with writing(database):
        sessions.end(session)
        audit.signed_out(page.user, address=page.sent.address, now=page.now)
    return page.redirect(PATH, "The browser is signed out.")


@signed_in
def sign_out_everywhere(page: Page) -> Response:
    page.sign_out(everywhere=True)
    return page.redirect(f"{SIGN_IN}?said=signed-out-everywhere")


def _shown(page: Page, status: int | None = None) -> Response:
    open_ones = sessions.of_user(page.user, page.services.limits, now=page.now)
    return page.render(
        "profile.html",
        form=page.form,
        sessions=open_ones,
        status=status,
        limits=page.services.limits,
    )


VIEWS = (
    View(PATH, get=show),
    View(f"{PATH}/password", post=change_password),
    View(f"{PATH}/sessions/{{id}}/end", post=end_session),
    View(f"{PATH}/sign-out-everywhere", post=sign_out_everywhere),
)
