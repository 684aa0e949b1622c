"""Which account the session works in: the choice after signing in, and the switch in the header."""

from __future__ import annotations

from starlette.responses import Response

from gateway import sessions
from gateway.web.forms import Form
from gateway.web.links import safe_target
from gateway.web.page import Page
from gateway.web.view import View, signed_in

NOT_YOURS = "You are no member of this account, or no longer."


@signed_in
def choose(page: Page) -> Response:
    form = Form(next=page.sent.query.get("next", ""))
    return page.render("accounts.html", form=form)


@signed_in
def switch(page: Page) -> Response:
    form = page.form
    wanted = form.text("account")
    chosen = next((one for one in page.memberships if one.account.public_id == wanted), None)
    if chosen is None or page.session is None:
        form.fail("account", NOT_YOURS)
        return page.render("accounts.html", form=form)
    sessions.select(page.session, chosen.account)
    return page.redirect(safe_target(form.text("next")))


VIEWS = (View("/settings/accounts", get=choose, post=switch),)
