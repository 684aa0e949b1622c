"""A new token: its form with the preview beside it, and its secret once it is made."""

from __future__ import annotations

from starlette.responses import Response

from gateway import tokens
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.tokens import fields
from gateway.web.pages.tokens.secret import shown_once
from gateway.web.pages.tokens.seen import scopes, seen
from gateway.web.view import View, member


@member
def show(page: Page) -> Response:
    return _form(page, fields.of_new())


@member
def create(page: Page) -> Response:
    form = page.form
    if form.text("preview"):
        return _form(page, form)
    known = page.bundle.document.scopes
    wishes = fields.read(form, known, now=page.now)
    if wishes is None:
        return _form(page, form)
    with form.refusals():
        token, secret = tokens.create(
            account=page.account,
            user=page.user,
            name=wishes.name,
            scopes=wishes.scopes,
            expires_at=None if wishes.expires_at == tokens.NEVER else wishes.expires_at,
            by=page.actor,
            now=page.now,
            known_scopes=known,
        )
        return shown_once(page, token, secret, is_new=True)
    return _form(page, form)


def _form(page: Page, form: Form) -> Response:
    known = page.bundle.document.scopes
    return page.render(
        "tokens/new.html",
        form=form,
        scopes=scopes(page),
        expiries=fields.expiry_options(None, page.now),
        seen=seen(page, fields.chosen_scopes(form, known)),
    )


VIEWS = (View("/settings/api/new", get=show, post=create, once=True),)
